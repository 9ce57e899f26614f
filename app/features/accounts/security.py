"""The security manager over our own accounts: how one signs in, and what must come first."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import current_app, flash, redirect, request, url_for
from flask_login import current_user

from app.features.accounts import passwords
from app.features.accounts.models import PortalUser
from app.features.accounts.oidc_view import OidcSignInView
from app.features.accounts.queries import account_with_person
from app.features.accounts.sign_in_view import SignInView
from app.features.accounts.signing_in import sign_in, vouched_for
from app.kit import access, clock
from app.kit.i18n import _
from app.kit.security import PortalSecurityManager

_ALLOWED_FIRST = ("SignInView.", "OidcSignInView.", "portal_static", "static", "appbuilder.static", "LocaleView.")
_PASSWORD_PAGE = "OwnAccountView.password"
_OPEN_FIRST = (_PASSWORD_PAGE, "OwnAccountView.alive")


class OnePath(RuntimeError):
    """Flask-AppBuilder was asked to make an account or to set a password, which it would do without any of our rules."""


class AccountsSecurityManager(PortalSecurityManager):
    """Signs in `PortalUser` accounts."""

    user_model = PortalUser

    def register_views(self) -> None:
        self.authdbview = OidcSignInView if current_app.config["AUTH"] == "oidc" else SignInView
        super().register_views()
        current_app.before_request(_change_password_first)

    def get_user_by_id(self, pk: int) -> PortalUser | None:
        """The account with its person, whose name every page shows."""
        return account_with_person(pk)

    def auth_user_db(self, username: str | None, password: str | None) -> PortalUser | None:
        """The account that may go on; None in every other case, with the same work done."""
        if not passwords.kept_here():
            return None
        return sign_in(username or "", password or "", request.remote_addr or "")

    def auth_user_ldap(self, username: str | None, password: str | None) -> PortalUser | None:
        """The account that may go on after the directory has taken the password; it must exist here already."""
        return sign_in(username or "", password or "", request.remote_addr or "", self._directory_takes)

    def _directory_takes(self, username: str, password: str) -> bool:
        # A bind without a password succeeds at most directories, as nobody.
        return bool(password) and super().auth_user_ldap(username, password) is not None

    def auth_user_oauth(self, userinfo: dict[str, Any]) -> PortalUser | None:
        """The account another server vouches for; it must exist here already."""
        username = userinfo.get("username")
        return vouched_for(str(username), request.remote_addr or "") if username else None

    def update_user_auth_stat(self, user: Any, success: bool = True) -> None:
        """Sign-ins are counted in `signing_in`, in the transaction that decides."""

    def add_user(self, *args: Any, **kwargs: Any) -> Any:
        """Refused: accounts are made by `flask accounts add`, on the page of accounts, or by `flask portal init`."""
        raise OnePath("accounts are made by `flask accounts add`")

    add_register_user = add_user

    def reset_password(self, *args: Any, **kwargs: Any) -> Any:
        """Refused: passwords are set by `flask accounts reset` or on the pages of accounts."""
        raise OnePath("passwords are set by `flask accounts reset`")


def _change_password_first() -> Any:
    """Who signed in with a password that was handed to him, or is too old, sees nothing before he chose his own."""
    endpoint = request.endpoint or ""
    if endpoint in _OPEN_FIRST or endpoint.startswith(_ALLOWED_FIRST) or not passwords.kept_here():
        return None
    with access.everything("who is signed in"):
        waiting = current_user.is_authenticated and _must_change(current_user)
    if not waiting:
        return None
    flash(_("Please choose your own password first."), "info")
    return redirect(url_for(_PASSWORD_PAGE))


def _must_change(user: Any) -> bool:
    days = passwords.policy().max_days
    too_old = days and user.password_set_at and clock.now() - user.password_set_at > timedelta(days=days)
    return bool(user.must_change_password or too_old)
