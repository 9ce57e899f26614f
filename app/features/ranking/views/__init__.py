"""The screens of ranking."""

from app.domain.rights import Verb
from app.features.ranking.views.rankings import RankingView
from app.features.ranking.views.rules import RuleView
from app.kit.fab import Screen
from app.kit.i18n import _l

VIEWS = [
    Screen(RankingView, _l("Rankings"), "assessment", "fa-trophy", order=60),
    Screen(RuleView, _l("Rules of ranking and awards"), "assessment", "fa-sliders", Verb.VIEW, order=90),
]
