"""A word on the next page, whichever it is, when a job of mine has ended; once for each job, in the browser that asked.

The session knows which jobs it waits for, so that a page of somebody who waits for none costs nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

from flask import has_request_context, request, session, url_for
from sqlalchemy import select

from app.kit import access
from app.kit.db import db
from app.kit.i18n import _
from app.kit.jobs import kinds
from app.kit.jobs.models import Job, State

WAITED_FOR = "jobs_waited_for"
MOST = 20


@dataclass(frozen=True)
class News:
    """How a job ended, in words, and where to look."""

    words: str
    tone: str
    url: str
    link: str


def wait_for(job_id: int) -> None:
    """Tell on a later page when this job has ended; asked for outside a request nobody waits."""
    if has_request_context():
        session[WAITED_FOR] = [*session.get(WAITED_FOR, ()), job_id][-MOST:]


def seen(job: Job) -> None:
    """Its own page has told that it ended."""
    if job.ended and job.id in session.get(WAITED_FOR, ()):
        session[WAITED_FOR] = [one for one in session[WAITED_FOR] if one != job.id]


def take() -> list[News]:
    """What has ended since the last page; told once."""
    waited = session.get(WAITED_FOR)
    if not waited:
        return []
    wanted = select(Job).where(Job.id.in_(waited), Job.user_id == access.actor().user_id)
    found = db.session.scalars(wanted.order_by(Job.id)).all()
    still = [job.id for job in found if not job.ended]
    if still != waited:
        session[WAITED_FOR] = still
    return [_news(job) for job in found if job.state in (State.DONE, State.FAILED)]


def result(job: Job) -> str:
    """Where the result of a job is; a path of the portal only, empty when there is none."""
    url = str(job.result.get("url", "")) if job.state == State.DONE else ""
    return f"{request.script_root}{url}" if url.startswith("/") and not url.startswith("//") else ""


def _news(job: Job) -> News:
    about = {"job": kinds.title_of(job.kind), "label": job.label}
    page, at = url_for("JobView.show", job_id=job.id), result(job)
    if job.state == State.FAILED:
        return News(str(_("Not done: %(job)s, “%(label)s”.", **about)), "danger", page, str(_("See why")))
    words = str(_("Done: %(job)s, “%(label)s”.", **about))
    return News(words, "success", at or page, str(_("Open the result") if at else _("Open")))
