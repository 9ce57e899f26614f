"""The first page of whoever signs in."""

from __future__ import annotations

from typing import Any

from flask_appbuilder import expose

from app.domain.rights import Verb
from app.features.dashboards import queries
from app.kit.fab import PortalPageView, Screen, guarded
from app.kit.i18n import _l


class HomeView(PortalPageView):
    """What waits for the actor, and how his area stands."""

    route_base = "/home"
    default_view = "home"

    @expose("/")
    @guarded(Verb.VIEW)
    def home(self) -> Any:
        unit = queries.my_unit()
        return self.render_template(
            "dashboards/templates/home.html",
            unit=unit,
            todo=queries.todo(),
            standing=queries.standing(unit),
            rounds=queries.rounds(),
            ranking=queries.latest_ranking(),
            pinned=queries.pinned_charts(),
        )


VIEWS = [Screen(HomeView, _l("Home"), "work", "fa-home", order=1)]
