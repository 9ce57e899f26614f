"""One's own award, once it is approved."""

from __future__ import annotations

from typing import Any

from flask_appbuilder import expose

from app.domain.rights import Resource, Verb
from app.features.bonus import queries, words
from app.features.ranking.words import band_word
from app.kit.fab import PortalPageView, guarded
from app.kit.i18n import _


class OwnAwardView(PortalPageView):
    """The awards of whoever is signed in."""

    route_base = "/my-award"
    default_view = "mine"
    resource = Resource.PAY

    @expose("/")
    @guarded(Verb.VIEW)
    def mine(self) -> Any:
        return self.render_template(
            "bonus/templates/own.html",
            title=_("My award"),
            lines=queries.own_lines(),
            word=band_word,
            line_states=words.LINE_STATES,
            line_tones=words.LINE_TONES,
        )
