"""One's own account: posts, rights in words, password, sessions."""

from __future__ import annotations

from typing import Any

from flask import abort, jsonify, redirect, session, url_for
from flask_appbuilder import expose
from flask_wtf.csrf import generate_csrf

from app.domain.rights import Verb
from app.features.accounts import matrix, passwords, queries, second_factor, services
from app.features.accounts.forms import CodeForm, PasswordForm
from app.features.org.queries import path_names
from app.kit import access
from app.kit.fab import PortalPageView, guarded
from app.kit.i18n import _
from app.kit.sessions import seconds_left, sessions_of, this_session

_ENROLLING = "enrolling"
"""Key of a session that is about to set up a second factor: the sealed secret the page shows."""


class OwnAccountView(PortalPageView):
    """Who I am here, what my posts allow, my password, my sessions."""

    route_base = "/account"
    default_view = "account"

    @expose("/")
    @guarded(Verb.VIEW)
    def account(self) -> Any:
        user = queries.user_by_id(access.actor().user_id or 0)
        posts = queries.posts_of_actor()
        return self.render_template(
            "accounts/templates/account.html",
            title=_("My account"),
            user=user,
            posts=[(post, matrix.in_words(post.role, access.actor().rights)) for post in posts],
            paths=path_names([post.unit for post in posts]),
            sessions=sessions_of(user.id),
            here=this_session(session),
            passwords_here=passwords.kept_here(),
            factor_is_ours=second_factor.is_ours(),
            factor_required=second_factor.required(access.actor()),
        )

    @expose("/password", methods=["GET", "POST"])
    @guarded(Verb.VIEW)
    def password(self) -> Any:
        if not passwords.kept_here():
            abort(404)
        form = PasswordForm()
        user = queries.user_by_id(access.actor().user_id or 0)
        if form.validate_on_submit() and form.accept(lambda: _change(user, form)):
            return self.act(lambda: None, _("The new password holds from now on."), url_for("OwnAccountView.account"))
        return self.render_template(
            "accounts/templates/password.html",
            title=_("Change password"),
            form=form,
            forced=user.must_change_password,
            policy=passwords.policy(),
        )

    @expose("/second-factor", methods=["GET", "POST"])
    @guarded(Verb.VIEW)
    def second_factor(self) -> Any:
        user = queries.user_by_id(access.actor().user_id or 0)
        if user.totp_secret is not None or not second_factor.is_ours():
            return redirect(url_for("OwnAccountView.account"))
        form, sealed, codes = CodeForm(), session.setdefault(_ENROLLING, second_factor.new_secret()), list[str]()
        if form.validate_on_submit() and form.accept(
            lambda: codes.extend(services.set_up_own_factor(user, sealed, form.code.data))
        ):
            session.pop(_ENROLLING)
            onward = url_for("OwnAccountView.account")
            page = "accounts/templates/recovery_codes.html"
            return self.render_template(page, title=_("Recovery codes"), codes=codes, onward=onward)
        return self.render_template(
            "accounts/templates/second_factor.html",
            title=_("Second factor"),
            form=form,
            picture=second_factor.picture(user.username, sealed),
            spelt=second_factor.spelt(sealed),
        )

    @expose("/alive")
    @guarded(Verb.VIEW)
    def alive(self) -> Any:
        """For the script of every page: who is signed in, for how long yet, and the token forms need now."""
        return jsonify(user=access.actor().user_id, left=seconds_left(), token=generate_csrf())

    @expose("/sessions/<string:name>/end", methods=["POST"])
    @guarded(Verb.VIEW)
    def end_session(self, name: str) -> Any:
        back = url_for("OwnAccountView.account")
        user_id = access.actor().user_id or 0
        return self.act(lambda: services.end_own_session(user_id, name), _("The session has ended."), back)


def _change(user: Any, form: PasswordForm) -> None:
    services.change_own_password(user, form.present.data, form.password.data, form.again.data, this_session(session))
