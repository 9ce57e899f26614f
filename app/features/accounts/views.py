"""Pages of accounts: one's own account, the accounts of others, the rights table."""

from __future__ import annotations

from typing import Any

from flask import abort, redirect, request, session, url_for
from flask_appbuilder import expose

from app.domain.rights import Resource, Role, Verb
from app.features.accounts import passwords, queries, services
from app.features.accounts.forms import AccountForm, PasswordForm
from app.features.org.queries import path_names
from app.kit import access, names
from app.kit.fab import PortalPageView, Screen, guarded
from app.kit.i18n import _, _l
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
            posts=[(post, rights_in_words(Role(post.role))) for post in posts],
            paths=path_names([post.unit for post in posts]),
            sessions=sessions_of(user.id),
            here=this_session(session),
        )

    @expose("/password", methods=["GET", "POST"])
    @guarded(Verb.VIEW)
    def password(self) -> Any:
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


def rights_in_words(role: Role) -> list[tuple[str, str]]:
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


class AccountView(PortalPageView):
    """The accounts, for the system administrator; the security administrator unlocks."""

    route_base = "/accounts"
    default_view = "accounts"
    resource = Resource.ACCOUNTS

    @expose("/")
    @guarded(Verb.VIEW)
    def accounts(self) -> Any:
        typed, state = request.args.get("q", "")[:50], request.args.get("state", "")
        page = max(request.args.get("page", 1, type=int), 1)
        lines, total = queries.accounts(typed, state, page)
        return self.render_template(
            "accounts/templates/accounts.html",
            title=_("Accounts"),
            lines=lines,
            total=total,
            page=page,
            pages=-(-total // queries.PAGE),
            typed=typed,
            state=state,
        )

    @expose("/<int:user_id>")
    @guarded(Verb.VIEW)
    def show(self, user_id: int) -> Any:
        return self._show(user_id)

    def _show(self, user_id: int, password: str = "") -> Any:
        line = queries.account_line(queries.user_by_id(user_id))
        return self.render_template(
            "accounts/templates/account_of.html", title=line.user.username, line=line, password=password
        )

    @expose("/add", methods=["GET", "POST"])
    @guarded(Verb.EDIT)
    def add(self) -> Any:
        form, typed = AccountForm(), request.args.get("q", "")[:50]
        person_id = request.values.get("person", type=int)
        person = queries.person_without_account(person_id) if person_id else None
        if person_id and person is None:
            abort(404)
        password = passwords.random_password()
        if person and form.validate_on_submit():
            made: list[Any] = []
            if form.accept(lambda: made.append(services.add_account(form.username.data, password, person))):
                return self._show(made[0].id, password)
        persons = queries.persons_without_account(typed)
        return self.render_template(
            "accounts/templates/account_add.html",
            title=_("New account"),
            form=form,
            typed=typed,
            person=person,
            persons=persons,
            paths=path_names([one.unit for one in (*persons, *([person] if person else []))]),
        )

    @expose("/<int:user_id>/reset", methods=["POST"])
    @guarded(Verb.EDIT)
    def reset(self, user_id: int) -> Any:
        shown: list[str] = []
        back = url_for("AccountView.show", user_id=user_id)
        user = queries.user_by_id(user_id)
        refused = self.act(lambda: shown.append(services.reset_password(user)), _("The password was reset."), back)
        return self._show(user_id, shown[0]) if shown else refused

    @expose("/<int:user_id>/deactivate", methods=["POST"])
    @guarded(Verb.EDIT)
    def deactivate(self, user_id: int) -> Any:
        user, back = queries.user_by_id(user_id), url_for("AccountView.show", user_id=user_id)
        return self.act(lambda: services.set_active(user, False), _("The account is deactivated and signed out."), back)

    @expose("/<int:user_id>/activate", methods=["POST"])
    @guarded(Verb.EDIT)
    def activate(self, user_id: int) -> Any:
        user, back = queries.user_by_id(user_id), url_for("AccountView.show", user_id=user_id)
        return self.act(lambda: services.set_active(user, True), _("The account may sign in again."), back)

    @expose("/<int:user_id>/unlock", methods=["POST"])
    @guarded(Verb.EDIT, Resource.RIGHTS)
    def unlock(self, user_id: int) -> Any:
        user, back = queries.user_by_id(user_id), url_for("AccountView.show", user_id=user_id)
        return self.act(lambda: services.unlock(user), _("The account is unlocked."), back)


class RightsView(PortalPageView):
    """The rights table and the roles Flask-AppBuilder keeps, to read."""

    route_base = "/rights"
    default_view = "rights"
    resource = Resource.RIGHTS

    @expose("/")
    @guarded(Verb.VIEW)
    def rights(self) -> Any:
        chosen = request.args.get("role", Role.SUPERVISOR.value)
        if chosen not in set(Role):
            return redirect(url_for("RightsView.rights"))
        table = queries.rights_table()
        verbs = [verb for verb in Verb if any((Role(chosen), resource, verb) in table for resource in Resource)]
        rows = [
            (names.resource(resource), [table.get((Role(chosen), resource, verb)) for verb in verbs])
            for resource in Resource
        ]
        return self.render_template(
            "accounts/templates/rights.html",
            title=_("Rights"),
            chosen=chosen,
            roles=names.roles(),
            verbs=[names.verb(verb) for verb in verbs],
            rows=rows,
            reach_name=names.reach,
            framework_roles=queries.framework_roles(),
        )


VIEWS = [
    Screen(OwnAccountView),
    Screen(AccountView, _l("Accounts"), "admin", "fa-users", order=10),
    Screen(RightsView, _l("Rights"), "admin", "fa-key", order=20),
]
