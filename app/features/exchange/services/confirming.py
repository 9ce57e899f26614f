"""A preview confirmed: its waiting rows compared once more and saved. The rules about rows are those behind each door."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import select

from app.domain.errors import Problem, broken
from app.domain.rights import Verb
from app.features.exchange import allowance, queries
from app.features.exchange.models import ImportBatch
from app.features.exchange.services import rows as staged
from app.features.exchange.services.importing import GIVEN_UP, address, note_import
from app.features.exchange.services.reading import options_from_data, require
from app.features.exchange.services.turns import Turns
from app.kit import clock, collecting, effects, jobs, undoing
from app.kit.audit import acting
from app.kit.db import db, give_way, transaction
from app.kit.exchange import Change, Door, Options, RowChange

SAVING = "exchange.confirm"
CHANGED_MEANWHILE = "exchange.changed_meanwhile"


def confirm(batch: ImportBatch, *, only_good: bool = False, at_once: bool = False) -> dict[str, int]:
    """Save the rows of a preview: all or nothing, or with `only_good` those without a problem. A second click changes nothing.

    Many rows are saved by a job, unless `at_once`: whoever is at the machine waits.

    Shape:  how many rows were new, changed, same, refused; nothing when it was saved already or is being saved by a job.
    Errors: exchange.has_errors (rows were refused and `only_good` is off), exchange.nothing_to_save, exchange.cancelled,
            exchange.changed_meanwhile (a stored value is another than the preview showed; the preview then shows it).
    """
    door, options = queries.door_of(batch.sheet), options_from_data(batch.options)
    require(door, Verb.IMPORT, options)
    rows = sum(batch.changes.get("counts", {}).get(kind.value, 0) for kind in Change)
    if rows > allowance.long_rows() and not at_once:
        return _save_later(batch, only_good)
    return _saved(batch, door, options, only_good)


def _save_later(batch: ImportBatch, only_good: bool) -> dict[str, int]:
    with transaction() as session, acting("exchange.confirm"):
        session.refresh(batch, with_for_update=True)
        if batch.state in ("applied", "saving"):
            return {}
        _check(batch, only_good)
        batch.state = "saving"
        job = jobs.start(SAVING, batch.filename, {"batch": batch.id, "only_good": only_good})
        batch.job_id = job.id
    return {}


def save_in_job(params: dict[str, Any], progress: Any) -> dict[str, Any]:
    """Save a long preview; stopped on the way nothing of it is saved, and it waits as before; killed, it is done again."""
    batch = db.session.get_one(ImportBatch, params["batch"])
    if batch.state == "saving":
        door, options = queries.door_of(batch.sheet), options_from_data(batch.options)
        progress.stage("saving", batch.changes["counts"]["new"] + batch.changes["counts"]["changed"])
        try:
            save = _saved_by_turns if door.independent else _saved
            with collecting.set_aside():
                save(batch, door, options, params["only_good"], progress.step)
        except GIVEN_UP:
            db.session.rollback()
            with transaction():
                db.session.get_one(ImportBatch, params["batch"]).state = "previewed"
            raise
    return {"url": address(batch)}


class _ChangedMeanwhile(Exception):
    """Rows whose stored values are others than the preview showed."""


def _saved(
    batch: ImportBatch, door: Door, options: Options, only_good: bool, step: staged.Step | None = None
) -> dict[str, int]:
    try:
        with transaction() as session, acting(f"exchange.import.{door.code}"):
            session.refresh(batch, with_for_update=True)  # of two tabs the second waits here and finds it done
            if batch.state == "applied" or (batch.state == "saving" and step is None):
                return {}
            _check(batch, only_good)
            found = _save_rows(batch, door, options, only_good, step)
            note_import(door, options, found)
            batch.state, batch.applied_at = "applied", clock.now()
            staged.count(batch)
            staged.forget_typed(batch)
            return found
    except _ChangedMeanwhile as conflict:
        with transaction(), acting("exchange.preview"):
            _show_what_changed(batch, door, options)
        raise broken(CHANGED_MEANWHILE, count=conflict.args[0]) from conflict


def _saved_by_turns(
    batch: ImportBatch, door: Door, options: Options, only_good: bool, step: staged.Step
) -> dict[str, int]:
    """Save rows that do not depend on each other, some at a time, so that others save in between.

    All or nothing all the same: what is written is put back when the job is stopped or a row has changed meanwhile; a job
    that was killed finds it there when it is done again, as rows that stand already.
    """
    found: Counter[str] = Counter()
    pace, change_set = Turns(), queries.change_set(batch)
    state = select(ImportBatch.state).where(ImportBatch.id == batch.id).with_for_update()
    _check(batch, only_good)  # while it is being saved nobody changes more of it than its state
    try:
        for rows in staged.waiting(batch, door, pace):
            with transaction() as session, acting(f"exchange.import.{door.code}"):
                if session.scalar(state) != "saving":
                    return {}
                found += _save_some(rows, change_set, door, options, only_good)
            pace.done(len(rows))
            step(found.total())
            give_way()
            pace.begin()
    except (*GIVEN_UP, _ChangedMeanwhile) as given_up:
        _take_back(batch)
        if not isinstance(given_up, _ChangedMeanwhile):
            raise
        with transaction(), acting("exchange.preview"):
            _show_what_changed(batch, door, options)
        raise broken(CHANGED_MEANWHILE, count=given_up.args[0]) from given_up
    with transaction(), acting(f"exchange.import.{door.code}"):
        saved = staged.count(batch)
        told = {kind.value: saved[kind.value] for kind in Change}
        note_import(door, options, told)
        batch.state, batch.applied_at = "applied", clock.now()
    staged.forget_typed(batch, by_turns=True)
    return told


def _take_back(batch: ImportBatch) -> None:
    """Put back what was written of an upload that is not saved to its end."""
    db.session.rollback()
    with transaction(), acting("exchange.undo"):
        undoing.put_back(queries.change_set(batch))
        effects.forget(queries.change_set(batch))


def _check(batch: ImportBatch, only_good: bool) -> None:
    if batch.state not in ("previewed", "saving"):
        raise broken("exchange.cancelled")
    found = batch.changes["counts"]
    if not any(found[kind] for kind in ("new", "changed", "same")):
        raise broken("exchange.nothing_to_save")
    if not only_good and (found["refused"] or batch.outcome != "rows"):
        raise broken("exchange.has_errors", count=found["refused"] or batch.result["shown"]["faults"])


def _save_rows(
    batch: ImportBatch, door: Door, options: Options, only_good: bool, step: staged.Step | None
) -> dict[str, int]:
    found: Counter[str] = Counter()
    done = 0
    for rows in staged.waiting(batch, door):
        found += _save_some(rows, queries.change_set(batch), door, options, only_good)
        done += len(rows)
        if step:
            step(done)
    return {kind.value: found[kind.value] for kind in Change}


def _save_some(rows: Sequence[Any], change_set: str, door: Door, options: Options, only_good: bool) -> Counter[str]:
    """Save what waits. What differs from the preview by now is not written over: it stops all, or is left out and marked."""
    good = [row for row in rows if row.kind != Change.REFUSED]
    if only_good:
        good = _still_as_shown(good, door, options)
    with effects.recorded(change_set):
        changes = door.save([row.typed for row in good], options, False) if good else []
    differing = [change for row, change in zip(good, changes, strict=True) if _differs(row, change)]
    if differing:
        raise _ChangedMeanwhile(len(differing))
    return Counter(change.kind.value for change in changes)


def _still_as_shown(rows: Sequence[Any], door: Door, options: Options) -> list[Any]:
    """The rows for which saving still does what was shown; the others are refused and say why."""
    changes = door.save([row.typed for row in rows], options, True) if rows else []
    pairs = list(zip(rows, changes, strict=True))
    differing = [
        (row, replace(change, kind=Change.REFUSED), _note(change)) for row, change in pairs if _differs(row, change)
    ]
    staged.settle(differing, door)
    return [row for row, change in pairs if not _differs(row, change)]


def _note(change: RowChange) -> list[dict[str, Any]]:
    return [] if change.problems else [staged.problem_as_data(Problem("exchange.changed_row"))]


def _differs(row: Any, change: RowChange) -> bool:
    """True when saving would do something else than was shown; finding the row stored already is no harm."""
    if change.kind is Change.SAME:
        return False
    if row.kind != change.kind:
        return True
    return change.kind is Change.CHANGED and {name: list(pair) for name, pair in change.cells.items()} != row.cells


def _show_what_changed(batch: ImportBatch, door: Door, options: Options) -> None:
    """Compare all rows again, so that the page shows what stands there now; rows that became others are marked."""
    db.session.refresh(batch)
    for rows in staged.waiting(batch, door):
        changes = door.save([row.typed for row in rows], options, True)
        pairs = zip(rows, changes, strict=True)
        found = [
            (row, change, _note(change) if row.kind != Change.REFUSED and _differs(row, change) else ())
            for row, change in pairs
        ]
        staged.settle(found, door)
    staged.count(batch)
