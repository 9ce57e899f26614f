"""The score of one village (or sub-grid) in one round, with every line it rests on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from app.domain.errors import Problem, RuleBroken
from app.domain.scoring.deductions import deduction_lines
from app.domain.scoring.items import item_line
from app.domain.scoring.parts import FULL, AspectScore, Fact, ItemLine, Occurrence, Scheme, Score, Status
from app.domain.types import ZERO, Points, rounded


def village_score(
    scheme: Scheme,
    facts: Mapping[str, Fact],
    occurrences: Sequence[Occurrence] = (),
    *,
    months: int | None = None,
    capped: Mapping[str, Points] | None = None,
    same_fact_rule: str = "higher",
    missing_policy: str = "block",
) -> Score:
    """The score of one village with every line it rests on.

    Shape:  `facts` by item code, an absent or empty one is missing; `capped` are deduction points by item that come already
            capped (from a workbook) and replace occurrences of that item. The lines sum to `earned`, the capped deductions to
            `item_capped`; final = max(floor, base − effective). `missing_policy` (Q12): `block` leaves the village without a
            total, `renormalise` drops the item from the base, `zero` counts it as 0 of its maximum; where nothing at all is
            scored there is never a total.
    Errors: RuleBroken with every problem of every item.
    Source: bonus_rules §2.
    """
    lines, missing = _item_lines(scheme, facts, months or scheme.months)
    deductions = deduction_lines(scheme, occurrences, capped or {}, same_fact_rule)
    raw = sum((line.raw for line in deductions), ZERO)
    item_capped = sum((line.capped for line in deductions), ZERO)
    effective = min(item_capped, scheme.total_cap)
    aspects = _aspects(scheme, lines, missing if missing_policy == "zero" else ())
    part: dict[str, object] = {
        "lines": lines,
        "deductions": deductions,
        "aspects": aspects,
        "raw": raw,
        "item_capped": item_capped,
        "effective": effective,
    }
    part["missing"] = missing
    if missing and (missing_policy == "block" or not lines):
        return Score(Status.INCOMPLETE if lines else Status.NOT_SCORED, **part)  # type: ignore[arg-type]
    earned = sum((aspect.earned for aspect in aspects.values()), ZERO)
    applicable = sum((aspect.applicable for aspect in aspects.values()), ZERO)
    if applicable == 0:
        return Score(Status.NOT_ASSESSABLE, earned=ZERO, applicable=ZERO, **part)  # type: ignore[arg-type]
    base = rounded(earned * FULL / applicable)
    unfloored = base - effective
    final = unfloored if scheme.floor_total is None else max(scheme.floor_total, unfloored)
    warnings: tuple[Problem, ...] = ()
    if applicable < scheme.min_applicable:
        warnings = (Problem("scoring.few_applicable", "", {"applicable": applicable, "least": scheme.min_applicable}),)
    return Score(
        Status.SCORED,
        earned=earned,
        applicable=applicable,
        base=base,
        unfloored=unfloored,
        final=final,
        warnings=warnings,
        **part,  # type: ignore[arg-type]
    )


def _item_lines(scheme: Scheme, facts: Mapping[str, Fact], months: int) -> tuple[tuple[ItemLine, ...], tuple[str, ...]]:
    lines: list[ItemLine] = []
    missing: list[str] = []
    problems: list[Problem] = []
    for item in scheme.items:
        fact = facts.get(item.code)
        if fact is None or fact.is_empty:
            missing.append(item.code)
            continue
        try:
            lines.append(item_line(item, fact, months=months, scheme_months=scheme.months))
        except RuleBroken as refusal:
            problems += refusal.problems
    problems += [
        Problem("scoring.unknown_item", code, {"item": code}) for code in facts.keys() - {i.code for i in scheme.items}
    ]
    if problems:
        raise RuleBroken(problems)
    return tuple(lines), tuple(missing)


def _aspects(scheme: Scheme, lines: Iterable[ItemLine], as_zero: Iterable[str] = ()) -> dict[str, AspectScore]:
    earned: dict[str, Decimal] = {aspect.code: ZERO for aspect in scheme.aspects}
    applicable = dict(earned)
    for line in lines:
        if line.points is not None:
            earned[line.item.aspect] = earned.get(line.item.aspect, ZERO) + line.points
            applicable[line.item.aspect] = applicable.get(line.item.aspect, ZERO) + line.item.max
    for item in (scheme.item(code) for code in as_zero):
        earned.setdefault(item.aspect, ZERO)
        applicable[item.aspect] = applicable.get(item.aspect, ZERO) + item.max
    return {code: AspectScore(earned[code], applicable[code]) for code in earned}
