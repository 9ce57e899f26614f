"""Reading persons, posts and employments."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import joinedload

from app.domain.rights import Role
from app.features.org.models import OrgUnit
from app.features.people.models import Person, Post
from app.kit import access, clock
from app.kit.db import db


def in_force(statement: Select[Any], on: date | None = None) -> Select[Any]:
    """The statement limited to posts in force on a day (today)."""
    day = on or clock.today()
    return statement.where(
        or_(Post.from_on.is_(None), Post.from_on <= day), or_(Post.to_on.is_(None), Post.to_on >= day)
    )


def post_facts(person_id: int, on: date | None = None) -> tuple[access.PostFact, ...]:
    """The posts of a person in force on a day, as access needs them, in order of id."""
    statement = in_force(select(Post, OrgUnit).join(OrgUnit, OrgUnit.id == Post.unit_id), on)
    rows = db.session.execute(statement.where(Post.person_id == person_id).order_by(Post.id)).tuples()
    return tuple(
        access.PostFact(post.id, Role(post.role), unit.id, unit.level, unit.ancestors(), post.acting_for_id)
        for post, unit in rows
    )


def posts_at(unit: OrgUnit, role: Role | None = None, on: date | None = None) -> Sequence[Post]:
    """Posts in force at or below a unit, with their persons and units, in order of unit and name."""
    statement = in_force(select(Post).join(Post.unit).join(Post.person), on)
    statement = statement.where(getattr(Post, f"{unit.level}_id") == unit.id)
    if role:
        statement = statement.where(Post.role == role.value)
    statement = statement.options(joinedload(Post.person), joinedload(Post.unit))
    return db.session.scalars(
        statement.order_by(OrgUnit.sort_order, OrgUnit.code, Post.role, Person.name, Post.id)
    ).all()


def persons_named(name: str, unit: OrgUnit) -> Sequence[Person]:
    """The persons of that name at or below a unit or its village."""
    level, top = ("village", unit.village_id) if unit.village_id else (unit.level, unit.id)
    statement = select(Person).where(Person.name == name, getattr(Person, f"{level}_id") == top)
    return db.session.scalars(statement.order_by(Person.id)).all()
