"""One job from its taking to its end, and the sweep that finds those whose worker died."""

from __future__ import annotations

import logging
import secrets
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext, suppress
from datetime import timedelta
from typing import Any

from flask import current_app, g, has_request_context
from flask_babel import force_locale
from sqlalchemy import or_, select, update
from sqlalchemy.exc import DBAPIError

from app.domain.errors import Problem, RuleBroken
from app.kit import access, clock
from app.kit.audit import acting
from app.kit.db import db, let_go, transaction
from app.kit.error_words import Cause, cause_of
from app.kit.jobs import board
from app.kit.jobs.kinds import Leaving, Progress, Stopped, kind_of
from app.kit.jobs.models import Job, State

log = logging.getLogger(__name__)

MOST_ATTEMPTS = 3
CARRIED_EVERY = 0.5
WAITS = timedelta(seconds=30)
"""A job that waits longer than this while no message may be left for it is sent again."""


def run(job_id: int, leaving: Callable[[], bool] = lambda: False) -> None:
    """Run a job that waits; nothing when somebody else took it, or it was stopped before it began."""
    job = _take(job_id)
    if job is None:
        return
    attempt, progress = job.attempts, Progress()
    with nullcontext() if at_once() else _carried(job_id, attempt, progress, leaving):
        ending = _ending(job, progress)
    _write_down(job_id, attempt, ending | progress.told())
    if not at_once():
        board.forget(job_id)


def at_once() -> bool:
    """True where jobs are run by whoever asks for them, with no queue: in tests."""
    return bool(current_app.config["JOBS_AT_ONCE"])


def _take(job_id: int) -> Job | None:
    now = clock.now()
    taken = update(Job).where(Job.id == job_id, Job.state == State.WAITING)
    values = {"state": State.RUNNING.value, "attempts": Job.attempts + 1, "started_at": now}
    with transaction() as session, acting("job.take"):
        if not session.execute(taken.values(values), execution_options={"synchronize_session": False}).rowcount:  # type: ignore[attr-defined]
            return None
        session.expire_all()
    return db.session.get(Job, job_id)


@contextmanager
def _carried(job_id: int, attempt: int, progress: Progress, leaving: Callable[[], bool]) -> Iterator[None]:
    """While it is open a thread beside carries the progress to the board and the wish to stop back."""
    over, app = threading.Event(), current_app._get_current_object()  # type: ignore[attr-defined]

    def carry() -> None:
        with app.app_context():
            while True:
                try:
                    board.pulse(job_id, attempt, progress.told())
                    progress.stop_asked = board.stop_asked(job_id)
                except Exception:  # a store that is away for a moment stops no job
                    log.warning("job %s: the board could not be reached", job_id, exc_info=True)
                progress.leaving = leaving()
                if over.wait(CARRIED_EVERY):
                    break

    beside = threading.Thread(target=carry, name=f"job-{job_id}", daemon=True)
    beside.start()
    try:
        yield
    finally:
        over.set()
        beside.join()


def _ending(job: Job, progress: Progress) -> dict[str, Any]:
    """What the job came to; whatever it left open is rolled back."""
    job_id, attempts, username = job.id, job.attempts, job.username
    try:
        return {"state": State.DONE, "result": dict(_work(job, progress)), "problems": []}
    except Stopped:
        return {"state": State.CANCELLED}
    except Leaving:
        return {"state": State.WAITING, "attempts": attempts - 1}
    except RuleBroken as refusal:
        return _failed(*refusal.problems)
    except access.NotAllowed as refusal:
        return _failed(Problem("not_allowed", params={"verb": refusal.verb, "resource": refusal.resource}))
    except Exception as error:
        return _unexpected(job_id, attempts, username, error)
    finally:
        with suppress(DBAPIError):
            db.session.rollback()


