"""The points of one item out of what the evaluator entered, by the six calculations; and what a cell says."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal

from app.domain.errors import broken
from app.domain.scoring.parts import Calc, Fact, Item, ItemLine
from app.domain.types import ZERO, Points, rounded


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


# -- cells of a workbook or of the grid ------------------------------------------------------------

_NA = {"/", "不适用", "NA", "N/A"}


def parse_cell(item: Item, text: str) -> Fact:
    """What a cell of a score sheet says: points, `actual/expected` for a ratio item, or not applicable; empty is no fact.

    Errors: scoring.not_a_number. Bounds are checked by `item_line`.
    Example:
        >>> parse_cell(Item("A2", "A", "例会", Decimal(5), Calc.RATIO), "１１/12").expected
        Decimal('12')
    """
    typed = unicodedata.normalize("NFKC", text).strip().replace("。", ".").replace("−", "-").removesuffix("分").strip()
    if not typed:
        return Fact()
    if typed.upper() in _NA:
        return Fact(not_applicable=True)
    if item.calc is Calc.GRADED and typed.upper() in item.grades:
        return Fact(grades=(typed.upper(),))
    if item.calc is Calc.RATIO and "/" in typed:
        actual, expected = typed.split("/", 1)
        return Fact(actual=_figure(item, actual, text), expected=_figure(item, expected, text))
    if item.calc is Calc.TIERED and typed.endswith("%"):
        return Fact(rate=_figure(item, typed[:-1], text) / 100)
    return Fact(points=_figure(item, typed, text))


_FIGURE = re.compile(r"[-+]?[0-9]{1,12}(?:\.[0-9]{0,12})?")


def _figure(item: Item, typed: str, text: str) -> Decimal:
    """A plain number: what Decimal would take beyond that (NaN, Infinity, 1e9) is no score."""
    if not _FIGURE.fullmatch(typed.strip()):
        raise broken("scoring.not_a_number", item.code, item=item.name, value=text)
    return Decimal(typed.strip())
