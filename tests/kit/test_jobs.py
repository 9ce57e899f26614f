"""Long work: who sees it, how it ends, what happens when its worker dies."""

from __future__ import annotations

import io
import os
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from app.domain.errors import broken
from app.kit import access, clock, jobs
from app.kit.db import db, transaction
from app.kit.jobs import board, kinds, running
from app.kit.jobs.models import Job


@pytest.fixture(autouse=True)
def kinds_of_the_tests() -> Iterator[None]:
    before = dict(kinds._kinds)
    jobs.register("test.count", count, "Counting")
    jobs.register("test.refuse", refuse, "Refusing")
    jobs.register("test.break", fall, "Breaking")
    jobs.register("test.who", who_acts, "Who acts")
    yield
    kinds._kinds.clear()
    kinds._kinds.update(before)


def count(params: dict[str, Any], progress: jobs.Progress) -> dict[str, Any]:
    progress.stage("saving", params["to"])
    for number in range(params["to"]):
        progress.step(number + 1)
    return {"url": "/exchange/", "counted": params["to"]}


def refuse(params: dict[str, Any], progress: jobs.Progress) -> dict[str, Any]:
    raise broken("exchange.unknown_unit", "unit", unit="Z9")


def fall(params: dict[str, Any], progress: jobs.Progress) -> dict[str, Any]:
    raise ZeroDivisionError("13800138000")


def who_acts(params: dict[str, Any], progress: jobs.Progress) -> dict[str, Any]:
    return {"username": access.actor().username, "posts": len(access.actor().posts)}


