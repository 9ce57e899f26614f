"""A what-if of one round: scores and wages in, bands and awards out, in the form that is printed as JSON.

Rows come from workbooks as kit/excel reads them; nothing is stored. What the form leaves open is answered as a clerk
would: a village with wages and no score is listed as not ranked; where the sheet 扣分明细 and the score sheet differ the
detail counts, with a warning; a person with two rows in one village served them one after the other, unless they name
the same months: then the first row counts, with a warning.
Source: decisions §8.
"""

from app.domain.trial.claims import is_held
from app.domain.trial.printed import as_json
from app.domain.trial.running import Trial, run_trial

__all__ = ["Trial", "as_json", "is_held", "run_trial"]
