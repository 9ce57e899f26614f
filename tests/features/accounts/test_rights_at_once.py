"""Several hands on the rights table at once: one change holds, the others are told, nothing is mixed."""

from __future__ import annotations

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
