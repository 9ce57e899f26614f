"""Who has a duty today: the holder of its post, or whoever stands in for him between the dates of the acting post.

A duty stays with its post. Nothing is written when somebody begins or stops standing in: it is asked by the day.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, and_, or_

from app.domain.transitions import DutyState
from app.features.duties.models import Duty
from app.features.people.models import Person
from app.features.people.queries import substitutes_today
from app.kit import access

OWED = (DutyState.OPEN, DutyState.DRAFT, DutyState.RETURNED)


def held_by(who: access.Actor) -> ColumnElement[bool]:
    """The condition for the duties of the actor: his own, less what he owes where somebody stands in, and those he has for others."""
    stood_in = substitutes_today()
    passed_on = and_(Duty.state.in_(OWED), Duty.post_id.in_(list(stood_in)))
    own = and_(Duty.person_id == who.person_id, or_(Duty.post_id.is_(None), ~passed_on))
    taken_over = [post.acting_for_id for post in who.posts if post.acting_for_id is not None]
    return or_(own, Duty.post_id.in_(taken_over)) if taken_over else own


def holders_of(duties: Sequence[Duty]) -> dict[int, Person | None]:
    """By duty id, who has to hand it in today."""
    stood_in = substitutes_today()
    return {duty.id: stood_in.get(duty.post_id or 0, duty.person) for duty in duties}


def persons_of(who: access.Actor) -> list[int]:
    """The persons whose urges and leads the actor has on his page: himself, and those he stands in for."""
    ids = [who.person_id, *(post.stands_in_for_id for post in who.posts)]
    return [one for one in ids if one is not None]


def is_mine(duty: Duty, who: access.Actor | None = None) -> bool:
    """True when the actor has to hand this duty in: it is of his own post, or of one he stands in for."""
    who = who or access.actor()
    if duty.post_id is not None and any(post.acting_for_id == duty.post_id for post in who.posts):
        return True
    return duty.person_id is not None and duty.person_id == who.person_id
