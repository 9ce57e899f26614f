"""What the first page shows: whatever waits, how the area stands, the last published result. Composes other features."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from app.domain.rights import Resource, Verb
from app.features.assessment import queries as assessment
from app.features.duties import queries as duties
from app.features.forms.models import FormChart
from app.features.forms.queries import tallies
from app.features.org.models import OrgUnit
from app.features.ranking import queries as ranking
from app.features.reports import queries as reports
from app.kit import access, clock, roles
from app.kit.db import LEVELS


@dataclass(frozen=True)
class Standing:
    """Duties of the current month in the actor's area: due, handed in, confirmed, late."""

    period: str
    due: int
    submitted: int
    confirmed: int
    late: int


def todo() -> Sequence[Any]:
    """What waits for the actor, the most pressing first."""
    actor, today = access.actor(), clock.today()
    rank = {"overdue": 0, "soon": 1, "calm": 2}
    lines = [*duties.my_todo(actor, today), *reports.my_todo(actor, today)]
    return sorted(lines, key=lambda line: rank[line.urgency])


def standing(unit: OrgUnit | None) -> Standing | None:
    """How the month stands at a unit; None where the actor sees no duties or none are due."""
    if unit is None or not access.holds(Resource.DUTIES):
        return None
    period = duties.default_period()
    cells = duties.completion(unit, [period])
    due = sum(cell.due for cell in cells)
    if not due:
        return None
    return Standing(period, due, *(sum(getattr(c, name) for c in cells) for name in ("submitted", "confirmed", "late")))


def rounds() -> Sequence[Any]:
    """Rounds the actor may open, newest first, at most three."""
    return assessment.rounds_in_reach()[:3] if access.holds(Resource.SCORES, Verb.VIEW) else []


def latest_ranking() -> Any:
    """The newest published ranking the actor may see, or None."""
    if not access.holds(Resource.RANKINGS):
        return None
    return next((run for run in ranking.runs_in_reach() if run.is_published), None)


def pinned_charts() -> Sequence[FormChart]:
    """The charts of forms an administrator pinned to the first page of one of the actor's roles."""
    who = access.actor()
    return tallies.pinned_charts([roles.base_of(post.role).value for post in who.posts]) if who.posts else []


def my_unit() -> OrgUnit | None:
    """The unit of the actor's highest post; None for those without business posts."""
    posts = sorted(access.actor().posts, key=lambda post: LEVELS.index(post.level))
    return access.find(OrgUnit, posts[0].unit_id) if posts and access.holds(Resource.UNITS) else None
