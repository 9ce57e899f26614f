"""What recorded occurrences cost: by item, under its cap, the same fact counted once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from app.domain.errors import broken
from app.domain.scoring.parts import DeductionItem, DeductionLine, Occurrence, OccurrenceLine, Scheme
from app.domain.types import ZERO, Points, rounded


def occurrence_points(item: DeductionItem, occurrence: Occurrence) -> Points:
    """What one occurrence costs, before caps; 0 when waived.

    Errors: scoring.level_required, scoring.bad_count.
    """
    if occurrence.waived:
        return ZERO
    if occurrence.count < 1:
        raise broken("scoring.bad_count", item.code, item=item.name, count=occurrence.count)
    each = occurrence.points if occurrence.points is not None else _each(item, occurrence) * occurrence.count
    if occurrence.self_reported and "self_reported" in item.mitigation:
        each *= item.mitigation["self_reported"]
    return rounded(each)


def _each(item: DeductionItem, occurrence: Occurrence) -> Points:
    if not item.levels:
        return item.points or ZERO
    for level in item.levels:
        if level.code == occurrence.level:
            return level.points
    raise broken(
        "scoring.level_required", item.code, item=item.name, levels="、".join(level.name for level in item.levels)
    )


def deduction_lines(
    scheme: Scheme, occurrences: Sequence[Occurrence], capped: Mapping[str, Points], same_fact_rule: str
) -> tuple[DeductionLine, ...]:
    """One line per deduction item that was recorded, in the order of the scheme.

    Shape:  `capped` are points by item that come already capped and replace the occurrences of that item.
    Errors: scoring.unknown_deduction, scoring.level_required, scoring.bad_count.
    """
    counted = [(scheme.deduction(one.item), one) for one in occurrences if one.item not in capped]
    costs = [occurrence_points(item, one) for item, one in counted]
    order = {item.code: place for place, item in enumerate(scheme.deductions)}
    beaten = _beaten([one for _, one in counted], costs, order) if same_fact_rule == "higher" else set()
    by_item: dict[str, list[OccurrenceLine]] = {}
    for index, ((item, one), cost) in enumerate(zip(counted, costs, strict=True)):
        note = "waived" if one.waived else "same_fact" if index in beaten else ""
        by_item.setdefault(item.code, []).append(OccurrenceLine(one, ZERO if index in beaten else cost, note))
    lines = [_deduction_line(item, by_item[item.code]) for item in scheme.deductions if item.code in by_item]
    given = [
        DeductionLine(scheme.deduction(code), (), points, min(points, scheme.deduction(code).cap))
        for code, points in capped.items()
        if points
    ]
    return tuple(sorted([*lines, *given], key=lambda line: order[line.item.code]))


def _deduction_line(item: DeductionItem, lines: Sequence[OccurrenceLine]) -> DeductionLine:
    raw = sum((line.points for line in lines), ZERO)
    return DeductionLine(item, tuple(lines), raw, min(raw, item.cap))


def _beaten(occurrences: Sequence[Occurrence], costs: Sequence[Points], order: Mapping[str, int]) -> set[int]:
    """Indexes of occurrences that state a fact for which a dearer one counts already (就高, Q17).

    Of two at the same cost the earlier item of the scheme counts, so that the order of entry never matters.
    """
    by_fact: dict[str, list[int]] = {}
    for index, one in enumerate(occurrences):
        if one.same_fact and not one.waived:
            by_fact.setdefault(one.same_fact, []).append(index)
    counts = (max(group, key=lambda k: (costs[k], -order[occurrences[k].item], -k)) for group in by_fact.values())
    return {index for group in by_fact.values() for index in group} - set(counts)
