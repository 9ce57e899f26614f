"""Taking a whole import back, while nothing later builds on it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from app.domain.errors import RuleBroken, broken
from app.domain.rights import Verb
from app.features.exchange import allowance, queries
from app.features.exchange.models import ImportBatch
from app.features.exchange.services.reading import options_from_data, require
from app.kit import access, audit, clock, effects, jobs, undoing
from app.kit.audit import acting
from app.kit.db import db, transaction
from app.kit.jobs import Job, Progress
from app.kit.undoing import Blocker, Step

JOB = "exchange.undo"
SHOWN = 200  # problems told at once; the page lists them all


def may_undo(batch: ImportBatch) -> bool:
    """True for whoever imported it, and for everybody who may import this sheet at its unit."""
    door, is_mine = queries.door(batch.sheet), batch.user_id == access.actor().user_id
    if door is None:
        return is_mine
    try:
        options = options_from_data(batch.options)
        require(door if is_mine else replace(door, also={}), Verb.IMPORT, options)
    except (access.NotAllowed, RuleBroken):
        return False
    return options.unit is not None or is_mine or access.actor().is_operator


def blockers(batch: ImportBatch) -> Sequence[Blocker]:
    """What keeps this import from being undone, row by row; nothing when it can be.

    Errors: NotAllowed.
    """
    _require(batch)
    return undoing.blockers(queries.change_set(batch))


def is_long(batch: ImportBatch) -> bool:
    """True when so much was written that taking it back is done by a job."""
    counts = batch.changes.get("counts", {})
    return counts.get("new", 0) + counts.get("changed", 0) > allowance.long_rows()


def under_way(batch: ImportBatch) -> Job | None:
    """The job that takes the import back just now; None when none does."""
    job = queries.job_of(batch)
    return job if job is not None and job.kind == JOB and not job.ended else None


def begin(batch: ImportBatch, reason: str) -> int | Job:
    """Take the import back: at once, giving how many rows, or by a job where it is long. A second click gives the same job.

    Errors: as `undo`; those of a job stand on its page.
    """
    _require(batch)
    if not reason.strip():
        raise broken("reason_required", "reason")
    if not is_long(batch):
        return undo(batch, reason)
    with transaction() as session, acting("exchange.undo"):
        session.refresh(batch, with_for_update=True)
        job = under_way(batch)
        if job is None and batch.state == "applied":
            job = jobs.start(JOB, batch.filename, {"batch": batch.id, "reason": reason.strip()})
            batch.job_id = job.id
    return job or undo(batch, reason)


def undo_in_job(params: dict[str, Any], progress: Progress) -> dict[str, Any]:
    """Take a long import back, by whoever asked, if he still may; done twice, the second time finds nothing to do."""
    batch = db.session.get_one(ImportBatch, params["batch"])
    progress.stage("checking")
    counts = batch.changes.get("counts", {})
    rows = counts.get("new", 0) + counts.get("changed", 0)
    undo(batch, params["reason"], lambda: progress.stage("saving", rows), progress.step)
    return {"url": f"/imports/{params['batch']}"}


def undo(
    batch: ImportBatch, reason: str, begun: Callable[[], None] = lambda: None, step: Step = lambda _done: None
) -> int:
    """Put every row back as it stood before this import; gives how many. A second click changes nothing.

    Errors: reason_required, exchange.not_applied, exchange.way_back_gone, the problems of the blockers, what the rules of
            the rows say; NotAllowed.
    """
    _require(batch)
    if not reason.strip():
        raise broken("reason_required", "reason")
    with transaction() as session, acting("exchange.undo"):
        session.refresh(batch, with_for_update=True)  # of two clicks the second waits here and finds it done
        if batch.state == "undone":
            return 0
        if batch.state != "applied":
            raise broken("exchange.not_applied")
        found = undoing.blockers(queries.change_set(batch))
        if found:
            raise RuleBroken([blocker.problem for blocker in found[:SHOWN]])
        begun()
        count = undoing.put_back(queries.change_set(batch), step)
        written = batch.changes.get("counts", {})
        if not count and (written.get("new") or written.get("changed")):
            raise broken("exchange.way_back_gone")
        batch.state, batch.undone_at = "undone", clock.now()
        effects.forget(queries.change_set(batch))
        facts = {"import": batch.id, "file": batch.filename, "rows": count, "reason": reason.strip()}
        audit.record("undo", batch.sheet, batch.options.get("unit") or "", facts)
    return count


def _require(batch: ImportBatch) -> None:
    if not may_undo(batch):
        raise access.NotAllowed("import", Verb.IMPORT, hidden=True)
