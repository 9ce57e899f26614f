"""Pages of assessment."""

from app.domain.rights import Verb
from app.features.assessment.queries import has_list_to_read
from app.features.assessment.views.rounds import RoundView
from app.features.assessment.views.schemes import (
    AssessmentListView,
    SchemeAspectView,
    SchemeDeductionView,
    SchemeItemView,
    SchemeView,
)
from app.features.assessment.views.scores import ScoreView
from app.features.assessment.views.sheets import DeductionView, SheetView
from app.kit.fab import Screen
from app.kit.i18n import _l

VIEWS = [
    Screen(AssessmentListView, _l("Assessment list"), "lists", "fa-list-ol", order=40, shown=has_list_to_read),
    Screen(RoundView, _l("Assessment rounds"), "assessment", "fa-check-square-o", order=10),
    Screen(DeductionView, _l("Record deductions"), "assessment", "fa-minus-circle", verb=Verb.EDIT, order=15),
    Screen(SchemeView, _l("Assessment schemes"), "assessment", "fa-sliders", order=60),
    Screen(SchemeAspectView),
    Screen(SchemeItemView),
    Screen(SchemeDeductionView),
    Screen(ScoreView),
    Screen(SheetView),
]
