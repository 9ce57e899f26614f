"""The sign-in page on our template, and signing out by POST."""

from __future__ import annotations

from typing import Any

from flask import current_app, redirect
from flask_appbuilder import expose
from flask_appbuilder.security.views import AuthDBView
from flask_login import logout_user

from app.features.accounts.demo import account_lines
from app.kit.i18n import _l


class SignInView(AuthDBView):  # type: ignore[misc]
    """One answer to every refused sign-in; the session id changes at sign-in, and ends at sign-out."""

    invalid_login_message = _l(
        "User name or password is not right, or the account cannot be used now. After five wrong passwords it is locked for ten minutes."
    )
    title = _l("Sign in")

    def render_template(self, template: str, **kwargs: Any) -> Any:
        lines = account_lines() if current_app.config["DEMO"] else []
        return super().render_template(template, demo_lines=lines, **kwargs)

    @expose("/logout/", methods=["POST"])
    def logout(self) -> Any:
        logout_user()
        return redirect(self.appbuilder.get_url_for_login)
