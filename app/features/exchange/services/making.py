"""Workbooks going out: a small one at once, a large one by a job whose file waits in the export centre."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from app.features.exchange import allowance, fits, queries
from app.features.exchange.models import ImportBatch, SheetMapping
from app.features.exchange.offered import MAKING
from app.features.exchange.services import exporting, files, offline, refilling
from app.features.exchange.services.reading import options_as_data, options_from_data
from app.features.org.queries import unit_by_code
from app.kit import jobs
from app.kit.db import db, transaction
from app.kit.download import XLSX
from app.kit.exchange import Change, Door, Options
from app.kit.i18n import _
from app.kit.jobs import Job, Progress


def export(door: Door, options: Options, reason: str | None, mapping: SheetMapping | None) -> bytes | Job:
    """What is stored in the layout of the import, or of an office. Errors: as `exporting.export`; exchange.files_full."""
    taken = exporting.collected(door, options, reason, mapping)
    if len(taken.rows) <= allowance.at_once_rows():
        return exporting.written(taken)
    params = {"options": options_as_data(options), "reason": reason, "mapping": mapping.id if mapping else None}
    return _later("export", name_of(door, options), {"code": door.code, **params})


def fill_in(batch: ImportBatch, fields: Collection[str]) -> bytes | Job:
    """The waiting file with columns filled in. Errors: as `refilling.fill_in`; exchange.files_full."""
    rows = sum(batch.changes.get("counts", {}).get(kind.value, 0) for kind in Change)
    if rows <= allowance.long_rows():
        return refilling.fill_in(batch, fields)
    refilling.check(batch, fields)
    return _later("fill_in", filled_name(batch), {"batch": batch.id, "fields": sorted(fields)})


def offline_book(unit: Any, period: str) -> offline.Made | Job:
    """The offline workbook of a unit. Errors: as `offline.make`; exchange.files_full."""
    period, sheets = offline.sheets_of(unit, period)
    if sum(len(sheet.page.rows) for sheet in sheets) <= allowance.long_rows():
        return offline.make(unit, period, sheets)
    return _later("offline_book", offline.name_of(unit, period), {"unit": unit.code, "period": period})


def _later(what: str, name: str, params: Mapping[str, Any]) -> Job:
    files.check_room()
    return jobs.start(MAKING, name, {"what": what, **params})


def name_of(door: Door, options: Options) -> str:
    """What the file of an export is called."""
    parts = [str(door.title), options.unit.name if options.unit else "", options.round or options.period or ""]
    return "_".join(part for part in parts if part) + ".xlsx"


def filled_name(batch: ImportBatch) -> str:
    """What a file filled in is called."""
    return f"{batch.filename.rsplit('.', 1)[0]}_{_('filled in')}.xlsx"


def make_in_job(params: dict[str, Any], progress: Progress) -> dict[str, Any]:
    """The job: makes the workbook and keeps it; the rights are asked again, as they are when it runs."""
    progress.stage("collecting")
    code, name, content, rows = _MAKERS[params["what"]](params, progress)
    progress.stage("finishing")
    with transaction():
        made = files.keep(code, name, XLSX, content, rows)
    return {"url": jobs.address("ExportView.centre"), "file": made.id, "rows": rows, "name": name}


def _exported(params: Mapping[str, Any], progress: Progress) -> tuple[str, str, bytes, int]:
    door, options = queries.door_of(params["code"]), options_from_data(params["options"])
    mapping = fits.own_workbook(door, str(params["mapping"])) if params["mapping"] else None
    taken = exporting.collected(door, options, params["reason"], mapping)
    progress.stage("writing")
    return door.code, name_of(door, options), exporting.written(taken), len(taken.rows)


def _filled(params: Mapping[str, Any], _progress: Progress) -> tuple[str, str, bytes, int]:
    batch = db.session.get_one(ImportBatch, params["batch"])
    code, name, rows = batch.sheet, filled_name(batch), sum(batch.changes["counts"][kind.value] for kind in Change)
    return code, name, refilling.fill_in(batch, params["fields"]), rows


def _offline(params: Mapping[str, Any], _progress: Progress) -> tuple[str, str, bytes, int]:
    made = offline.make(unit_by_code(params["unit"]), params["period"])
    rows = sum(len(sheet["rows"]) for sheet in made.book.content.values())
    return queries.OFFLINE, made.filename, made.content, rows


_MAKERS = {"export": _exported, "fill_in": _filled, "offline_book": _offline}
