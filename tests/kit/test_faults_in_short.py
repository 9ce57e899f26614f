"""One quick case each of what `make faults` does at length: a kill, a lock."""

from __future__ import annotations

import signal
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from factories.installation import own_installation
from factories.rosters import roster
from faults.killing import in_a_process
from faults.people import report, reported, signed_in
from faults.state import assert_whole, counted
from sqlalchemy import event, select

from app.features.accounts import passwords
from app.features.exchange import queries, services
from app.features.exchange.models import ImportBatch
from app.kit import access
from app.kit.db import db


def test_an_import_killed_in_its_midst_is_not_there_and_can_be_sent_again_f01(
    world_engine: Any, tmp_path: Path
) -> None:
    app = own_installation(world_engine, tmp_path)

    def preview() -> None:
        options = services.options_from("C1", None, None, None)
        services.preview(queries.door_of("roster"), roster(5), "名册.xlsx", options)

    def confirm() -> None:
        with access.acting_as(access.OPERATOR):
            services.confirm(db.session.scalars(select(ImportBatch).order_by(ImportBatch.id.desc())).first())

    with app.app_context(), access.acting_as(access.OPERATOR):
        preview()
    before = counted(app)
    code, _ticks, _took = in_a_process(app, confirm, at=14)
    assert code == signal.SIGKILL and counted(app) == before
    with app.app_context(), access.acting_as(access.OPERATOR):
        preview()
        confirm()
    assert counted(app)["person"] == before["person"] + 5
    assert_whole(app)


def test_a_locked_database_is_said_on_a_page_that_holds_the_input_f04(world_engine: Any, tmp_path: Path) -> None:
    if world_engine.dialect.name != "sqlite":
        pytest.skip("the write lock is SQLite's")
    app = own_installation(world_engine, tmp_path)
    with app.app_context():
        file = db.engine.url.database
        event.listen(db.engine, "connect", lambda dbapi, _record: dbapi.execute("PRAGMA busy_timeout=200"))
    browser = signed_in(app, "sub_grid_leader")
    with app.app_context():
        db.session.remove()
        db.engine.dispose()
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        answer = report(browser, "栏杆松动，请派人来看")
    assert answer.status_code == 503 and "栏杆松动，请派人来看" in answer.text and "BEGIN" not in answer.text
    assert reported(app) == []
    assert report(browser, "栏杆松动，请派人来看").status_code == 302


def test_nobody_waits_behind_the_password_hash_of_somebody_who_signs_in(
    world_engine: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if world_engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL locks rows")
    app, asked = own_installation(world_engine, tmp_path), []
    with app.app_context():
        file = db.engine.url.database

    def matches(*given: Any) -> bool:
        with closing(sqlite3.connect(file, isolation_level=None, timeout=0)) as other:
            other.execute("BEGIN IMMEDIATE")
            other.execute("ROLLBACK")
        asked.append(given)
        return real(*given)

    real = passwords.matches
    monkeypatch.setattr(passwords, "matches", matches)
    signed_in(app, "sub_grid_leader")
    assert len(asked) == 1
