"""Forms in the offline workbook: of one record a unit and period a row for each unit; of many a row for each, and empty ones.

A row that is new carries a mark of its own, which its record keeps: the same row brought back again is that record.
Lines of repeating rows and attachments stay on the page; a form that needs them to be handed in is kept there as a draft.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from app.domain.formspec import NUMBERS, FieldType
from app.domain.periods import Period
from app.features.forms.excel import NOT_HERE, door_of
from app.features.forms.queries.filling import FormPlace, fillable_forms
from app.features.forms.queries.places import places_for
from app.features.forms.queries.workbooks import MARK, Workbook, labels_of, rows_of_places, rows_to_change
from app.kit import clock
from app.kit.excel import clean
from app.kit.excel.formsheet import limit_of
from app.kit.excel.offline import Page
from app.kit.excel.recordsheet import field_of, is_taken
from app.kit.excel.sheet import Column, ExportMeta, Row, Sheet
from app.kit.exchange import Options, RowChange
from app.kit.i18n import _l
from app.kit.offline import BLANK, OfflineSheet, OfflineSource

UNIT_AND_PERIOD = ("unit", "period")
EMPTY_ROWS = 20
NEW = "新"  # what the mark of an empty row begins with; a record that stands is marked with its number


def sheets(unit: Any, period: str) -> list[OfflineSheet]:
    """A sheet for each form of this kind of period the actor fills in at or below the unit."""
    kind = Period.parse(period).kind
    asked = [
        place
        for place in fillable_forms()
        if place.may_fill
        and place.form.per in ("unit", "many")
        and place.form.cycle == kind
        and place.form.purpose not in (*NOT_HERE, "report")
        and not any(field.type is FieldType.ROWS and field.required for field in _book(place).spec.fields())
    ]
    return [sheet for place in asked if (sheet := _sheet(place, unit, period)) is not None]


def _book(place: FormPlace) -> Any:
    return Workbook(place.form, place.version).book


def _sheet(place: FormPlace, unit: Any, period: str) -> OfflineSheet | None:
    form, version = place.form, place.version
    units = [one for one in places_for(form) if unit.id in one.ancestors().values()]
    if not units:
        return None
    workbook = Workbook(form, version)
    book, options = workbook.book, Options(unit, period)
    door = door_of(form, version, f"form-{form.id}")
    typed = {field_of(field.code): field for field in book.spec.fields() if is_taken(field)}
    typed = {name: field for name, field in typed.items() if field.type is not FieldType.ROWS}
    rows, sheet = (_many if form.per == "many" else _one_each)(workbook, units, period)
    chosen = ("unit",) if form.per == "many" and len(units) > 1 else ()

    def save(changed: Sequence[Row], dry_run: bool) -> list[RowChange]:
        return door.save([_known(row) for row in changed] if form.per == "many" else changed, options, dry_run)

    page = Page(
        name=book.sheet.name,
        sheet=sheet,
        context=replace(door.context(options), page_period=period),
        meta=ExportMeta(
            owner=unit.name,
            period=period,
            org_code=unit.code,
            exported_at=clock.now().astimezone(clock.SHANGHAI).isoformat(timespec="minutes"),
        ),
        rows=[{"number": number, **row} for number, row in enumerate(rows, 1)],
        entry=frozenset((*chosen, *typed)),
        required=frozenset(name for name, field in typed.items() if field.required and not field.condition),
        limits={name: limit_of(field) for name, field in typed.items() if field.type in NUMBERS},
        notes={name: field.help.zh for name, field in typed.items() if field.help},
    )
    return OfflineSheet(
        code=f"record-{form.id}",
        title=str(form),
        page=page,
        version=f"{form.code}-{version.number}",
        save=save,
        fields=(*chosen, *typed),
    )


def _one_each(workbook: Workbook, units: Sequence[Any], period: str) -> tuple[list[Row], Sheet]:
    """A row for each unit, with its record where there is one."""
    stored, labels = rows_of_places(workbook, units, period), labels_of(units)
    rows = [stored.get(one.id, {"unit": labels[one.id], "period": period}) for one in units]
    return rows, replace(workbook.book.sheet, key=UNIT_AND_PERIOD, key_cell="unit", keeps_empty=False)


def _many(workbook: Workbook, units: Sequence[Any], period: str) -> tuple[list[Row], Sheet]:
    """A row for each record the actor may change, and empty ones, each with a mark nobody else's row has."""
    one = {"unit": labels_of(units)[units[0].id]} if len(units) == 1 else {}
    this = secrets.token_hex(4)
    empty = [{**one, "period": period, MARK: f"{NEW}{n}-{this}", BLANK: True} for n in range(1, EMPTY_ROWS + 1)]
    sheet = workbook.book.sheet
    mark = Column(MARK, ("记录号",), clean.text, width=14)
    at = 1 + next(place for place, column in enumerate(sheet.columns) if column.field == "number")
    columns = (*sheet.columns[:at], mark, *sheet.columns[at:])
    rows = [*rows_to_change(workbook, units, period), *empty]
    return rows, replace(sheet, columns=columns, key=(MARK,), key_cell=MARK, keeps_empty=False)


def _known(row: Row) -> Row:
    """A row that came back: of a record, or new with its mark; the hidden key of a new one is of the workbook alone."""
    mark = str(row.get(MARK) or "")
    if mark.startswith(NEW):
        return {**row, "row_key": None}
    return row if str(row.get("row_key") or "").isdecimal() else {**row, "row_key": None, MARK: None}


OFFLINE = [OfflineSource("records", _l("Records on forms"), sheets, order=15)]
