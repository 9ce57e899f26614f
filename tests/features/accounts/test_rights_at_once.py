"""Several hands on rights and posts at once: one change holds, the others are told, nothing is mixed."""

from __future__ import annotations

from functools import partial
from typing import Any

from factories.apart import Apart, own_portal, together

from app.domain.rights import Reach, Resource, Verb

RESOURCES = (Resource.PAY, Resource.LEADS, Resource.DUTIES, Resource.UNITS)


def change(apart: Apart, resource: Resource, seen: str) -> str:
    from app.domain.errors import RuleBroken
    from app.features.accounts.services import change_rights
    from app.kit import access
    from app.kit.db import db

    verb = Verb.EDIT if resource is not Resource.LEADS else Verb.CONFIRM
    with apart.app.app_context(), access.acting_as(access.OPERATOR):
        try:
            change_rights({("evaluator", resource, verb): Reach.SUBTREE}, "同时", seen)
            return "saved"
        except RuleBroken as refusal:
            return refusal.problems[0].code
        finally:
            db.session.remove()


def test_of_several_who_save_the_same_table_one_wins_and_the_others_are_told_f07(
    world_engine: Any, tmp_path: Any
) -> None:
    from app.domain.rights_change import digest_of
    from app.features.accounts.queries import rights_table
    from app.kit.audit import AuditEntry

    apart = own_portal(world_engine, tmp_path)
    with apart.inside():
        before = dict(rights_table())
    seen = digest_of(before)
    results = together(*(lambda resource=resource: change(apart, resource, seen) for resource in RESOURCES))
    assert sorted(results) == ["conflict", "conflict", "conflict", "saved"]
    with apart.inside():
        after = dict(rights_table())
    assert len(after.items() ^ before.items()) == 1
    assert apart.count(AuditEntry, AuditEntry.kind == "rights change") == 1


def appointed(apart: Apart, person_id: int, role: str, unit: str = "C") -> str:
    from app.domain.errors import RuleBroken
    from app.features.org.queries import unit_by_code
    from app.features.people.models import Person
    from app.features.people.services import appoint
    from app.kit import access
    from app.kit.db import db

    with apart.app.app_context(), access.acting_as(access.OPERATOR):
        try:
            appoint(db.session.get_one(Person, person_id), role, unit_by_code(unit))
            return "appointed"
        except RuleBroken as refusal:
            return refusal.problems[0].code
        finally:
            db.session.remove()


def test_two_of_the_three_given_to_one_person_at_once_leave_him_one_c15(world_engine: Any, tmp_path: Any) -> None:
    from app.domain.rights import THREE_ADMINISTRATORS
    from app.features.people.services import add_person

    apart = own_portal(world_engine, tmp_path)
    for number in range(2):
        with apart.inside() as world:
            person_id = add_person(world.units["C"], f"两岗{number}").id
        results = together(*(partial(appointed, apart, person_id, role.value) for role in THREE_ADMINISTRATORS))
        assert sorted(results) == ["appointed", "people.role_excluded", "people.role_excluded"]


def test_of_two_leaders_given_to_one_grid_at_once_one_gets_it(world_engine: Any, tmp_path: Any) -> None:
    from app.features.people.services import add_person

    apart = own_portal(world_engine, tmp_path)
    for grid in ("C1A-G1-02", "C1B-G1-01"):
        with apart.inside() as world:
            persons = [add_person(world.units["C1A"], f"新组长{n}").id for n in range(2)]
        results = together(*(partial(appointed, apart, one, "sub_grid_leader", grid) for one in persons))
        assert sorted(results) == ["appointed", "people.post_taken"]
