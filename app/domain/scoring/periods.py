"""Several scores as one: the parts of a year by weight, the months before and after a merger or a split."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from app.domain.errors import broken
from app.domain.types import HUNDREDTH, ZERO, Points, rounded

MAIN_PARTS = ("half_year", "year_end")


def mean_score(scores: Sequence[Points]) -> Points | None:
    """The mean of scores, not rounded: the daily scores of the months present, the rounds of a sub-grid; None without any."""
    return sum(scores, ZERO) / len(scores) if scores else None


def combined(
    parts: Mapping[str, Points | None], weights: Mapping[str, Decimal], missing_policy: str = "renormalise"
) -> Points:
    """The year out of its parts, each by its weight.

    Shape:  a missing part is dropped and the rest divided by the remaining weights (`renormalise`), counts as 0 (`zero`),
            or forbids a total (`block`). Half-year or year-end must be there in any case.
    Errors: scoring.weights_sum (they must sum to 1), scoring.no_parts, scoring.part_missing.
    Source: bonus_rules §2.1.
    Example:
        >>> w = {"daily": Decimal("0.30"), "half_year": Decimal("0.30"), "year_end": Decimal("0.40")}
        >>> combined({"daily": Decimal("88.40"), "half_year": None, "year_end": Decimal("91.20")}, w)
        Decimal('90.00')
    """
    if sum(weights.values(), ZERO) != 1:
        raise broken("scoring.weights_sum", "period_weights", sum=sum(weights.values(), ZERO))
    present = {name: value for name in weights if (value := parts.get(name)) is not None and weights[name]}
    if not any(name in present for name in MAIN_PARTS):
        raise broken("scoring.no_parts")
    absent = [name for name in weights if weights[name] and name not in present]
    if absent and missing_policy == "block":
        raise broken("scoring.part_missing", absent[0], part=absent[0])
    total = sum((weights[name] * value for name, value in present.items()), ZERO)
    divisor = Decimal(1) if missing_policy == "zero" else sum((weights[name] for name in present), ZERO)
    return rounded(total / divisor)


def merged_score(
    predecessors: Sequence[tuple[Points, int]], merged: Points, months_before: int, months: int = 12
) -> Points:
    """The score of a village merged during the period: predecessors weighted by households, periods by months.

    A village split off is the same with its parent as the one predecessor (Q21); equal weights take 1 for each (Q20).
    Source: bonus_rules §5.3.
    Example:
        >>> merged_score([(Decimal("88.40"), 620), (Decimal("81.10"), 380)], Decimal("90.20"), 6)
        Decimal('87.91')
    """
    households = sum(count for _, count in predecessors)
    before = sum((score * count for score, count in predecessors), ZERO) / households
    return rounded((before * months_before + merged * (months - months_before)) / months, HUNDREDTH)