def _work(job: Job, progress: Progress) -> Mapping[str, Any]:
    kind = kind_of(job.kind)
    if kind is None:
        raise RuleBroken(Problem("jobs.unknown_kind", params={"kind": job.kind}))
    who = access.OPERATOR if job.user_id is None else access.actor_of_user(job.user_id)
    if who is access.NOBODY:
        raise RuleBroken(Problem("jobs.account_closed", params={"username": job.username}))
    if not has_request_context():
        g.request_id = job.request_id
    params, locale = dict(job.params), job.locale or current_app.config["BABEL_DEFAULT_LOCALE"]
    let_go()
    with access.acting_as(who), force_locale(locale):
        return kind.function(params, progress) or {}


def _failed(*problems: Problem) -> dict[str, Any]:
    told = [
        {"code": p.code, "where": p.where, "params": {key: str(value) for key, value in p.params.items()}}
        for p in problems
    ]
    return {"state": State.FAILED, "problems": told}


def _unexpected(job_id: int, attempts: int, username: str, error: Exception) -> dict[str, Any]:
    """What no rule foresaw: a database that is busy or away is asked again, anything else is told with a number."""
    incident, cause = secrets.token_hex(8), cause_of(error)
    log.error("incident %s in job %s of %s", incident, job_id, username, exc_info=error)
    if cause in (Cause.BUSY, Cause.DATABASE_AWAY) and attempts < MOST_ATTEMPTS:
        return {"state": State.WAITING, "queued_at": clock.now()}
    return _failed(Problem("jobs.unexpected", params={"incident": incident}))


def _write_down(job_id: int, attempt: int, ending: dict[str, Any]) -> None:
    """Only the run that is the job's last may end it; one that was held for dead comes too late and is not heard."""
    values = ending | {"state": ending["state"].value}
    if ending["state"] is not State.WAITING:
        values["finished_at"] = clock.now()
    mine = update(Job).where(Job.id == job_id, Job.attempts == attempt, Job.state == State.RUNNING)
    for again in range(10):
        try:
            with transaction() as session, acting("job.end"):
                session.execute(mine.values(values), execution_options={"synchronize_session": False})
                session.expire_all()
            break
        except DBAPIError:  # another long transaction: wait for it; after that the sweep finds the job
            db.session.rollback()
            log.warning("job %s: its end could not be written, try %s", job_id, again + 1)
            time.sleep(1)


def sweep() -> list[int]:
    """The jobs put back because nobody is at them any more: their heart stopped, or their message was lost.

    One that died for the third time is given up: it may be what kills the worker.
    """
    put_back: list[int] = []
    for job in db.session.scalars(select(Job).where(Job.state == State.RUNNING)).all():
        if not board.beats(_sign(job)):
            put_back += _take_up_again(job)
    long_ago = clock.now() - WAITS
    lost = select(Job.id).where(Job.state == State.WAITING, or_(Job.queued_at.is_(None), Job.queued_at < long_ago))
    if board.waiting() == 0:
        put_back += db.session.scalars(lost).all()
    db.session.rollback()
    for job_id in dict.fromkeys(put_back):
        board.send(job_id)
    return put_back


def _sign(job: Job) -> dict[str, Any]:
    """The last sign of this run; a run that has just begun has none yet, then its beginning counts."""
    sign = board.live(job.id)
    if sign.get("attempt") == job.attempts:
        return sign
    return {"at": job.started_at.timestamp()} if job.started_at else {}


def _take_up_again(job: Job) -> list[int]:
    values: dict[str, Any] = {"state": State.WAITING.value, "queued_at": clock.now()}
    if job.attempts >= MOST_ATTEMPTS:
        values = _failed(Problem("jobs.died", params={"times": job.attempts})) | {"finished_at": clock.now()}
        values["state"] = State.FAILED.value
    same_run = update(Job).where(Job.id == job.id, Job.attempts == job.attempts, Job.state == State.RUNNING)
    log.warning("job %s: its worker died in attempt %s", job.id, job.attempts)
    with transaction() as session, acting("job.take_up_again"):
        session.execute(same_run.values(values), execution_options={"synchronize_session": False})
    return [job.id] if values["state"] == State.WAITING else []
