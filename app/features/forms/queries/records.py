"""The list of a form's records: filtered and sorted by what is listed, without reading JSON, also at a million records.

The ids of a page are read from an index first, then the records of those ids; nobody counts beyond 10,000.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import selectinload

from app.domain.formspec import REFERENCES, Field, FieldType, FormSpec
from app.domain.transitions import RecordState
from app.features.forms.models import Form, FormRecord, FormVersion
from app.features.forms.queries.filling import version_in_use
from app.features.forms.queries.versions import spec_of
from app.features.forms.references import names_of
from app.features.org.models import OrgUnit
from app.features.people.models import Person
from app.kit import access
from app.kit.datamodel import COUNT_CAP
from app.kit.db import db

PAGE_SIZES = (20, 50, 100, 200)
DEEPEST = 2_000_000
SORTS: Mapping[str, Any] = {"newest": FormRecord.id, "period": FormRecord.period}
Args = Mapping[str, str]
_LIMITED = "the conditions hold the reach of the actor"


@dataclass(frozen=True)
class Column:
    """A listed field and the column of the record that holds its copy."""

    field: Field
    slot: str

    @property
    def code(self) -> str:
        """The code of the field."""
        return self.field.code

    @property
    def attribute(self) -> Any:
        """The mapped column."""
        return getattr(FormRecord, self.slot)


@dataclass(frozen=True)
class RecordPage:
    """One page of records: `total` stops at 10,001, and then only "more than" is true.

    `records` are rows, for objects cost a page more than all else: id, period, state, unit_name, person_name, and the
    copies of the columns. `names` say by the code of a column what a reference is called; `asked` are the filters as they were given, `wrong`
    those that could not be read.
    """

    form: Form
    version: FormVersion | None
    columns: Sequence[Column]
    records: Sequence[Any]
    page: int
    size: int
    total: int
    has_more: bool
    sort: str = ""
    unit: OrgUnit | None = None
    names: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    asked: Mapping[str, str] = field(default_factory=dict)
    wrong: Sequence[str] = ()

    @property
    def is_capped(self) -> bool:
        """True when there are more than were counted."""
        return self.total > COUNT_CAP

    @property
    def pages(self) -> int:
        """How many pages are known to be there."""
        counted = -(-min(self.total, COUNT_CAP) // self.size)
        return max(counted, self.page + 1 if self.has_more else self.page if self.records else 1, 1)


def columns_of(form: Form, spec: FormSpec) -> list[Column]:
    """The listed fields of a form, with where their copies stand."""
    slots = form.slots or {}
    return [Column(asked, slots[asked.code]) for asked in spec.fields() if asked.is_listed and asked.code in slots]


def listed_columns(form: Form) -> list[Column]:
    """The listed fields of the version in use; none while nothing is published."""
    version = version_in_use(form)
    return columns_of(form, spec_of(version)) if version else []


def record_page(form: Form, args: Args) -> RecordPage:
    """A page of the records the actor sees. Shape: as `page_of`."""
    return page_of(form, version_in_use(form), args)


def page_of(form: Form, version: FormVersion | None, args: Args) -> RecordPage:
    """A page of the records the actor sees, with the columns of this version, the one in use.

    Shape: `page`, `size`, `sort` (newest, period, or the code of a listed field; with - before it the other way round),
           `unit` (an id: at or below it), `period`, `state`; for a listed field `q_<code>` (a text contains it; a choice,
           yes or no, unit, person or item is it), `min_<code>` and `max_<code>` (numbers), `from_<code>` and
           `to_<code>` (days, both included). What cannot be read is named in `wrong` and asks nothing.
    """
    columns = columns_of(form, spec_of(version)) if version else []
    asking = _Asking(form, columns, args)
    size = next((n for n in PAGE_SIZES if args.get("size") == str(n)), PAGE_SIZES[0])
    page = _page_number(args.get("page", ""), size)
    found = asking.rows(size + 1, (page - 1) * size)
    records = found[:size]
    ended = len(found) <= size and (found or page == 1)  # then the page knows how many there are
    return RecordPage(
        form,
        version,
        columns,
        records,
        page,
        size,
        total=min((page - 1) * size + len(found), COUNT_CAP + 1) if ended else asking.count(),
        has_more=len(found) > size,
        sort=asking.sort,
        unit=asking.unit,
        names=_names(columns, records, asking.asked),
        asked=asking.asked,
        wrong=asking.wrong,
    )


def matching(form: Form, args: Args, columns: Sequence[Column] | None = None) -> list[ColumnElement[bool]]:
    """The conditions of a filter, the actor's reach included: for charts, exports and counts. Shape: as `record_page`."""
    return _Asking(form, listed_columns(form) if columns is None else columns, args).conditions