@pytest.fixture
def queued(app: Any, operator: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Jobs wait in a queue as in an installation, and nobody takes them but the test."""
    monkeypatch.setitem(app.config, "JOBS_AT_ONCE", False)
    monkeypatch.setattr("app.kit.jobs.worker.ensure_somebody_works", lambda: None)
    app.extensions.pop("jobs", None)
    board.queue().storage.flush_all()
    yield board.queue()
    board.queue().storage.flush_all()
    board.queue().storage.close()
    app.extensions.pop("jobs", None)


def again(job: Job) -> Job:
    db.session.expire_all()
    return db.session.get_one(Job, job.id)


def age(job: Job, **values: Any) -> None:
    with transaction() as session:
        session.execute(update(Job).where(Job.id == job.id).values(values))


def test_a_job_is_run_as_whoever_asked_for_it_and_leads_to_its_result(sign_in: Any, world: Any) -> None:
    clerk = sign_in("county_clerk")
    user_id = _id_of("county_clerk")
    with access.acting_as(access.actor_of_user(user_id)):
        job = jobs.start("test.count", "名册.xlsx", {"to": 3})
        asked = jobs.start("test.who", "x", {})
    assert (again(job).state, again(job).done, again(job).total) == ("done", 3, 3)
    assert again(asked).result["username"] == "county_clerk"
    page = clerk.get(f"/jobs/{job.id}").get_data(as_text=True)
    assert "名册.xlsx" in page and 'href="/exchange/"' in page
    assert clerk.get(f"/jobs/{job.id}/state").json["ended"] is True
    assert "名册.xlsx" in clerk.get("/jobs/").get_data(as_text=True)
    stranger = sign_in("township_head")
    for address in (f"/jobs/{job.id}", f"/jobs/{job.id}/state"):
        assert stranger.get(address).status_code == 404
    assert stranger.post(f"/jobs/{job.id}/stop").status_code == 404
    administrator = sign_in("system_administrator").get("/jobs/").get_data(as_text=True)
    assert "county_clerk" in administrator and "名册.xlsx" not in administrator


def _id_of(username: str) -> int:
    from app.features.accounts.models import PortalUser

    return int(db.session.query(PortalUser.id).filter_by(username=username).scalar())


def test_a_job_of_a_closed_account_is_not_done(world: Any) -> None:
    from app.features.accounts.models import PortalUser

    user = db.session.get_one(PortalUser, _id_of("county_clerk"))
    with transaction(), access.acting_as(access.actor_of_user(user.id)):
        user.active = False
        job = jobs.start("test.who", "x", {})
    assert again(job).state == "failed" and again(job).problems[0]["code"] == "jobs.account_closed"


def test_refusals_are_told_in_words_and_breakdowns_with_a_number(operator: Any, client: Any, caplog: Any) -> None:
    refused, fallen = jobs.start("test.refuse", "x", {}), jobs.start("test.break", "x", {})
    assert again(refused).problems == [{"code": "exchange.unknown_unit", "where": "unit", "params": {"unit": "Z9"}}]
    problem = again(fallen).problems[0]
    assert (again(fallen).state, problem["code"]) == ("failed", "jobs.unexpected")
    assert problem["params"]["incident"] in caplog.text and "13800138000" not in str(again(fallen).problems)


def test_a_job_is_sent_when_the_transaction_stands_and_never_when_it_does_not(queued: Any) -> None:
    with transaction():
        jobs.start("test.count", "x", {"to": 1})
        assert board.waiting() == 0
    assert board.waiting() == 1
    with pytest.raises(ZeroDivisionError), transaction():
        jobs.start("test.count", "x", {"to": 1})
        raise ZeroDivisionError
    assert board.waiting() == 1


def test_a_job_that_waits_is_stopped_before_it_begins(queued: Any) -> None:
    job = jobs.start("test.count", "x", {"to": 1})
    jobs.stop(job.id)
    running.run(job.id)
    assert (again(job).state, again(job).attempts) == ("cancelled", 0)


def test_a_running_job_hears_the_stop_at_its_next_step_and_says_how_far_it_is(queued: Any) -> None:
    seen: list[dict[str, Any]] = []

    def endless(params: dict[str, Any], progress: jobs.Progress) -> dict[str, Any]:
        progress.stage("saving", 9)
        for number in range(2000):
            progress.step(number)
            if number == 5:
                board.ask_to_stop(params["job"])
            time.sleep(0.005)
            seen.append(board.live(params["job"]))
        return {}

    jobs.register("test.endless", endless, "Endless")
    job = jobs.start("test.endless", "x", {"job": 0})
    age(job, params={"job": job.id})
    running.run(job.id)
    assert again(job).state == "cancelled"
    assert any(sign.get("stage") == "saving" for sign in seen)
    assert board.live(job.id) == {} and not board.stop_asked(job.id)


def test_a_job_whose_worker_died_is_put_back_and_given_up_after_the_third_time(queued: Any) -> None:
    job = jobs.start("test.count", "x", {"to": 1})
    queued.dequeue()
    for attempt in (1, 2, 3):
        running._take(job.id)
        board.pulse(job.id, attempt, {"stage": "saving", "done": 1, "total": 2})
        assert running.sweep() == []  # its heart beats
        board._put(f"live:{job.id}", {"at": clock.now().timestamp() - board.HEART - 1, "attempt": attempt})
        assert running.sweep() == ([job.id] if attempt < 3 else [])
    assert again(job).state == "failed" and again(job).problems[0]["code"] == "jobs.died"


def test_a_run_held_for_dead_comes_too_late_to_end_the_job(queued: Any) -> None:
    job = jobs.start("test.count", "x", {"to": 1})
    running._take(job.id)
    age(job, attempts=2)
    running._write_down(job.id, 1, {"state": running.State.DONE, "result": {"counted": 7}})
    assert (again(job).state, again(job).result) == ("running", {})


def test_a_job_whose_message_was_lost_is_sent_again(queued: Any) -> None:
    job = jobs.start("test.count", "x", {"to": 1})
    queued.storage.flush_queue()
    assert running.sweep() == []  # it may be on its way
    age(job, queued_at=clock.now() - timedelta(minutes=1))
    assert running.sweep() == [job.id] and board.waiting() == 1
    queued.execute(queued.dequeue())
    assert again(job).state == "done"


def test_a_worker_that_is_to_go_puts_its_job_back(queued: Any) -> None:
    def waits(params: dict[str, Any], progress: jobs.Progress) -> dict[str, Any]:
        for number in range(2000):
            progress.step(number)
            time.sleep(0.005)
        return {}

    jobs.register("test.waits", waits, "Waits")
    job = jobs.start("test.waits", "x", {})
    running.run(job.id, leaving=lambda: True)
    assert (again(job).state, again(job).attempts) == ("waiting", 0)


def test_what_ended_is_forgotten_after_its_days(operator: Any) -> None:
    old, young = jobs.start("test.count", "x", {"to": 1}), jobs.start("test.count", "x", {"to": 1})
    age(old, finished_at=clock.now() - timedelta(days=31))
    old_id = old.id
    jobs.purge()
    db.session.expire_all()
    assert db.session.get(Job, old_id) is None and db.session.get(Job, young.id) is not None


def test_the_queue_carries_plain_numbers_and_no_pickled_objects(queued: Any) -> None:
    jobs.start("test.count", "x", {"to": 1})
    (message,) = queued.storage.enqueued_items()
    assert bytes(message).startswith(b"[") and b'.run"' in bytes(message)


@pytest.mark.skipif(os.environ.get("QINGDAN_TEST_DATABASE") != "postgresql", reason="shares a queue on PostgreSQL")
def test_servers_share_a_queue_on_postgresql(app: Any, operator: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from databases import fresh_database

    monkeypatch.setitem(app.config, "JOBS_AT_ONCE", False)
    monkeypatch.setitem(
        app.config, "JOB_STORE", fresh_database(f"jobs_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}")
    )
    monkeypatch.setattr("app.kit.jobs.worker.ensure_somebody_works", lambda: None)
    app.extensions.pop("jobs", None)
    try:
        job = jobs.start("test.count", "x", {"to": 3})
        board.ask_to_stop(job.id + 1)
        assert board.waiting() == 1 and board.stop_asked(job.id + 1) and not board.stop_asked(job.id)
        board.queue().execute(board.queue().dequeue())
        assert (again(job).state, again(job).done) == ("done", 3)
        board.sign_on()
        assert board.worker_seen() is not None
    finally:
        board.queue().storage.close()
        app.extensions.pop("jobs", None)


def test_the_next_page_tells_once_that_a_job_has_ended_and_costs_nothing_else(
    queued: Any, sign_in: Any, world: Any, app: Any, monkeypatch: Any
) -> None:
    from app.features.exchange.models import ImportBatch
    from app.kit.jobs import news

    asked: list[Any] = []
    select = news.select
    monkeypatch.setattr(news, "select", lambda *what: asked.append(what) or select(*what))
    monkeypatch.setitem(app.config, "LONG_FILE_KB", 0)
    clerk = sign_in("county_clerk")
    clerk.get("/imports/")
    assert not asked
    file = {"file": (io.BytesIO(b"nothing"), "坏表.xlsx"), "unit": "C1"}
    clerk.post("/exchange/import/roster", data=file, content_type="multipart/form-data")
    job = db.session.get_one(Job, db.session.query(ImportBatch).one().job_id)
    assert "坏表.xlsx" not in clerk.get("/jobs/").text.split("<table")[0] and len(asked) == 1
    running.run(job.id)
    told = clerk.get("/org-units/list/").text
    assert "“坏表.xlsx”" in told and ("/exchange/batch/" in told or f"/jobs/{job.id}" in told)
    assert "“坏表.xlsx”" not in clerk.get("/imports/").text and len(asked) == 2
