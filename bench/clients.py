"""Month's end: 20 and 50 clients hand in logs at once, each subject behind granian with one worker and eight threads."""

from __future__ import annotations

import http.client
import os
import socket
import sqlite3
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from bench import county
from bench.children import ROOT
from bench.measuring import Report, note
from bench.pages import make_county
from bench.peers_django import copy_of
from bench.subjects.qingdan import fields_of, open_months, records
from bench.web import LOG, token_of

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@dataclass
class Visitor:
    """A signed-in client over HTTP, with the forms it is going to send."""

    port: int
    username: str
    jobs: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    cookies: dict[str, str] = field(default_factory=dict)
    token: dict[str, str] = field(default_factory=dict)
    taken: list[float] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)

    def ask(self, method: str, path: str, fields: dict[str, str] | None = None) -> tuple[int, str]:
        """Status and text of one request."""
        cookie = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        body = urlencode(fields) if fields is not None else None
        self.line.request(method, path, body, {"Cookie": cookie, "Host": "localhost", **(FORM if body else {})})
        answer = self.line.getresponse()
        for header in answer.headers.get_all("Set-Cookie") or ():
            name, _, value = header.partition(";")[0].partition("=")
            self.cookies[name] = value
        return answer.status, answer.read().decode()

    def sign_in(self, login: str, form: str) -> Visitor:
        """Sign in, and fetch the token of the form."""
        token = token_of(self.ask("GET", login)[1])
        status, _ = self.ask("POST", login, {"username": self.username, "password": county.PASSWORD, **token})
        if status != 302:
            raise RuntimeError(f"{self.username} could not sign in: {status}")
        self.token = token_of(self.ask("GET", form)[1])
        return self

    def work(self) -> None:
        """Send every form, one after the other."""
        for path, fields in self.jobs:
            begin = time.perf_counter()
            status, text = self.ask("POST", path, {**fields, **self.token})
            self.taken.append(time.perf_counter() - begin)
            if status != 302:
                self.refused.append(f"{status} {text[-200:]}")


class Served:
    """granian with one worker on a factory `module:function`, which reads the database's name from the environment."""

    def __init__(self, target: str, database: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = int(free.getsockname()[1])
        command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--factory", "--workers", "1"]
        command += ["--blocking-threads", "8", "--port", str(self.port), "--log-level", "error", target]
        self.process = subprocess.Popen(command, cwd=ROOT, env={**os.environ, "BENCH_DATABASE": str(database)})
        self._wait()

    def _wait(self) -> None:
        for _ in range(600):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.1)
        raise RuntimeError("the server did not start")

    def close(self) -> None:
        self.process.terminate()
        self.process.wait(timeout=30)


def qingdan() -> Any:
    """The portal, for granian."""
    return county.make_app(Path(os.environ["BENCH_DATABASE"]))


def stock_fab() -> Any:
    """Flask-AppBuilder as it comes, for granian."""
    from bench.subjects.stock_fab import make_app

    return make_app(os.environ["BENCH_DATABASE"])


def django_admin() -> Any:
    """Django's admin, for granian."""
    from bench.peers_django import application

    return application(os.environ["BENCH_DATABASE"])


def together(visitors: Sequence[Visitor]) -> dict[str, float]:
    """Requests a second and the 99th percentile when all work at once."""
    threads = [threading.Thread(target=visitor.work) for visitor in visitors]
    begin = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    whole = time.perf_counter() - begin
    taken = sorted(one for visitor in visitors for one in visitor.taken)
    refused = [one for visitor in visitors for one in visitor.refused]
    if refused:
        note(f"{len(refused)} refused, the first: {refused[0]}")
    p99 = statistics.quantiles(taken, n=100)[98] * 1000
    return {"a second": len(taken) / whole, "p99": p99, "refused": float(len(refused))}


def _peers(port: int, clients: int, jobs: int, login: str, path: str) -> list[Visitor]:
    visitors = []
    for n in range(clients):
        sent = [
            (path, {**LOG, "unit": "5", "unit_id": "5", "month": "2026-10", "code": f"{port}-{clients}-{n}-{job}"})
            for job in range(jobs)
        ]
        visitors.append(Visitor(port, "county", sent).sign_in(login, path))
    return visitors


