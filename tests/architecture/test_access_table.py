"""The rights table is whole and says what the handbook says."""

from __future__ import annotations

from app.domain.rights import DEFAULT_RIGHTS, THREE_ADMINISTRATORS, Reach, Resource, Role, Verb, exclusive_with

BUSINESS = set(Resource) - {Resource.ACCOUNTS, Resource.SETTINGS, Resource.RIGHTS, Resource.AUDIT}


def test_every_role_can_do_something() -> None:
    assert {role for role, _, _ in DEFAULT_RIGHTS} == set(Role)


def test_the_three_administrators_see_no_business_rows() -> None:
    for role, resource, _verb in DEFAULT_RIGHTS:
        if role in THREE_ADMINISTRATORS:
            assert resource in {Resource.UNITS, Resource.POSTS} or resource not in BUSINESS


def test_whoever_may_change_a_thing_may_see_it_or_records_only() -> None:
    blind = {
        (role, resource) for role, resource, _ in DEFAULT_RIGHTS if (role, resource, Verb.VIEW) not in DEFAULT_RIGHTS
    }
    assert blind == {(Role.SUPERVISION_COMMITTEE, Resource.SCORES)}


def test_nobody_has_a_right_that_reaches_nowhere() -> None:
    assert Reach.NONE not in DEFAULT_RIGHTS.values()


def test_the_three_administrators_exclude_each_other_and_every_business_post() -> None:
    for role in THREE_ADMINISTRATORS:
        assert exclusive_with(role) == set(Role) - {role}
    assert exclusive_with(Role.EVALUATOR) == set(THREE_ADMINISTRATORS)
