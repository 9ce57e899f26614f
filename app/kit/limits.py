"""How much one person may ask of the portal: requests a minute by what they cost, and the size and shape of one request.

Counted with the library of the limiter that comes with Flask-AppBuilder, by account, by a machine's key or, before the
sign-in, by address; in the memory of each worker, so that two workers allow up to twice as much. A counter lives for its minute and is forgotten.
"""

from __future__ import annotations

import math
import re
import time
from collections.abc import Callable, Iterable
from enum import StrEnum
from typing import Any

from flask import Flask, abort, current_app, request, session
from limits import RateLimitItem, parse
from limits.storage import storage_from_string
from limits.strategies import FixedWindowRateLimiter
from werkzeug.exceptions import TooManyRequests

from app.kit import bearers
from app.kit.db import SAFE_METHODS

NUL = "\x00"
_COUNT = re.compile("p(?:age|size)_")  # of a generated list; the framework reads them as numbers without asking
LONGEST_NUMBER = 18  # digits: what no database takes for a number is no number

STEERING = frozenset({"_anchor", "_external", "_method", "_scheme"})
"""Flask-AppBuilder hands every argument of an address on to `url_for`, where these would bend the links of its lists."""


class Cost(StrEnum):
    """What a request is counted as; the limit of each is a setting."""

    SIGN_IN = "sign_in"
    WRITE = "write"
    UPLOAD = "upload"
    EXPORT = "export"


def counted_as(cost: Cost) -> Callable[[Any], Any]:
    """Decorate a page method whose requests cost more than others; below `guarded`."""

    def mark(method: Any) -> Any:
        method.__cost__ = cost
        return method

    return mark


def _cost() -> Cost | None:
    marked = getattr(current_app.view_functions.get(request.endpoint or ""), "__cost__", None)
    if marked is not None:
        return Cost(marked)
    if request.method in SAFE_METHODS:
        return None
    return Cost.WRITE if session.get("_user_id") or bearers.sent_key() else Cost.SIGN_IN


def _whose(cost: Cost) -> str:
    if key := bearers.sent_key():
        return f"key {bearers.digest_of(key)}"
    user_id = None if cost is Cost.SIGN_IN else session.get("_user_id")
    return f"account {user_id}" if user_id else f"address {request.remote_addr}"


def _count() -> None:
    """Too many requests of one kind in a minute: 429, with how long to wait."""
    cost = _cost() if current_app.config["LIMITS"] else None
    limit = _limit(cost) if cost else None
    if cost is None or limit is None:
        return
    strategy: FixedWindowRateLimiter = current_app.extensions["limits"]
    if not strategy.hit(limit, cost.value, _whose(cost)):
        resets_at = strategy.get_window_stats(limit, cost.value, _whose(cost)).reset_time
        raise TooManyRequests(retry_after=max(1, math.ceil(resets_at - time.time())))


def _limit(cost: Cost) -> RateLimitItem | None:
    words = current_app.config["LIMITS"].get(cost.value, "")
    return parse(words) if words else None


def _size() -> None:
    """How large the body may be: Flask knows a limit for files and one for the fields beside them, none for plain forms."""
    if request.mimetype != "multipart/form-data":
        size = "MAX_JSON_LENGTH" if request.is_json else "MAX_FORM_MEMORY_SIZE"
        request.max_content_length = min(current_app.config[size], current_app.config["MAX_CONTENT_LENGTH"])


def _measure() -> None:
    """Refuse what no page of ours sends and no database takes: NUL characters, endless numbers, nested or huge JSON."""
    if len(request.query_string) > current_app.config["MAX_QUERY_LENGTH"] or _unreadable(
        request.args.items(multi=True)
    ):
        abort(400)
    if STEERING & request.args.keys() or any(
        _COUNT.match(name) and not value.isdecimal() for name, value in request.args.items(multi=True)
    ):
        abort(400)
    if NUL in request.path:
        abort(404)
    if request.method in SAFE_METHODS:
        return
    if request.is_json:
        _measure_json()
    elif _unreadable(request.form.items(multi=True), numbers=False):
        abort(400)


def _unreadable(values: Iterable[tuple[str, str]], *, numbers: bool = True) -> bool:
    return any(
        NUL in name + value or (numbers and len(value) > LONGEST_NUMBER and value.lstrip("+-").isdigit())
        for name, value in values
    )


def _measure_json() -> None:
    try:
        request.get_json(silent=True)
    except RecursionError:
        abort(400)
    if b"\\u0000" in request.get_data():
        abort(400)


def init_sizes(app: Flask) -> None:
    """Say how large a body may be; to be called before anything reads bodies."""
    app.before_request(_size)


def init_app(app: Flask) -> None:
    """Count and measure every request before its token is checked and before anything is read from the database."""
    app.extensions["limits"] = FixedWindowRateLimiter(storage_from_string(app.config["RATELIMIT_STORAGE_URI"]))  # type: ignore[arg-type]
    app.before_request(_count)
    app.before_request(_measure)
