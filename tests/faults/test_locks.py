"""A database held by somebody else, and many writers at a time."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from faults.people import report, reported, signed_in
from faults.state import assert_whole
from sqlalchemy import text

from app.features.org.models import OrgUnit
from app.kit import access
from app.kit.db import db, transaction

HOLD = """
import sqlite3, sys, time
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("BEGIN IMMEDIATE")
print("held", flush=True)
time.sleep(float(sys.argv[2]))
connection.execute("ROLLBACK")
"""


@contextmanager
def held(app: Any, seconds: float) -> Iterator[None]:
    """Another process holds the write lock for so long."""
    with app.app_context():
        if db.engine.dialect.name != "sqlite":
            pytest.skip("the write lock is SQLite's")
        file = str(db.engine.url.database)
    holder = subprocess.Popen([sys.executable, "-c", HOLD, file, str(seconds)], stdout=subprocess.PIPE, text=True)
    try:
        assert holder.stdout and holder.stdout.readline().strip() == "held"
        yield
    finally:
        holder.kill()
        holder.wait()


def test_a_lock_of_three_seconds_is_waited_for_f04(fresh: Any) -> None:
    app = fresh()
    browser = signed_in(app, "sub_grid_leader")
    with held(app, 3):
        assert report(browser, "等一等").status_code == 302
    assert reported(app) == ["等一等"]


def test_a_lock_of_a_minute_ends_in_a_clear_page_with_the_input_on_it_f04(fresh: Any) -> None:
    app = fresh()
    browser = signed_in(app, "sub_grid_leader")
    with held(app, 60):
        answer = report(browser, "栏杆松动，请派人来看")
        assert answer.status_code == 503
        assert "栏杆松动，请派人来看" in answer.text and "没有保存" in answer.text.replace("未保存", "没有保存")
        assert "OperationalError" not in answer.text and "SQL" not in answer.text
        assert browser.get("/leads/").status_code == 200  # reading needs no lock
    assert reported(app) == []
    assert report(browser, "栏杆松动，请派人来看").status_code == 302
    assert_whole(app)


def test_eight_writers_that_read_before_they_write_lose_nothing(fresh: Any) -> None:
    """With a plain BEGIN a read that later writes fails at once when somebody else has committed in between."""
    app = fresh()
    rounds, threads, failed = 25, 8, []

    def add() -> None:
        for _ in range(rounds):
            with app.app_context(), access.acting_as(access.OPERATOR):
                try:
                    with transaction() as session:
                        unit = session.get(OrgUnit, 1, with_for_update=True)
                        unit.sort_order += 1
                except Exception as error:
                    failed.append(error)

    with app.app_context():
        before = db.session.execute(text("select sort_order from org_unit where id = 1")).scalar()
        db.session.remove()
    workers = [threading.Thread(target=add) for _ in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert failed == []
    with app.app_context():
        after = db.session.execute(text("select sort_order from org_unit where id = 1")).scalar()
    assert after - before == rounds * threads
    assert_whole(app)