def _leaders(port: int, clients: int, jobs: int, waiting: list[tuple[int, str, str]]) -> list[Visitor]:
    """Leaders with their own records; each record is handed in once."""
    mine: dict[str, list[tuple[int, str]]] = {}
    for duty_id, username, period in waiting:
        mine.setdefault(username, []).append((duty_id, period))
    visitors = []
    for username in list(mine)[:clients]:
        given = [mine[username].pop(0) for _ in range(jobs)]
        waiting[:] = [one for one in waiting if (one[0], one[2]) not in given]
        sent = [("/duties/", fields_of(duty_id, period)) for duty_id, period in given]
        visitors.append(Visitor(port, username, sent).sign_in("/login/", "/duties/"))
    return visitors


def _add_leaders(app: Any, count: int) -> None:
    from sqlalchemy import select

    from app.features.accounts.queries import user_by_name
    from app.features.accounts.services import add_account
    from app.features.people.models import Post
    from app.kit import access
    from app.kit.db import db

    with app.app_context(), access.acting_as(access.OPERATOR):
        posts = select(Post).where(Post.role == "sub_grid_leader").where(Post.township_id == 2).order_by(Post.id)
        for n, post in enumerate(db.session.scalars(posts.limit(count + 1))):
            name = f"leader{n}"
            if post.person_id != 1 and user_by_name(name) is None:
                person = post.person
                add_account(name, county.PASSWORD, person, must_change=False)


def run(report: Report, folder: Path, quick: bool) -> None:
    """The portal against both peers at each number of clients."""
    loads, jobs = ((2,), 2) if quick else ((20, 50), 6)
    source = make_county(folder, 400 if quick else 10_000, quick)
    ours = source.with_name("clients.db")
    ours.unlink(missing_ok=True)
    with sqlite3.connect(source) as raw, sqlite3.connect(ours) as copy:
        raw.backup(copy)
    app = county.make_app(ours)
    _add_leaders(app, max(loads))
    open_months(app, [f"2026-{month:02d}" for month in range(1, 1 + min(12, jobs * len(loads)))])
    waiting = [one for one in records(str(ours)) if one[1].removeprefix("leader").isdigit()]
    servers = {
        "Qingdan": Served("bench.clients:qingdan", ours),
        "Django admin": Served("bench.clients:django_admin", copy_of(source, "django-clients.db")),
        "stock FAB": Served("bench.clients:stock_fab", copy_of(source, "fab-clients.db")),
    }
    try:
        for clients in loads:
            visitors = {
                "Qingdan": _leaders(servers["Qingdan"].port, clients, jobs, waiting),
                "Django admin": _peers(
                    servers["Django admin"].port, clients, jobs, "/admin/login/", "/admin/bench/monthlylog/add/"
                ),
                "stock FAB": _peers(servers["stock FAB"].port, clients, jobs, "/login/", "/logview/add"),
            }
            _tell(report, clients, {name: together(group) for name, group in visitors.items()})
    finally:
        for server in servers.values():
            server.close()


def _tell(report: Report, clients: int, found: dict[str, dict[str, float]]) -> None:
    report.heading(f"{clients} clients hand in logs through granian (1 worker, 8 threads)")
    for name, one in found.items():
        report.figure(f"{name}: requests a second", one["a second"], "1/s")
        report.figure(f"{name}: 99th percentile", one["p99"], "ms")
        report.figure(f"{name}: refused", one["refused"], "requests")
    ours = found["Qingdan"]["a second"]
    report.ratio(f"{clients} clients: Qingdan / Django admin add", ours / found["Django admin"]["a second"], ">= 4")
    report.ratio(f"{clients} clients: Qingdan / stock FAB add", ours / found["stock FAB"]["a second"], ">= 2.5")
    report.ratio(
        f"{clients} clients: Qingdan / Django admin, p99", found["Qingdan"]["p99"] / found["Django admin"]["p99"]
    )
