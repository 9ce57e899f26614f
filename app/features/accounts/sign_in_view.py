"""The sign-in page on our template, the page of the second factor behind it, and signing out by POST."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from flask import current_app, flash, g, redirect, request, session, url_for
from flask_appbuilder import expose
from flask_appbuilder.security.decorators import no_cache
from flask_appbuilder.security.forms import LoginForm_db
from flask_appbuilder.security.views import AuthDBView
from flask_login import login_user, logout_user

from app.features.accounts import second_factor, signing_in
from app.features.accounts.demo import account_lines
from app.features.accounts.models import PortalUser
from app.features.accounts.queries import account_with_person
from app.kit import clock, redirects
from app.kit.i18n import _, _l
from app.kit.sessions import FORMER

WAITING = "waiting"
"""Key of a session that has given a right password and owes a code: it opens the page of the code and no other."""

_WAITS_FOR = timedelta(minutes=5)


class SignInView(AuthDBView):  # type: ignore[misc]
    """One answer to every refused sign-in; the session id changes at sign-in, and ends at sign-out."""

    invalid_login_message = _l(
        "User name or password is not right, or the account cannot be used now. After five wrong passwords it is locked for ten minutes."
    )
    title = _l("Sign in")
    login_template = "appbuilder/general/security/login_db.html"

    def render_template(self, template: str, **kwargs: Any) -> Any:
        lines = account_lines() if current_app.config["DEMO"] else []
        return super().render_template(template, demo_lines=lines, **kwargs)

    @expose("/login/", methods=["GET", "POST"])
    @no_cache
    def login(self) -> Any:
        wanted = redirects.local(request.args.get("next"))
        if g.user is not None and g.user.is_authenticated:
            return redirect(wanted or self.appbuilder.get_url_for_index)
        form = LoginForm_db()
        if form.validate_on_submit():
            user = self._proved(form.username.data, form.password.data)
            return self._go_on(user, wanted) if user else self._refuse(wanted)
        ended = FORMER in session and request.method == "GET"
        return self.render_template(self.login_template, title=self.title, form=form, ended=ended)

    def _proved(self, username: str, password: str) -> PortalUser | None:
        sm = self.appbuilder.sm
        prove = sm.auth_user_ldap if current_app.config["AUTH"] == "ldap" else sm.auth_user_db
        return prove(username, password)

    def _refuse(self, wanted: str) -> Any:
        flash(str(self.invalid_login_message), "warning")
        return redirect(url_for(f"{self.endpoint}.login", next=wanted or None))

    def _go_on(self, user: PortalUser, wanted: str) -> Any:
        if not second_factor.owed(user):
            login_user(user, remember=False)
            return redirect(wanted or self.appbuilder.get_url_for_index)
        session[WAITING] = {
            "user": user.id,
            "at": clock.now().isoformat(),
            "password": str(user.password_set_at),
            "next": wanted,
            "secret": None if user.totp_secret else second_factor.new_secret(),
        }
        session.renew = True
        return redirect(url_for(f"{self.endpoint}.second_step"))

    @expose("/login/code", methods=["GET", "POST"])
    @no_cache
    def second_step(self) -> Any:
        waiting = session.get(WAITING) or {}
        user = _who_waits(waiting)
        if user is None:
            session.pop(WAITING, None)
            return redirect(url_for(f"{self.endpoint}.login"))
        if request.method == "POST":
            code, address = request.form.get("code", "")[:40], request.remote_addr or ""
            entered = signing_in.enter_code(user.id, code, address, waiting["secret"])
            if entered is None and not _who_waits(waiting):
                session.pop(WAITING, None)
                return self._refuse(waiting["next"])
            if entered is not None:
                return self._entered(entered, waiting["next"])
            flash(_("The code is not right, or it was used before. Wait for the next one."), "warning")
            return redirect(url_for(f"{self.endpoint}.second_step"))
        return self.render_template(
            "accounts/templates/second_step.html",
            title=_("Second factor"),
            picture=second_factor.picture(user.username, waiting["secret"]) if waiting["secret"] else "",
            spelt=second_factor.spelt(waiting["secret"]) if waiting["secret"] else "",
        )

    def _entered(self, entered: signing_in.Entered, wanted: str) -> Any:
        session.pop(WAITING, None)
        login_user(entered.user, remember=False)
        onward = wanted or self.appbuilder.get_url_for_index
        if not entered.codes:
            return redirect(onward)
        return self.render_template(
            "accounts/templates/recovery_codes.html", title=_("Recovery codes"), codes=entered.codes, onward=onward
        )

    @expose("/logout/", methods=["POST"])
    def logout(self) -> Any:
        logout_user()
        return redirect(self.appbuilder.get_url_for_login)


def _who_waits(waiting: dict[str, Any]) -> PortalUser | None:
    """The account whose password was right some minutes ago, while it is still that password and nothing else stands against it."""
    if not waiting or clock.now() - datetime.fromisoformat(waiting["at"]) > _WAITS_FOR:
        return None
    user = account_with_person(waiting["user"])
    unchanged = user is not None and str(user.password_set_at) == waiting["password"]
    return user if user is not None and unchanged and signing_in.may_go_on(user) else None
