"""Machines at the interface: a key in the Authorization header opens /api/ and nothing else.

A request with such a header counts for the key's account alone, whatever cookie comes with it; it carries no CSRF token,
because no page of somebody else can make a browser send the header. What a key reads stands in the trail: one entry a day for
each key and each kind of request, so that a machine that asks every minute fills neither the trail nor the disk.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import datetime, time
from typing import Any, NamedTuple

from flask import Flask, Response, abort, current_app, g, request
from sqlalchemy import select, update

from app.kit import audit, clock
from app.kit.db import SAFE_METHODS, db, side_connection

PATH = "/api/"
READ = "read by key"
"""The kind of the entry that tells of a day's reads."""


class Opened(NamedTuple):
    """What a key opens: the account it counts for, whether it may write, and the row it is kept in."""

    user: Any
    may_write: bool
    key_id: int


Opener = Callable[[str], Opened | None]
"""opener(key): what a key opens; None for one that opens nothing."""
_openers: list[Opener] = []


def register_opener(opener: Opener) -> None:
    """Say who knows the keys."""
    _openers[:] = [opener]


def at_interface() -> bool:
    """True for a request to the interface of machines, which is answered in JSON, never by a page to sign in."""
    return request.path.startswith(PATH)


def opened() -> bool:
    """True when a key let this request in."""
    return bool(g.get("opened_by_key"))


def sent_key() -> str:
    """The key a request to the interface came with; empty without one."""
    kind, _space, key = request.headers.get("Authorization", "").partition(" ")
    return key.strip() if at_interface() and kind.lower() == "bearer" else ""


def digest_of(key: str) -> str:
    """By what a key is known: it is random and long, so that a plain digest gives nothing away."""
    return hashlib.sha256(key.encode()).hexdigest()


def _admit() -> None:
    key = sent_key()
    if not key:
        return
    found = _openers[0](key) if _openers and len(key) < 200 else None
    if found is None:
        abort(401)
    g._login_user = found.user  # where flask-login looks first
    g.opened_by_key = True
    if request.method in SAFE_METHODS:
        _tell_of_read(key, found.key_id)
    elif not found.may_write:
        abort(403)


def _tell_of_read(key: str, key_id: int) -> None:
    """See that today's entry for this key and this kind of request stands; what this worker knows of is not looked up again."""
    if request.endpoint is None:
        return
    today, known = current_app.extensions["reads_told"]
    if today != clock.today():
        today, known = current_app.extensions["reads_told"] = (clock.today(), set())
    asked = (digest_of(key), request.endpoint)
    if asked in known:
        return
    if not _is_told(key_id, datetime.combine(today, time(), clock.SHANGHAI)):
        audit.record_apart(READ, "api_key", key_id, {"method": request.method, "path": request.path}, must=True)
    known.add(asked)


def _is_told(key_id: int, since: datetime) -> bool:
    entry = audit.AuditEntry
    mine = (entry.table_name == "api_key", entry.row_id == str(key_id), entry.kind == READ)
    statement = select(entry.id).where(*mine, entry.action == request.endpoint, entry.at >= since)
    return db.session.scalar(statement.limit(1)) is not None


def _name_version(response: Response) -> Response:
    """Every answer that only reads carries a tag; asked again with it, nothing is sent that is known (304)."""
    if at_interface() and request.method == "GET" and response.status_code == 200 and response.is_json:
        response.add_etag()
        response.make_conditional(request)
    return response


def note_use(keys: Any, key_id: int, at: datetime) -> None:
    """Say when a key last opened: beside the request, which may only read and is not to wait for the disk."""
    with side_connection() as connection:
        connection.execute(update(keys).where(keys.id == key_id).values(used_at=at))


def init_app(app: Flask) -> None:
    """Let keys in before tokens are checked and before anybody asks who acts."""
    app.extensions["reads_told"] = (clock.today(), set())
    app.before_request(_admit)
    app.after_request(_name_version)
