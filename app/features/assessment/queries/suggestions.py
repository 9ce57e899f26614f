"""What the monthly records say for an item: offered to the evaluator, who takes it or not."""

from __future__ import annotations

from app.domain.periods import Period
from app.features.assessment.cells import shown_fact
from app.features.assessment.models import AssessmentRound, Sheet
from app.features.assessment.reckoning import Basis, expected_of
from app.features.duties.queries import monthly_totals

# item of the Caojing village scheme -> (done, expected) among the figures of the monthly record; None: as the scheme says
FIGURES: dict[str, tuple[str, str | None]] = {
    "A3": ("meetings", None),
    "B2": ("attended", "should_attend"),
    "C5": ("reception_days", None),
}
SCHEME = "CJ-VILLAGE-DEMO"


def suggestions(round_: AssessmentRound, sheets: list[Sheet], basis: Basis) -> dict[int, dict[str, str]]:
    """Facts as they would be typed, by unit id and item code, out of the records handed in during the period.

    Shape: only items the records can speak for, and only villages that handed something in.
    """
    if basis.scheme.code != SCHEME or not sheets:
        return {}
    months = [str(month) for month in Period.parse(round_.period).months()]
    sums = {total.village_id: total.sums for total in monthly_totals(round_.unit, months) if total.sums}
    return {sheet.unit_id: _facts(sheet, sums[sheet.unit_id], basis) for sheet in sheets if sheet.unit_id in sums}


def _facts(sheet: Sheet, sums: dict[str, int], basis: Basis) -> dict[str, str]:
    facts = {}
    for code, (done, wanted) in FIGURES.items():
        item = basis.parts.by_code.get(code)
        expected = sums.get(wanted) if wanted else item and expected_of(item, sheet, basis)
        if item is not None and done in sums and expected:
            facts[code] = shown_fact(
                {"actual": str(sums[done]), "expected": f"{expected:f}" if wanted is None else str(expected)}
            )
    return facts
