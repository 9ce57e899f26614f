"""What offices mean by their words: a list from which a meaning can be withdrawn."""

from __future__ import annotations

from typing import Any

from flask import url_for
from flask_appbuilder import expose

from app.domain.rights import Verb
from app.features.exchange import queries, services
from app.kit.fab import PortalPageView, guarded
from app.kit.i18n import _


class MeaningView(PortalPageView):
    """Settled words."""

    route_base = "/exchange/meanings"
    default_view = "listed"

    @expose("/")
    @guarded(Verb.VIEW)
    def listed(self) -> Any:
        return self.render_template(
            "exchange/templates/meanings.html", meanings=queries.my_meanings(), headers=services.all_field_names()
        )

    @expose("/<int:value_meaning_id>/withdraw", methods=["POST"])
    @guarded(Verb.VIEW)
    def withdraw(self, value_meaning_id: int) -> Any:
        meaning = queries.meaning_of_mine(value_meaning_id)
        return self.act(lambda: services.withdraw(meaning), _("Withdrawn."), url_for("MeaningView.listed"))
