"""Scoring of one village (or sub-grid) in one round: facts to points, points to totals, with every line explained.

Ranks and money do not belong here. Source: bonus_rules §2; the assessment list of Caojing.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from enum import StrEnum

from app.domain.errors import Problem, RuleBroken, broken
from app.domain.types import HUNDREDTH, ZERO, Points, rounded

RULE_VERSION = "2026.1"
"""Named on every snapshot; changed whenever a rule below gives another figure for the same input."""

FULL = Decimal(100)


class Calc(StrEnum):
    """The six ways an item is calculated."""

    RATIO = "ratio"
    PER_FAULT = "per_fault"
    PER_UNIT = "per_unit"
    TIERED = "tiered"
    GRADED = "graded"
    MANUAL = "manual"


class Status(StrEnum):
    """What a score sheet amounts to."""

    SCORED = "scored"
    INCOMPLETE = "incomplete"
    NOT_ASSESSABLE = "not_assessable"
    NOT_SCORED = "not_scored"


@dataclass(frozen=True)
class Aspect:
    """An aspect of a scheme with the sum of its items."""

    code: str
    name: str
    max: Points


@dataclass(frozen=True)
class Item:
    """A scored item.

    Shape: `expected` is a number for ratio items whose denominator is fixed (per `Scheme.months`), None where the evaluator
    enters it; `target` the share that earns full marks; `unit` the points a fault costs or a unit earns; `tiers` are
    (threshold, points) from the highest; `grades` points by grade.
    """

    code: str
    aspect: str
    name: str
    max: Points
    calc: Calc = Calc.MANUAL
    expected: Decimal | None = None
    target: Decimal = Decimal(1)
    unit: Decimal | None = None
    tiers: tuple[tuple[Decimal, Points], ...] = ()
    grades: Mapping[str, Points] = field(default_factory=dict)
    na_allowed: bool = False


@dataclass(frozen=True)
class Level:
    """A level of a graded deduction, e.g. criticised by the county or by the city."""

    code: str
    name: str
    points: Points


@dataclass(frozen=True)
class DeductionItem:
    """A deduction item (反向扣分项目): `points` each time, or by `levels`; at most `cap`; mitigation as factors by reason."""

    code: str
    name: str
    cap: Points
    points: Points | None = None
    levels: tuple[Level, ...] = ()
    per: str = ""
    mitigation: Mapping[str, Decimal] = field(default_factory=dict)


@dataclass(frozen=True)
class Scheme:
    """An assessment list as the rules need it; `months` is the period that `Item.expected` is written for."""

    code: str
    name: str
    aspects: tuple[Aspect, ...]
    items: tuple[Item, ...]
    deductions: tuple[DeductionItem, ...] = ()
    subject: str = "village"
    months: int = 12
    full_score: Points = FULL
    total_cap: Points = Decimal(20)
    floor_total: Points | None = ZERO
    min_applicable: Points = Decimal(60)

    def item(self, code: str) -> Item:
        """The item with this code.

        Errors: scoring.unknown_item.
        """
        for item in self.items:
            if item.code == code:
                return item
        raise broken("scoring.unknown_item", code, item=code)

    def deduction(self, code: str) -> DeductionItem:
        """The deduction item with this code.

        Errors: scoring.unknown_deduction.
        """
        for item in self.deductions:
            if item.code == code:
                return item
        raise broken("scoring.unknown_deduction", code, item=code)


@dataclass(frozen=True)
class Fact:
    """What the evaluator entered for an item: points, or the fact its calculation asks for, or not applicable."""

    points: Points | None = None
    actual: Decimal | None = None
    expected: Decimal | None = None
    faults: Decimal | None = None
    units: Decimal | None = None
    rate: Decimal | None = None
    grades: tuple[str, ...] = ()
    not_applicable: bool = False
    reason: str = ""

    @property
    def is_empty(self) -> bool:
        """Nothing was entered."""
        given = (self.points, self.actual, self.faults, self.units, self.rate)
        return not self.not_applicable and not self.grades and all(value is None for value in given)


@dataclass(frozen=True)
class Occurrence:
    """One recorded fact of a deduction item. A waived one stays on record and counts nothing."""

    item: str
    count: int = 1
    level: str | None = None
    points: Points | None = None
    happened_on: date | None = None
    clause: str = ""
    note: str = ""
    self_reported: bool = False
    waived: bool = False
    waive_reason: str = ""
    same_fact: str | None = None


@dataclass(frozen=True)
class ItemLine:
    """One line of the score slip: `exact` is the figure before rounding; `limit` says which bound was met (cap, floor)."""

    item: Item
    points: Points | None
    fact: Fact
    exact: Decimal | None = None
    limit: str = ""


@dataclass(frozen=True)
class OccurrenceLine:
    """One occurrence with the points it counts and why it counts nothing, if so (waived, same_fact)."""

    occurrence: Occurrence
    points: Points
    note: str = ""


@dataclass(frozen=True)
class DeductionLine:
    """One deduction item of the slip: raw sum, and what is left after its cap."""

    item: DeductionItem
    occurrences: tuple[OccurrenceLine, ...]
    raw: Points
    capped: Points


@dataclass(frozen=True)
class AspectScore:
    """Earned and applicable points of an aspect."""

    earned: Points
    applicable: Points


@dataclass(frozen=True)
class Score:
    """Everything a total rests on. All points have two places; None where the status is not `scored`."""

    status: Status
    lines: tuple[ItemLine, ...]
    deductions: tuple[DeductionLine, ...]
    aspects: Mapping[str, AspectScore]
    earned: Points | None = None
    applicable: Points | None = None
    base: Points | None = None
    raw: Points = ZERO
    item_capped: Points = ZERO
    effective: Points = ZERO
    unfloored: Points | None = None
    final: Points | None = None
    missing: tuple[str, ...] = ()
    warnings: tuple[Problem, ...] = ()


# -- schemes ---------------------------------------------------------------------------------------

_TRACES = re.compile("照片|图片|附件|字数|篇幅|登录|留痕|打卡|台账份数")
_NOT = re.compile("不看|不以|不得|不按|不计|不作为")


def check_scheme(scheme: Scheme, standards: Mapping[str, str] | None = None) -> list[Problem]:
    """What is wrong with a scheme: sums, codes, parameters, a veto, scoring from traces.

    Shape:  empty when sound; `standards` are the wordings by item code, read for the guards.
    Errors: scoring.duplicate_code, scoring.aspect_sum, scoring.full_sum, scoring.unknown_aspect, scoring.params_missing,
            scoring.veto, scoring.trace.
    Source: bonus_rules R14, R15; six calc kinds of the assessment list.
    """
    problems = [*_code_problems(scheme), *_sum_problems(scheme)]
    for item in scheme.items:
        problems += _item_problems(scheme, item)
    for deduction in scheme.deductions:
        problems += _deduction_problems(scheme, deduction)
    words = standards or {}
    for code, name in [(i.code, i.name) for i in scheme.items] + [(d.code, d.name) for d in scheme.deductions]:
        problems += _guard_problems(code, f"{name} {words.get(code, '')}")
    return problems


def _code_problems(scheme: Scheme) -> list[Problem]:
    codes = [part.code for part in (*scheme.items, *scheme.deductions)]
    twice = sorted({code for code in codes if codes.count(code) > 1})
    return [Problem("scoring.duplicate_code", code, {"item": code}) for code in twice]


def _sum_problems(scheme: Scheme) -> list[Problem]:
    problems = []
    for aspect in scheme.aspects:
        total = sum((item.max for item in scheme.items if item.aspect == aspect.code), ZERO)
        if total != aspect.max:
            problems.append(
                Problem("scoring.aspect_sum", aspect.code, {"aspect": aspect.name, "sum": total, "max": aspect.max})
            )
    total = sum((item.max for item in scheme.items), ZERO)
    if total != scheme.full_score:
        problems.append(Problem("scoring.full_sum", "", {"sum": total, "full": scheme.full_score}))
    return problems


def _item_problems(scheme: Scheme, item: Item) -> list[Problem]:
    problems = []
    if scheme.aspects and item.aspect not in {aspect.code for aspect in scheme.aspects}:
        problems.append(Problem("scoring.unknown_aspect", item.code, {"item": item.code, "aspect": item.aspect}))
    if item.max <= 0:
        problems.append(Problem("scoring.params_missing", item.code, {"item": item.code, "param": "max"}))
    needed = {Calc.PER_FAULT: item.unit, Calc.PER_UNIT: item.unit, Calc.TIERED: item.tiers, Calc.GRADED: item.grades}
    if item.calc in needed and not needed[item.calc]:
        problems.append(Problem("scoring.params_missing", item.code, {"item": item.code, "param": item.calc.value}))
    if item.calc is Calc.RATIO and not ZERO < item.target <= 1:
        problems.append(Problem("scoring.params_missing", item.code, {"item": item.code, "param": "target"}))
    highest = max((*[p for _, p in item.tiers], *item.grades.values()), default=ZERO)
    if highest > item.max:
        problems.append(Problem("scoring.above_max", item.code, {"item": item.name, "value": highest, "max": item.max}))
    return problems


def _deduction_problems(scheme: Scheme, item: DeductionItem) -> list[Problem]:
    if item.points is None and not item.levels:
        return [Problem("scoring.params_missing", item.code, {"item": item.code, "param": "points"})]
    if item.cap <= 0 or item.cap >= scheme.full_score:
        return [Problem("scoring.veto", item.code, {"item": item.name})]
    return []


def _guard_problems(code: str, words: str) -> list[Problem]:
    problems = []
    if "一票否决" in words and not re.search("不设.{0,3}一票否决|取消.{0,12}一票否决", words):
        problems.append(Problem("scoring.veto", code, {"item": words.split()[0]}))
    trace = _TRACES.search(words)
    if trace and not _NOT.search(words):
        problems.append(Problem("scoring.trace", code, {"item": words.split()[0], "word": trace[0]}))
    return problems


# -- one item --------------------------------------------------------------------------------------


def item_line(item: Item, fact: Fact, *, months: int = 12, scheme_months: int = 12) -> ItemLine:
    """The points of an item out of what was entered, with the bound that was met.

    Shape:  `months` is the length of the round, `scheme_months` that of the scheme; a fixed `expected` is scaled by them.
    Errors: scoring.na_not_allowed, scoring.negative, scoring.above_max, scoring.expected_zero, scoring.fact_missing,
            scoring.unknown_grade, scoring.reason_required (manual, below full marks).
    Example:
        >>> item_line(Item("A2", "A", "例会", Decimal(5), Calc.RATIO), Fact(actual=Decimal(11), expected=Decimal(12))).points
        Decimal('4.58')
    """
    if fact.not_applicable:
        if not item.na_allowed:
            raise broken("scoring.na_not_allowed", item.code, item=item.name)
        return ItemLine(item, None, fact)
    if fact.points is not None:
        return _entered(item, fact, fact.points)
    line = _CALCULATIONS[item.calc](item, fact, Decimal(months) / Decimal(scheme_months))
    if line.points is not None and not ZERO <= line.points <= item.max:
        raise broken("scoring.above_max", item.code, item=item.name, value=line.points, max=item.max)
    return line


def item_points(item: Item, fact: Fact, *, months: int = 12, scheme_months: int = 12) -> Points | None:
    """The points of `item_line`; None when not applicable."""
    return item_line(item, fact, months=months, scheme_months=scheme_months).points


def _entered(item: Item, fact: Fact, value: Decimal) -> ItemLine:
    if value < 0:
        raise broken("scoring.negative", item.code, item=item.name, value=value)
    if value > item.max:
        raise broken("scoring.above_max", item.code, item=item.name, value=value, max=item.max)
    points = rounded(value)
    if item.calc is Calc.MANUAL and points < item.max and not fact.reason.strip():
        raise broken("scoring.reason_required", item.code, item=item.name)
    return ItemLine(item, points, fact, value)


def _line(item: Item, fact: Fact, exact: Decimal) -> ItemLine:
    held = min(item.max, max(ZERO, exact))
    limit = "cap" if exact > item.max else "floor" if exact < 0 else ""
    return ItemLine(item, rounded(held), fact, exact, limit)


def _need(item: Item, value: Decimal | None) -> Decimal:
    if value is None:
        raise broken("scoring.fact_missing", item.code, item=item.name, calc=item.calc.value)
    if value < 0:
        raise broken("scoring.negative", item.code, item=item.name, value=value)
    return value


def _ratio(item: Item, fact: Fact, share: Decimal) -> ItemLine:
    actual = _need(item, fact.actual)
    expected = fact.expected if fact.expected is not None else None if item.expected is None else item.expected * share
    expected = _need(item, expected)
    if expected == 0:
        if item.na_allowed:
            return ItemLine(item, None, Fact(actual=actual, expected=expected, not_applicable=True, reason=fact.reason))
        raise broken("scoring.expected_zero", item.code, item=item.name)
    return _line(item, fact, item.max * actual / (expected * item.target))


def _per_fault(item: Item, fact: Fact, _share: Decimal) -> ItemLine:
    return _line(item, fact, item.max - _need(item, fact.faults) * (item.unit or ZERO))


def _per_unit(item: Item, fact: Fact, _share: Decimal) -> ItemLine:
    return _line(item, fact, _need(item, fact.units) * (item.unit or ZERO))


def _tiered(item: Item, fact: Fact, _share: Decimal) -> ItemLine:
    rate = _need(item, fact.rate)
    if rate > 1:
        raise broken("scoring.rate_above_one", item.code, item=item.name, value=rate)
    met = [points for threshold, points in sorted(item.tiers, reverse=True) if rate >= threshold]
    return _line(item, fact, met[0] if met else ZERO)


def _graded(item: Item, fact: Fact, _share: Decimal) -> ItemLine:
    if not fact.grades:
        raise broken("scoring.fact_missing", item.code, item=item.name, calc=item.calc.value)
    unknown = [grade for grade in fact.grades if grade not in item.grades]
    if unknown:
        raise broken(
            "scoring.unknown_grade", item.code, item=item.name, grade=unknown[0], grades=", ".join(item.grades)
        )
    return _line(item, fact, sum((item.grades[grade] for grade in fact.grades), ZERO) / len(fact.grades))


def _manual(item: Item, fact: Fact, _share: Decimal) -> ItemLine:
    raise broken("scoring.fact_missing", item.code, item=item.name, calc=item.calc.value)


_CALCULATIONS = {
    Calc.RATIO: _ratio,
    Calc.PER_FAULT: _per_fault,
    Calc.PER_UNIT: _per_unit,
    Calc.TIERED: _tiered,
    Calc.GRADED: _graded,
    Calc.MANUAL: _manual,
}


# -- one village -----------------------------------------------------------------------------------


def village_score(
    scheme: Scheme,
    facts: Mapping[str, Fact],
    occurrences: Sequence[Occurrence] = (),
    *,
    months: int | None = None,
    capped: Mapping[str, Points] | None = None,
    same_fact_rule: str = "higher",
) -> Score:
    """The score of one village with every line it rests on.

    Shape:  `facts` by item code, an absent or empty one is missing; `capped` are deduction points by item that come already
            capped (from a workbook) and replace occurrences of that item. The lines sum to `earned`, the capped deductions to
            `item_capped`; final = max(floor, base − effective).
    Errors: RuleBroken with every problem of every item.
    Source: bonus_rules §2.
    """
    lines, missing = _item_lines(scheme, facts, months or scheme.months)
    deductions = _deduction_lines(scheme, occurrences, capped or {}, same_fact_rule)
    raw = sum((line.raw for line in deductions), ZERO)
    item_capped = sum((line.capped for line in deductions), ZERO)
    effective = min(item_capped, scheme.total_cap)
    aspects = _aspects(scheme, lines)
    part = {
        "lines": lines,
        "deductions": deductions,
        "aspects": aspects,
        "raw": raw,
        "item_capped": item_capped,
        "effective": effective,
    }
    if missing:
        status = Status.NOT_SCORED if not lines else Status.INCOMPLETE
        return Score(status, missing=missing, **part)  # type: ignore[arg-type]
    earned = sum((line.points for line in lines if line.points is not None), ZERO)
    applicable = sum((line.item.max for line in lines if line.points is not None), ZERO)
    if applicable == 0:
        return Score(Status.NOT_ASSESSABLE, earned=ZERO, applicable=ZERO, **part)  # type: ignore[arg-type]
    base = rounded(earned * FULL / applicable)
    unfloored = base - effective
    final = unfloored if scheme.floor_total is None else max(scheme.floor_total, unfloored)
    warnings = ()
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
    lines, missing, problems = [], [], []
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


def _aspects(scheme: Scheme, lines: Iterable[ItemLine]) -> dict[str, AspectScore]:
    earned: dict[str, Decimal] = {aspect.code: ZERO for aspect in scheme.aspects}
    applicable = dict(earned)
    for line in lines:
        if line.points is not None:
            earned[line.item.aspect] = earned.get(line.item.aspect, ZERO) + line.points
            applicable[line.item.aspect] = applicable.get(line.item.aspect, ZERO) + line.item.max
    return {code: AspectScore(earned[code], applicable[code]) for code in earned}


# -- deductions ------------------------------------------------------------------------------------


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


def _deduction_lines(
    scheme: Scheme, occurrences: Sequence[Occurrence], capped: Mapping[str, Points], same_fact_rule: str
) -> tuple[DeductionLine, ...]:
    counted = [(scheme.deduction(one.item), one) for one in occurrences if one.item not in capped]
    costs = [occurrence_points(item, one) for item, one in counted]
    beaten = _beaten([one for _, one in counted], costs) if same_fact_rule == "higher" else set()
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
    return tuple(sorted([*lines, *given], key=lambda line: [d.code for d in scheme.deductions].index(line.item.code)))


def _deduction_line(item: DeductionItem, lines: Sequence[OccurrenceLine]) -> DeductionLine:
    raw = sum((line.points for line in lines), ZERO)
    return DeductionLine(item, tuple(lines), raw, min(raw, item.cap))


def _beaten(occurrences: Sequence[Occurrence], costs: Sequence[Points]) -> set[int]:
    """Indexes of occurrences that state a fact for which a dearer one counts already (就高, Q17)."""
    by_fact: dict[str, list[int]] = {}
    for index, one in enumerate(occurrences):
        if one.same_fact and not one.waived:
            by_fact.setdefault(one.same_fact, []).append(index)
    return {i for group in by_fact.values() for i in group if i != max(group, key=lambda k: (costs[k], -k))}


# -- cells of a workbook or of the grid ------------------------------------------------------------

_NA = {"/", "不适用", "NA", "N/A"}


def parse_cell(item: Item, text: str) -> Fact:
    """What a cell of a score sheet says: points, `actual/expected` for a ratio item, or not applicable; empty is no fact.

    Errors: scoring.not_a_number.
    Example:
        >>> parse_cell(Item("A2", "A", "例会", Decimal(5), Calc.RATIO), "１１/12").expected
        Decimal('12')
    """
    typed = unicodedata.normalize("NFKC", text).strip().replace("。", ".").removesuffix("分").strip()
    if not typed:
        return Fact()
    if typed.upper() in _NA:
        return Fact(not_applicable=True)
    if item.calc is Calc.GRADED and typed.upper() in item.grades:
        return Fact(grades=(typed.upper(),))
    try:
        if item.calc is Calc.RATIO and "/" in typed:
            actual, expected = typed.split("/", 1)
            return Fact(actual=Decimal(actual), expected=Decimal(expected))
        if item.calc is Calc.TIERED and typed.endswith("%"):
            return Fact(rate=Decimal(typed[:-1]) / 100)
        return Fact(points=Decimal(typed))
    except (InvalidOperation, ValueError):
        raise broken("scoring.not_a_number", item.code, item=item.name, value=text) from None


# -- several periods, mergers ----------------------------------------------------------------------


def combined(parts: Mapping[str, Points | None], weights: Mapping[str, Decimal]) -> Points:
    """The year out of its parts; a missing part is dropped and the rest divided by the remaining weights.

    Errors: scoring.weights_sum (they must sum to 1), scoring.no_parts.
    Source: bonus_rules §2.1.
    Example:
        >>> w = {"daily": Decimal("0.30"), "half_year": Decimal("0.30"), "year_end": Decimal("0.40")}
        >>> combined({"daily": Decimal("88.40"), "half_year": None, "year_end": Decimal("91.20")}, w)
        Decimal('90.00')
    """
    if sum(weights.values(), ZERO) != 1:
        raise broken("scoring.weights_sum", "period_weights", sum=sum(weights.values(), ZERO))
    present = {name: value for name, value in parts.items() if value is not None and name in weights}
    if not present:
        raise broken("scoring.no_parts")
    total = sum((weights[name] * value for name, value in present.items()), ZERO)
    return rounded(total / sum((weights[name] for name in present), ZERO))


def merged_score(
    predecessors: Sequence[tuple[Points, int]], merged: Points, months_before: int, months: int = 12
) -> Points:
    """The score of a village merged during the period: predecessors weighted by households, periods by months.

    Source: bonus_rules §5.3.
    Example:
        >>> merged_score([(Decimal("88.40"), 620), (Decimal("81.10"), 380)], Decimal("90.20"), 6)
        Decimal('87.91')
    """
    households = sum(count for _, count in predecessors)
    before = sum((score * count for score, count in predecessors), ZERO) / households
    return rounded((before * months_before + merged * (months - months_before)) / months, HUNDREDTH)
