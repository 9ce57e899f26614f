"""What every answer carries, and the check every unsafe request passes."""

from __future__ import annotations

import secrets

from flask import Flask, Response, current_app, g, request
from flask_wtf.csrf import CSRFProtect

from app.kit import bearers, resending

POLICY = (
    "default-src 'self'; script-src 'self' 'nonce-{nonce}'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
    "font-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
_STATIC = ("portal_static", "appbuilder.static")


YEAR = 365 * 24 * 3600


def app_speaks_https() -> bool:
    """True for an installation that is reached by https alone."""
    return bool(current_app.config["PREFERRED_URL_SCHEME"] == "https")


def csp_nonce() -> str:
    """The nonce of this answer, for the scripts we write ourselves."""
    if "csp_nonce" not in g:
        g.csp_nonce = secrets.token_urlsafe(16)
    return g.csp_nonce  # type: ignore[no-any-return]


def _add_headers(response: Response) -> Response:
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    response.headers.setdefault("Referrer-Policy", "same-origin")
    if request.endpoint in _STATIC:
        if response.status_code < 400:
            response.headers["Cache-Control"] = "public, max-age=3600"  # not asked for again on every page
        return response
    response.headers["Content-Security-Policy"] = POLICY.format(nonce=csp_nonce())
    response.headers["X-Frame-Options"] = "DENY"  # for browsers that do not know frame-ancestors
    response.headers["Cache-Control"] = "no-store"  # pages, JSON and downloads alike: shared computers keep nothing
    response.headers.pop("Expires", None)
    if request.is_secure and app_speaks_https():
        response.headers["Strict-Transport-Security"] = f"max-age={YEAR}"
    return response


def init_app(app: Flask, csrf: CSRFProtect) -> None:
    """Headers on every answer; the CSRF check runs here, after Flask-AppBuilder, which would exempt its APIs."""

    resending.init_app(app)

    @app.before_request
    def _check_csrf() -> None:
        if app.config["WTF_CSRF_ENABLED"] and not bearers.opened() and not resending.seal_holds():
            csrf.protect()

    app.config.setdefault("WTF_CSRF_ENABLED", True)
    # A Jinja global, not a context processor: Flask-AppBuilder imports its macros without context.
    app.jinja_env.globals["csp_nonce"] = csp_nonce
    app.after_request(_add_headers)
