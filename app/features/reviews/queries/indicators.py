"""Indicators with their values: as entered for a unit, added up from the units below, or counted from what the portal holds."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select

from app.domain.indicators import FORMULAS, complement, shown, value_of
from app.domain.periods import Period
from app.domain.rights import Resource, Verb
from app.features.duties.models import VillageRegister
from app.features.forms.models import Form, FormRecord
from app.features.forms.queries.filling import HANDED_IN
from app.features.forms.queries.tallies import measures_of
from app.features.forms.queries.versions import nearest_form
from app.features.org.models import OrgUnit
from app.features.reviews.models import Indicator, IndicatorValue
from app.features.reviews.queries.plates import shares_by_period
from app.kit import access
from app.kit.db import LEVELS, db
from app.kit.i18n import language

SHOWN = 36  # periods on a page
REGISTER = (
    "certificates",
    "accepted",
    "closed",
    "instant",
    "overdue",
    "villages",
    "certificates_before",
    "accepted_before",
)
Counts = tuple[Decimal, Decimal]


@dataclass(frozen=True)
class Point:
    """An indicator in a period: both counts and what they come to; `units` says from how many units below it was added up."""

    formula: str
    period: str
    first: Decimal
    second: Decimal | None
    note: str = ""
    units: int = 0
    entered: IndicatorValue | None = None

    @property
    def value(self) -> Decimal | None:
        """What it comes to; None where there is nothing to divide by."""
        return value_of(self.formula, self.first, self.second)

    @property
    def shown(self) -> str:
        """The value as printed, a dash where there is none."""
        value = self.value
        return "—" if value is None else shown(self.formula, value)

    @property
    def left(self) -> str:
        """For a share that says what is left: what was taken off."""
        value = self.value
        rest = None if value is None else complement(self.formula, value)
        return "" if rest is None else f"{rest}%"


def places() -> list[OrgUnit]:
    """The units for which the actor reads indicators: villages and above in his reach, the highest first."""
    statement = access.visible(select(OrgUnit), OrgUnit).where(OrgUnit.level.in_(LEVELS[:4]))
    units = db.session.scalars(statement.order_by(OrgUnit.township_id, OrgUnit.sort_order, OrgUnit.code)).all()
    may = access.where_at(Verb.VIEW, Resource.RECORDS, units)
    return sorted((unit for unit in units if unit.id in may), key=lambda unit: LEVELS.index(unit.level))


def indicators_at(unit: Any) -> list[Indicator]:
    """The indicators that hold at a unit: its own and those of the units above it, in their order."""
    statement = select(Indicator).where(Indicator.unit_id.in_(unit.ancestors().values()))
    with access.everything("an indicator holds for everybody below its owner"):
        return list(db.session.scalars(statement.order_by(Indicator.sort_order, Indicator.code, Indicator.id)))


def counted_from(row: Indicator) -> str:
    """Where the values come from: entered, records, register or plates."""
    return str((row.source or {}).get("kind") or "entered")


def points(row: Indicator, unit: OrgUnit) -> list[Point]:
    """The values of an indicator at a unit, the oldest period first, at most the latest 36."""
    found = _counted(row, unit) if counted_from(row) in _SOURCES else _entered(row, unit)
    return sorted(found, key=lambda point: Period.parse(point.period))[-SHOWN:]


def latest(row: Indicator, unit: OrgUnit) -> Point | None:
    """The newest value of an indicator at a unit."""
    found = points(row, unit)
    return found[-1] if found else None


def value_at(row: Indicator, unit: OrgUnit, period: str) -> IndicatorValue | None:
    """What was entered for a unit and period."""
    statement = select(IndicatorValue).where(
        IndicatorValue.indicator_id == row.id, IndicatorValue.unit_id == unit.id, IndicatorValue.period == period
    )
    return db.session.scalars(access.visible(statement, IndicatorValue)).one_or_none()


def below(row: Indicator, unit: OrgUnit, period: str) -> list[tuple[OrgUnit, Point]]:
    """What was entered for the units below in a period, in tree order; nobody is ranked."""
    statement = select(IndicatorValue).where(
        IndicatorValue.indicator_id == row.id,
        IndicatorValue.period == period,
        IndicatorValue.unit_id != unit.id,
        getattr(IndicatorValue, f"{unit.level}_id") == unit.id,
    )
    rows = db.session.scalars(access.visible(statement, IndicatorValue)).all()
    return [(one.unit, _point(row, one)) for one in sorted(rows, key=lambda one: (one.unit.sort_order, one.unit.code))]


def _point(row: Indicator, value: IndicatorValue) -> Point:
    return Point(row.formula, value.period, value.first, _second(row, value.second), value.note or "", entered=value)


def _second(row: Indicator, second: Decimal) -> Decimal | None:
    return second if FORMULAS[row.formula].counts > 1 else None


def _entered(row: Indicator, unit: OrgUnit) -> list[Point]:
    """What was entered at the unit itself; for other periods both counts of the nearest level below that has some, added up."""
    statement = select(IndicatorValue).where(
        IndicatorValue.indicator_id == row.id, getattr(IndicatorValue, f"{unit.level}_id") == unit.id
    )
    rows = db.session.scalars(access.visible(statement, IndicatorValue)).all()
    own = {value.period: _point(row, value) for value in rows if value.unit_id == unit.id}
    parts: dict[str, dict[str, list[IndicatorValue]]] = {}
    for value in rows:
        if value.period not in own:
            parts.setdefault(value.period, {}).setdefault(value.unit.level, []).append(value)
    return [*own.values(), *(_added_up(row, period, levels) for period, levels in parts.items())]


def _added_up(row: Indicator, period: str, levels: Mapping[str, Sequence[IndicatorValue]]) -> Point:
    nearest = levels[min(levels, key=LEVELS.index)]
    first, second = (sum((getattr(one, name) for one in nearest), Decimal(0)) for name in ("first", "second"))
    return Point(row.formula, period, first, _second(row, second), units=len(nearest))


# -- counted from what the portal holds --------------------------------------------------------------


def _counted(row: Indicator, unit: OrgUnit) -> list[Point]:
    source = dict(row.source or {})
    with access.everything("counts of all rows below a unit whose indicators the actor may read"):
        counts = _SOURCES[source["kind"]](source, unit, row)
    return [Point(row.formula, period, first, _second(row, second)) for period, (first, second) in counts.items()]


def _from_records(source: Mapping[str, Any], unit: OrgUnit, row: Indicator) -> dict[str, Counts]:
    """Records of a form by period: how many, or the sum of a listed number."""
    rows = _records_by(FormRecord.period, source, unit, row)
    return {period: (Decimal(first or 0), Decimal(second or 0)) for _same, period, first, second in rows}


def _records_by(key: Any, source: Mapping[str, Any], unit: OrgUnit, row: Indicator) -> Sequence[Any]:
    """Records handed in below a unit, by a column of theirs and the period: (key, period, first, second)."""
    form = form_of(row, str(source.get("form", "")))
    if form is None:
        return []
    asked = [_aggregate(form, str(source.get(name) or "")) for name in ("first", "second")]
    statement = (
        select(key, FormRecord.period, *asked)
        .where(
            FormRecord.form_id == form.id,
            getattr(FormRecord, f"{unit.level}_id") == unit.id,
            FormRecord.state.in_(HANDED_IN),
            FormRecord.is_test.is_(False),
            FormRecord.period.is_not(None),
        )
        .group_by(key, FormRecord.period)
    )
    return db.session.execute(statement).all()


def counts_of_villages(code: str, unit: OrgUnit, within: Period) -> dict[int, Counts]:
    """Both counts of the indicator of this code by village below a unit, added up over the periods that lie in `within`.

    Shape: only an indicator of two counts that is entered or counted from records; for all others there is nothing.
    """
    row = next((one for one in indicators_at(unit) if one.code == code), None)
    if row is None or FORMULAS[row.formula].counts < 2 or counted_from(row) not in ("entered", "records"):
        return {}
    found: dict[int, Counts] = {}
    with access.everything("counts of the villages below a unit, offered to whoever assesses them"):
        for village, period, first, second in _by_village(row, unit):
            if village is not None and within.contains(Period.parse(period)):
                one, two = found.get(village, (Decimal(0), Decimal(0)))
                found[village] = (one + Decimal(first or 0), two + Decimal(second or 0))
    return found


def _by_village(row: Indicator, unit: OrgUnit) -> Sequence[Any]:
    if counted_from(row) == "records":
        return _records_by(FormRecord.village_id, dict(row.source or {}), unit, row)
    columns = (IndicatorValue.village_id, IndicatorValue.period, IndicatorValue.first, IndicatorValue.second)
    below = getattr(IndicatorValue, f"{unit.level}_id") == unit.id
    return db.session.execute(select(*columns).where(IndicatorValue.indicator_id == row.id, below)).all()


def _aggregate(form: Form, field: str) -> Any:
    measure = next((column for column in measures_of(form) if column.code == field), None) if field else None
    return func.sum(measure.attribute) if measure else func.count(FormRecord.id)


def form_of(row: Indicator, code: str) -> Form | None:
    """The form of this code that holds where the indicator is kept: that of the nearest unit up the tree."""
    return nearest_form(row.unit, Form.code == code)


def numbers_of(form: Form) -> list[tuple[str, str]]:
    """The listed numbers of a form that can be added up: code and label."""
    return [(one.code, one.field.label.in_language(language())) for one in measures_of(form)]


def forms_for(unit: OrgUnit) -> list[Form]:
    """The forms with a cycle that hold at a unit, whose records can be counted by period; those of reviews are not."""
    statement = select(Form).where(
        Form.unit_id.in_(unit.ancestors().values()),
        Form.cycle.is_not(None),
        Form.state == "active",
        Form.purpose.not_in(("review", "duty")),
    )
    with access.everything("a form holds for everybody below its owner"):
        return list(db.session.scalars(statement.order_by(Form.code, Form.id)))


def _from_register(source: Mapping[str, Any], unit: OrgUnit, _row: Indicator) -> dict[str, Counts]:
    """The registers of certificates and cases by month; `_before` is the same month a year earlier."""
    statement = select(VillageRegister).where(getattr(VillageRegister, f"{unit.level}_id") == unit.id)
    months: dict[str, dict[str, Decimal]] = {}
    for one in db.session.scalars(statement):
        month = months.setdefault(one.period, dict.fromkeys(REGISTER, Decimal(0)))
        for name in ("accepted", "closed", "instant", "overdue"):
            month[name] += getattr(one, name)
        month["certificates"] += one.certificate_total
        month["villages"] += 1
    for period, month in months.items():
        before = months.get(f"{int(period[:4]) - 1}{period[4:]}", {})
        for name in ("certificates", "accepted"):
            month[f"{name}_before"] = before.get(name, Decimal(0))
    names = [str(source.get(name) or "") for name in ("first", "second")]
    return {
        period: (month.get(names[0], Decimal(0)), month.get(names[1], Decimal(0))) for period, month in months.items()
    }


def _from_plates(source: Mapping[str, Any], unit: OrgUnit, _row: Indicator) -> dict[str, Counts]:
    """Villages with at least so many stars, of all villages."""
    shares = shares_by_period(unit, int(source.get("stars") or 1))
    return {period: (Decimal(many), Decimal(villages)) for period, many, villages in shares}


_SOURCES: Mapping[str, Callable[[Mapping[str, Any], OrgUnit, Indicator], dict[str, Counts]]] = {
    "records": _from_records,
    "register": _from_register,
    "plates": _from_plates,
}
SOURCES = ("entered", *_SOURCES)
