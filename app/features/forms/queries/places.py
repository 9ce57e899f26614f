"""Where a form is filled in: the units its records hang on, and by which of his posts somebody writes there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import or_, select

from app.domain.rights import Resource, Verb
from app.features.forms.models import Form
from app.features.org.models import OrgUnit
from app.features.org.queries import current
from app.kit import access
from app.kit.access import Actor, PostFact
from app.kit.db import LEVELS, db

MOST_PLACES = 500


def writing_posts(form: Form, unit: Any, who: Actor | None = None, verb: Verb = Verb.EDIT) -> list[PostFact]:
    """The posts by which the actor fills in a form at a unit: of a role that is to, and with the right on records there."""
    who = who or access.actor()
    asked = set(form.fill_roles or ())
    mine = [post for post in who.posts if not asked or post.role in asked]
    return [post for post in mine if access.can_at(verb, Resource.RECORDS, unit, replace(who, posts=(post,)))]


def fits(form: Form, unit: Any, posts: Sequence[PostFact]) -> bool:
    """True when records of the form hang on this unit: of its level, or the own unit of somebody who stands below it."""
    if not holds_at(form, unit):
        return False
    deeper = LEVELS.index(unit.level) > LEVELS.index(form.keeper_level)
    return unit.level == form.keeper_level or (deeper and any(post.unit_id == unit.id for post in posts))


def holds_at(form: Form, unit: Any) -> bool:
    """True when the owner of the form stands at or above the unit."""
    return form.unit_id in unit.ancestors().values()


def places_for(form: Form, actor: Actor | None = None, *, anybody: bool = False) -> list[OrgUnit]:
    """The units for which the actor may fill in the form, in order; the first 500 of them.

    `anybody`: whomever the form asks, as for trying it.
    """
    who = actor or access.actor()
    own = [post.unit_id for post in who.posts]
    level = LEVELS.index(form.keeper_level)
    statement = select(OrgUnit).where(
        or_(
            OrgUnit.level == form.keeper_level,
            OrgUnit.id.in_(own) & OrgUnit.level.in_(LEVELS[level + 1 :]),
        ),
        _below(form),
    )
    if not who.is_operator:
        posts = [post for post, _reach in who.grants(Resource.RECORDS, Verb.EDIT)]
        asked = set() if anybody else set(form.fill_roles or ())
        reached = [_reached(post) for post in posts if not asked or post.role in asked]
        statement = statement.where(or_(False, *reached))
    with access.everything("the places of a form: those where the actor may not write are left out"):
        rows = db.session.scalars(
            current(statement).order_by(OrgUnit.township_id, OrgUnit.village_id, OrgUnit.sort_order, OrgUnit.id)
        ).fetchmany(MOST_PLACES)
    if anybody or who.is_operator:
        return [unit for unit in rows if access.can_at(Verb.EDIT, Resource.RECORDS, unit, who)]
    return [unit for unit in rows if writing_posts(form, unit, who)]


def places_brought_in_for(form: Form) -> list[OrgUnit]:
    """The units for which the actor may import records of the form that others would fill in, in order."""
    posts = [post for post, _reach in access.actor().grants(Resource.RECORDS, Verb.IMPORT)]
    if not posts:
        return []
    reached = or_(*(_reached(post) for post in posts))
    statement = select(OrgUnit).where(OrgUnit.level == form.keeper_level, _below(form), reached)
    order = (OrgUnit.township_id, OrgUnit.village_id, OrgUnit.sort_order, OrgUnit.id)
    with access.everything("the places of a form: those where the actor may not import are left out"):
        found = db.session.scalars(current(statement).order_by(*order)).all()
    return [unit for unit in found if access.can_at(Verb.IMPORT, Resource.RECORDS, unit)]


def _below(form: Form) -> Any:
    columns = [getattr(OrgUnit, f"{level}_id") == form.unit_id for level in LEVELS]
    return or_(*columns)


def _reached(post: PostFact) -> Any:
    """At or below the unit of a post, or anywhere in its village: what its reach says is asked of each unit after that."""
    village = post.ancestors.get("village")
    under = getattr(OrgUnit, f"{post.level}_id") == post.unit_id
    return or_(under, OrgUnit.village_id == village) if village else under
