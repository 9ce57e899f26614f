"""One village in one month, as its supervisor needs it: how far it is, who owes what, urging."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from flask import request, url_for
from flask_appbuilder import expose

from app.domain.errors import RuleBroken
from app.domain.rights import Resource, Verb
from app.features.duties import queries, services
from app.features.duties.models import Duty
from app.features.duties.views.pickers import chosen_period, chosen_village, period_links, villages_seen
from app.features.duties.words import DUTY_WORDS
from app.kit import access, clock
from app.kit.fab import PortalPageView, guarded
from app.kit.i18n import _
from app.kit.problems import flash_all


def day_of(text: str) -> date | None:
    """The day an input holds, None when it holds none."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


class VillageView(PortalPageView):
    """A village at a glance, with what is missing and the urges already out."""

    route_base = "/duty-villages"
    resource = Resource.DUTIES
    default_view = "village"

    @expose("/")
    @guarded(Verb.VIEW)
    def village(self) -> Any:
        return self._page()

    @expose("/urge", methods=["POST"])
    @guarded(Verb.URGE)
    def urge(self) -> Any:
        ids = [int(text) for text in request.form.getlist("rowid") if text.isdigit()]
        duties = [access.find(Duty, duty_id, Verb.URGE) for duty_id in ids]
        try:
            services.urge(duties, request.form.get("words", ""), day_of(request.form.get("due_on", "")))
        except RuleBroken as refusal:
            flash_all(refusal.problems)
            return self._page(ticked=set(ids)), 422
        return self.act(lambda: None, _("Urged: it stands first on their pages."), self._here())

    def _here(self) -> str:
        return url_for("VillageView.village", period=chosen_period(), unit=request.values.get("unit", ""))

    def _page(self, ticked: frozenset[int] | set[int] = frozenset()) -> Any:
        period, villages = chosen_period(), villages_seen()
        village = chosen_village(villages)
        duties = queries.duties_below(village, period) if village else []
        return self.render_template(
            "duties/templates/village.html",
            period=period,
            village=village,
            villages=[(unit.id, unit.name) for unit in villages],
            picker=period_links(period, "VillageView.village", unit=village.id if village else ""),
            locked=queries.closed_row([(village.township_id, period)]) if village else None,
            stand=queries.completion(village, [period])[0] if village else None,
            owed=queries.who_owes(duties),
            logs=duties,
            urges=queries.open_urges(unit=village) if village else [],
            words=DUTY_WORDS,
            ticked=ticked,
            typed=request.form,
            may_urge=access.holds(Resource.DUTIES, Verb.URGE),
            in_a_week=clock.today() + timedelta(days=7),
        )
