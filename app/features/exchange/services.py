"""Workbooks in and out. The rules about rows are those of the services behind each door."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from app.domain.errors import Problem, RuleBroken, broken
from app.domain.rights import Verb
from app.features.exchange import allowance, queries
from app.features.exchange.models import ImportBatch
from app.features.exchange.staging import pack, unpack
from app.features.org.queries import resolve_unit
from app.kit import access, audit, clock, excel
from app.kit.audit import acting
from app.kit.db import let_go, transaction
from app.kit.download import plain_name
from app.kit.exchange import Change, Door, Options, RowChange, counts

MOST_ROWS = 200_000
"""Rows of one workbook: what Excel opens on the computers of an office, and what one request can write in time."""


def options_from(
    unit: str | None, period: str | None, scheme: str | None, round_code: str | None, variant: str | None = None
) -> Options:
    """Options out of the words a clerk or a command gives; the unit by code or by a unique path of names.

    Errors: exchange.unknown_unit.
    """
    found = resolve_unit(unit) if unit else None
    if unit and found is None:
        raise broken("exchange.unknown_unit", "unit", unit=unit)
    extra = {"variant": variant} if variant else {}
    return Options(found, period or None, scheme or None, round_code or None, extra)


def read(door: Door, data: bytes, filename: str, options: Options) -> tuple[Any, Options]:
    """What the file says, and the options with what the file states about itself in `extra`."""
    context = door.context(options)
    let_go()
    result = excel.read(door.layout, data, filename, context)
    extra = {**options.extra, **result.extras, "period": result.period, "layout": result.layout, "filename": filename}
    return result, replace(options, extra=extra, period=options.period or result.period)


def compare(door: Door, result: Any, options: Options) -> list[RowChange]:
    """What saving the rows would do; nothing is written."""
    if result.outcome in ("refused", "rejected"):
        return []
    return door.save(result.rows, options, True)


def preview(door: Door, data: bytes, filename: str, options: Options) -> ImportBatch:
    """An upload read and compared, waiting to be confirmed; the typed rows wait with it.

    Errors: exchange.too_many_waiting, exchange.too_much_waiting, NotAllowed without the import right; a faulty file is a
            preview with its problems, not an error.
    """
    _require(door, Verb.IMPORT, options)
    allowance.check(len(data))
    result, options = read(door, data, filename, options)
    changes = compare(door, result, options)
    with transaction() as session, acting("exchange.preview"):
        allowance.put_old_aside()
        batch = ImportBatch(
            sheet=door.code,
            filename=plain_name(filename),
            sha256=hashlib.sha256(data).hexdigest(),
            user_id=access.actor().user_id,
            options=_as_data(options),
            outcome=result.outcome,
            result={"shown": result.to_json() | {"rows": []}, "rows": pack(result.rows)},
            changes={"counts": counts(changes), "rows": [_change_as_data(change) for change in changes]},
            content=data,
        )
        session.add(batch)
    return batch


def confirm(batch: ImportBatch, *, only_good: bool = False) -> list[RowChange]:
    """Save the rows of a preview: all or nothing, or with `only_good` those without a problem. A second click changes nothing.

    Errors: exchange.has_errors (rows were refused and `only_good` is off), exchange.nothing_to_save, exchange.cancelled.
    """
    door = queries.door_of(batch.sheet)
    options = _from_data(batch.options)
    _require(door, Verb.IMPORT, options)
    with transaction() as session, acting(f"exchange.import.{door.code}"):
        session.refresh(batch, with_for_update=True)  # of two tabs the second waits here and finds it done
        if batch.state == "applied":
            return []
        rows = _rows_to_save(batch, only_good)
        changes = apply_rows(door, rows, options, only_good=only_good)
        batch.state, batch.applied_at = "applied", clock.now()
        allowance.forget(batch)
        batch.changes = {"counts": counts(changes), "rows": [_change_as_data(change) for change in changes]}
    return changes


def _rows_to_save(batch: ImportBatch, only_good: bool) -> Sequence[Any]:
    if batch.state != "previewed":
        raise broken("exchange.cancelled")
    rows: Sequence[Any] = unpack(batch.result["rows"])
    if not rows:
        raise broken("exchange.nothing_to_save")
    if batch.outcome != "rows" and not only_good:
        raise broken("exchange.has_errors", count=len(batch.result["shown"]["rejected_rows"]))
    return rows


def apply_rows(door: Door, rows: Sequence[Any], options: Options, *, only_good: bool) -> list[RowChange]:
    """Save typed rows through the door's service, in one transaction.

    Errors: RuleBroken with the problems of every refused row, unless `only_good`.
    """
    with transaction(), acting(f"exchange.import.{door.code}"):
        changes = door.save(rows, options, False)
        refused = [change for change in changes if change.kind is Change.REFUSED]
        if refused and not only_good:
            raise RuleBroken(
                [problem for change in refused for problem in change.problems]
                or Problem("exchange.has_errors", params={"count": len(refused)})
            )
        facts = {"file": options.extra.get("filename"), "period": options.period, **counts(changes)}
        audit.record("import", door.code, options.unit.code if options.unit else "", facts)
    return changes


def cancel(batch: ImportBatch) -> None:
    """Put a preview aside."""
    with transaction() as session, acting("exchange.cancel"):
        session.refresh(batch, with_for_update=True)
        if batch.state == "previewed":
            batch.state = "cancelled"
            allowance.forget(batch)


def export(door: Door, options: Options, whole_reason: str | None = None) -> bytes:
    """The workbook of what is stored, in the layout of the import; the export is in the trail.

    With a reason masked numbers are written whole where the actor may see them; who, why and how many rows is in the trail.
    Errors: NotAllowed without the export right or, asking for whole numbers, without the right to see them;
        reason_required; exchange.too_many_rows.
    """
    _require(door, Verb.EXPORT, options)
    whole = whole_reason is not None and door.has_masked
    if whole:
        _require(door, Verb.UNMASK, options)
        if not (whole_reason or "").strip():
            raise broken("reason_required", "reason")
        options = replace(options, extra={**options.extra, "whole": True})
    rows, meta = door.rows(options)
    if len(rows) > MOST_ROWS:
        raise broken("exchange.too_many_rows", "unit", count=len(rows), most=MOST_ROWS)
    let_go()
    content = excel.write(door.layout, rows, meta, **_for_writer(meta))
    facts: dict[str, Any] = {"rows": len(rows), "period": options.period}
    if whole:
        facts["reason"] = (whole_reason or "").strip()
    with transaction(), acting(f"exchange.export.{door.code}"):
        audit.record("unmask" if whole else "export", door.code, options.unit.code if options.unit else "", facts)
    return content


def _for_writer(meta: Any) -> dict[str, Any]:
    """What a door states for the writer beside the facts of the file: scheme, detail rows and variant of a score sheet."""
    given = meta if isinstance(meta, Mapping) else {}
    return {name: given[name] for name in ("scheme", "detail", "variant") if given.get(name)}


def template(door: Door, options: Options) -> bytes:
    """An empty workbook of the layout, with drop-downs of what may be entered."""
    if not any(access.holds(door.resource, verb) for verb in (Verb.IMPORT, Verb.EXPORT)):
        raise access.NotAllowed(door.resource, Verb.EXPORT)
    meta, variant = excel.ExportMeta(period=options.period or ""), str(options.extra.get("variant") or "")
    return excel.template(door.layout, door.context(options), meta, variant=variant)


def marked(batch: ImportBatch) -> bytes:
    """The clerk's own file with its faults marked in red and a column 错误说明, as long as it waits.

    Errors: exchange.cancelled when the file was saved or put aside: then it is not kept.
    """
    if batch.state != "previewed":
        raise broken("exchange.cancelled")
    door = queries.door_of(batch.sheet)
    options = _from_data(batch.options)
    result = excel.read(door.layout, batch.content, batch.filename, door.context(options))
    return excel.mark_errors(batch.content, batch.filename, result)


def _require(door: Door, verb: Verb, options: Options) -> None:
    if options.unit is not None:
        access.require_at(verb, door.resource, options.unit)
    elif not access.holds(door.resource, verb):
        raise access.NotAllowed(door.resource, verb)


def _as_data(options: Options) -> dict[str, Any]:
    return {
        "unit": options.unit.code if options.unit else None,
        "period": options.period,
        "scheme": options.scheme,
        "round": options.round,
        "extra": pack(options.extra),
    }


def _from_data(data: dict[str, Any]) -> Options:
    options = options_from(data["unit"], data["period"], data["scheme"], data["round"])
    return replace(options, extra=unpack(data["extra"]))


def _change_as_data(change: RowChange) -> dict[str, Any]:
    return {
        "kind": change.kind.value,
        "label": change.label,
        "sheet": change.sheet,
        "row": change.row,
        "cells": {field: list(pair) for field, pair in change.cells.items()},
        "problems": [
            {"code": p.code, "where": p.where, "params": {k: str(v) for k, v in p.params.items()}}
            for p in change.problems
        ],
    }
