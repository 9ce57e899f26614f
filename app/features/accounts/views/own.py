"""One's own account: posts, rights in words, password, sessions."""

from __future__ import annotations

from typing import Any

from flask import abort, session, url_for
from flask_appbuilder import expose

from app.domain.rights import Resource, Verb
from app.features.accounts import passwords, queries, second_factor, services
from app.features.accounts.forms import CodeForm, PasswordForm
from app.features.org.queries import path_names
from app.kit import access, names
from app.kit.fab import PortalPageView, guarded
from app.kit.i18n import _
from app.kit.sessions import sessions_of, this_session


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
            posts=[(post, rights_in_words(post.role)) for post in posts],
            paths=path_names([post.unit for post in posts]),
            sessions=sessions_of(user.id),
            here=this_session(session),
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

    @expose("/sessions/<string:name>/end", methods=["POST"])
    @guarded(Verb.VIEW)
    def end_session(self, name: str) -> Any:
        back = url_for("OwnAccountView.account")
        user_id = access.actor().user_id or 0
        return self.act(lambda: services.end_own_session(user_id, name), _("The session has ended."), back)


def _change(user: Any, form: PasswordForm) -> None:
    services.change_own_password(user, form.present.data, form.password.data, form.again.data, this_session(session))


def rights_in_words(role: str) -> list[tuple[str, str]]:
    """What a role may do, as (thing, verbs with their reach)."""
    lines = []
    for resource in Resource:
        parts = [
            _("%(verb)s (%(reach)s)", verb=names.verb(verb), reach=names.reach(reach))
            for verb in Verb
            if (reach := access.actor().rights.get((role, resource, verb)))
        ]
        if parts:
            lines.append((names.resource(resource), "；".join(parts)))
    return lines
