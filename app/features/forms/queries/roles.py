"""A form as a role sees it, by the example of a unit at which such a post may stand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from app.domain.periods import Period, PeriodKind
from app.domain.rights import POST_LEVELS, Resource, Verb
from app.features.forms.models import Form
from app.features.forms.queries.places import places_for
from app.features.org.queries import units_below
from app.kit import access, clock, roles
from app.kit.access import Actor, PostFact

SHOWN = 5


@dataclass(frozen=True)
class AsRole:
    """What a role may do with the records of a form; `places` are the first units it may choose, `count` how many there are.

    `why` is a code: not_asked (the form names other roles), no_right, out_of_reach (no unit of the level is within
    reach), no_unit (there is no unit at which such a post stands).
    """

    unit: str = ""
    fills: bool = False
    why: str = ""
    reads: bool = False
    reviews: bool = False
    places: Sequence[str] = ()
    count: int = 0
    period: str = ""


def as_role(form: Form, role: str) -> AsRole:
    """What a holder of the role may do with the form, at the first unit where such a post may stand."""
    with access.everything("a post that nobody holds, to show what it would see"):
        unit = _example_unit(form, role)
        if unit is None:
            return AsRole(why="no_unit")
        who = _somebody(role, unit)
        units = places_for(form, who)
    asked = not form.fill_roles or role in form.fill_roles
    why = "not_asked" if not asked else "no_right" if not who.holds(Resource.RECORDS, Verb.EDIT) else ""
    why = why or ("" if units else "out_of_reach")
    return AsRole(
        unit=unit.name,
        fills=not why,
        why=why,
        reads=who.holds(Resource.RECORDS),
        reviews=form.needs_review and who.holds(Resource.RECORDS, Verb.CONFIRM),
        places=[place.name for place in units[:SHOWN]] if not why else (),
        count=len(units) if not why else 0,
        period=str(Period.containing(clock.today(), PeriodKind(form.cycle))) if form.cycle and not why else "",
    )


def _example_unit(form: Form, role: str) -> Any:
    for level in POST_LEVELS[roles.base_of(role)]:
        found = units_below(form.unit, level)
        if found:
            return found[0]
    return None


def _somebody(role: str, unit: Any) -> Actor:
    post = PostFact(id=0, role=role, unit_id=unit.id, level=unit.level, ancestors=unit.ancestors())
    return Actor(user_id=None, username="", posts=(post,), rights=access.actor().rights)
