"""Months of a township: open, close, reopen; completion by village and month."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import request, url_for
from flask_appbuilder import expose

from app.domain.errors import RuleBroken
from app.domain.periods import Period
from app.domain.rights import Resource, Verb
from app.features.duties import queries, services
from app.features.org.models import OrgUnit
from app.features.org.queries import units_at
from app.kit import access, clock
from app.kit.fab import PortalPageView, guarded
from app.kit.i18n import _
from app.kit.names import period_name
from app.kit.problems import flash_all
from app.kit.two_persons import is_other

SHOWN = 6


class PeriodView(PortalPageView):
    """Which months are open, since when and by whom; how far each village is."""

    route_base = "/duty-periods"
    resource = Resource.DUTIES
    default_view = "periods"

    @expose("/")
    @guarded(Verb.VIEW)
    def periods(self) -> Any:
        return self._page()

    @expose("/<int:unit_id>/open", methods=["POST"])
    @guarded(Verb.PUBLISH)
    def open(self, unit_id: int) -> Any:
        return self._act(unit_id, services.open_period, _("The month is open and every post has its duties."))

    @expose("/<int:unit_id>/close", methods=["POST"])
    @guarded(Verb.PUBLISH)
    def close(self, unit_id: int) -> Any:
        return self._act(unit_id, services.close_period, _("The month is locked."))

    @expose("/<int:unit_id>/reopen", methods=["POST"])
    @guarded(Verb.PUBLISH)
    def reopen(self, unit_id: int) -> Any:
        reason = request.form.get("reason", "")
        return self._act(
            unit_id,
            lambda period, units: services.ask_reopen(period, reason, units=units),
            _("Asked. The month opens as soon as another person allows it."),
        )

    @expose("/<int:unit_id>/reopen/allow", methods=["POST"])
    @guarded(Verb.PUBLISH)
    def allow_reopen(self, unit_id: int) -> Any:
        return self._act(unit_id, services.allow_reopen, _("The month is open again."))

    @expose("/<int:unit_id>/reopen/refuse", methods=["POST"])
    @guarded(Verb.PUBLISH)
    def refuse_reopen(self, unit_id: int) -> Any:
        reason = request.form.get("reason", "")
        return self._act(
            unit_id,
            lambda period, units: services.refuse_reopen(period, reason, units=units),
            _("The month stays locked."),
        )

    def _act(self, unit_id: int, service: Any, done: str) -> Any:
        unit = access.find(OrgUnit, unit_id)
        period = request.form.get("period", "")
        try:
            service(period, units=[unit])
        except RuleBroken as refusal:
            flash_all(refusal.problems)
            return self._page(unit), 422
        return self.act(lambda: None, done, url_for("PeriodView.periods", unit=unit.id))

    def _page(self, unit: Any = None) -> Any:
        townships = units_at("township")
        wanted = request.values.get("unit", "")
        township = unit or next((t for t in townships if str(t.id) == wanted), townships[0] if townships else None)
        rows = [row for row in queries.period_rows() if township and row.unit_id == township.id]
        shown = [row.period for row in reversed(rows[:SHOWN])]
        cells = queries.completion(township, shown) if township and shown else []
        return self.render_template(
            "duties/templates/periods.html",
            townships=[(t.id, t.name) for t in townships],
            township=township,
            rows=rows,
            shown=shown,
            by_village=_by_village(cells),
            next_period=_next_period(rows),
            period_name=period_name,
            may_publish=township is not None and township in queries.townships_where(Verb.PUBLISH),
            waiting={row.id: is_other([row.reopen_asked_by]) for row in rows if services.waits(row)},
            typed=request.form,
        )


def _by_village(cells: Sequence[Any]) -> list[tuple[str, int, list[Any]]]:
    villages: dict[int, list[Any]] = {}
    for cell in cells:
        villages.setdefault(cell.village_id, []).append(cell)
    return [(row[0].village_name, village_id, row) for village_id, row in villages.items()]


def _next_period(rows: Sequence[Any]) -> str:
    """The month one would open next: the one after the newest, or the present one."""
    months = [row.period for row in rows if len(row.period) == len("2026-10")]
    return str(Period.parse(months[0]).next()) if months else str(Period.containing(clock.today()))
