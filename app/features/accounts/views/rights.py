"""The rights table, for the security administrator."""

from __future__ import annotations

from typing import Any

from flask import redirect, request, url_for
from flask_appbuilder import expose

from app.domain.rights import Resource, Role, Verb
from app.features.accounts import queries
from app.kit import names
from app.kit.fab import PortalPageView, guarded
from app.kit.i18n import _


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
