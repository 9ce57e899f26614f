"""Reading wages, award batches and pay rows. Neighbours import from here."""

from app.features.bonus.queries.batches import (
    SETTLED,
    batches_in_reach,
    batches_of_run,
    common_unit_name,
    find_batch,
    find_line,
    has_own_lines,
    latest_batch,
    lines_of,
    own_lines,
    own_lines_in,
    sees_pay_of_others,
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
    "common_unit_name",
    "find_batch",
    "find_line",
    "has_own_lines",
    "latest_batch",
    "lines_of",
    "months_in_force",
    "own_lines",
    "own_lines_in",
    "pay_context",
    "pay_rows",
    "sees_pay_of_others",
    "village_in_reach",
    "villages_in_reach",
    "wage_lines",
    "year_months",
]
