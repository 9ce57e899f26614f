"""What was refused to somebody signed in stands in the trail: a right that is missing, a row that is not his to see."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask, Response, request

from app.kit import access, audit

PAGE = "page"


def _note(response: Response) -> Response:
    if response.status_code in (403, 404) and _names_something(response.status_code):
        note(response.status_code)
    return response


def note(status: int) -> None:
    """Write down that the page of this request was refused to whoever is signed in."""
    if access.actor() is not access.NOBODY:
        facts = {"status": status, "method": request.method, "path": request.path}
        audit.record_apart("refused", PAGE, request.path[:64], facts)


def _names_something(status: int) -> bool:
    """True for a page that exists, and for one that is asked for a row; an address nobody made is no attempt at anything."""
    if request.url_rule is None or (request.endpoint or "").endswith("static"):
        return False
    return status == 403 or bool(request.view_args)


@contextmanager
def noted() -> Iterator[None]:
    """The same for a command that runs as an account."""
    try:
        yield
    except access.NotAllowed as refusal:
        audit.record_apart("refused", "command", str(refusal.resource)[:64], {"verb": str(refusal.verb)})
        raise


def init_app(app: Flask) -> None:
    """Look at every answer."""
    app.after_request(_note)
