"""PostgreSQL crashes under load: who was at it gets one clear page, nothing is there twice, nothing answered is lost."""

from __future__ import annotations

import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from databases import OwnServer
from faults.people import report, reported, signed_in
from faults.state import assert_whole, tell

from app.kit import access
from app.kit.backup import making, restoring

WORKERS = 4
USERS = ("sub_grid_leader", "chief_grid_leader", "sub_grid_leader_2", "chief_grid_leader_2")


@pytest.fixture
def moved(fresh: Any, tmp_path: Path) -> Any:
    """The small county, by a backup, on a PostgreSQL server of its own: (app, server)."""
    from app import create_app

    source = fresh()
    with source.app_context():
        file = making.make().file
    server = OwnServer()
    folder = tmp_path / "moved"
    folder.mkdir()
    app = create_app({"SQLALCHEMY_DATABASE_URI": server.uri, "INSTANCE_DIR": folder, "BACKUP_DIR": folder / "backups"})
    with app.app_context(), access.acting_as(access.OPERATOR):
        assert restoring.restore(file, replace=False, words="").problems == []
    yield app, server
    server.remove()


def test_a_crash_of_the_database_costs_each_at_most_one_request_f05(moved: Any) -> None:
    app, server = moved
    app.config["PROPAGATE_EXCEPTIONS"] = False  # as outside the tests: every failure is a page
    stop, answers, down = threading.Event(), {n: [] for n in range(WORKERS)}, threading.Event()

    def work(n: int) -> None:
        browser, number = signed_in(app, USERS[n]), 0
        while not stop.is_set():
            words = f"{n}-{number}"
            answer = report(browser, words)
            answers[n].append((words, answer.status_code, answer.text if answer.status_code != 302 else ""))
            number += 1
            while answer.status_code != 302 and down.is_set():
                time.sleep(0.05)  # as the page says: wait, then send again

    workers = [threading.Thread(target=work, args=(n,)) for n in range(WORKERS)]
    for worker in workers:
        worker.start()
    for _crash in range(3):
        time.sleep(2)
        down.set()
        server.stop()
        server.start()
        down.clear()
    time.sleep(2)
    assert all(worker.is_alive() for worker in workers), "a worker died of an exception"
    stop.set()
    for worker in workers:
        worker.join()
    kept = Counter(reported(app))
    assert max(kept.values()) == 1, "something is there twice"
    for n in range(WORKERS):
        failed = [(words, status, text) for words, status, text in answers[n] if status != 302]
        assert len(failed) <= 3, [status for _words, status, _text in failed]
        assert all(status == 503 and "Traceback" not in text for _words, status, text in failed)
        assert all(kept[words] for words, status, _text in answers[n] if status == 302), "answered and lost"
        assert len(answers[n]) > 10
    sent = [status for worker in answers.values() for _words, status, _text in worker]
    tell(
        f"F05: 3 crashes, {WORKERS} people, {len(sent)} requests: {len(sent) - sent.count(302)} failed with a page, 0 lost, 0 doubled"
    )
    assert_whole(app)
