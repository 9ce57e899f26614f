"""The records of a form as rows of its workbook, and the places, persons and items such rows may name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, select

from app.domain.formspec import NOT_APPLICABLE, REFERENCES, Field, FieldType
from app.domain.rights import Verb
from app.features.forms.models import Form, FormAttachment, FormRecord, FormVersion
from app.features.forms.queries.places import places_brought_in_for, places_for
from app.features.forms.queries.records import matching
from app.features.forms.queries.versions import spec_of
from app.features.forms.record_words import STATES
from app.features.forms.references import TABLES, names_of
from app.features.org.models import OrgUnit
from app.features.people.models import Person
from app.kit import access, clock, lookup
from app.kit.db import db
from app.kit.excel.context import ReadContext, VillageName
from app.kit.excel.recordsheet import RecordBook, field_of, record_book
from app.kit.excel.sheet import ExportMeta, Row
from app.kit.exchange import Options

CHUNK = 1_000
FILTER = "filter"  # in the extra options: the arguments of the list page
MARK = "mark"  # in a row of an offline workbook: by which a record is known that was new there
BROUGHT = "offline:"  # before the mark, where a record keeps what there may be only one of
MOST_TO_CHANGE = 1_000
DEEP = ("total_grid", "sub_grid")
_COLUMNS = (
    FormRecord.id,
    FormRecord.unit_id,
    FormRecord.period,
    FormRecord.person_id,
    FormRecord.state,
    FormRecord.answers,
)


@dataclass(frozen=True)
class Workbook:
    """A form with its version in use, as a workbook."""

    form: Form
    version: FormVersion

    @property
    def book(self) -> RecordBook:
        """The layout."""
        return record_book(spec_of(self.version), self.form.cycle)


def form_named(name: str) -> Form | None:
    """The form `<code>`, `<code>@<unit>` or `<number>` names, the oldest of several; whether it concerns the actor is not asked."""
    code, _, unit = name.partition("@")
    statement = select(Form).where(Form.id == int(code) if code.isdecimal() and len(code) < 10 else Form.code == code)
    if unit:
        statement = statement.where(Form.unit_id.in_(select(OrgUnit.id).where(OrgUnit.code == unit)))
    with access.everything("a form is looked up by its name; whether it concerns the actor is asked next"):
        return db.session.scalars(statement.order_by(Form.id).limit(1)).one_or_none()


def owners_behind_code(forms: Sequence[Form]) -> dict[int, str]:
    """By form the code of its unit, for those that share their code with an older form."""
    with access.everything("which units have a form of the same code"):
        firsts = select(Form.code, func.min(Form.id)).where(Form.code.in_({form.code for form in forms}))
        first = dict(db.session.execute(firsts.group_by(Form.code)).tuples().all())
        units = select(OrgUnit.id, OrgUnit.code).where(OrgUnit.id.in_({form.unit_id for form in forms}))
        owners = dict(db.session.execute(units).tuples().all())
    return {form.id: owners[form.unit_id] for form in forms if first[form.code] != form.id}


# -- places ----------------------------------------------------------------------------------------


def units_of(form: Form, unit: Any = None) -> list[OrgUnit]:
    """The units rows may name: those the actor fills the form in or imports for, and those whose records he sees."""
    seen = access.visible(select(FormRecord.unit_id).where(FormRecord.form_id == form.id).distinct(), FormRecord)
    found = {place.id: place for place in (*places_for(form), *places_brought_in_for(form))}
    with access.everything("the units of records that were found to be visible"):
        for one in db.session.scalars(select(OrgUnit).where(OrgUnit.id.in_(seen))):
            found.setdefault(one.id, one)
    return [one for one in found.values() if unit is None or unit.id in one.ancestors().values()]


def labels_of(units: Sequence[OrgUnit]) -> dict[int, str]:
    """What units are called in a workbook: a village by its name, a grid behind its village; the township where two are alike."""
    ids = {above for unit in units for above in unit.ancestors().values()}
    with access.everything("the names above units that were found to be in reach"):
        names = dict(db.session.execute(select(OrgUnit.id, OrgUnit.name).where(OrgUnit.id.in_(ids))).tuples().all())

    def label(unit: OrgUnit, levels: tuple[str, ...]) -> str:
        above = unit.ancestors()
        return "/".join(names[above[level]] for level in levels if level in above and above[level] != unit.id)

    short = {}
    for unit in units:
        parent = label(unit, ("village",)) if unit.level in DEEP else ""
        short[unit.id] = f"{parent}/{unit.name}" if parent else unit.name
    many = Counter(short.values())
    towns = {unit.id: label(unit, ("township",)) or label(unit, ("county",)) for unit in units}
    return {key: f"{towns[key]}/{said}" if many[said] > 1 and towns[key] else said for key, said in short.items()}


def context_of(workbook: Workbook, options: Options) -> ReadContext:
    """What the reader must know: the units a row may name, also by their codes."""
    units = units_of(workbook.form, options.unit)
    labels = labels_of(units)
    known = tuple(VillageName(unit.code, labels[unit.id], aliases=(unit.code,)) for unit in units)
    return ReadContext(villages=known, page_period=None)


# -- rows ------------------------------------------------------------------------------------------


class RecordRows(Sequence[Row]):
    """The records of a form as rows, read some at a time whenever they are gone through."""

    def __init__(self, workbook: Workbook, statement: Select[Any]) -> None:
        self.workbook, self.statement = workbook, statement
        self.labels: dict[int, str] = {}

    def __len__(self) -> int:
        return db.session.scalar(select(func.count()).select_from(self.statement.subquery())) or 0

    def __iter__(self) -> Iterator[Row]:
        last, number = 0, 0
        while part := self._after(last):
            last = part[-1].id
            for row in self.rows(part):
                number += 1
                yield {"number": number, **row}

    def __getitem__(self, at: Any) -> Any:
        return list(self)[at]

    def _after(self, last: int) -> Sequence[Any]:
        some = self.statement.where(FormRecord.id > last).order_by(FormRecord.id).limit(CHUNK)
        return db.session.execute(some).all()

    def rows(self, records: Sequence[Any]) -> Iterator[Row]:
        """These records as rows; a unit, person or item stands in them by its name."""
        spec = self.workbook.book.spec
        self._name_units(records)
        writers = _names(Person, {record.person_id for record in records})
        answers = [record.answers for record in records]
        names = {field.code: named(field, answers) for field in spec.fields()}
        for record in records:
            row: Row = {
                "row_key": str(record.id),
                "unit": self.labels[record.unit_id],
                "period": record.period,
                "writer": writers.get(record.person_id),
                "state": str(STATES[record.state][0]) if record.state in STATES else record.state,
            }
            yield row | {field_of(f.code): in_cell(f, record.answers.get(f.code), names[f.code]) for f in spec.fields()}

    def _name_units(self, records: Sequence[Any]) -> None:
        missing = {record.unit_id for record in records} - self.labels.keys()
        if not self.labels:
            self.labels = labels_of(units_of(self.workbook.form))
            missing -= self.labels.keys()
        if missing:
            with access.everything("the units of records found before"):
                self.labels |= labels_of(db.session.scalars(select(OrgUnit).where(OrgUnit.id.in_(missing))).all())


def _names(model: Any, keys: Iterable[int | None]) -> dict[int, str]:
    with access.everything("who filled in a record that was found before"):
        rows = db.session.execute(select(model.id, model.name).where(model.id.in_({*keys} - {None})))
        return dict(rows.tuples().all())


def named(field: Field, answers: Sequence[Mapping[str, Any]]) -> dict[str, Mapping[str, str]]:
    """By field (and by column of repeating rows) what the keys in answers are called: units, persons, items, files."""
    said = [answer for one in answers if (answer := one.get(field.code)) not in (None, NOT_APPLICABLE)]
    if field.type is FieldType.ROWS:
        lines = [line for answer in said for line in answer]
        return {column.code: named(column, lines)[column.code] for column in field.columns}
    if field.type in REFERENCES:
        return {field.code: names_of(field, {str(answer) for answer in said})}
    if field.type is FieldType.ATTACHMENT:
        keys = {int(key) for answer in said for key in answer}
        files = select(FormAttachment.id, FormAttachment.name).where(FormAttachment.id.in_(keys))
        rows = db.session.execute(access.visible(files, FormAttachment)).all() if keys else []
        return {field.code: {str(row.id): row.name for row in rows}}
    return {field.code: {}}


def in_cell(field: Field, answer: Any, names: Mapping[str, Mapping[str, str]]) -> Any:
    """An answer as it stands in a row: keys by their names, repeating rows as a list of such rows."""
    if answer is None or answer == NOT_APPLICABLE:
        return answer
    if field.type is FieldType.ROWS:
        return [{field_of(c.code): in_cell(c, line.get(c.code), names) for c in field.columns} for line in answer]
    called = names[field.code]
    if field.type is FieldType.ATTACHMENT:
        return "、".join(called[str(key)] for key in answer if str(key) in called) or None
    return called.get(str(answer), str(answer)) if field.type in REFERENCES else answer


def statement_of(workbook: Workbook, options: Options, verb: Verb = Verb.EXPORT) -> Select[Any]:
    """The records the actor may take along: of the list page with its filter, of the unit and period that were chosen."""
    form = workbook.form
    statement = select(*_COLUMNS).where(*matching(form, options.extra.get(FILTER) or {}))
    if options.unit is not None:
        statement = statement.where(getattr(FormRecord, f"{options.unit.level}_id") == options.unit.id)
    if options.period and form.cycle:
        statement = statement.where(FormRecord.period == options.period)
    return access.visible(statement, FormRecord, verb)


def rows_of(workbook: Workbook, options: Options) -> tuple[RecordRows, ExportMeta]:
    """The rows of an export, and what the file states about itself."""
    unit = options.unit
    meta = ExportMeta(
        owner=unit.name if unit is not None else "",
        period=options.period or "",
        org_code=unit.code if unit is not None else "",
        list_version=f"{workbook.form.code}-{workbook.version.number}",
        exported_at=clock.now().astimezone(clock.SHANGHAI).isoformat(timespec="minutes"),
    )
    return RecordRows(workbook, statement_of(workbook, options)), meta


def stored_rows(workbook: Workbook, ids: Iterable[int]) -> dict[int, Row]:
    """Records by id as the rows an export would give, within what the actor sees."""
    statement = select(*_COLUMNS).where(FormRecord.form_id == workbook.form.id, FormRecord.id.in_([*ids]))
    records = db.session.execute(access.visible(statement, FormRecord)).all()
    rows = RecordRows(workbook, statement)
    return {record.id: row for record, row in zip(records, rows.rows(records), strict=True)}


def rows_of_places(workbook: Workbook, units: Sequence[OrgUnit], period: str) -> dict[int, Row]:
    """By unit the one record of a period, as a row."""
    statement = select(*_COLUMNS).where(
        FormRecord.form_id == workbook.form.id,
        FormRecord.period == period,
        FormRecord.single.is_not(None),
        FormRecord.is_test.is_(False),
        FormRecord.unit_id.in_([unit.id for unit in units]),
    )
    records = db.session.execute(access.visible(statement, FormRecord)).all()
    rows = RecordRows(workbook, statement)
    return {record.unit_id: row for record, row in zip(records, rows.rows(records), strict=True)}


def rows_to_change(workbook: Workbook, units: Sequence[OrgUnit], period: str) -> list[Row]:
    """The records of units and a period the actor may change, oldest first, as rows with their marks; the last 1,000."""
    mine = select(*_COLUMNS, FormRecord.single).where(
        FormRecord.form_id == workbook.form.id,
        FormRecord.period == period,
        FormRecord.is_test.is_(False),
        FormRecord.unit_id.in_([unit.id for unit in units]),
    )
    newest = access.visible(mine, FormRecord, Verb.EDIT).order_by(FormRecord.id.desc()).limit(MOST_TO_CHANGE)
    records = db.session.execute(newest).all()[::-1]
    rows = RecordRows(workbook, mine).rows(records)
    return [row | {MARK: _mark(record)} for record, row in zip(records, rows, strict=True)]


def _mark(record: Any) -> str:
    single = record.single or ""
    return single.removeprefix(BROUGHT) if single.startswith(BROUGHT) else str(record.id)


def key_named(field: Field, text: str) -> int | str | None:
    """The key of the one unit, person or item within reach that is called so; None where there is none, or several."""
    if text.isascii() and text.isdecimal() and len(text) < 10:
        return int(text)
    found = lookup.choices(TABLES[field.type], text) or []
    exact = [key for key, label in found if text in (label, lookup.name(TABLES[field.type], key))]
    return exact[0] if len(exact) == 1 else None
