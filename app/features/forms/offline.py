"""Forms in the offline workbook: those of which a unit hands in one record a period, a row for each unit.

Lines of repeating rows and attachments stay on the page; a form that needs them to be handed in is kept there as a draft.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from app.domain.formspec import NUMBERS, FieldType
from app.domain.periods import Period
from app.features.forms.excel import NOT_HERE, door_of
from app.features.forms.queries.filling import FormPlace, fillable_forms, places_for
from app.features.forms.queries.workbooks import Workbook, labels_of, rows_of_places
from app.kit import clock
from app.kit.excel.formsheet import limit_of
from app.kit.excel.offline import Page
from app.kit.excel.recordsheet import field_of, is_taken
from app.kit.excel.sheet import ExportMeta, Row
from app.kit.exchange import Options, RowChange
from app.kit.i18n import _l
from app.kit.offline import OfflineSheet, OfflineSource

KEY = ("unit", "period")


def sheets(unit: Any, period: str) -> list[OfflineSheet]:
    """A sheet for each form of this kind of period the actor fills in at or below the unit, one record a unit."""
    kind = Period.parse(period).kind
    asked = [
        place
        for place in fillable_forms()
        if place.may_fill
        and place.form.per == "unit"
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
    stored = rows_of_places(workbook, units, period)
    labels = labels_of(units)
    rows = [stored.get(one.id, {"unit": labels[one.id], "period": period}) for one in units]
    typed = {field_of(field.code): field for field in book.spec.fields() if is_taken(field)}
    typed = {name: field for name, field in typed.items() if field.type is not FieldType.ROWS}

    def save(changed: Sequence[Row], dry_run: bool) -> list[RowChange]:
        return door.save(changed, options, dry_run)

    page = Page(
        name=book.sheet.name,
        sheet=replace(book.sheet, key=KEY, key_cell="unit", keeps_empty=False),
        context=replace(door.context(options), page_period=period),
        meta=ExportMeta(
            owner=unit.name,
            period=period,
            org_code=unit.code,
            exported_at=clock.now().astimezone(clock.SHANGHAI).isoformat(timespec="minutes"),
        ),
        rows=[{"number": number, **row} for number, row in enumerate(rows, 1)],
        entry=frozenset(typed),
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
        fields=tuple(typed),
    )


OFFLINE = [OfflineSource("records", _l("Records on forms"), sheets, order=15)]
