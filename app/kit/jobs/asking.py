"""What whoever asked for a job may do with it: start it, look at it, stop it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from functools import lru_cache
from typing import Any

from flask import current_app
from sqlalchemy import Select, bindparam, delete, select, update

from app.domain.rights import Resource, Verb
from app.kit import access, clock, logs
from app.kit.audit import acting
from app.kit.db import afterwards, db, transaction
from app.kit.i18n import language
from app.kit.jobs import board, news, running
from app.kit.jobs.kinds import kind_of
from app.kit.jobs.models import ENDED, Job, State

MOST_SHOWN = 100


def start(kind: str, label: str, params: Mapping[str, Any]) -> Job:
    """A job that waits to be run as the actor; it is sent once the open transaction is committed.

    `params` is plain JSON and holds no content (it stays in the row): give numbers of rows. `label` names the work for the
    list of jobs, e.g. the name of the file.
    """
    if kind_of(kind) is None:
        raise LookupError(f"no job of the kind {kind!r} is registered")
    who = access.actor()
    with transaction() as session, acting("job.start"):
        job = Job(
            kind=kind,
            label=label[:200],
            user_id=who.user_id,
            username=who.username,
            locale=language(),
            request_id=logs.request_id(),
            params=dict(params),
            queued_at=clock.now(),
        )
        session.add(job)
        session.flush()
        job_id = job.id
        afterwards(lambda: _send(job_id))
        news.wait_for(job_id)
    return job


def _send(job_id: int) -> None:
    if running.at_once():
        running.run(job_id)
        return
    from app.kit.jobs.worker import ensure_somebody_works

    board.send(job_id)
    ensure_somebody_works()


def mine(job_id: int) -> Job:
    """A job of the actor. Errors: NotAllowed (hidden) for anybody else's, as for one that is not there."""
    who, job = access.actor(), db.session.get(Job, job_id)
    if job is None or who is access.NOBODY or (not who.is_operator and job.user_id != who.user_id):
        raise access.NotAllowed("job", Verb.VIEW, hidden=True)
    return job


def my_jobs() -> list[Job]:
    """The actor's jobs, the newest first."""
    own = select(Job).where(Job.user_id == access.actor().user_id)
    return list(db.session.scalars(own.order_by(Job.id.desc()).limit(MOST_SHOWN)))


def has_jobs() -> bool:
    """True when the actor asked for some job: what every page can afford to ask."""
    return db.session.scalar(_any_of(), {"user": access.actor().user_id}) is not None


@lru_cache(maxsize=1)
def _any_of() -> Select[Any]:
    return select(Job.id).where(Job.user_id == bindparam("user")).limit(1)


def may_see_all() -> bool:
    """True for whoever keeps the portal running: he sees that there are jobs and how they fare, not what they are about."""
    return access.holds(Resource.SETTINGS, Verb.EDIT)


def all_jobs() -> list[Job]:
    """Everybody's jobs, the newest first. Errors: NotAllowed for whoever does not keep the portal running."""
    if not may_see_all():
        raise access.NotAllowed(Resource.SETTINGS, Verb.EDIT)
    return list(db.session.scalars(select(Job).order_by(Job.id.desc()).limit(MOST_SHOWN)))


def stop(job_id: int) -> None:
    """Ask for the end of a job: one that waits never begins, one that runs is rolled back at its next step.

    Writes no row while the job runs, for it may hold the write lock. A second time, or too late, changes nothing.
    Errors: NotAllowed (hidden) for anybody else's job.
    """
    job = mine(job_id)
    if job.state == State.RUNNING:
        board.ask_to_stop(job.id)
    elif job.state == State.WAITING:
        board.ask_to_stop(job.id)  # it may be taken just now
        waits = update(Job).where(Job.id == job.id, Job.state == State.WAITING)
        with transaction() as session, acting("job.stop"):
            session.execute(waits.values(state=State.CANCELLED.value, finished_at=clock.now()))


def address(endpoint: str, **values: Any) -> str:
    """The path of a page for `result["url"]`: a job runs outside a request, where url_for cannot."""
    return str(current_app.url_map.bind("").build(endpoint, values))


def purge() -> int:
    """The number of ended jobs forgotten because their days are over (QINGDAN_JOB_DAYS)."""
    before = clock.now() - timedelta(days=current_app.config["JOB_DAYS"])
    with transaction() as session, acting("job.purge"):
        gone = session.execute(delete(Job).where(Job.state.in_(ENDED), Job.finished_at < before))
    return int(gone.rowcount)  # type: ignore[attr-defined]
