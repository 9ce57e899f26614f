"""What forms tells the kit."""

from __future__ import annotations

from app.features.forms.machine import schemas
from app.features.forms.problems import CONSTRAINTS, SENTENCES
from app.features.forms.record_problems import CONSTRAINTS as RECORD_CONSTRAINTS
from app.features.forms.record_problems import SENTENCES as RECORD_SENTENCES
from app.features.forms.services import copying
from app.features.forms.workbook_problems import SENTENCES as WORKBOOK_SENTENCES
from app.kit import jobs, openapi, problems
from app.kit.i18n import _l


def register() -> None:
    """The sentences of forms."""
    problems.register({**SENTENCES, **RECORD_SENTENCES, **WORKBOOK_SENTENCES})
    problems.register_constraints({**CONSTRAINTS, **RECORD_CONSTRAINTS})
    openapi.register_schemas(schemas)
    title, stages = _l("Filling in newly listed answers of a form"), {"copying": _l("Going through the records")}
    jobs.register(copying.JOB, copying.copy_in_job, title, stages)
