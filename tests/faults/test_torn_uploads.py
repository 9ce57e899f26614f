"""Uploads that break off and clients that crawl: nothing is left behind, and the others are served meanwhile."""

from __future__ import annotations

import re
import time
from typing import Any
from urllib.parse import urlencode

from factories.rosters import roster
from faults.served import MULTIPART, THREADS, TYPED, UPLOAD, Server, form
from sqlalchemy import func, select

from app.features.duties.models import Lead
from app.features.exchange.models import ImportBatch
from app.kit.audit import AuditEntry
from app.kit.db import db


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
