"""Records counted or added up by one of their listed answers, their place, period or state: one statement over the copies.

What is not listed has no copy and cannot be charted; entries that try a form and records out of reach are left out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from sqlalchemy import extract, func, select

from app.domain.formspec import REFERENCES, Field, FieldType
from app.features.forms.models import Form, FormChart, FormRecord
from app.features.forms.queries.filling import form_for
from app.features.forms.queries.records import Column, listed_columns, matching
from app.features.forms.references import names_of
from app.features.org.models import OrgUnit
from app.kit import access
from app.kit.db import LEVELS, db

PLACES = LEVELS[2:]  # township, village, total grid, sub-grid
COMMON = (*PLACES, "period", "state")
AGGREGATES = ("count", "sum", "average")
SHOWN, MOST_GROUPS = 30, 2_000


@dataclass(frozen=True)
class Asked:
    """What a chart shows: of which form, by what (`dimension`), and how many or how much (`measure`, `aggregate`)."""

    form: Form
    dimension: str
    aggregate: str = "count"
    measure: str = ""
    filters: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Group:
    """One bar: the value grouped by, as the list page filters it, its name where it has one, and the figure."""

    key: str
    value: Decimal
    records: int
    name: str = ""


@dataclass(frozen=True)
class Tally:
    """The groups in their order, what was left over beside the 30 largest, and the field behind the dimension if any."""

    groups: Sequence[Group]
    others: Group | None = None
    by: Field | None = None
    measured: Field | None = None


def dimensions_of(form: Form) -> list[Column]:
    """The listed fields a chart can go by: all but numbers, which are measured."""
    return [column for column in listed_columns(form) if not column.slot.startswith("number")]


def measures_of(form: Form) -> list[Column]:
    """The listed numbers that can be added up."""
    return [column for column in listed_columns(form) if column.slot.startswith("number")]


def tally(asked: Asked) -> Tally:
    """The figures of a chart, within the reader's reach.

    Shape: places, periods, states and days in their own order, other groups the largest first; records without an answer
           are a group with an empty key. A record with several choices counts for each of them.
    Errors: ValueError for a dimension or measure the form does not have.
    """
    columns = {column.code: column for column in listed_columns(asked.form)}
    by, measured = columns.get(asked.dimension), columns.get(asked.measure)
    if by is None and asked.dimension not in COMMON:
        raise ValueError(asked.dimension)
    if asked.aggregate != "count" and (measured is None or not measured.slot.startswith("number")):
        raise ValueError(asked.measure)
    keys = _keys(by, asked.dimension)
    amount = func.sum(measured.attribute) if measured else func.count()
    known = func.count(measured.attribute) if measured else func.count()
    statement = select(*keys, amount, known, func.count()).where(
        *matching(asked.form, asked.filters, [*columns.values()])
    )
    rows = db.session.execute(statement.group_by(*keys).limit(MOST_GROUPS)).all()
    sums = _summed([(_key(row[: len(keys)]), row[-3], row[-2], row[-1]) for row in rows], by)
    groups = [Group(key, _figure(asked.aggregate, *parts), parts[2]) for key, parts in sums.items()]
    return _ordered(asked, by, measured, groups)


def charts_of(form: Form) -> Sequence[FormChart]:
    """The charts built on a form, in their order."""
    statement = access.visible(select(FormChart).where(FormChart.form_id == form.id), FormChart)
    return db.session.scalars(statement.order_by(FormChart.sort_order, FormChart.id)).all()


def pinned_charts(roles: Sequence[str]) -> Sequence[FormChart]:
    """The charts pinned to the first page of any of the roles, in their order."""
    statement = access.visible(select(FormChart), FormChart).order_by(FormChart.sort_order, FormChart.id)
    return [chart for chart in db.session.scalars(statement) if set(chart.pinned_roles or ()) & set(roles)]


def asked_of(chart: FormChart) -> Asked | None:
    """What a stored chart asks; None where its form holds nowhere near the reader."""
    form = form_for(chart.form_id)
    if form is None:
        return None
    return Asked(form, chart.dimension, chart.aggregate, chart.measure or "", dict(chart.filters or {}))


def _keys(by: Column | None, dimension: str) -> list[Any]:
    if by is None:
        return [getattr(FormRecord, f"{dimension}_id" if dimension in PLACES else dimension)]
    if by.slot.startswith("day"):
        return [extract("year", by.attribute), extract("month", by.attribute)]
    return [by.attribute]


def _key(values: Sequence[Any]) -> str:
    if values[0] is None:
        return ""
    return f"{int(values[0]):04}-{int(values[1]):02}" if len(values) == 2 else str(values[0])


def _summed(rows: Sequence[tuple[str, Any, int, int]], by: Column | None) -> dict[str, tuple[Decimal | int, int, int]]:
    """Sums, numbers of answers and of records by key; a record with several choices stands in each."""
    found: dict[str, tuple[Decimal | int, int, int]] = {}
    several = by is not None and by.field.type is FieldType.CHOICES
    for key, amount, known, records in rows:
        for one in key.split(",") if several else [key]:
            before = found.get(one, (0, 0, 0))
            found[one] = (before[0] + (amount or 0), before[1] + known, before[2] + records)
    return found


def _figure(aggregate: str, amount: Decimal | int, known: int, records: int) -> Decimal:
    if aggregate == "count":
        return Decimal(records)
    if aggregate == "sum":
        return Decimal(amount)
    return (Decimal(amount) / known).quantize(Decimal("0.01"), ROUND_HALF_UP) if known else Decimal(0)


def _ordered(asked: Asked, by: Column | None, measured: Column | None, groups: list[Group]) -> Tally:
    asked_field = by.field if by else None
    named = _named(asked.dimension, asked_field, groups)
    if asked.dimension in PLACES:
        order = {str(id_): n for n, id_ in enumerate(_in_tree_order(asked.dimension, [g.key for g in groups]))}
        named.sort(key=lambda group: (not group.key, order.get(group.key, len(order))))
    elif by is None or by.slot.startswith("day"):
        named.sort(key=lambda group: (not group.key, group.key))
    else:
        named.sort(key=lambda group: (not group.key, -group.value, group.key))
    shown, left = named[:SHOWN], named[SHOWN:]
    rest = None
    if left and asked.aggregate != "average":
        rest = Group("", sum((group.value for group in left), Decimal(0)), sum(group.records for group in left))
    return Tally(shown, rest, asked_field, measured.field if measured else None)


def _named(dimension: str, by: Field | None, groups: Sequence[Group]) -> list[Group]:
    keys = {group.key for group in groups if group.key}
    names: Mapping[str, str] = {}
    if dimension in PLACES:
        names = _unit_names(keys)
    elif by is not None and by.type in REFERENCES:
        names = names_of(by, keys)
    return [Group(g.key, g.value, g.records, names.get(g.key, "")) for g in groups]


def _unit_names(keys: set[str]) -> dict[str, str]:
    with access.everything("the names of the places whose records the reader may see"):
        rows = db.session.execute(select(OrgUnit.id, OrgUnit.name).where(OrgUnit.id.in_([int(key) for key in keys])))
        return {str(row.id): row.name for row in rows}


def _in_tree_order(level: str, keys: Sequence[str]) -> list[int]:
    ids = [int(key) for key in keys if key]
    above = [getattr(OrgUnit, f"{one}_id") for one in LEVELS[1 : LEVELS.index(level)]]
    statement = select(OrgUnit.id).where(OrgUnit.id.in_(ids)).order_by(*above, OrgUnit.sort_order, OrgUnit.code)
    with access.everything("the order of the places whose records the reader may see"):
        return [*db.session.scalars(statement)]
