"""Pages of reports, the burden meter, inspections, meetings, and the check of documents."""

from app.domain.rights import Resource, Verb
from app.features.reports.views.burden import BurdenView, LimitsView
from app.features.reports.views.issues import IssueView
from app.features.reports.views.merging import MergeView
from app.features.reports.views.owed import OwedView
from app.features.reports.views.papers import PaperView
from app.features.reports.views.plans import InspectionPlanView, MeetingPlanView
from app.kit import access
from app.kit.fab import Screen
from app.kit.i18n import _l


def _above_villages() -> bool:
    """True for posts at townships and above: what is asked of villages, and how much, is theirs to answer for."""
    return access.holds(Resource.RECORDS) and any(
        post.level in ("township", "county", "prefecture") for post in access.actor().posts
    )


VIEWS = [
    Screen(OwedView, _l("Reports to hand in"), "work", "fa-file-text-o", order=18),
    Screen(IssueView, _l("Reports issued"), "burden", "fa-files-o", order=10, shown=_above_villages),
    Screen(BurdenView, _l("Burden meter"), "burden", "fa-tachometer", order=20, shown=_above_villages),
    Screen(InspectionPlanView, _l("Inspections"), "burden", "fa-search", order=30),
    Screen(MeetingPlanView, _l("Meetings"), "burden", "fa-calendar-o", order=40),
    Screen(PaperView, _l("Document check"), "burden", "fa-file-o", Verb.EDIT, order=50, shown=_above_villages),
    Screen(LimitsView, _l("Limits on burdens"), "burden", "fa-sliders", order=60),
    Screen(MergeView),
]
