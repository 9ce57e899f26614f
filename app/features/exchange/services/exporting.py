"""Workbooks of what is stored, and empty ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.domain.errors import broken
from app.domain.rights import Verb
from app.features.exchange import headers, queries, tables
from app.features.exchange.models import SheetMapping
from app.features.exchange.services import refilling
from app.features.exchange.services.reading import require
from app.kit import access, audit, excel
from app.kit.audit import acting
from app.kit.db import let_go, transaction
from app.kit.exchange import Door, Options

MOST_ROWS = 200_000
"""Rows of one workbook: what Excel opens on the computers of an office, and what one request can write in time."""


@dataclass(frozen=True)
class Taken:
    """What an export takes: rows, what they state once, the office's own workbook, and why numbers are whole."""

    door: Door
    options: Options
    mapping: SheetMapping | None
    rows: Sequence[Any]
    meta: Any
    reason: str


def export(door: Door, options: Options, whole_reason: str | None = None, mapping: SheetMapping | None = None) -> bytes:
    """The workbook of what is stored, in the layout of the import; the export is in the trail. Errors: as `collected`."""
    return written(collected(door, options, whole_reason, mapping))


def collected(door: Door, options: Options, whole_reason: str | None, mapping: SheetMapping | None) -> Taken:
    """The rows of an export. With a mapping they are for the own workbook of an office.

    With a reason masked numbers are written whole where the actor may see them; who, why and how many rows is in the trail.
    Errors: NotAllowed without the export right or, asking for whole numbers, without the right to see them;
        reason_required; exchange.too_many_rows.
    """
    require(door, Verb.EXPORT, options)
    whole = whole_reason is not None and door.has_masked
    if whole:
        require(door, Verb.UNMASK, options)
        if not (whole_reason or "").strip():
            raise broken("reason_required", "reason")
        options = tables.whole(options)
    rows, meta = door.rows(options)
    if len(rows) > MOST_ROWS:
        raise broken("exchange.too_many_rows", "unit", count=len(rows), most=MOST_ROWS)
    return Taken(door, options, mapping, rows, meta, (whole_reason or "").strip() if whole else "")


def written(taken: Taken) -> bytes:
    """The rows of an export as a workbook; that they leave is in the trail."""
    door, options = taken.door, taken.options
    unit, facts = options.unit.code if options.unit else "", {"rows": len(taken.rows), "period": options.period}
    if taken.mapping is not None:
        content = refilling.fill(taken.mapping, taken.rows, taken.meta)
    else:
        let_go()
        content = excel.write(door.layout, taken.rows, headers.for_reader(taken.meta), **_for_writer(taken.meta))
    if taken.reason:
        facts["reason"] = taken.reason
    with transaction(), acting(f"exchange.export.{door.code}"):
        audit.record("unmask" if taken.reason else "export", door.code, unit, facts)
    return content


def _for_writer(meta: Any) -> dict[str, Any]:
    """What a door states for the writer beside the facts of the file: scheme, detail rows and variant of a score sheet."""
    given = meta if isinstance(meta, Mapping) else {}
    return {name: given[name] for name in ("scheme", "detail", "variant") if given.get(name)}


def template(door: Door, options: Options) -> bytes:
    """An empty workbook of the layout, with drop-downs of what may be entered."""
    if not any(queries.is_open(door, verb) for verb in (Verb.IMPORT, Verb.EXPORT)):
        raise access.NotAllowed(door.resource, Verb.EXPORT)
    meta = headers.for_reader(excel.ExportMeta(period=options.period or ""))
    variant = str(options.extra.get("variant") or "")
    return excel.template(door.layout, door.context(options), meta, variant=variant)
