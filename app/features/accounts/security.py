"""The security manager over our own accounts: how one signs in, and what must come first."""

from __future__ import annotations

from typing import Any

from flask import current_app, flash, redirect, request, url_for
from flask_login import current_user

from app.features.accounts.models import PortalUser
from app.features.accounts.queries import account_with_person
from app.features.accounts.sign_in_view import SignInView
from app.features.accounts.signing_in import sign_in
from app.kit import access
from app.kit.i18n import _
from app.kit.security import PortalSecurityManager

_ALLOWED_FIRST = ("OwnAccountView.", "SignInView.", "portal_static", "static", "appbuilder.static", "LocaleView.")


class AccountsSecurityManager(PortalSecurityManager):
    """Signs in `PortalUser` accounts."""

    user_model = PortalUser
    authdbview = SignInView

    def register_views(self) -> None:
        super().register_views()
        current_app.before_request(_change_password_first)

    def get_user_by_id(self, pk: int) -> PortalUser | None:
        """The account with its person, whose name every page shows."""
        return account_with_person(pk)

    def auth_user_db(self, username: str | None, password: str | None) -> PortalUser | None:
        """The account that may go on; None in every other case, with the same work done."""
        return sign_in(username or "", password or "", request.remote_addr or "")


def _change_password_first() -> Any:
    """Who signed in with a password that was handed to him sees nothing before he chose his own."""
    if (request.endpoint or "").startswith(_ALLOWED_FIRST):
        return None
    with access.everything("who is signed in"):
        waiting = current_user.is_authenticated and getattr(current_user, "must_change_password", False)
    if not waiting:
        return None
    flash(_("Please choose your own password first."), "info")
    return redirect(url_for("OwnAccountView.password"))
