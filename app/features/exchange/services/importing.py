"""An upload read and waiting, saved at once by a command, or put aside. The rules about rows are those of the services behind each door."""

from __future__ import annotations

import hashlib
from typing import Any

from app.domain.errors import RuleBroken
from app.domain.rights import Verb
from app.features.exchange import allowance, fits, queries
from app.features.exchange.models import ImportBatch
from app.features.exchange.services import rows as staged
from app.features.exchange.services.reading import options_as_data, options_from_data, read, require
from app.kit import access, audit, effects, jobs, undoing
from app.kit.audit import acting
from app.kit.db import db, transaction
from app.kit.download import plain_name
from app.kit.exchange import Door, Options

READING = "exchange.read"
GIVEN_UP = (jobs.Stopped, RuleBroken, access.NotAllowed)
"""What ends a job for good; after anything else it is run again, or its page offers to put the upload aside."""


# -- preview ---------------------------------------------------------------------------------------


def preview(door: Door, data: bytes, filename: str, options: Options, mapping: Any = None) -> ImportBatch:
    """An upload read and compared, waiting to be confirmed; a long file is read by a job, and waits in state `reading`.

    Errors: exchange.too_many_waiting, exchange.too_much_waiting, NotAllowed without the import right; a faulty file is a
            preview with its problems, not an error.
    """
    require(door, Verb.IMPORT, options)
    allowance.check(len(data))
    if len(data) > allowance.long_bytes():
        return _read_later(door, data, filename, options, mapping)
    result, options = read(door, data, filename, options, mapping)
    return take_in(door, data, filename, options, result)


def take_in(door: Door, data: bytes, filename: str, options: Options, result: Any) -> ImportBatch:
    """An upload that was read: its rows wait, compared with what is stored. `options` are those `read` gave."""
    require(door, Verb.IMPORT, options)
    with transaction(), acting("exchange.preview"):
        batch = _received(door, data, filename, options)
        staged.put_down(batch, door, result, options)
    return batch


def _received(door: Door, data: bytes, filename: str, options: Options, mapping: Any = None) -> ImportBatch:
    allowance.put_old_aside()
    batch = ImportBatch(
        sheet=door.code,
        filename=plain_name(filename),
        sha256=hashlib.sha256(data).hexdigest(),
        user_id=access.actor().user_id,
        options=options_as_data(options),
        content=allowance.sealed(data),
        mapping_id=mapping.id if mapping is not None else options.extra.get("mapping"),
    )
    db.session.add(batch)
    db.session.flush()
    return batch


def _read_later(door: Door, data: bytes, filename: str, options: Options, mapping: Any) -> ImportBatch:
    with transaction(), acting("exchange.preview"):
        batch = _received(door, data, filename, options, mapping)
        batch.state = "reading"
        job = jobs.start(READING, batch.filename, {"batch": batch.id})
        batch.job_id = job.id
    return batch


def read_in_job(params: dict[str, Any], progress: Any) -> dict[str, Any]:
    """Read a long file that waits; taken up again after a restart it begins anew."""
    batch = db.session.get_one(ImportBatch, params["batch"])
    found = {"url": address(batch)}
    if batch.state != "reading":
        return found
    door, options = queries.door_of(batch.sheet), options_from_data(batch.options)
    try:
        progress.stage("reading", 0)
        chosen = fits.mapping_of(batch)
        result, options = read(door, allowance.original(batch), batch.filename, options, chosen)
        progress.stage("comparing", len(result.rows) + len(result.rejected_rows))
        batch = db.session.get_one(ImportBatch, params["batch"])
        batch.options, batch.mapping_id = options_as_data(options), options.extra.get("mapping")
        staged.clear(batch)
        staged.put_down(batch, door, result, options, apart=True, step=progress.step)
    except GIVEN_UP:
        db.session.rollback()
        with transaction():
            _put_aside(db.session.get_one(ImportBatch, params["batch"]))
        raise
    with transaction():
        batch.state = "previewed"
    return found


def address(batch: ImportBatch) -> str:
    """Where the page of an upload is, for a job to lead to."""
    return f"/exchange/batch/{batch.id}"


# -- saved at once, and put aside -----------------------------------------------------------------


def note_import(door: Door, options: Options, found: dict[str, int]) -> None:
    """Tell in the trail which file was imported, and how many rows of each kind."""
    facts = {"file": options.extra.get("filename"), "period": options.period, **found}
    audit.record("import", door.code, options.unit.code if options.unit else "", facts)


def cancel(batch: ImportBatch) -> None:
    """Put a preview aside; one that a job failed to save waits again instead."""
    with transaction() as session, acting("exchange.cancel"):
        session.refresh(batch, with_for_update=True)
        if batch.state in ("previewed", "reading"):
            _put_aside(batch)
        elif batch.state == "saving" and queries.job_is_over(batch):
            undoing.put_back(queries.change_set(batch))  # a job that failed may have saved some of its rows
            effects.forget(queries.change_set(batch))
            batch.state = "previewed"


def _put_aside(batch: ImportBatch) -> None:
    batch.state = "cancelled"
    allowance.forget(batch)
