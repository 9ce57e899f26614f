"""Pages that belong to no feature: the way to the first page, and the look-up of related rows."""

from __future__ import annotations

from typing import Any

from flask import Response, abort, jsonify, redirect, request, url_for
from flask_appbuilder import IndexView as FabIndexView
from flask_appbuilder import expose

from app.domain.rights import Verb
from app.kit import access, charts, lookup
from app.kit.fab import PortalPageView, Screen, guarded


class IndexView(FabIndexView):  # type: ignore[misc]
    """`/` leads to the first page of whoever comes, or to the sign-in."""

    @expose("/")
    def index(self) -> Any:
        if access.actor() is access.NOBODY:
            return redirect(url_for(f"{self.appbuilder.sm.auth_view.endpoint}.login"))
        return redirect(url_for("HomeView.home"))


class LookupView(PortalPageView):
    """Choices for a related row as one types, within the actor's reach."""

    route_base = "/lookup"

    @expose("/<string:table>")
    @guarded(Verb.VIEW)
    def lookup(self, table: str) -> Any:
        choices = lookup.choices(table, request.args.get("q", "")[:50])
        if choices is None:
            abort(404)
        return jsonify(results=[{"id": row_id, "text": label} for row_id, label in choices])


class ChartView(PortalPageView):
    """The options of a chart, under the rights of its resource."""

    route_base = "/charts"

    @expose("/<string:code>.json")
    @guarded(Verb.VIEW)
    def options(self, code: str) -> Any:
        return Response(charts.options_json(code, request.args.to_dict()), mimetype="application/json")


VIEWS = [Screen(LookupView), Screen(ChartView)]
