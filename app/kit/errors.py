"""Error pages: what happened, what became of the input, a number to quote; never SQL, never a stack."""

from __future__ import annotations

import logging
import secrets
from contextlib import suppress
from typing import Any

from flask import Flask, current_app, g, jsonify, redirect, render_template, request
from flask_babel import force_locale
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException, SecurityError

from app.domain.errors import RuleBroken
from app.kit import bearers, redirects, resending, sessions, versions
from app.kit.access import NotAllowed
from app.kit.audit import AuditUnavailable
from app.kit.db import db
from app.kit.error_words import STATUS, Cause, cause_of, words
from app.kit.kept import kept_input
from app.kit.logs import request_id
from app.kit.problems import as_json, flash_all

log = logging.getLogger(__name__)


def wants_json() -> bool:
    """True for the requests of our own scripts and of machines."""
    return bearers.at_interface() or request.is_json or request.accept_mimetypes.best == "application/json"


def page(status: int, incident: str = "", cause: Cause = Cause.UNKNOWN) -> Any:
    """The error page, or its JSON; the number under which the log tells more is on both."""
    incident = incident or request_id() or ""
    try:
        return _told(status, incident, cause, alone=sessions.is_apart(request)), status
    except Exception:  # the frame of the page asks who is signed in: there may be no database and no known host
        log.exception("incident %s: the error page could not be made", incident)
        db.session.remove()
        with force_locale(current_app.config["BABEL_DEFAULT_LOCALE"]):
            return _told(status, incident, cause, alone=True), status


def _told(status: int, incident: str, cause: Cause, *, alone: bool = False) -> Any:
    title, said = words(status, cause)
    if wants_json():
        return jsonify(error=title, message=said, incident=incident)
    about = {"title": title, "words": said, "status": status, "incident": incident, "kept": kept_input()}
    if alone:  # past the context processors, which read the session
        return current_app.jinja_env.get_template("portal/error_alone.html").render(**about)
    return render_template("portal/error.html", **about)


def _http(error: HTTPException) -> Any:
    status = error.code or 500
    if status < 400:
        return error
    original = getattr(error, "original_exception", None)
    if original is not None:  # raised before or after the request was dispatched
        return _unexpected(original)
    html, status = page(status, cause=Cause.HOST if isinstance(error, SecurityError) else Cause.UNKNOWN)
    retry_after = getattr(error, "retry_after", None)
    return html, status, {"Retry-After": str(retry_after)} if retry_after else {}


def _not_allowed(error: NotAllowed) -> Any:
    db.session.rollback()
    return page(404 if error.hidden else 403)


def _rule_broken(error: RuleBroken) -> Any:
    db.session.rollback()
    if wants_json():
        return jsonify(problems=as_json(error.problems)), 422
    flash_all(error.problems)
    return redirect(redirects.previous() or "/")


def _stale(error: StaleDataError) -> Any:
    db.session.rollback()
    return page(409)


def _changed(error: versions.Changed) -> Any:
    """The act was about a row as it is no more: who changed it and when, and what was typed."""
    db.session.rollback()
    by, at = versions.last_change(error.table, error.row_id) or ("", None)
    title, said = words(409)
    if wants_json():
        return jsonify(error=title, message=said, changed_by=by), 409
    page = render_template(
        "portal/merge.html",
        title=title,
        about=error.about,
        gone=error.gone,
        merge=error.merge,
        action=request.path,
        changed_by=by,
        changed_at=at,
        kept=kept_input(),
        back=redirects.previous(),
    )
    return page, 409


def _unexpected(error: BaseException) -> Any:
    """What no rule foresaw: the page says what became of the input, the log everything under the same number."""
    with suppress(SQLAlchemyError):
        db.session.rollback()
    incident, cause = request_id() or secrets.token_hex(8), cause_of(error)
    log.error("incident %s at %s: %s", incident, request.path, cause or "unexpected", exc_info=error)
    if cause in (Cause.BUSY, Cause.DATABASE_AWAY, Cause.DISK_FULL):
        g.database_failed = True
    return page(STATUS.get(cause, 500), incident, cause)


def _csrf(error: CSRFError) -> Any:
    return resending.after_stale_token() or page(400, cause=Cause.TOKEN)


def init_app(app: Flask) -> None:
    """Every error has a page."""
    app.register_error_handler(CSRFError, _csrf)
    app.register_error_handler(NotAllowed, _not_allowed)
    app.register_error_handler(RuleBroken, _rule_broken)
    app.register_error_handler(StaleDataError, _stale)
    app.register_error_handler(versions.Changed, _changed)
    app.register_error_handler(DBAPIError, _unexpected)
    app.register_error_handler(AuditUnavailable, _unexpected)
    app.register_error_handler(OSError, _unexpected)
    app.register_error_handler(HTTPException, _http)
    if not app.config.get("TESTING"):
        app.register_error_handler(Exception, _unexpected)
