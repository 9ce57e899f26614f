"""kill -9 of the worker in the midst of an import: nothing is half, `serve` starts another one, and the job is done once."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from factories.rosters import roster
from faults.state import assert_whole, counted, tell
from sqlalchemy import select

from app.features.exchange import queries, services
from app.features.exchange.models import ImportBatch
from app.kit import access
from app.kit.db import db, side_connection
from app.kit.jobs import board
from app.kit.jobs.models import ENDED, Job

ROWS = 3000
PATIENCE = 120


@pytest.fixture
def served(fresh: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Any, subprocess.Popen[bytes]]]:
    """The portal as it is served: a server process with its worker beside, on a county of one's own."""
    app = fresh(JOBS_AT_ONCE=False, LONG_FILE_ROWS=1)
    monkeypatch.setattr("app.kit.jobs.worker.ensure_somebody_works", lambda: None)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = os.environ | {
        "QINGDAN_PROFILE": "development",
        "QINGDAN_INSTANCE": str(app.config["INSTANCE_DIR"]),
        "DATABASE_URL": app.config["SQLALCHEMY_DATABASE_URI"],
        "SECRET_KEY": app.config["SECRET_KEY"],
        "QINGDAN_DEMO": "0",
    }
    (Path(app.config["INSTANCE_DIR"]) / "secret-key").write_text(app.config["SECRET_KEY"])
    command = [sys.executable, "-m", "app", "portal", "serve", "--port", str(port)]
    server = subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    try:
        yield app, server
    finally:
        server.terminate()
        server.wait(40)


def children(pid: int) -> dict[int, str]:
    """The processes a process has started, with their command lines."""
    numbers = Path(f"/proc/{pid}/task").glob("*/children")
    found = {int(one) for file in numbers for one in file.read_text().split()}
    return {one: Path(f"/proc/{one}/cmdline").read_bytes().replace(b"\0", b" ").decode() for one in found}


def worker_of(server: subprocess.Popen[bytes]) -> int | None:
    return next((pid for pid, command in children(server.pid).items() if "portal work" in command), None)


def wait_for(what: Callable[[], Any]) -> Any:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if found := what():
            return found
        time.sleep(0.02)
    pytest.fail(f"waited in vain for {what.__name__}")


def job_now(job_id: int) -> Any:
    """The row of a job, read beside whoever holds the write lock."""
    with side_connection(writes=False) as connection:
        return connection.execute(select(Job.__table__).where(Job.id == job_id)).one()


def ended(job_id: int) -> bool:
    return job_now(job_id).state in ENDED


def test_a_worker_killed_while_it_saves_leaves_nothing_half_and_another_one_does_it_f01(served: Any) -> None:
    app, server = served
    with app.app_context(), access.acting_as(access.OPERATOR):
        before = counted(app)
        batch = services.preview(
            queries.door_of("roster"), roster(ROWS), "名册.xlsx", services.options_from("C1", None, None, None)
        )
        first = wait_for(lambda: worker_of(server))
        services.confirm(batch)
        batch_id, job_id = batch.id, batch.job_id
        db.session.rollback()

        wait_for(lambda: job_now(job_id).state == "running")
        time.sleep(0.3)
        os.kill(first, signal.SIGSTOP)
        assert job_now(job_id).state == "running" and board.live(job_id)  # seen while the job holds the write lock
        os.kill(first, signal.SIGKILL)
        killed = time.monotonic()
        assert counted(app)["person"] == before["person"]
        second = wait_for(lambda: (pid := worker_of(server)) != first and pid)

        wait_for(lambda: ended(job_id))
        job, batch = job_now(job_id), db.session.get_one(ImportBatch, batch_id)
        assert (job.state, job.attempts, batch.state) == ("done", 2, "applied")
        db.session.rollback()
        assert counted(app)["person"] == before["person"] + ROWS
        db.session.rollback()
        tell(f"worker killed while saving {ROWS} rows: 0 left, done by the next in {time.monotonic() - killed:.0f} s")
    server.terminate()
    server.wait(40)
    assert not Path(f"/proc/{second}").exists(), "the worker outlives its server"
    assert_whole(app)
