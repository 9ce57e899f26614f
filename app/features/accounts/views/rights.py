"""The rights matrix, for the security administrator: role by role, changed by way of a redline."""

from __future__ import annotations

from typing import Any

from flask import abort, flash, redirect, request, url_for
from flask_appbuilder import expose

from app.domain.rights import Resource, Verb
from app.domain.rights_change import digest_of
from app.features.accounts import matrix, queries, role_facts, services
from app.features.accounts.role_forms import ReasonForm
from app.kit import names, roles
from app.kit.fab import PortalPageView, guarded
from app.kit.i18n import _


def known_role(code: str) -> str:
    """The code of a role out of an address; 404 when there is none."""
    if code not in roles.known():
        abort(404)
    return code


class RightsView(PortalPageView):
    """What each role may do, and how far; changes are shown line by line before they are saved with a reason."""

    route_base = "/rights"
    default_view = "rights"
    resource = Resource.RIGHTS

    @expose("/")
    @guarded(Verb.VIEW)
    def rights(self) -> Any:
        return self.render_template(
            "accounts/templates/rights.html",
            title=_("Rights"),
            roles=roles.known(),
            copied=roles.copied(),
            is_locked=matrix.is_locked,
            accounts=role_facts.accounts_by_role(),
            framework_roles=queries.framework_roles(),
        )

    @expose("/resources")
    @guarded(Verb.VIEW)
    def resources(self) -> Any:
        chosen = request.args.get("about", Resource.LISTS.value)
        if chosen not in set(Resource):
            return redirect(url_for("RightsView.resources"))
        verbs, rows = matrix.reached_by_roles(Resource(chosen), queries.rights_table())
        return self.render_template(
            "accounts/templates/rights_resource.html",
            title=_("Rights by kind of thing"),
            chosen=chosen,
            resources=[(resource.value, names.resource(resource)) for resource in Resource],
            verbs=verbs,
            rows=rows,
            reach_name=names.reach,
        )

    @expose("/roles/<string:code>", methods=["GET", "POST"])
    @guarded(Verb.VIEW)
    def role(self, code: str) -> Any:
        return self._matrix(known_role(code))

    def _matrix(self, code: str) -> Any:
        table, typed = queries.rights_table(), matrix.typed_changes(request.form, code)
        return self.render_template(
            "accounts/templates/rights_role.html",
            title=_("Rights of “%(role)s”", role=names.role(code)),
            code=code,
            copy=roles.copied().get(code),
            locked=matrix.is_locked(code),
            rows=matrix.rows_of(code, table, typed),
            seen=digest_of(table),
            accounts=role_facts.accounts_by_role().get(code, 0),
            reach_name=names.reach,
        )

    @expose("/roles/<string:code>/redline", methods=["POST"])
    @guarded(Verb.EDIT)
    def redline(self, code: str) -> Any:
        typed = matrix.typed_changes(request.form, known_role(code))
        seen = request.form.get("seen", "")
        if not ReasonForm().accept(lambda: services.check_rights(typed, seen)):
            return self._matrix(code)
        return self._redline(code, ReasonForm())

    def _redline(self, code: str, form: Any) -> Any:
        typed = matrix.typed_changes(request.form, code)
        return self.render_template(
            "accounts/templates/rights_redline.html",
            title=_("Check the changes of “%(role)s”", role=names.role(code)),
            code=code,
            form=form,
            changes=matrix.redline(queries.rights_table(), typed),
            seen=request.form.get("seen", ""),
            accounts=role_facts.accounts_by_role().get(code, 0),
            reach_name=names.reach,
        )

    @expose("/roles/<string:code>/save", methods=["POST"])
    @guarded(Verb.EDIT)
    def save(self, code: str) -> Any:
        typed, form = matrix.typed_changes(request.form, known_role(code)), ReasonForm()
        seen = request.form.get("seen", "")
        if not form.validate_on_submit():
            return self._redline(code, form)
        if not form.accept(lambda: services.change_rights(typed, form.reason.data, seen)):
            return self._matrix(code)
        flash(_("The rights hold from now on."), "success")
        return redirect(url_for("RightsView.role", code=code))
