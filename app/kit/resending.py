"""What was typed on a page whose session had ended is not lost: it is shown, and sent again once the same person is back.

A form that arrives with a session that is over (too long idle, ended by a change of posts, …) gets a page that holds the
fields. The page carries a seal over them, the address and the account they were typed under. With the seal the form is
accepted instead of a CSRF token, from the same account alone: nobody else can make such a seal, and nobody else's goes through.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

from flask import Flask, current_app, g, jsonify, render_template, request, session
from itsdangerous import BadSignature, URLSafeTimedSerializer

from app.kit import access
from app.kit.db import SAFE_METHODS
from app.kit.i18n import _
from app.kit.kept import kept_input
from app.kit.sessions import FORMER

SEAL = "_kept"
_LASTS = 12 * 3600
_NEVER = frozenset({"password", "present", "again"})  # a page with a password is filled in anew
_MOST = 1_000_000


def seal_holds() -> bool:
    """True for a form that carries our seal over what it carries, typed under the account that now sends it."""
    if request.method in SAFE_METHODS or SEAL not in request.form:
        return False
    try:
        account, digest = _serializer().loads(request.form[SEAL], max_age=_LASTS)
    except BadSignature:
        return False
    holds = account == access.actor().user_id and digest == _digest()
    if holds:
        g.csrf_valid = True  # the forms of Flask-WTF ask as well
    return holds


def instead() -> Any:
    """The page that holds what was typed, when a form comes with a session that is over; else None."""
    if request.method in SAFE_METHODS or not session.get(FORMER) or access.actor() is not access.NOBODY:
        return None
    if request.blueprint == _sign_in() or _NEVER & request.form.keys():
        return None
    if request.is_json or request.accept_mimetypes.best == "application/json":
        words = _("Your session has ended. Sign in in another tab, come back to this page and go on.")
        return jsonify(error="signed out", message=words, problems=[]), 401
    return _page(session[FORMER])


def after_stale_token() -> Any:
    """The same page for whoever has signed in again in another tab and sends a form of before; else None.

    Only for a form of our own pages, as the browser itself says, and typed under the same account.
    """
    account = access.actor().user_id
    ours = request.headers.get("Origin") == request.host_url.rstrip("/")
    if not ours or account is None or session.get(FORMER) != account or _NEVER & request.form.keys():
        return None
    return _page(account)


def _page(account: int) -> Any:
    fields = [(name, value) for name, value in request.form.items(multi=True) if name not in ("csrf_token", SEAL)]
    whole = not request.files and sum(len(value) for _name, value in fields) <= _MOST
    page = render_template(
        "portal/ended.html",
        title=_("Your session has ended"),
        fields=fields if whole else (),
        seal=_serializer().dumps((account, _digest())) if whole else "",
        kept=kept_input(),
        back_again=access.actor().user_id == account,
    )
    return page, 401


def _sign_in() -> str:
    return str(current_app.appbuilder.sm.auth_view.endpoint)  # type: ignore[attr-defined]


def _digest() -> str:
    fields = sorted(
        (name, value.replace("\r\n", "\n"))
        for name, value in request.form.items(multi=True)
        if name not in ("csrf_token", SEAL)
    )
    return hashlib.sha256(json.dumps([request.full_path, fields]).encode()).hexdigest()


def _serializer() -> URLSafeTimedSerializer:
    fallbacks = current_app.config.get("SECRET_KEY_FALLBACKS") or ()
    return URLSafeTimedSerializer([*fallbacks, str(current_app.config["SECRET_KEY"])], salt="what was typed")


def init_app(app: Flask) -> None:
    """Ask before the CSRF check, which such a form cannot pass."""
    app.before_request(instead)
