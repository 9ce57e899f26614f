"""What an evaluator types into a cell, and how a stored score is shown there.

A bare number is points, in every kind, so that a block from a workbook means what it says. Facts are written so that
they cannot be mistaken for points: `11/12` (actual/expected), `-2` (two faults), `+2` (two units), `96%` (a rate), `A` or `A,B` (grades).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from decimal import Decimal

from app.domain.errors import RuleBroken, broken
from app.domain.scoring import Fact, Item, parse_cell
from app.features.assessment.models import ItemScore

NOT_APPLICABLE = "/"
_COUNTERS = "次个处条件轮人项起户场"
_NUMBER = r"\d{1,7}(?:\.\d{1,4})?"
_FAULTS = re.compile(rf"-({_NUMBER})|({_NUMBER})[{_COUNTERS}]")
_UNITS = re.compile(rf"\+({_NUMBER})|({_NUMBER})[{_COUNTERS}]")
_SHAPES = re.compile(rf"-?{_NUMBER}(?:/{_NUMBER}|%|分)?|[A-Za-z]|/|不适用|N/?A", re.IGNORECASE)


def parse(item: Item, text: str, expected: Decimal | None = None) -> Fact:
    """The fact a typed text means for an item; an empty text takes the score back. `expected` completes `11/`.

    Errors: assessment.bad_cell (params: text) when it cannot be understood.
    """
    typed = re.sub(r"\s", "", unicodedata.normalize("NFKC", text or "")).replace("。", ".").replace("−", "-")
    fact = _counted(item, typed, expected)
    if fact is not None:
        return fact
    if typed and not _SHAPES.fullmatch(typed):
        raise broken("assessment.bad_cell", item.code, text=text[:40])
    try:
        return parse_cell(item, typed)
    except RuleBroken as refusal:
        raise broken("assessment.bad_cell", item.code, text=text[:40]) from refusal


def _counted(item: Item, typed: str, expected: Decimal | None) -> Fact | None:
    """What the grid takes beside the cells of a score workbook: faults, units, several grades, `11/`."""
    if item.calc == "per_fault" and (found := _FAULTS.fullmatch(typed)):
        return Fact(faults=Decimal(found[1] or found[2]))
    if item.calc == "per_unit" and (found := _UNITS.fullmatch(typed)):
        return Fact(units=Decimal(found[1] or found[2]))
    if item.calc == "ratio" and expected is not None and re.fullmatch(f"{_NUMBER}/", typed):
        return Fact(actual=Decimal(typed[:-1]), expected=expected)
    if item.calc == "graded":
        grades = tuple(re.split("[,、]", typed.upper()))
        if len(grades) > 1 and all(grade in item.grades for grade in grades):
            return Fact(grades=grades)
    return None


def shown(score: ItemScore | None) -> str:
    """The text of a stored score: what was typed for a fact, the points otherwise; empty for none."""
    return "" if score is None else shown_as(score.points, score.fact or {}, score.is_not_applicable)


def shown_as(points: Decimal | None, fact: Mapping[str, str], not_applicable: bool) -> str:
    """The text of points with their fact."""
    if "actual" not in fact and not_applicable:
        return NOT_APPLICABLE
    return shown_fact(fact) or ("" if points is None else f"{points:.2f}")


def shown_fact(fact: Mapping[str, str]) -> str:
    """The figures of a fact as they would be typed; empty for none."""
    if "actual" in fact:
        return f"{fact['actual']}/{fact['expected']}"
    if "faults" in fact:
        return f"-{fact['faults']}"
    if "units" in fact:
        return f"+{fact['units']}"
    if "rate" in fact:
        return f"{(Decimal(fact['rate']) * 100).normalize():f}%"
    return fact.get("grades", "")
