"""Charts built on a form: choose what is shown by what, look at it, keep it, pin it to first pages."""

from __future__ import annotations

from typing import Any

from flask import abort, flash, redirect, request, url_for
from flask_appbuilder import expose

from app.domain.errors import RuleBroken
from app.domain.rights import Resource, Verb
from app.features.forms import services
from app.features.forms.charts import AGGREGATES, KINDS, dimension_name
from app.features.forms.models import Form, FormChart
from app.features.forms.queries import tallies
from app.features.forms.views.record_pages import form_of
from app.kit import access, names
from app.kit.fab import PortalPageView, guarded
from app.kit.i18n import _, language
from app.kit.problems import flash_all

FILTERS = ("unit", "period", "state")
PREFIXES = ("q_", "min_", "max_", "from_", "to_")


class FormChartView(PortalPageView):
    """The charts of one form, and the builder for whoever may edit the form."""

    resource = Resource.RECORDS
    route_base = "/form-charts"
    default_view = "index"

    @expose("/<int:form_id>")
    @guarded(Verb.VIEW)
    def index(self, form_id: int) -> Any:
        return self._page(form_of(form_id), request.args)

    @expose("/<int:form_id>/save", methods=["POST"])
    @guarded(Verb.VIEW)
    def save(self, form_id: int) -> Any:
        form, sent = form_of(form_id), request.form
        chart = _chart(form, sent.get("chart", "")) if sent.get("chart") else None
        wanted = {
            **{name: sent.get(name, "") for name in ("title", "kind", "dimension", "aggregate", "measure")},
            "filters": _filters(sent),
            "pinned_roles": sent.getlist("pinned_roles"),
        }
        try:
            services.save_chart(form, wanted, chart)
        except RuleBroken as refusal:
            flash_all(refusal.problems)
            return self._page(form, sent), 422
        flash(_("The chart is kept."), "success")
        return redirect(url_for(".index", form_id=form.id))

    @expose("/<int:form_id>/<int:chart_id>/remove", methods=["POST"])
    @guarded(Verb.VIEW)
    def remove(self, form_id: int, chart_id: int) -> Any:
        form = form_of(form_id)
        chart = _chart(form, str(chart_id))
        back = url_for(".index", form_id=form.id)
        return self.act(lambda: services.remove_chart(form, chart), _("The chart is taken away."), back)

    @expose("/<int:form_id>/<int:chart_id>/move", methods=["POST"])
    @guarded(Verb.VIEW)
    def move(self, form_id: int, chart_id: int) -> Any:
        form = form_of(form_id)
        chart, forward = _chart(form, str(chart_id)), request.form.get("way") == "down"
        services.move_chart(form, chart, forward)
        return redirect(url_for(".index", form_id=form.id))

    def _page(self, form: Form, typed: Any) -> Any:
        chart = _chart(form, typed.get("chart", "")) if typed.get("chart") else None
        chosen = _chosen(typed, chart)
        may_build = access.can(Verb.EDIT, form)
        return self.render_template(
            "forms/templates/form_charts.html",
            title=_("Charts: %(form)s", form=form),
            form=form,
            charts=tallies.charts_of(form),
            editing=chart,
            chosen=chosen,
            preview={key: value for key, value in chosen.items() if key not in ("pinned_roles", "filters") and value}
            | chosen["filters"],
            shows_preview="dimension" in typed or chart is not None,
            may_build=may_build,
            kinds=list(KINDS.items()),
            aggregates=list(AGGREGATES.items()),
            dimensions=_dimensions(form),
            measures=[
                (column.code, column.field.label.in_language(language())) for column in tallies.measures_of(form)
            ],
            roles=list(names.roles().items()),
            role_names=lambda codes: "、".join(names.role(code) for code in codes),
        )


def _chart(form: Form, chart_id: str) -> FormChart:
    found = next((chart for chart in tallies.charts_of(form) if str(chart.id) == chart_id), None)
    if found is None:
        abort(404)
    return found


def _dimensions(form: Form) -> list[tuple[str, str]]:
    own = [(column.code, column.field.label.in_language(language())) for column in tallies.dimensions_of(form)]
    common = [code for code in tallies.COMMON if code != "period" or form.cycle]
    return [*own, *((code, dimension_name(code)) for code in common)]


def _chosen(typed: Any, chart: FormChart | None) -> dict[str, Any]:
    """What stands in the builder: what was typed, else what the chart says, else the usual."""
    stored = {
        "title": chart.title if chart else "",
        "kind": chart.kind if chart else "bar",
        "dimension": chart.dimension if chart else "",
        "aggregate": chart.aggregate if chart else "count",
        "measure": (chart.measure or "") if chart else "",
    }
    is_typed = "dimension" in typed
    chosen: dict[str, Any] = {name: typed.get(name, value) if is_typed else value for name, value in stored.items()}
    many = typed.getlist("pinned_roles") if is_typed else list(chart.pinned_roles or ()) if chart else []
    return chosen | {
        "filters": _filters(typed) if is_typed or chart is None else dict(chart.filters or {}),
        "pinned_roles": many,
    }


def _filters(sent: Any) -> dict[str, str]:
    return {
        key: value.strip()
        for key, value in sent.items()
        if value.strip() and (key in FILTERS or key.startswith(PREFIXES))
    }
