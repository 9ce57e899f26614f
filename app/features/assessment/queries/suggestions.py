"""What the monthly records and the indicators say for an item: offered to the evaluator, who takes it or not."""

from __future__ import annotations

from decimal import Decimal

from app.domain.periods import Period
from app.features.assessment.cells import shown_fact
from app.features.assessment.models import AssessmentRound, Sheet
from app.features.assessment.reckoning import Basis, expected_of
from app.features.duties.queries import monthly_totals
from app.features.reviews.queries.indicators import counts_of_villages

# item of the Caojing village scheme -> (done, expected) among the figures of the monthly record; None: as the scheme says
FIGURES: dict[str, tuple[str, str | None]] = {
    "A3": ("meetings", None),
    "B2": ("attended", "should_attend"),
    "C5": ("reception_days", None),
}
SCHEME = "CJ-VILLAGE-DEMO"


def suggestions(round_: AssessmentRound, sheets: list[Sheet], basis: Basis) -> dict[int, dict[str, str]]:
    """Facts as they would be typed, by unit id and item code, out of the records handed in during the period.

    Shape: only items the records can speak for, and only villages that handed something in. An item that names an
           `indicator` is offered both its counts, e.g. the good ratings by the public and all of them.
    """
    if not sheets:
        return {}
    found = _from_months(round_, sheets, basis) if basis.scheme.code == SCHEME else {}
    for item in basis.parts.items:
        code = (item.params or {}).get("indicator")
        counts = (
            counts_of_villages(code, round_.unit, Period.parse(round_.period)) if code and item.calc == "ratio" else {}
        )
        for village, (first, second) in counts.items():
            if second > 0:
                found.setdefault(village, {})[item.code] = shown_fact(
                    {"actual": _plain(first), "expected": _plain(second)}
                )
    return found


def _plain(number: Decimal) -> str:
    return f"{number.normalize():f}"


def _from_months(round_: AssessmentRound, sheets: list[Sheet], basis: Basis) -> dict[int, dict[str, str]]:
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
