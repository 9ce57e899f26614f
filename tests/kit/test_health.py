"""The two probes: one word for everybody, no session, and the truth."""

from __future__ import annotations

import logging
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import text

from app.kit import health, schema


def test_the_process_lives_without_asking_the_database(client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "side_connection", lambda **_: pytest.fail("asked the database"))
    answer = client.get("/healthz", headers={"Host": "10.0.0.7"})
    assert answer.status_code == 200 and answer.data == b"ok\n"


def test_ready_says_one_word_and_makes_no_session(client: Any, session: Any) -> None:
    before = session.execute(text("select count(*) from web_session")).scalar()
    client.set_cookie("qingdan_session", "x" * 43)
    answer = client.get("/readyz")
    assert (answer.status_code, answer.data) == (200, b"ready\n")
    assert "Set-Cookie" not in answer.headers and answer.headers["Cache-Control"] == "no-store"
    assert session.execute(text("select count(*) from web_session")).scalar() == before


def test_probes_stand_in_no_log(client: Any, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, logger="app.access"):
        client.get("/healthz"), client.get("/readyz")
    assert not [record for record in caplog.records if record.name == "app.access"]


@pytest.mark.parametrize("trouble", ["disk", "revision", "database"])
def test_not_ready_is_said_without_a_reason(
    client: Any, monkeypatch: pytest.MonkeyPatch, trouble: str, caplog: pytest.LogCaptureFixture
) -> None:
    if trouble == "disk":
        monkeypatch.setattr(health.shutil, "disk_usage", lambda _: SimpleNamespace(free=1))
    elif trouble == "revision":
        monkeypatch.setattr(schema, "head", lambda: "9999")
    else:
        from sqlalchemy.exc import OperationalError

        def down(**_: Any) -> Any:
            raise OperationalError("select", {}, Exception("no route to db.example"))

        monkeypatch.setattr(health, "side_connection", down)
    answer = client.get("/readyz")
    assert (answer.status_code, answer.data) == (503, b"not ready\n")
    assert any("not ready" in record.getMessage() for record in caplog.records)


def test_a_database_file_that_cannot_be_written_is_not_ready(app: Any, session: Any, monkeypatch: Any) -> None:
    if app.extensions["sqlalchemy"].engines[None].dialect.name != "sqlite":
        pytest.skip("a file of SQLite")
    monkeypatch.setattr(health.os, "access", lambda path, _mode: Path(path).is_dir())
    assert health.what_is_wrong(app) == ["the database cannot be written"]