class _Asking:
    """A filter and an order as conditions."""

    def __init__(self, form: Form, columns: Sequence[Column], args: Args) -> None:
        self.args, self.columns = args, {column.code: column for column in columns}
        self.asked: dict[str, str] = {}
        self.wrong: list[str] = []
        self.unit: OrgUnit | None = None
        self.conditions: list[ColumnElement[bool]] = [
            FormRecord.form_id == form.id,
            _is_no_test(form),
            access.where(FormRecord),
        ]
        self._plain()
        for column in columns:
            self._of_field(column)
        self.sort = self._sort()

    def rows(self, limit: int, offset: int) -> list[Any]:
        """The rows of a page, in order, out of an index; records that lack what is sorted by come last."""
        code = self.sort.removeprefix("-")
        if code not in self.columns:
            attribute = SORTS.get(code, FormRecord.id)
            back = self.sort.startswith("-") != (attribute is FormRecord.id)  # the newest first, unless asked otherwise
            return self._rows(self.conditions, [attribute, FormRecord.id], back, limit, offset)
        attribute = self.columns[code].attribute
        filled = [*self.conditions, attribute.is_not(None)]
        found = self._rows(filled, [attribute, FormRecord.id], self.sort.startswith("-"), limit, offset)
        if len(found) == limit:
            return found
        passed = 0 if found else db.session.scalar(select(func.count(FormRecord.id)).where(*filled)) or 0
        rest = [*self.conditions, attribute.is_(None)]
        skip = max(0, offset - passed) if not found else 0
        return found + self._rows(rest, [FormRecord.id], True, limit - len(found), skip)

    def _rows(self, conditions: Any, order: Sequence[Any], back: bool, limit: int, offset: int) -> list[Any]:
        """The ids of the page out of an index, and what the list shows of those records alone."""
        by = [one.desc() if back else one for one in dict.fromkeys(order)]
        ids = select(FormRecord.id).where(*conditions).order_by(*by).limit(limit).offset(offset)
        shown = (FormRecord.id, FormRecord.period, FormRecord.state, OrgUnit.name.label("unit_name"))
        statement = (
            select(*shown, Person.name.label("person_name"), *(one.attribute for one in self.columns.values()))
            .join(OrgUnit, OrgUnit.id == FormRecord.unit_id)
            .outerjoin(Person, Person.id == FormRecord.person_id)
            .where(FormRecord.id.in_(ids))
        )
        with access.everything("the conditions hold the reach; a record shows the names of its unit and its person"):
            return [*db.session.execute(statement.order_by(*by))]

    def count(self) -> int:
        """How many records match, up to one more than are counted."""
        capped = select(FormRecord.id).where(*self.conditions).limit(COUNT_CAP + 1).subquery()
        with access.everything(_LIMITED):
            return db.session.scalar(select(func.count()).select_from(capped)) or 0

    def _plain(self) -> None:
        if period := self._given("period"):
            self.conditions.append(FormRecord.period == period)
        if state := self._given("state"):
            self.conditions.append(FormRecord.state == state if state in set(RecordState) else and_(False))
        if (unit_id := self._given("unit")) and unit_id.isdecimal() and len(unit_id) < 10:
            self.unit = db.session.scalars(
                access.visible(select(OrgUnit).where(OrgUnit.id == int(unit_id)), OrgUnit)
            ).one_or_none()
            below = getattr(FormRecord, f"{self.unit.level}_id") == self.unit.id if self.unit else and_(False)
            self.conditions.append(below)

    def _of_field(self, column: Column) -> None:
        kind = column.slot.rstrip("0123456789")
        if kind == "number":
            self._range(column, "min_", "max_", _number)
        elif kind == "day":
            self._range(column, "from_", "to_", _day)
        elif text := self._given(f"q_{column.code}"):
            self.conditions.append(_text_is(column, text))

    def _range(self, column: Column, low: str, high: str, read: Any) -> None:
        for prefix in (low, high):
            text = self._given(f"{prefix}{column.code}")
            value = read(text) if text else None
            if value is not None:
                bound = column.attribute >= value if prefix == low else column.attribute <= value
                self.conditions.append(bound)
            elif text:
                self.wrong.append(f"{prefix}{column.code}")

    def _given(self, name: str) -> str:
        text = (self.args.get(name) or "").strip()[:200]
        if text:
            self.asked[name] = text
        return text

    def _sort(self) -> str:
        text = self.args.get("sort", "")
        code = text.removeprefix("-")
        return text if code in SORTS or code in self.columns else "newest"


def _is_no_test(form: Form) -> ColumnElement[bool]:
    """Said by the ids of the few that are, so that the index of a page need not be left for every record passed over."""
    tests = select(FormRecord.id).where(FormRecord.form_id == form.id, FormRecord.is_test.is_(True))
    return FormRecord.id.not_in(tests)


def _text_is(column: Column, text: str) -> ColumnElement[bool]:
    attribute, kind = column.attribute, column.field.type
    if kind in (FieldType.TEXT, FieldType.LONG_TEXT):
        found = attribute.icontains(text, autoescape=True)
    elif kind is FieldType.CHOICES:
        found = or_(
            attribute == text,
            attribute.startswith(f"{text},", autoescape=True),
            attribute.endswith(f",{text}", autoescape=True),
            attribute.contains(f",{text},", autoescape=True),
        )
    else:
        found = attribute == text
    return and_(attribute.is_not(None), found)


def _number(text: str) -> Decimal | None:
    try:
        found = Decimal(text.replace(",", ""))
    except InvalidOperation:
        return None
    fits = found.is_finite() and abs(found) < 10**12
    return found.quantize(Decimal("0.000001")) if fits else None


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _page_number(text: str, size: int) -> int:
    page = int(text) if text.isascii() and text.isdecimal() and len(text) < 9 else 1
    return min(max(page, 1), DEEPEST // size)


def records_of(page: RecordPage) -> list[FormRecord]:
    """The records of a page as objects, in its order."""
    statement = select(FormRecord).where(FormRecord.id.in_([row.id for row in page.records]))
    statement = statement.options(selectinload(FormRecord.unit), selectinload(FormRecord.form))
    rows = {record.id: record for record in db.session.scalars(access.visible(statement, FormRecord))}
    return [rows[row.id] for row in page.records if row.id in rows]


def _names(columns: Sequence[Column], records: Sequence[Any], asked: Args) -> dict[str, Mapping[str, str]]:
    found = {}
    for column in columns:
        if column.field.type in REFERENCES:
            keys = {text for record in records if (text := getattr(record, column.slot))}
            keys |= {asked[name] for name in (f"q_{column.code}",) if name in asked}
            found[column.code] = names_of(column.field, keys)
    return found
