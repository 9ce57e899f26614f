"""Pages of two-way review, star plates and indicators."""

from app.domain.rights import Resource, Verb
from app.features.reviews.views.indicators import IndicatorView
from app.features.reviews.views.plates import PlateView
from app.features.reviews.views.ratings import RatingResultView, RatingView
from app.kit import access
from app.kit.fab import Screen
from app.kit.i18n import _l


def _rates() -> bool:
    """True for those who rate departments for a village; asked on every page, so of the posts alone."""
    return access.holds(Resource.RECORDS, Verb.SUBMIT) and any(
        post.level == "total_grid" for post in access.actor().posts
    )


def _reads_results() -> bool:
    """True at townships and above; there it is read what villages say."""
    return access.holds(Resource.RECORDS) and any(
        post.level in ("township", "county", "prefecture") for post in access.actor().posts
    )


VIEWS = [
    Screen(RatingView, _l("Rate departments"), "work", "fa-star-half-o", order=19, shown=_rates),
    Screen(
        RatingResultView,
        _l("What villages say of departments"),
        "assessment",
        "fa-comments-o",
        order=70,
        shown=_reads_results,
    ),
    Screen(PlateView, _l("Star villages"), "assessment", "fa-star", order=72),
    Screen(IndicatorView, _l("Indicators"), "assessment", "fa-line-chart", order=74, shown=_reads_results),
]
