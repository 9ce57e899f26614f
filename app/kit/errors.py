"""Error pages: what happened, what became of the input, a number to quote; never SQL, never a stack."""

from __future__ import annotations

import logging
import secrets
from typing import Any

from flask import Flask, flash, jsonify, redirect, render_template, request
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException

from app.domain.errors import RuleBroken
from app.kit import resending
from app.kit.access import NotAllowed
from app.kit.db import db
from app.kit.i18n import _
from app.kit.problems import as_json, sentence

log = logging.getLogger(__name__)


def wants_json() -> bool:
    """True for the requests of our own scripts and of machines."""
    return request.is_json or request.accept_mimetypes.best == "application/json"


def _words(status: int) -> tuple[str, str]:
    table = {
        400: (_("The request was not understood"), _("Go back, reload the page and try again. Nothing was saved.")),
        403: (
            _("Not yours to do"),
            _("Your post does not include this. Ask the administrator of your township or county."),
        ),
        404: (_("Not found"), _("It does not exist, or it lies outside your area.")),
        405: (_("Not found"), _("It does not exist, or it lies outside your area.")),
        409: (
            _("Somebody was faster"),
            _("Another person saved this record meanwhile. Reload, compare and save again."),
        ),
        413: (
            _("The file is too large"),
            _("The limit is 50 MB. Split the workbook and upload the parts. Nothing was saved."),
        ),
        429: (_("Too many attempts"), _("Wait a few minutes and try again.")),
        503: (
            _("Busy for a moment"),
            _("The database is locked by other work. Nothing was saved: go back and send it again."),
        ),
    }
    return table.get(
        status,
        (
            _("Sorry, something went wrong"),
            _("Nothing of this request was saved. Quote the number below when you report it."),
        ),
    )


def page(status: int, incident: str = "") -> Any:
    """The error page, or its JSON."""
    title, words = _words(status)
    if wants_json():
        return jsonify(error=title, message=words, incident=incident), status
    return render_template("portal/error.html", title=title, words=words, status=status, incident=incident), status


def _http(error: HTTPException) -> Any:
    return page(error.code or 500) if (error.code or 500) >= 400 else error


def _not_allowed(error: NotAllowed) -> Any:
    db.session.rollback()
    return page(404 if error.hidden else 403)


def _rule_broken(error: RuleBroken) -> Any:
    db.session.rollback()
    if wants_json():
        return jsonify(problems=as_json(error.problems)), 422
    for problem in error.problems:
        flash(sentence(problem), "danger")
    back = request.referrer or "/"
    return redirect(back if back.startswith(request.host_url) else "/")


def _stale(error: StaleDataError) -> Any:
    db.session.rollback()
    return page(409)


def _busy(error: OperationalError) -> Any:
    db.session.rollback()
    if "locked" in str(error.orig):
        return page(503)
    return _unexpected(error)


def _unexpected(error: Exception) -> Any:
    db.session.rollback()
    incident = secrets.token_hex(4).upper()
    log.exception("incident %s at %s", incident, request.path)
    return page(500, incident)


def _csrf(error: CSRFError) -> Any:
    return resending.after_stale_token() or page(400)


def init_app(app: Flask) -> None:
    """Every error has a page."""
    app.register_error_handler(CSRFError, _csrf)
    app.register_error_handler(NotAllowed, _not_allowed)
    app.register_error_handler(RuleBroken, _rule_broken)
    app.register_error_handler(StaleDataError, _stale)
    app.register_error_handler(OperationalError, _busy)
    app.register_error_handler(HTTPException, _http)
    if not app.config.get("TESTING"):
        app.register_error_handler(Exception, _unexpected)
