"""Pages that belong to no feature: the way to the first page, and the look-up of related rows."""

from __future__ import annotations

from typing import Any

from flask import Response, abort, current_app, jsonify, redirect, request, url_for
from flask_appbuilder import IndexView as FabIndexView
from flask_appbuilder import expose

from app.domain.rights import Resource, Verb
from app.kit import access, charts, lookup, names, personal, removed
from app.kit.fab import PortalModelView, PortalPageView, Screen, guarded
from app.kit.i18n import _, _l
from app.kit.personal import Level


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


class BinView(PortalPageView):
    """What was deleted and may be put back by whoever could have deleted it."""

    route_base = "/bin"

    @expose("/")
    @guarded(Verb.VIEW)
    def start(self) -> Any:
        rows = removed.bin_rows()
        return self.render_template("portal/bin.html", title=_("Deleted records"), rows=rows, kinds=names.RESOURCES)

    @expose("/<int:bin_id>/restore", methods=["POST"])
    @guarded(Verb.VIEW)
    def restore(self, bin_id: int) -> Any:
        row = removed.find(bin_id)
        done = _("“%(label)s” has been put back.", label=row.label)
        return self.act(lambda: removed.restore(row), done, request.referrer or url_for("BinView.start"))


def _may_delete() -> bool:
    """True for whoever may delete anything through a generated list."""
    views = current_app.appbuilder.baseviews  # type: ignore[attr-defined]
    lists = (v for v in views if isinstance(v, PortalModelView) and hasattr(v, "resource"))
    return any(access.holds(v.resource, Verb.EDIT) for v in lists if "can_delete" in v.base_permissions)


class PersonalDataView(PortalPageView):
    """The register of fields, for whoever answers for personal data."""

    route_base = "/personal-data"
    default_view = "register"
    resource = Resource.RIGHTS

    @expose("/")
    @guarded(Verb.VIEW)
    def register(self) -> Any:
        asked = request.args.get("level", "")
        shown = [Level(asked)] if asked in set(Level) else [Level.SENSITIVE, Level.PERSONAL, Level.SECRET]
        return self.render_template(
            "portal/personal_data.html",
            title=_("Personal data"),
            entries=[entry for level in shown for entry in personal.all_entries(level)],
            counts=personal.counts(),
            words=personal,
        )


VIEWS = [
    Screen(LookupView),
    Screen(ChartView),
    Screen(PersonalDataView, _l("Personal data"), "admin", "fa-eye-slash", order=60),
    Screen(BinView, _l("Deleted records"), "admin", "fa-trash-o", order=95, href="BinView.start", shown=_may_delete),
]
