"""One scope, asked twice: what SQL lists is what a single row answers, for any tree, posts, rights and rows."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from app.domain.orgtree import LEVELS, ROOT_LEVELS
from app.domain.rights import Reach, Resource, Role, Verb
from app.features.checklists.models import GovernanceList, ListItem
from app.features.checklists.rules import writing
from app.features.org.models import OrgUnit
from app.features.people.models import Employment, Person
from app.features.people.services import appoint
from app.kit import access

RESOURCES = (Resource.UNITS, Resource.PERSONS, Resource.LISTS)
VERBS = (Verb.VIEW, Verb.EDIT, Verb.EXPORT)
MODELS = (OrgUnit, Person, Employment, GovernanceList, ListItem)


@dataclass
class Drawn:
    """Units as (parent position, level), places of persons and lists, posts as (role, unit), and the rights table."""

    units: list[tuple[int | None, str]]
    persons: list[int]
    employments: list[tuple[int, int]]
    lists: list[tuple[int, bool]]
    posts: list[tuple[Role, int]]
    rights: dict[Any, Reach]
    me: int


@st.composite
def drawn(draw: Any) -> Drawn:
    units: list[tuple[int | None, str]] = [(None, draw(st.sampled_from(sorted(ROOT_LEVELS))))]
    for _ in range(draw(st.integers(2, 12))):
        above = draw(st.integers(0, len(units) - 1))
        level = LEVELS.index(units[above][1])  # type: ignore[arg-type]
        if level + 1 < len(LEVELS):
            units.append((above, LEVELS[level + 1]))
    where = st.integers(0, len(units) - 1)
    persons = draw(st.lists(where, min_size=1, max_size=4))
    whose = st.integers(0, len(persons) - 1)
    roles = st.sampled_from(list(Role)[:6])
    grants = st.dictionaries(
        st.tuples(roles, st.sampled_from(RESOURCES), st.sampled_from(VERBS)), st.sampled_from(Reach)
    )
    return Drawn(
        units,
        persons,
        draw(st.lists(st.tuples(whose, where), max_size=4)),
        draw(st.lists(st.tuples(where, st.booleans()), max_size=4)),
        draw(st.lists(st.tuples(roles, where), max_size=3)),
        draw(grants),
        draw(whose),
    )


def build(world: Drawn, session: Any) -> access.Actor:
    """Store the drawn world; whoever acts holds the drawn posts under the drawn rights."""
    units: list[OrgUnit] = []
    for number, (above, level) in enumerate(world.units):
        parent = units[above] if above is not None else None
        units.append(OrgUnit(level=str(level), code=f"X{number}", name=f"单位{number}", parent=parent))
    session.add_all(units)
    session.flush()
    persons = [Person(unit=units[place], name=f"人{n}") for n, place in enumerate(world.persons)]
    session.add_all(persons)
    session.add_all(Employment(person=persons[who], unit=units[place]) for who, place in world.employments)
    with writing():
        for number, (place, published) in enumerate(world.lists):
            one = GovernanceList(unit=units[place], kind="system", code=f"L{number}", name="单", is_published=published)
            session.add_all([one, ListItem(governance_list=one, code="1", title="项")])
        session.flush()
    posts = [
        access.PostFact(number, role, units[place].id, units[place].level, units[place].ancestors())
        for number, (role, place) in enumerate(world.posts)
    ]
    return access.Actor(-1, "drawn", "drawn", persons[world.me].id, tuple(posts), rights=world.rights)


@given(world=drawn())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_row_is_listed_exactly_when_it_is_allowed(session: Any, world: Drawn) -> None:
    savepoint = session.begin_nested()
    with access.acting_as(access.OPERATOR):
        compare(world, session)
    savepoint.rollback()
    session.expunge_all()


def compare(world: Drawn, session: Any) -> None:
    who = build(world, session)
    for model in MODELS:
        rows = session.scalars(select(model)).all()
        for verb in VERBS:
            with access.everything("compared with the row by row answer"):
                listed = {row.id for row in session.scalars(select(model).where(access.where(model, verb, who)))}
            assert listed == {row.id for row in rows if access.can(verb, row, who)}, (model, verb)


@given(world=drawn())
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_right_counts_only_inside_the_post_that_gives_it(session: Any, world: Drawn) -> None:
    savepoint = session.begin_nested()
    with access.acting_as(access.OPERATOR):
        who = build(world, session)
        for model in MODELS:
            for verb in VERBS:
                apart = [reached(session, model, verb, alone(who, post)) for post in who.posts]
                assert reached(session, model, verb, who) == set().union(*apart), (model, verb)
    savepoint.rollback()
    session.expunge_all()


def alone(who: access.Actor, post: access.PostFact) -> access.Actor:
    """The same person with this post and the rights of its role, and nothing else."""
    rights = {cell: reach for cell, reach in who.rights.items() if cell[0] == post.role}
    return replace(who, posts=(post,), rights=rights)


def reached(session: Any, model: Any, verb: Verb, who: access.Actor) -> set[int]:
    with access.everything("post by post against all posts at once"):
        return set(session.scalars(select(model.id).where(access.where(model, verb, who))))


def test_a_strong_post_in_one_township_adds_nothing_to_a_weak_post_in_another(world: Any) -> None:
    person = world.persons["evaluator"]
    appoint(person, "grid_worker", world.units["C2A-G1-01"])
    who = access.actor_of_user(world.users["evaluator"].id)
    assert {post.role for post in who.posts} == {"evaluator", "grid_worker"}
    for verb in (Verb.VIEW, Verb.EDIT, Verb.SUBMIT, Verb.IMPORT, Verb.EXPORT):
        assert access.can_at(verb, Resource.SCORES, world.units["C1B"], who)
        for code in ("C2", "C2A", "C2A-G1", "C2A-G1-01", "C2B"):
            assert not access.can_at(verb, Resource.SCORES, world.units[code], who), (verb, code)
    assert access.can_at(Verb.SUBMIT, Resource.DUTIES, world.units["C2A-G1-01"], who)
    assert not access.can_at(Verb.SUBMIT, Resource.DUTIES, world.units["C1A-G1-01"], who)


@given(world=drawn())
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_query_that_forgot_its_scope_shows_no_more_than_one_that_did_not(session: Any, world: Drawn) -> None:
    savepoint = session.begin_nested()
    with access.acting_as(access.OPERATOR):
        who = build(world, session)
    with access.acting_as(who):
        for model in MODELS:
            forgotten = {row.id for row in session.scalars(select(model))}
            assert forgotten == {row.id for row in session.scalars(access.visible(select(model), model))}
    savepoint.rollback()
    session.expunge_all()
