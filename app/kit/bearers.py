"""Machines at the interface: a key in the Authorization header opens /api/ and nothing else.

A request with such a header counts for the key's account alone, whatever cookie comes with it; it carries no CSRF token,
because no page of somebody else can make a browser send the header.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import Flask, abort, g, request
from sqlalchemy import update

from app.kit.db import SAFE_METHODS, side_connection

PATH = "/api/"
Opener = Callable[[str], tuple[Any, bool] | None]
"""opener(key): the account behind a key and whether it may write; None for a key that opens nothing."""
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


def _admit() -> None:
    kind, _space, key = request.headers.get("Authorization", "").partition(" ")
    if not at_interface() or kind.lower() != "bearer":
        return
    found = _openers[0](key.strip()) if _openers and len(key) < 200 else None
    if found is None:
        abort(401)
    user, may_write = found
    g._login_user = user  # where flask-login looks first
    g.opened_by_key = True
    if request.method not in SAFE_METHODS and not may_write:
        abort(403)


def note_use(keys: Any, key_id: int, at: datetime) -> None:
    """Say when a key last opened: beside the request, which may only read and is not to wait for the disk."""
    with side_connection() as connection:
        connection.execute(update(keys).where(keys.id == key_id).values(used_at=at))


def init_app(app: Flask) -> None:
    """Let keys in before tokens are checked and before anybody asks who acts."""
    app.before_request(_admit)
