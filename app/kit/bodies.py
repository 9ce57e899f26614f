"""The body of a request is read whole before anything of the database is touched.

On SQLite a request that may write holds the write lock from its first statement: a telephone that takes a minute to send
its file would hold it as long. What breaks off in between is refused here and has done nothing.
"""

from __future__ import annotations

from flask import Flask, request, session

from app.kit.db import SAFE_METHODS
from app.kit.sessions import FORMER

STRANGERS = 64 * 1024
"""Bytes in the body of a request of nobody: the sign-in needs a few hundred."""


def _read_whole() -> None:
    if request.method in SAFE_METHODS:
        return
    if not (session.get("_user_id") or session.get(FORMER)):
        request.max_content_length = STRANGERS
    if request.content_length is not None:
        # A server that says its stream ends by itself would have a form that broke off taken for a whole one.
        request.environ.pop("wsgi.input_terminated", None)
    request.get_data(parse_form_data=True)


def init_app(app: Flask) -> None:
    """Read bodies first; to be called before anything else that looks at requests and asks the database."""
    app.before_request(_read_whole)
