"""A full disk: said in words, nothing lost, and what needs no room goes on."""

from __future__ import annotations

import io
import os
import re
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from factories.rosters import roster
from factories.world import PASSWORD
from faults.killing import in_a_process
from faults.state import assert_whole, counted
from sqlalchemy import event, text

from app.kit.backup import making
from app.kit.db import db

CHINESE = "服务器"


def signed_in(app: Any, username: str = "county_administrator") -> Any:
    browser = app.test_client()
    answer = browser.post("/login/", data={"username": username, "password": PASSWORD})
    assert answer.status_code == 302 and "login" not in answer.headers["Location"], answer.headers
    return browser


def upload(browser: Any, rows: int) -> Any:
    data = {"file": (io.BytesIO(roster(rows)), "名册.xlsx"), "unit": "C1"}
    return browser.post("/exchange/import/roster", data=data, content_type="multipart/form-data")


def batch_of(answer: Any) -> str:
    return str(re.search(r"/exchange/batch/\d+", answer.headers["Location"]).group())


def leave_room(app: Any, pages: int) -> None:
    """From now on the SQLite file may grow by so many pages only."""
    with app.app_context():
        db.session.remove()
        if db.engine.dialect.name != "sqlite":
            pytest.skip("PRAGMA max_page_count is SQLite's")
        with db.engine.connect() as connection:
            now = connection.execute(text("PRAGMA page_count")).scalar()

        def limit(dbapi: Any, _record: Any) -> None:
            dbapi.execute(f"PRAGMA max_page_count = {now + pages}")

        db.engine.dispose()
        event.listen(db.engine, "connect", limit)
    app.lift = lambda: lifted(app, limit)


def lifted(app: Any, limit: Any) -> None:
    with app.app_context():
        db.session.remove()
        event.remove(db.engine, "connect", limit)
        db.engine.dispose()


def test_a_full_database_refuses_the_import_in_words_and_all_else_goes_on_f03(fresh: Any) -> None:
    app = fresh()
    browser = signed_in(app)
    receipt = batch_of(upload(browser, 300))
    leave_room(app, 10)
    before = counted(app)
    answer = browser.post(f"{receipt}/confirm", data={})
    assert answer.status_code == 507 and CHINESE in answer.text and "Traceback" not in answer.text
    assert {k: v for k, v in counted(app).items() if k != "audit_entry"} == {
        k: v for k, v in before.items() if k != "audit_entry"
    }
    assert browser.get("/home/").status_code == 200
    assert signed_in(app, "chief_grid_leader").get("/home/").status_code == 200
    app.lift()
    assert browser.post(f"{receipt}/confirm", data={}).status_code == 302
    assert counted(app)["person"] == before["person"] + 300
    assert_whole(app)


def test_without_a_single_page_left_what_is_there_can_still_be_read_f03(fresh: Any) -> None:
    app = fresh()
    browser = signed_in(app)
    leave_room(app, 0)
    answers = [upload(browser, 300).status_code for _ in range(3)]
    assert answers[-1] == 507
    assert browser.get("/home/").status_code == 200
    app.lift()
    assert_whole(app)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of a few megabytes: in memory where one may mount, else skipped."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=6m", "tmpfs", str(folder)], capture_output=True)
    if mounted.returncode:
        pytest.skip("no file system can be mounted here")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=False)


def test_the_database_on_a_full_disk_loses_nothing_f03(world_engine: Any, small_disk: Path) -> None:
    from factories.installation import own_installation

    if world_engine.dialect.name != "sqlite":
        pytest.skip("the files of SQLite")
    app = own_installation(world_engine, small_disk)
    browser = signed_in(app)
    receipt = batch_of(upload(browser, 300))
    ballast = small_disk / "ballast"
    free = os.statvfs(small_disk)
    ballast.write_bytes(b"x" * (free.f_bavail * free.f_frsize - 200 * 1024))
    before = counted(app)
    answer = browser.post(f"{receipt}/confirm", data={})
    assert answer.status_code == 507 and CHINESE in answer.text
    assert browser.get("/home/").status_code == 200
    assert app.test_client().get("/readyz").status_code == 503
    ballast.unlink()
    assert counted(app)["person"] == before["person"]
    assert_whole(app)
    assert browser.post(f"{receipt}/confirm", data={}).status_code == 302
    assert counted(app)["person"] == before["person"] + 300
    assert_whole(app)


def test_a_backup_that_does_not_fit_leaves_nothing_half_f03(fresh: Any, small_disk: Path) -> None:
    app = fresh(BACKUP_DIR=small_disk)
    free = os.statvfs(small_disk)
    (small_disk / "ballast").write_bytes(b"x" * (free.f_bavail * free.f_frsize - 64 * 1024))
    done = app.test_cli_runner().invoke(args=["portal", "daily"])
    assert done.exit_code == 1 and "backup: " in done.output and "anchor: " in done.output
    assert [file.name for file in small_disk.iterdir()] == ["ballast"]
    assert signed_in(app).get("/home/").status_code == 200
    (small_disk / "ballast").unlink()
    assert app.test_cli_runner().invoke(args=["portal", "daily"]).exit_code == 0


def test_a_backup_killed_midway_is_no_backup_f03(fresh: Any) -> None:
    app = fresh()

    def job() -> None:
        making.snapshot.take = lambda engine, file: (file.write_bytes(b"half"), os.kill(os.getpid(), signal.SIGKILL))
        making.make(why="daily")

    code, _ticks, _took = in_a_process(app, job)
    assert code == signal.SIGKILL
    with app.app_context():
        assert list(making.folder().glob("*.tar.gz*")) == []
        assert making.make(why="daily").file.exists()
