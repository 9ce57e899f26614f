"""A request sent twice is done once: the key a form carries is kept in the transaction of what the form did."""

from __future__ import annotations

import hashlib
import re
import secrets
from datetime import datetime, timedelta
from typing import Any

from flask import Flask, Response, flash, g, has_request_context, redirect, render_template, request, session
from markupsafe import Markup
from sqlalchemy import Integer, String, Text, delete, event, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column

from app.kit import access, clock, redirects
from app.kit.db import Base, Instant, db, reads_only, side_connection, transaction
from app.kit.i18n import _

FIELD, HEADER = "request_key", "X-Request-Key"
KEEP = timedelta(days=2)
BODY_CAP = 200_000
_SHAPE = re.compile(r"[A-Za-z0-9_-]{16,64}")


class RequestKey(Base):
    """One unsafe request that was done, and what it answered, for whoever sends it again."""

    __tablename__ = "request_key"
    __scope__ = access.Unscoped("belongs to one form on one page of one user")
    __audited__ = False

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[int | None] = mapped_column(Integer)
    path: Mapped[str] = mapped_column(String(400))
    made_at: Mapped[datetime] = mapped_column(Instant(), index=True)
    status: Mapped[int | None]
    location: Mapped[str | None] = mapped_column(String(1000))
    body: Mapped[str | None] = mapped_column(Text)


class AlreadyDone(Exception):
    """The request was done before; the answer is the one it got then."""


def form_key() -> Markup:
    """The hidden input that every form which changes something carries: a key of its own, made when the page is."""
    return Markup('<input type="hidden" name="%s" value="%s">') % (FIELD, secrets.token_urlsafe(16))


def _key_of_request() -> str | None:
    """The key under which this request is kept: it counts for one account at one address only."""
    if reads_only() or request.endpoint is None or not session.get("_user_id"):
        return None
    sent = request.headers.get(HEADER) or request.form.get(FIELD, "")
    if not _SHAPE.fullmatch(sent):
        return None
    return hashlib.sha256(f"{session['_user_id']} {request.path} {sent}".encode()).hexdigest()


def _claim() -> Any:
    """Take the key at the start of the request; whoever comes second waits here for the first, and is told its answer."""
    g.request_key = _key_of_request()
    if g.request_key is None:
        return None
    try:
        _hold()
    except AlreadyDone:
        return _answered()
    return None


def _hold() -> None:
    """Put the key into the open transaction: it stays when the request's writes stay, and goes when they are refused."""
    row = {
        "key": g.request_key,
        "user_id": int(session["_user_id"]),
        "path": request.path[:400],
        "made_at": clock.now(),
    }
    try:
        db.session.connection().execute(insert(RequestKey.__table__).values(row))  # type: ignore[arg-type]
    except IntegrityError as taken:
        db.session.rollback()
        raise AlreadyDone from taken
    g.request_key_held = True


def _waiting() -> bool:
    return has_request_context() and g.get("request_key") is not None


def _before_commit(_session: Any) -> None:
    # A refusal rolled the key back; what the request writes after that must carry it again.
    if _waiting() and not g.get("request_key_held"):
        _hold()


def _after_commit(open_session: Any) -> None:
    # The end of a savepoint is no commit: what follows may still be refused as a whole.
    if _waiting() and g.get("request_key_held") and not open_session.in_nested_transaction():
        g.request_key_kept = True


def _after_rollback(_session: Any) -> None:
    if _waiting() and not g.get("request_key_kept"):
        g.request_key_held = False


def _answered() -> Any:
    """What the first request was answered; when that is not known (yet), a page that says it is done and leads back."""
    found = db.session.execute(
        select(RequestKey.status, RequestKey.location, RequestKey.body).where(RequestKey.key == g.request_key)
    ).one_or_none()
    g.request_key = None
    if found is not None and found.body is not None:
        return Response(found.body, status=found.status, mimetype="application/json")
    if found is not None and found.location:
        flash(_("This was sent twice. It was done once."), "info")
        return redirect(found.location)
    return render_template("portal/done.html", back=redirects.previous())


def _keep_answer(response: Response) -> Response:
    """Write down what was answered, for whoever sends it again; a request that failed after all may be sent again."""
    if g.get("request_key") is None or not g.get("request_key_kept"):
        return response
    db.session.rollback()  # the answer stands; nothing left open may hold the write lock against us
    row = RequestKey.__table__
    mine = row.c.key == g.request_key
    with side_connection() as connection:
        if response.status_code >= 400:
            connection.execute(delete(row).where(mine))  # type: ignore[arg-type]
        else:
            values = {"status": response.status_code, "location": response.location, "body": _body(response)}
            connection.execute(update(row).where(mine).values(values))  # type: ignore[arg-type]
    return response


def _body(response: Response) -> str | None:
    if not response.is_json or response.direct_passthrough:
        return None
    body = response.get_data(as_text=True)
    return body if len(body) <= BODY_CAP else None


def purge_request_keys() -> int:
    """The number of keys forgotten because nobody sends such a form again."""
    with transaction() as open_session:
        gone = open_session.execute(delete(RequestKey).where(RequestKey.made_at < clock.now() - KEEP))
    return int(gone.rowcount)  # type: ignore[attr-defined]


def init_app(app: Flask) -> None:
    """Claim the key of every unsafe request, after its token has been checked."""
    if not event.contains(db.session, "before_commit", _before_commit):
        event.listen(db.session, "before_commit", _before_commit)
        event.listen(db.session, "after_commit", _after_commit)
        event.listen(db.session, "after_rollback", _after_rollback)
    app.before_request(_claim)
    app.after_request(_keep_answer)
    app.register_error_handler(AlreadyDone, lambda _again: _answered())
    app.jinja_env.globals["form_key"] = form_key
