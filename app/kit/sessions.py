"""Sessions are rows of ours; the cookie holds only a random id, so that signing out ends them everywhere."""

from __future__ import annotations

import hashlib
import json
import logging
import secrets
from collections.abc import Collection
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from flask import Flask, Request, Response, current_app, g, session
from flask.sessions import SessionInterface, SessionMixin
from sqlalchemy import Integer, String, Text, bindparam, delete, insert, select, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Mapped, mapped_column
from werkzeug.datastructures import CallbackDict

from app.kit import access, clock
from app.kit.db import Base, Instant, db, side_connection

log = logging.getLogger(__name__)


class WebSession(Base):
    """One browser's session; `token_hash` is the SHA-256 of the cookie, so a copied table opens nothing."""

    __tablename__ = "web_session"
    __scope__ = access.Unscoped("belongs to a browser")
    __audited__ = False

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[int | None] = mapped_column(Integer, index=True)
    payload: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(Instant())
    seen_at: Mapped[datetime] = mapped_column(Instant(), index=True)
    # An ended session stays for some days, empty: it tells whose input a page holds that is sent too late.
    ended_at: Mapped[datetime | None] = mapped_column(Instant())


FORMER = "_former"
"""Key of a session that took the place of one that is over: the account that one belonged to."""

STATIC = "/static/"
_KEPT_FOR = timedelta(days=2)
_CHUNK = 5000


class _Session(CallbackDict[str, Any], SessionMixin):
    def __init__(self, initial: dict[str, Any], token: str | None, row: Any = None, *, is_apart: bool = False) -> None:
        def on_update(_self: Any) -> None:
            self.modified = True

        super().__init__(initial, on_update)
        self.token = token
        self.stored: str = row.payload if row is not None else ""
        self.created_at: datetime | None = row.created_at if row is not None else None
        self.seen_at: datetime | None = row.seen_at if row is not None else None
        self.new = token is None
        self.modified = False
        self.renew = False
        self.is_apart = is_apart


def is_apart(request: Request) -> bool:
    """True for a file of our own, which is sent without a session: none is read, none is made, none is ended."""
    return request.path.startswith(STATIC)  # by path: Flask opens the session before it knows the endpoint


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _limits(app: Flask) -> tuple[timedelta, timedelta]:
    """For how long a session may lie unused, and how old it may become."""
    return timedelta(minutes=app.config["SESSION_IDLE_MINUTES"]), timedelta(hours=app.config["SESSION_ABSOLUTE_HOURS"])


@lru_cache(maxsize=1)
def _by_token() -> Any:
    """The statement every request begins with, made once."""
    table = WebSession.__table__
    return select(table).where(table.c.token_hash == bindparam("token_hash"))


