"""The accounts of others, for the administrators."""

from __future__ import annotations

from typing import Any

from flask import abort, request, url_for
from flask_appbuilder import expose

from app.domain.rights import Resource, Verb
from app.features.accounts import passwords, queries, services
from app.features.accounts.forms import AccountForm
from app.features.org.queries import path_names
from app.kit import clock
from app.kit.fab import PortalPageView, guarded
from app.kit.i18n import _


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
            now=clock.now(),
            dormant_days=queries.DORMANT_DAYS,
        )

    @expose("/<int:user_id>")
    @guarded(Verb.VIEW)
    def show(self, user_id: int) -> Any:
        return self._show(user_id)

    def _show(self, user_id: int, password: str | None = None, made: bool = False) -> Any:
        line = queries.account_line(queries.user_by_id(user_id))
        return self.render_template(
            "accounts/templates/account_of.html",
            title=line.user.username,
            line=line,
            password=password,
            now=clock.now(),
            passwords_here=passwords.kept_here(),
            made=made,
        )

    @expose("/add", methods=["GET", "POST"])
    @guarded(Verb.EDIT)
    def add(self) -> Any:
        form, typed = AccountForm(), request.args.get("q", "")[:50]
        person_id = request.values.get("person", type=int)
        person = queries.person_without_account(person_id) if person_id else None
        if person_id and person is None:
            abort(404)
        password = passwords.random_password() if passwords.kept_here() else None
        if person and form.validate_on_submit():
            made: list[Any] = []
            if form.accept(lambda: made.append(services.add_account(form.username.data, password, person))):
                return self._show(made[0].id, password, made=True)
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
        if not passwords.kept_here():
            abort(404)
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

    @expose("/<int:user_id>/reset-factor", methods=["POST"])
    @guarded(Verb.EDIT, Resource.RIGHTS)
    def reset_factor(self, user_id: int) -> Any:
        user, back = queries.user_by_id(user_id), url_for("AccountView.show", user_id=user_id)
        return self.act(lambda: services.reset_factor(user), _("The second factor is taken off."), back)
