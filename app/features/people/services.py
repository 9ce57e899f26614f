"""Changing persons, posts and employments."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import or_, select

from app.domain.errors import broken
from app.domain.rights import Resource, Verb
from app.features.org.models import OrgUnit
from app.features.people.models import Employment, Person, Post
from app.kit import access, audit, clock
from app.kit.audit import acting
from app.kit.db import db, transaction


def add_person(unit: OrgUnit, name: str, **facts: Any) -> Person:
    """A new person at a unit, with facts of the roster (gender, phone, training_date …)."""
    access.require_at(Verb.EDIT, Resource.PERSONS, unit)
    with transaction() as session, acting("people.add_person"):
        person = Person(unit=unit, name=name, **facts)
        session.add(person)
    return person


def appoint(
    person: Person,
    role: str,
    unit: OrgUnit,
    *,
    from_on: date | None = None,
    to_on: date | None = None,
    acting_for: Post | None = None,
    **facts: Any,
) -> Post:
    """A post of a person in a role at a unit.

    Errors: people.role_level (the role has no post at that level), people.dates_reversed, people.role_excluded
            (the three administrators hold no other post), people.post_taken (one leader at a time), people.own_post
            (nobody appoints himself), people.three_by_system, people.role_off, people.unknown_role; NotAllowed.
    """
    access.require_at(Verb.EDIT, Resource.POSTS, unit)
    with transaction() as session, acting("people.appoint"):
        post = Post(
            person=person, role=str(role), unit=unit, from_on=from_on, to_on=to_on, acting_for=acting_for, **facts
        )
        session.add(post)
    return post


def end_post(post: Post, last_day: date) -> None:
    """The post ends with a last day; whoever stands in for it stops on the same day.

    Errors: people.post_ended, people.dates_reversed; NotAllowed at the post.
    """
    access.require(Verb.EDIT, post)
    if post.to_on is not None and post.to_on < clock.today():
        raise broken("people.post_ended", "to_on")
    with transaction(), acting("people.end_post"):
        with access.everything("substitutes of an ended post stop with it"):
            standing_in = db.session.scalars(select(Post).where(Post.acting_for_id == post.id)).all()
        post.to_on = last_day
        _stop(standing_in, last_day)


def _stop(standing_in: Sequence[Post], last_day: date) -> None:
    """Substitutes stop on a day; one who had not begun by then goes, as he never stood in."""
    for substitute in standing_in:
        if substitute.from_on is not None and substitute.from_on > last_day:
            db.session.delete(substitute)
        else:
            substitute.to_on = min(substitute.to_on or last_day, last_day)


def substitute(post: Post, person: Person, from_on: date, to_on: date, *, reason: str) -> Post:
    """An acting post of another person: the role and the unit of this one, from a day to a day, with the reason.

    Its rights hold between its dates and while the post itself is in force; nothing has to be done to end it.
    Errors: people.same_person, people.post_ended, people.substitute_of_substitute, people.substitute_days,
            people.substitute_too_long, people.substitute_taken, reason_required, and those of `appoint`; NotAllowed at
            the post or the person.
    """
    access.require(Verb.EDIT, post)
    access.require(Verb.VIEW, person)
    if person.id == post.person_id:
        raise broken("people.same_person", "person")
    if post.to_on is not None and post.to_on < from_on:
        raise broken("people.post_ended", "from_on")
    if not reason.strip():
        raise broken("reason_required", "reason")
    last_day = min(to_on, post.to_on) if post.to_on else to_on
    facts = {"from_on": from_on, "to_on": last_day, "remarks": reason.strip()[:400]}
    with acting("people.substitute"):
        return appoint(person, post.role, post.unit, acting_for=post, **facts)


def end_substitute(post: Post) -> None:
    """The post is back with its holder from this moment on; a substitute who has not begun before today is taken off.

    Errors: people.not_acting, people.post_ended; NotAllowed at the acting post.
    """
    access.require(Verb.EDIT, post)
    if post.acting_for_id is None:
        raise broken("people.not_acting", "post")
    if post.to_on is not None and post.to_on < clock.today():
        raise broken("people.post_ended", "post")
    with transaction(), acting("people.end_substitute"):
        _stop([post], clock.today() - timedelta(days=1))


def may_employ(unit: OrgUnit) -> bool:
    """True when the actor may put persons on the pay roll of a unit: on the screen or out of a workbook."""
    return any(access.can_at(verb, Resource.PERSONS, unit) for verb in (Verb.EDIT, Verb.IMPORT))


def _require_staff(unit: OrgUnit) -> None:
    if not may_employ(unit):
        access.require_at(Verb.EDIT, Resource.PERSONS, unit)


def employ(person: Person, unit: OrgUnit, **facts: Any) -> Employment:
    """An employment of a person at a unit (title, from_on, to_on, payroll_eligible …).

    Errors: NotAllowed at the unit without the right to edit persons, or to bring them in with a workbook.
    """
    _require_staff(unit)
    with transaction() as session, acting("people.employ"):
        employment = Employment(person=person, unit=unit, **facts)
        session.add(employment)
    return employment


def employ_many(staff: Sequence[tuple[OrgUnit, str, dict[str, Any]]]) -> list[Employment]:
    """Employments of persons given as (unit, name, facts) in one transaction; who is employed there already stays as he is.

    Shape:  in the order given; the person of that name at the unit, or the only one below it, is taken, else one is made.
    """
    for unit in {unit.id: unit for unit, _, _ in staff}.values():
        _require_staff(unit)
    with transaction() as session, acting("people.employ"), access.everything("staff are matched by name and unit"):
        unit_ids = {unit.id for unit, _, _ in staff}
        known = {
            (row.unit_id, row.person.name): row
            for row in session.scalars(select(Employment).where(Employment.unit_id.in_(unit_ids)))
        }
        persons = _persons_by_unit(unit_ids)
        employments = []
        for unit, name, facts in staff:
            person = persons.get((unit.id, name)) or persons.setdefault((unit.id, name), Person(unit=unit, name=name))
            if (unit.id, name) not in known:
                known[unit.id, name] = Employment(person=person, unit=unit, **facts)
                session.add(known[unit.id, name])
            employments.append(known[unit.id, name])
        session.flush()
    return employments


def _persons_by_unit(unit_ids: set[int]) -> dict[tuple[int, str], Person]:
    """Persons by unit and name: those at the unit itself, and those below a village whose name is there only once."""
    at_or_below = or_(Person.unit_id.in_(unit_ids), Person.village_id.in_(unit_ids))
    rows = db.session.scalars(select(Person).where(at_or_below).order_by(Person.id)).all()
    here = {(row.unit_id, row.name): row for row in rows if row.unit_id in unit_ids}
    times = Counter((row.village_id, row.name) for row in rows)
    below = {(row.village_id, row.name): row for row in rows if row.village_id and times[row.village_id, row.name] == 1}
    return below | here


def unmask(person: Person, reason: str) -> str:
    """The whole telephone number of a person; who asked and why is in the trail.

    Errors: reason_required, people.no_phone; NotAllowed without the right to see it.
    """
    access.require(Verb.UNMASK, person)
    if not reason.strip():
        raise broken("reason_required", "reason")
    if not person.phone:
        raise broken("people.no_phone")
    with transaction(), acting("people.unmask"):
        audit.record("unmask", "person", person.id, {"column": "phone", "reason": reason.strip()})
    return person.phone


def end_posts_at(unit: OrgUnit, closes_on: date) -> None:
    """End the posts that stand at a unit on the day before it closes, and with them whoever stands in."""
    last_day = closes_on - timedelta(days=1)
    posts = db.session.scalars(select(Post).where(Post.unit_id == unit.id)).all()
    for post in posts:
        if post.acting_for_id is None and (post.to_on is None or post.to_on > last_day):
            post.to_on = max(last_day, post.from_on or last_day)
    _stop([post for post in posts if post.acting_for_id is not None], last_day)
