"""Reading wages, award batches and pay rows. Neighbours import from here."""

from app.features.bonus.queries.batches import (
    SETTLED,
    batches_in_reach,
    batches_of_run,
    latest_batch,
    lines_of,
    own_lines,
)
from app.features.bonus.queries.paybook import band_word, batch_rows, pay_context, pay_rows
from app.features.bonus.queries.wages import (
    WageLine,
    months_in_force,
    village_in_reach,
    villages_in_reach,
    wage_lines,
    year_months,
)

__all__ = [
    "SETTLED",
    "WageLine",
    "band_word",
    "batch_rows",
    "batches_in_reach",
    "batches_of_run",
    "latest_batch",
    "lines_of",
    "months_in_force",
    "own_lines",
    "pay_context",
    "pay_rows",
    "village_in_reach",
    "villages_in_reach",
    "wage_lines",
    "year_months",
]
