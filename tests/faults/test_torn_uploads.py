"""Uploads that break off and clients that crawl: nothing is left behind, and the others are served meanwhile."""

from __future__ import annotations

import http.client
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from factories.rosters import roster
from factories.world import PASSWORD
from sqlalchemy import func, select

from app.features.duties.models import Lead
from app.features.exchange.models import ImportBatch
from app.kit.audit import AuditEntry
from app.kit.db import db

ROOT = Path(__file__).resolve().parents[2]
BOUNDARY = "----torn"
MULTIPART = f"multipart/form-data; boundary={BOUNDARY}"
TYPED = "application/x-www-form-urlencoded"
UPLOAD = "/exchange/import/roster"
THREADS = 4


def free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return int(listening.getsockname()[1])


class Server:
    """The portal served by granian in a process of its own, and one account signed in to it."""

    def __init__(self, app: Any, folder: Path) -> None:
        self.port, self.temporary = free_port(), folder / "temporary"
        self.temporary.mkdir()
        self.log = (folder / "log").open("w")
        environment = os.environ | {
            "QINGDAN_PROFILE": "testing",
            "QINGDAN_INSTANCE": str(folder),
            "DATABASE_URL": app.config["SQLALCHEMY_DATABASE_URI"],
            "TMPDIR": str(self.temporary),
        }
        command = ["-m", "granian", "--interface", "wsgi", "--factory", "app:create_app", "--port", str(self.port)]
        self.process = subprocess.Popen(
            [sys.executable, *command, "--workers", "1", "--blocking-threads", str(THREADS)],
            cwd=ROOT,
            env=environment,
            stdout=self.log,
            stderr=self.log,
        )
        self.cookie = ""
        self._wait()
        self.cookie = self.sign_in("county_administrator")

    def _wait(self) -> None:
        for _ in range(600):  # a busy machine starts slowly
            try:
                self.ask("GET", "/login/")
            except OSError:
                time.sleep(0.2)
            else:
                return
        raise AssertionError("the server did not start")

    def ask(self, method: str, path: str, body: bytes = b"", **headers: str) -> Any:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        connection.request(method, path, body, {"Cookie": self.cookie, **headers})
        answer = connection.getresponse()
        answer.words = answer.read().decode()
        connection.close()
        return answer

    def post(self, path: str, **fields: str) -> Any:
        return self.ask("POST", path, urlencode(fields).encode(), **{"Content-Type": TYPED})

    def sign_in(self, username: str) -> str:
        self.cookie = ""
        answer = self.post("/login/", username=username, password=PASSWORD)
        assert answer.status == 302 and answer.getheader("Set-Cookie"), answer.status
        return str(answer.getheader("Set-Cookie")).split(";")[0]

    def opened(self, length: int, path: str = UPLOAD, kind: str = MULTIPART) -> socket.socket:
        """A connection that has said it will send so many bytes of a form."""
        client = socket.create_connection(("127.0.0.1", self.port), timeout=20)
        head = [
            f"POST {path} HTTP/1.1",
            "Host: 127.0.0.1",
            f"Cookie: {self.cookie}",
            f"Content-Type: {kind}",
            f"Content-Length: {length}",
            "",
            "",
        ]
        client.sendall("\r\n".join(head).encode())
        return client

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(20)


def form(content: bytes) -> bytes:
    """The form of an upload as a browser sends it."""
    parts = [
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="unit"\r\n\r\nC1\r\n'.encode(),
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="r.xlsx"\r\n\r\n'.encode(),
        content,
        f"\r\n--{BOUNDARY}--\r\n".encode(),
    ]
    return b"".join(parts)


@pytest.fixture
def served(fresh: Any, tmp_path: Path) -> Iterator[tuple[Any, Server]]:
    app = fresh()
    folder = tmp_path / "served"
    folder.mkdir()
    with app.app_context():
        db.session.remove()
        db.engine.dispose()
    server = Server(app, folder)
    yield app, server
    server.stop()


def counts(app: Any) -> tuple[int, ...]:
    with app.app_context(), db.engine.connect() as connection:
        found = [
            connection.scalar(select(func.count()).select_from(model.__table__)) or 0
            for model in (ImportBatch, AuditEntry, Lead)
        ]
    return tuple(found)


def test_an_upload_that_breaks_off_leaves_no_row_and_no_file_f16(served: tuple[Any, Server]) -> None:
    app, server = served
    before, whole = counts(app), form(roster(30) + bytes(3_000_000))
    for share in (0, 0.0001, 0.2, 0.5, 0.9, 0.99999):
        client = server.opened(len(whole))
        client.sendall(whole[: int(len(whole) * share)])
        client.close()
    for _ in range(50):
        if not list(server.temporary.iterdir()):
            break
        time.sleep(0.1)
    assert list(server.temporary.iterdir()) == []
    assert counts(app) == before
    assert server.ask("GET", "/exchange/").status == 200


def test_a_whole_upload_after_torn_ones_is_taken_once_f16(served: tuple[Any, Server]) -> None:
    app, server = served
    whole = form(roster(30))
    client = server.opened(len(whole))
    client.sendall(whole[:-10])
    client.close()
    answer = server.ask("POST", UPLOAD, whole, **{"Content-Type": MULTIPART})
    assert answer.status == 302 and re.search(r"/exchange/batch/\d+$", answer.getheader("Location"))
    assert counts(app)[0] == 1


def test_an_act_that_breaks_off_is_not_done_by_half_f16(served: tuple[Any, Server]) -> None:
    """The telephone loses its net, or its browser is put to sleep, in the middle of a report."""
    app, server = served
    server.cookie = server.sign_in("grid_worker")
    assert server.post("/leads/new", category="civility", place="桥头", words="栏杆松动").status == 302
    before = counts(app)
    assert before[2] == 1
    fields = urlencode({"category": "civility", "place": "桥头", "words": "栏杆松动"}).encode()
    client = server.opened(len(fields) + 50, "/leads/new", TYPED)
    client.sendall(fields)
    client.close()
    time.sleep(0.5)
    assert counts(app) == before


def test_a_client_that_crawls_holds_nobody_else_up_f16(served: tuple[Any, Server]) -> None:
    """As long as a thread is left: many crawling clients are kept off by the proxy, which takes in a whole request first."""
    app, server = served
    server.cookie = server.sign_in("grid_worker")
    crawling = [server.opened(5_000_000) for _ in range(THREADS - 1)]
    for client in crawling:
        client.sendall(form(b"")[:100])
    time.sleep(0.5)
    for number in range(5):
        told = server.post("/leads/new", category="civility", place="桥头", words=f"栏杆松动 {number}")
        assert told.status == 302, told.words[-500:]
    assert counts(app)[2] == 5
    for client in crawling:
        client.close()
