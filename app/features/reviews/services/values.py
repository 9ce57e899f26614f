"""Defining indicators on the page, and entering their values."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from app.domain.errors import Problem, RuleBroken
from app.domain.indicators import FORMULAS, check_counts
from app.domain.periods import Period
from app.domain.rights import Resource, Verb
from app.features.org.models import OrgUnit
from app.features.reviews.models import Indicator, IndicatorValue
from app.features.reviews.queries.indicators import REGISTER, SOURCES, counted_from, form_of
from app.kit import access
from app.kit.audit import acting
from app.kit.db import db, transaction
from app.kit.signing import signature

_CODE = re.compile(r"[A-Za-z0-9_-]{1,32}")
OWNERS = ("prefecture", "county", "township")


@dataclass(frozen=True)
class Definition:
    """An indicator as somebody defines it; `source` as the model keeps it, without a kind for entered values."""

    code: str
    title: str
    formula: str
    first: str
    second: str
    source: dict[str, Any]


def define_indicator(unit: OrgUnit, said: Definition, row: Indicator | None = None) -> Indicator:
    """A new indicator of a unit, or `row` changed; its code stays.

    Errors: indicator.bad_code, indicator.code_taken, indicator.unknown_formula, indicator.no_words,
            indicator.unknown_source; NotAllowed without the right to publish records at the unit.
    """
    access.require_at(Verb.APPROVE, Resource.RECORDS, unit)
    problems = _definition_problems(unit, said, row)
    if problems:
        raise RuleBroken(problems)
    with transaction(), acting("reviews.define_indicator"):
        one = row or Indicator(unit=unit, code=said.code)
        one.title = {**(one.title or {}), "zh": said.title.strip()}
        one.formula = said.formula
        one.first = {**(one.first or {}), "zh": said.first.strip()}
        one.second = {**(one.second or {}), "zh": said.second.strip()} if said.second.strip() else {}
        stated = (one.source or {}).get("stated")
        one.source = {**said.source, **({"stated": stated} if stated else {})}
        db.session.add(one)
        db.session.flush()
        if counted_from(one) == "records" and form_of(one, str(one.source.get("form", ""))) is None:
            raise RuleBroken(Problem("indicator.unknown_source", "form"))
    return one


def _definition_problems(unit: OrgUnit, said: Definition, row: Indicator | None) -> list[Problem]:
    found = []
    if unit.level not in OWNERS:
        found.append(Problem("indicator.owner", "unit"))
    if not _CODE.fullmatch(said.code):
        found.append(Problem("indicator.bad_code", "code"))
    elif row is None and db.session.scalar(
        select(Indicator.id).where(Indicator.unit_id == unit.id, Indicator.code == said.code)
    ):
        found.append(Problem("indicator.code_taken", "code"))
    if said.formula not in FORMULAS:
        return [*found, Problem("indicator.unknown_formula", "formula", {"formula": said.formula})]
    if not said.title.strip():
        found.append(Problem("indicator.no_words", "title"))
    if not said.first.strip():
        found.append(Problem("indicator.no_words", "first"))
    if FORMULAS[said.formula].counts > 1 and not said.second.strip():
        found.append(Problem("indicator.no_words", "second"))
    return found + _source_problems(said)


def _source_problems(said: Definition) -> list[Problem]:
    kind = said.source.get("kind", "entered")
    if kind not in SOURCES:
        return [Problem("indicator.unknown_source", "source")]
    if kind != "register":
        return []
    needed = ("first", "second") if FORMULAS[said.formula].counts > 1 else ("first",)
    return [
        Problem("indicator.unknown_source", f"register_{name}")
        for name in needed
        if said.source.get(name) not in REGISTER
    ]


def enter_value(
    row: Indicator, unit: OrgUnit, period: str, first: Decimal | None, second: Decimal | None, note: str = ""
) -> IndicatorValue:
    """Both counts of an indicator for a unit and period; what stood there is replaced.

    Errors: indicator.counted, indicator.not_here, indicator.first_missing, those of domain.indicators.check_counts,
            period.bad_text; NotAllowed without the right to edit records at the unit.
    """
    access.require_at(Verb.EDIT, Resource.RECORDS, unit)
    problems = _value_problems(row, unit, first, second)
    if problems or first is None:
        raise RuleBroken(problems)
    kept = str(Period.parse(period))
    same = select(IndicatorValue).where(
        IndicatorValue.indicator_id == row.id, IndicatorValue.unit_id == unit.id, IndicatorValue.period == kept
    )
    with transaction(), acting("reviews.enter_value"):
        value = db.session.scalars(same.with_for_update()).one_or_none()
        value = value or IndicatorValue(indicator=row, unit=unit, period=kept)
        value.first, value.second = first, second if second is not None else Decimal(0)
        value.note = note.strip()[:400] or None
        db.session.add(value)
        db.session.flush()
        value.entered_by = signature(value, Verb.EDIT)
    return value


def _value_problems(row: Indicator, unit: OrgUnit, first: Decimal | None, second: Decimal | None) -> list[Problem]:
    if counted_from(row) != "entered":
        return [Problem("indicator.counted", "first")]
    if row.unit_id not in unit.ancestors().values():
        return [Problem("indicator.not_here", "unit")]
    if first is None:
        return [Problem("indicator.first_missing", "first")]
    return check_counts(row.formula, first, second if FORMULAS[row.formula].counts > 1 else None)


def remove_value(value: IndicatorValue) -> None:
    """Take an entered value away. Errors: NotAllowed without the right to edit records there."""
    access.require(Verb.EDIT, value)
    with transaction() as session, acting("reviews.remove_value"):
        session.delete(value)