class DatabaseSessions(SessionInterface):
    """Flask's session kept in the table above, with idle and absolute limits."""

    def open_session(self, app: Flask, request: Request) -> _Session:
        token = request.cookies.get(self.get_cookie_name(app))
        if is_apart(request):
            return _Session({}, None, is_apart=True)
        if not token:
            return _Session({}, None)
        row = self._row(token)
        if row is None:
            return _Session({}, None)
        if row.ended_at or self.over(app, row.created_at, row.seen_at):
            return _Session({FORMER: row.user_id} if row.user_id else {}, None)
        return _Session(json.loads(row.payload), token, row)

    @staticmethod
    def _row(token: str) -> Any:
        with side_connection(writes=False) as connection:
            return connection.execute(_by_token(), {"token_hash": _hash(token)}).one_or_none()

    @staticmethod
    def over(app: Flask, created_at: datetime, seen_at: datetime) -> bool:
        """True when a session was not used for too long, or is too old."""
        idle, absolute = _limits(app)
        return clock.now() - seen_at > idle or clock.now() - created_at > absolute

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        if g.get("database_failed"):  # the page says so already; a second wait for the same lock helps nobody
            return
        assert isinstance(session, _Session)
        if session.is_apart:  # an error page that put something into it must not take the place of the browser's own
            return
        name, path = self.get_cookie_name(app), self.get_cookie_path(app)
        if not session:
            if session.token:
                self._end(session.token)
                response.delete_cookie(name, path=path)
            return
        try:
            token = self._store(session)
        except DBAPIError:
            if session.token is None or session.renew:
                raise
            # The answer stands: whoever has a session keeps it, only the time he was seen is not noted.
            log.warning("a session could not be stored", exc_info=True)
            return
        if token != session.token or session.new:
            response.set_cookie(
                name,
                token,
                httponly=True,
                secure=self.get_cookie_secure(app),
                samesite=self.get_cookie_samesite(app),
                path=path,
            )
        response.vary.add("Cookie")

    def _store(self, session: _Session) -> str:
        """Write what changed; the id changes at sign-in and sign-out, so that a planted cookie gains nothing."""
        stale = session.seen_at is None or clock.now() - session.seen_at > timedelta(minutes=1)
        payload = json.dumps(dict(session), default=str)
        # Compared, for Flask-AppBuilder marks the session as modified on every list page.
        if session.token and payload == session.stored and not session.renew and not stale:
            return session.token
        # The response stands; what the request did not commit must not hold the write lock against us.
        db.session.rollback()
        user_id = int(session["_user_id"]) if session.get("_user_id") else None
        values = {"payload": payload, "seen_at": clock.now(), "user_id": user_id}
        table = WebSession.__table__
        with side_connection() as connection:
            if session.token and not session.renew:
                still_open = (table.c.token_hash == _hash(session.token), table.c.ended_at.is_(None))
                connection.execute(update(table).where(*still_open).values(values))
                return session.token
            if session.token:
                connection.execute(delete(table).where(table.c.token_hash == _hash(session.token)))
            connection.execute(delete(table).where(table.c.seen_at < clock.now() - _KEPT_FOR))
            token = secrets.token_urlsafe(32)
            connection.execute(insert(table).values(token_hash=_hash(token), created_at=clock.now(), **values))
            return token

    @staticmethod
    def _end(token: str) -> None:
        db.session.rollback()
        with side_connection() as connection:
            connection.execute(delete(WebSession.__table__).where(WebSession.token_hash == _hash(token)))


def end_sessions_of(user_ids: int | Collection[int], *, only: str | None = None, but: str | None = None) -> None:
    """End the sessions of accounts: after a reset or a disabled account all, else the one named, or all but one."""
    wanted = sorted({user_ids} if isinstance(user_ids, int) else set(user_ids))
    table = WebSession.__table__
    for start in range(0, len(wanted), _CHUNK):
        statement = update(table).where(table.c.user_id.in_(wanted[start : start + _CHUNK]), table.c.ended_at.is_(None))
        if only is not None:
            statement = statement.where(table.c.token_hash == only)
        if but is not None:
            statement = statement.where(table.c.token_hash != but)
        # On the connection, for this also runs inside a flush: whoever changes posts ends sessions.
        db.session.connection().execute(statement.values(payload="{}", ended_at=clock.now()))


def sessions_of(user_id: int) -> list[WebSession]:
    """The sessions of an account that are open, the last used first."""
    statement = select(WebSession).where(WebSession.user_id == user_id, WebSession.ended_at.is_(None))
    rows = db.session.scalars(statement.order_by(WebSession.seen_at.desc()))
    return [row for row in rows if not DatabaseSessions.over(current_app, row.created_at, row.seen_at)]


def this_session(session: SessionMixin) -> str:
    """The name under which the browser's session is kept; empty before it is stored."""
    token = getattr(session, "token", None)
    return _hash(token) if token else ""


def seconds_left() -> int:
    """For how long the session of this request goes on if nothing more is asked of the portal."""
    (idle, whole), created_at = _limits(current_app), getattr(session, "created_at", None)
    left = min(idle, created_at + whole - clock.now()) if created_at else idle
    return max(int(left.total_seconds()), 0)


def init_app(app: Flask) -> None:
    """Use database sessions."""
    app.session_interface = DatabaseSessions()
