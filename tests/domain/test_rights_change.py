"""Guards of the rights matrix, on random changes: whatever is let through leaves the table sound."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.rights import DEFAULT_RIGHTS, THREE_ADMINISTRATORS, Grant, Reach, Resource, Role, Verb
from app.domain.rights_change import (
    ADMINISTRATION,
    changed_table,
    check_changes,
    check_copy,
    digest_of,
    reaches_of,
    verbs_of,
)

COPIES = {"evaluator_2": Role.EVALUATOR, "volunteer_2": Role.VOLUNTEER}
ROLES = {role.value: role for role in Role} | COPIES
TABLE = {**DEFAULT_RIGHTS} | {
    (copy, resource, verb): reach
    for copy, base in COPIES.items()
    for (role, resource, verb), reach in DEFAULT_RIGHTS.items()
    if role == base
}
cells = st.tuples(st.sampled_from(sorted(ROLES)), st.sampled_from(Resource), st.sampled_from(Verb))


@st.composite
def likely(draw: Any) -> tuple[Grant, Reach]:
    """Changes that are more often let through than not: a cell there is, a reach that fits."""
    code = draw(st.sampled_from(sorted(set(ROLES) - set(THREE_ADMINISTRATORS))))
    resource = draw(st.sampled_from([resource for resource in Resource if resource not in ADMINISTRATION]))
    verb = draw(st.sampled_from(verbs_of(resource)))
    return (code, resource, verb), draw(st.sampled_from(reaches_of(ROLES[code], resource, verb)))


changes = st.one_of(
    st.dictionaries(cells, st.sampled_from(Reach), min_size=1, max_size=4),
    st.lists(likely(), min_size=1, max_size=4).map(dict),
)
held = st.sets(st.sampled_from(sorted(ROLES)), max_size=2)


@given(wanted=changes, mine=held)
@settings(max_examples=300)
def test_whatever_is_let_through_keeps_the_three_apart_and_gives_nobody_anything_c15(
    wanted: dict[Grant, Reach], mine: set[str]
) -> None:
    if check_changes(TABLE, wanted, ROLES, mine):
        return
    after = changed_table(TABLE, wanted)
    for cell in {*TABLE, *after}:
        code, resource, _verb = cell
        if ROLES[code] in THREE_ADMINISTRATORS or code in mine:
            assert after.get(cell) == TABLE.get(cell)
        else:
            assert resource not in ADMINISTRATION
    assert all(
        reach is not Reach.ALL for (code, _, _), reach in after.items() if ROLES[code] not in THREE_ADMINISTRATORS
    )


@given(wanted=changes)
@settings(max_examples=300)
def test_whatever_is_let_through_lets_a_role_view_what_it_may_change(wanted: dict[Grant, Reach]) -> None:
    if check_changes(TABLE, wanted, ROLES, ()):
        return
    after = changed_table(TABLE, wanted)
    for code, resource, _verb in wanted:
        acts = {verb for verb in verbs_of(resource) if (code, resource, verb) in after and verb is not Verb.VIEW}
        if acts and (code, resource, Verb.VIEW) not in after:
            base = ROLES[code]
            assert all(DEFAULT_RIGHTS.get((base, resource, verb)) == after[code, resource, verb] for verb in acts)
            assert (base, resource, Verb.VIEW) not in DEFAULT_RIGHTS


@given(first=changes, second=changes)
def test_two_tables_have_one_digest_exactly_when_no_cell_differs(
    first: dict[Grant, Reach], second: dict[Grant, Reach]
) -> None:
    one, other = changed_table(TABLE, first), changed_table(TABLE, second)
    assert (digest_of(one) == digest_of(other)) is (one == other)
    assert digest_of(one | {("volunteer", Resource.PAY, Verb.VIEW): Reach.NONE}) == digest_of(
        {cell: reach for cell, reach in one.items() if cell != ("volunteer", Resource.PAY, Verb.VIEW)}
    )


def test_the_table_of_the_release_is_made_of_cells_that_make_sense() -> None:
    for (code, resource, verb), reach in DEFAULT_RIGHTS.items():
        assert reach in reaches_of(Role(code), resource, verb), (code, resource, verb, reach)


@pytest.mark.parametrize("role", list(Role))
def test_only_business_roles_are_copied_c15(role: Role) -> None:
    assert bool(check_copy(role)) is (role in THREE_ADMINISTRATORS)
