"""An upload from preview to receipt. The rules about rows are those of the services behind each door."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

from app.domain.errors import Problem, RuleBroken, broken
from app.domain.rights import Verb
from app.features.exchange import allowance, queries
from app.features.exchange.models import ImportBatch
from app.features.exchange.services.reading import compare, options_as_data, options_from_data, read, require
from app.features.exchange.staging import pack, unpack
from app.kit import access, audit, clock, excel
from app.kit.audit import acting
from app.kit.db import transaction
from app.kit.download import plain_name
from app.kit.exchange import Change, Door, Options, RowChange, counts


def preview(door: Door, data: bytes, filename: str, options: Options) -> ImportBatch:
    """An upload read and compared, waiting to be confirmed; the typed rows wait with it.

    Errors: exchange.too_many_waiting, exchange.too_much_waiting, NotAllowed without the import right; a faulty file is a
            preview with its problems, not an error.
    """
    require(door, Verb.IMPORT, options)
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
            options=options_as_data(options),
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
    options = options_from_data(batch.options)
    require(door, Verb.IMPORT, options)
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


def marked(batch: ImportBatch) -> bytes:
    """The clerk's own file with its faults marked in red and a column 错误说明, as long as it waits.

    Errors: exchange.cancelled when the file was saved or put aside: then it is not kept.
    """
    if batch.state != "previewed":
        raise broken("exchange.cancelled")
    door = queries.door_of(batch.sheet)
    options = options_from_data(batch.options)
    result = excel.read(door.layout, batch.content, batch.filename, door.context(options))
    return excel.mark_errors(batch.content, batch.filename, result)


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
