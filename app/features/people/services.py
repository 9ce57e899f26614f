"""Changing persons, posts and employments."""

from __future__ import annotations

from datetime import date
from typing import Any

from app.domain.errors import broken
from app.domain.rights import POST_LEVELS, Resource, Role, Verb
from app.features.org.models import OrgUnit
from app.features.people.models import Employment, Person, Post
from app.kit import access
from app.kit.audit import acting
from app.kit.db import transaction


def add_person(unit: OrgUnit, name: str, **facts: Any) -> Person:
    """A new person at a unit, with facts of the roster (gender, phone, training_date …)."""
    access.require_at(Verb.EDIT, Resource.PERSONS, unit)
    with transaction() as session, acting("people.add_person"):
        person = Person(unit=unit, name=name, **facts)
        session.add(person)
    return person


def appoint(
    person: Person,
    role: Role,
    unit: OrgUnit,
    *,
    from_on: date | None = None,
    to_on: date | None = None,
    acting_for: Post | None = None,
    **facts: Any,
) -> Post:
    """A post of a person in a role at a unit.

    Errors: people.role_level (the role has no post at that level), people.dates_reversed; NotAllowed at the unit.
    """
    access.require_at(Verb.EDIT, Resource.POSTS, unit)
    if unit.level not in POST_LEVELS[role]:
        raise broken("people.role_level", "unit", role=role.value, unit=unit.name)
    if from_on and to_on and to_on < from_on:
        raise broken("people.dates_reversed", "to_on")
    with transaction() as session, acting("people.appoint"):
        post = Post(
            person=person, role=role.value, unit=unit, from_on=from_on, to_on=to_on, acting_for=acting_for, **facts
        )
        session.add(post)
    return post


def employ(person: Person, unit: OrgUnit, **facts: Any) -> Employment:
    """An employment of a person at a unit (title, from_on, to_on, payroll_eligible …)."""
    access.require_at(Verb.EDIT, Resource.PERSONS, unit)
    with transaction() as session, acting("people.employ"):
        employment = Employment(person=person, unit=unit, **facts)
        session.add(employment)
    return employment
