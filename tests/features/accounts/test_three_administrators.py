"""The three administrators stay apart whatever is tried: random acts of random people through the services."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from app.domain.errors import RuleBroken
from app.domain.rights import POST_LEVELS, THREE_ADMINISTRATORS, Reach, Resource, Role, Verb
from app.domain.rights_change import digest_of
from app.features.accounts.queries import rights_table
from app.features.accounts.services import change_rights, copy_role
from app.features.people import services as people
from app.features.people.models import Person, Post
from app.features.people.queries import in_force
from app.kit import access, clock, roles, wall
from app.kit.db import db, transaction

SEEN_BY_RIGHT = (Resource.UNITS, Resource.POSTS, Resource.ACCOUNTS, Resource.SETTINGS, Resource.RIGHTS, Resource.AUDIT)
USERNAMES = [role.value for role in Role] + ["evaluator_2", "grid_worker_2"]
UNITS = ["C", "C1", "C1A", "C1A-G1", "C1A-G1-02"]

POWERFUL = ["county_administrator", "system_administrator", "security_administrator", "chief_grid_leader"]

who = st.sampled_from(USERNAMES)
by = st.sampled_from(POWERFUL) | who  # whoever may do something is drawn more often
whom = st.just("himself") | who
role_codes = st.sampled_from([role.value for role in Role] + ["evaluator_2", "volunteer_2"])
cells = st.tuples(role_codes, st.sampled_from(Resource), st.sampled_from(Verb))
acts = st.lists(
    st.one_of(
        st.tuples(st.just("appoint"), by, whom, role_codes),
        st.tuples(st.just("stand_in"), by, who, whom),
        st.tuples(st.just("turn_into"), by, whom, role_codes),
        st.tuples(st.just("pass_on"), by, who, whom),
        st.tuples(st.just("end"), by, whom),
        st.tuples(st.just("copy"), by, role_codes),
        st.tuples(st.just("rights"), by, cells, st.sampled_from(Reach)),
    ),
    min_size=1,
    max_size=5,
)


@contextmanager
def put_back() -> Iterator[None]:
    """What happens inside is undone, commits and all."""
    db.session.commit()
    outer = db.engine.begin_nested()  # type: ignore[union-attr]
    try:
        yield
    finally:
        db.session.rollback()
        outer.rollback()
        db.session.expire_all()
        roles.forget()


def actor(username: str) -> access.Actor:
    from app.features.accounts.queries import user_by_name

    user = user_by_name(username)
    assert user is not None
    return access.actor_of_user(user.id)


def post_of(username: str) -> Post | None:
    with access.everything("the test reads"):
        statement = select(Post).where(Post.person_id == actor(username).person_id)
        return db.session.scalars(statement.order_by(Post.id)).first()


def person_of(username: str) -> Person:
    with access.everything("the test reads"):
        return db.session.get_one(Person, actor(username).person_id)


def unit_for(code: str, world: Any) -> Any:
    level = POST_LEVELS[roles.base_of(code)][0] if code in roles.known() else "county"
    with access.everything("the test reads"):
        return next(world.units[unit] for unit in UNITS if world.units[unit].level == level)


def act(world: Any, kind: str, *rest: Any) -> None:
    if kind in ("stand_in", "turn_into", "pass_on", "end") and post_of(rest[0]) is None:
        return  # an earlier act of the course gave his only post away
    if kind == "appoint":
        people.appoint(person_of(rest[0]), rest[1], unit_for(rest[1], world))
    elif kind == "stand_in":
        people.substitute(post_of(rest[0]), person_of(rest[1]), clock.today(), clock.today(), reason="出差")
    elif kind == "turn_into":
        with transaction():
            post_of(rest[0]).role = rest[1]
    elif kind == "pass_on":
        with transaction():
            post_of(rest[0]).person_id = person_of(rest[1]).id
    elif kind == "end":
        people.end_post(post_of(rest[0]), clock.today())
    elif kind == "copy":
        copy_role(rest[0], {"zh": f"抄{len(roles.known())}"})
    elif kind == "rights":
        change_rights({rest[0]: rest[1]}, "试", digest_of(rights_table()))


def granted(one: access.Actor) -> set[Any]:
    """Everything the posts of somebody give, each with its place."""
    table = one.rights
    return {
        (cell[1:], reach, post.unit_id) for post in one.posts for cell, reach in table.items() if cell[0] == post.role
    }


def nobody_holds_two_of_three() -> None:
    held: dict[int, list[Role]] = {}
    with access.everything("the test looks at every post"):
        for person_id, code in db.session.execute(in_force(select(Post.person_id, Post.role))).tuples():
            held.setdefault(person_id, []).append(roles.base_of(code))
    for bases in held.values():
        assert not set(bases) & set(THREE_ADMINISTRATORS) or len(set(bases)) == 1, bases


def none_of_the_three_sees_a_business_row() -> None:
    for role in THREE_ADMINISTRATORS:
        one = actor(role.value)
        if {roles.base_of(post.role) for post in one.posts} != {role}:
            continue
        with access.everything("the test counts what may be seen"):
            for model in wall.scoped_models().values():
                if access.scope_of(model).resource not in SEEN_BY_RIGHT:  # type: ignore[union-attr]
                    count = select(func.count()).select_from(model).where(access.where(model, Verb.VIEW, one))
                    assert db.session.scalar(count) == 0, (role, model)


@given(course=acts)
@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
def test_no_course_of_acts_joins_two_of_the_three_or_gives_anybody_something_by_his_own_hand_c15(
    world: Any, course: list[tuple[Any, ...]]
) -> None:
    with pytest.MonkeyPatch.context() as patch, put_back():
        for door in ("rights", "roles"):  # the framework's picture of the rights decides nothing, and takes its time
            patch.setattr(f"app.features.accounts.services.{door}.show_rights", lambda table: None)
        for kind, username, *rest in course:
            before = granted(actor(username))
            with access.acting_as(actor(username)):
                try:
                    act(world, kind, *(username if one == "himself" else one for one in rest))
                except (RuleBroken, access.NotAllowed, ValueError):
                    db.session.rollback()
            assert granted(actor(username)) <= before, (kind, username, rest)
        nobody_holds_two_of_three()
        none_of_the_three_sees_a_business_row()


@pytest.mark.parametrize("username", ["county_administrator", "system_administrator", "chief_grid_leader"])
@pytest.mark.parametrize("role", ["grid_worker", "evaluator", "security_administrator"])
def test_nobody_gives_himself_a_post_c15(world: Any, username: str, role: str) -> None:
    with access.acting_as(actor(username)), pytest.raises((RuleBroken, access.NotAllowed)) as refusal:
        people.appoint(person_of(username), role, unit_for(role, world))
    if refusal.type is RuleBroken:
        assert "people.own_post" in {problem.code for problem in refusal.value.problems}


def test_a_post_of_the_three_is_given_by_the_system_administrator_alone_c15(world: Any) -> None:
    from app.features.people.services import add_person

    person = add_person(world.units["C"], "新审计")
    with access.acting_as(actor("county_administrator")), pytest.raises(RuleBroken) as refusal:
        people.appoint(person, "audit_administrator", world.units["C"])
    assert refusal.value.problems[0].code == "people.three_by_system"
    with access.acting_as(actor("system_administrator")):
        people.appoint(person, "audit_administrator", world.units["C"])


def test_one_s_own_line_of_a_workbook_changes_no_post_of_one_s_own_c15(world: Any) -> None:
    from app.features.people.roster import save_roster
    from app.kit.exchange import Options

    with access.everything("the test names a row"):
        grid = world.units["C1A-G1-01"]
        admin = person_of("county_administrator")
        people.appoint(admin, "grid_worker", grid)
    rows = [
        {
            "village": "甲东村",
            "role": "grid_worker",
            "person_name": admin.name,
            "sub_grids": [grid.name],
            "left_on": "2099-01-01",
        }
    ]
    with access.acting_as(actor("county_administrator")):
        changes = save_roster(rows, Options(unit=world.units["C"]), dry_run=True)
    assert [problem.code for change in changes for problem in change.problems] == ["people.own_post"]


@pytest.mark.parametrize(
    ("username", "whose", "words"),
    [
        ("county_administrator", "county_administrator", "不得给自己任职"),
        ("county_administrator", "security_administrator", "由系统管理员办理"),
        ("system_administrator", "system_administrator", "不得给自己任职"),
    ],
)
def test_no_post_of_one_s_own_and_none_of_the_three_goes_by_deleting_c15(
    world: Any, sign_in: Any, session: Any, username: str, whose: str, words: str
) -> None:
    post_id = world.posts[whose].id
    answer = sign_in(username).post(f"/posts/delete/{post_id}", follow_redirects=True)
    assert words in answer.get_data(as_text=True)
    assert session.query(Post).filter_by(id=post_id).count() == 1


def test_a_post_that_another_deleted_is_not_put_back_by_its_holder_c15(world: Any) -> None:
    from app.kit.removed import remove, restore

    admin = actor("county_administrator")
    post = people.appoint(world.persons["county_administrator"], "county_clerk", world.units["C"])
    removed = remove(post, Resource.POSTS)
    with access.acting_as(admin), pytest.raises(RuleBroken) as refusal:
        restore(removed)
    assert refusal.value.problems[0].code == "people.own_post"
