"""The pages of long work: what of mine goes on, how far one job is, and a button to stop it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import jsonify, redirect, url_for
from flask_appbuilder import expose

from app.domain.errors import Problem
from app.domain.rights import Verb
from app.kit import clock
from app.kit.db import writes_elsewhere
from app.kit.fab import PortalPageView, Screen, guarded
from app.kit.i18n import _, _l
from app.kit.jobs import asking, board, kinds, news
from app.kit.jobs.models import Job, State
from app.kit.problems import sentence

STATES = {
    State.WAITING: (_l("Waiting"), "wait"),
    State.RUNNING: (_l("At work"), "info"),
    State.DONE: (_l("Done"), "done"),
    State.FAILED: (_l("Failed"), "bad"),
    State.CANCELLED: (_l("Stopped"), "off"),
}
IMPATIENT = timedelta(seconds=10)


class JobView(PortalPageView):
    """Jobs of whoever is signed in; whoever keeps the portal running sees that there are others, not what they hold."""

    route_base = "/jobs"
    default_view = "start"

    @expose("/")
    @guarded(Verb.VIEW)
    def start(self) -> Any:
        others = asking.all_jobs() if asking.may_see_all() else []
        return self.render_template(
            "portal/jobs.html",
            title=_("Jobs"),
            jobs=asking.my_jobs(),
            others=others,
            worker_seen=board.worker_seen() if others else None,
            state_of=state_of,
            title_of=kinds.title_of,
        )

    @expose("/<int:job_id>")
    @guarded(Verb.VIEW)
    def show(self, job_id: int) -> Any:
        job = asking.mine(job_id)
        news.seen(job)
        return self.render_template("portal/job.html", title=kinds.title_of(job.kind), job=job, now=told(job))

    @expose("/<int:job_id>/state")
    @guarded(Verb.VIEW)
    def state(self, job_id: int) -> Any:
        return jsonify(told(asking.mine(job_id)))

    @expose("/<int:job_id>/stop", methods=["POST"])
    @guarded(Verb.VIEW)
    @writes_elsewhere
    def stop(self, job_id: int) -> Any:
        asking.stop(job_id)
        return redirect(url_for("JobView.show", job_id=job_id))


def state_of(job: Job) -> tuple[str, str]:
    """What the state of a job is called, and its tone."""
    word, tone = STATES[State(job.state)]
    return str(word), tone


def told(job: Job) -> dict[str, Any]:
    """What the page says now; its script asks for the same again."""
    word, tone = state_of(job)
    sign = board.live(job.id) if job.state == State.RUNNING else {}
    found: dict[str, Any] = (
        sign if sign.get("attempt") == job.attempts else {"stage": job.stage, "done": job.done, "total": job.total}
    )
    return {
        "state": job.state,
        "word": word,
        "tone": tone,
        "ended": job.ended,
        "stage": kinds.stage_words(job.kind, found["stage"]),
        "done": found["done"],
        "total": found["total"],
        "words": _words(job),
        "problems": [sentence(Problem(p["code"], p["where"], p["params"])) for p in job.problems],
        "url": news.result(job),
    }


def _words(job: Job) -> str:
    """What the reader wonders about while nothing moves."""
    if job.ended:
        return ""
    if board.stop_asked(job.id):
        return str(_("It stops at its next step; nothing of it will be saved."))
    if job.state == State.RUNNING:
        return str(_("Taken up again after an interruption.")) if job.attempts > 1 else ""
    if job.queued_at and clock.now() - job.queued_at > IMPATIENT and board.worker_seen() is None:
        from app.kit.jobs.worker import ensure_somebody_works

        ensure_somebody_works()
        return str(_("No worker runs just now; the job begins as soon as one is there. Nothing is lost."))
    return str(_("Other work is before it; it begins by itself."))


def _watches_jobs() -> bool:
    return asking.may_see_all() or asking.has_jobs()


VIEWS = [Screen(JobView, _l("Jobs"), "data", "fa-tasks", order=90, shown=_watches_jobs)]
