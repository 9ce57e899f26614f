"""Roles by copying, what a post opens, and the framework's own roles, which open nothing."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from factories.world import PASSWORD

from app.domain.errors import RuleBroken
from app.domain.rights import Reach, Resource, Role, Verb
from app.domain.rights_change import digest_of
from app.features.accounts.models import FabRole
from app.features.accounts.queries import rights_table
from app.features.accounts.services import (
    add_account,
    change_rights,
    copy_role,
    look_through,
    rename_role,
    switch_role,
)
from app.features.people.models import Post
from app.features.people.services import add_person, appoint
from app.kit import access, names, roles
from app.kit.audit import AuditEntry


@pytest.fixture
def copied(world: Any) -> str:
    return str(copy_role("sub_grid_leader", {"zh": "网格协管", "en": "Grid assistant", "ko": ""}).code)


def reaches(code: str) -> dict[Any, Reach]:
    return {(resource, verb): reach for (who, resource, verb), reach in rights_table().items() if who == code}


def code_of(refusal: Any) -> str:
    return str(refusal.value.problems[0].code)


def test_a_copy_has_the_cells_of_the_role_it_was_copied_from_and_a_life_of_its_own(copied: str) -> None:
    assert reaches(copied) == reaches("sub_grid_leader")
    assert roles.base_of(copied) is Role.SUB_GRID_LEADER and names.role(copied) == "网格协管"
    change_rights({(copied, Resource.LEADS, Verb.CONFIRM): Reach.NONE}, "只登记", digest_of(rights_table()))
    assert (Resource.LEADS, Verb.CONFIRM) in reaches("sub_grid_leader")
    assert (Resource.LEADS, Verb.CONFIRM) not in reaches(copied)


def test_a_post_of_a_copied_role_acts_with_the_rights_of_the_copy(world: Any, copied: str, sign_in: Any) -> None:
    person = add_person(world.units["C1B-G1-01"], "副格长")
    appoint(person, copied, world.units["C1B-G1-01"], from_on=date(2025, 1, 1))
    user = add_account("fugezhang", PASSWORD, person, must_change=False)
    change_rights({(copied, Resource.LEADS, Verb.CONFIRM): Reach.NONE}, "只登记", digest_of(rights_table()))
    who = access.actor_of_user(user.id)
    assert who.holds(Resource.LEADS, Verb.EDIT) and not who.holds(Resource.LEADS, Verb.CONFIRM)
    browser = sign_in("fugezhang")
    assert "网格协管" in browser.get("/account/").get_data(as_text=True)
    assert browser.get("/duties/").status_code == 200


def test_levels_exclusions_and_leadership_follow_the_base(world: Any, copied: str) -> None:
    person = add_person(world.units["C1A"], "某人")
    with pytest.raises(RuleBroken) as refusal:
        appoint(person, copied, world.units["C1A"])
    assert code_of(refusal) == "people.role_level"
    with pytest.raises(RuleBroken) as refusal:
        appoint(person, copied, world.units["C1A-G1-01"])
    assert code_of(refusal) == "people.post_taken"
    with pytest.raises(RuleBroken) as refusal:
        appoint(world.persons["audit_administrator"], copied, world.units["C1A-G1-02"])
    assert code_of(refusal) == "people.role_excluded"


def test_the_duties_of_the_base_are_the_duties_of_the_copy(world: Any, copied: str) -> None:
    from app.features.duties.models import Duty
    from app.features.duties.services.opening import open_period
    from app.kit.db import db

    unit = world.units["C1A-G1-02"]
    post = appoint(add_person(unit, "副格长"), copied, unit, from_on=date(2025, 1, 1))
    open_period("2026-10", units=[world.units["C1"]])
    assert db.session.query(Duty).filter_by(post_id=post.id, unit_id=unit.id).count() > 0


@pytest.mark.parametrize("role", ["system_administrator", "security_administrator", "audit_administrator"])
def test_the_three_administrators_cannot_be_copied_c15(world: Any, role: str) -> None:
    with pytest.raises(RuleBroken) as refusal:
        copy_role(role, {"zh": "副管理员"})
    assert code_of(refusal) == "rights.no_copy"


@pytest.mark.parametrize(("title", "code"), [({"zh": " "}, "required"), ({"zh": "子网格长"}, "rights.name_taken")])
def test_a_copy_needs_a_name_of_its_own(world: Any, title: dict[str, str], code: str) -> None:
    with pytest.raises(RuleBroken) as refusal:
        copy_role("sub_grid_leader", title)
    assert code_of(refusal) == code


def test_a_copy_is_renamed_and_switched_off_when_nobody_holds_it(world: Any, copied: str) -> None:
    rename_role(copied, {"zh": "网格助理"})
    assert names.role(copied) == "网格助理"
    unit = world.units["C1A-G1-02"]
    post = appoint(add_person(unit, "副格长"), copied, unit, from_on=date(2025, 1, 1))
    with pytest.raises(RuleBroken) as refusal:
        switch_role(copied, False)
    assert code_of(refusal) == "rights.role_held"
    from app.features.people.services import end_post
    from app.kit import clock

    end_post(post, clock.today().replace(year=clock.today().year - 1))
    switch_role(copied, False)
    with pytest.raises(RuleBroken) as refusal:
        appoint(add_person(unit, "另一人"), copied, unit)
    assert code_of(refusal) == "people.role_off"
    switch_role(copied, True)
    appoint(add_person(unit, "另一人"), copied, unit, from_on=date(2026, 1, 1))


def test_the_whole_life_of_a_copy_on_the_screen(world: Any, sign_in: Any, session: Any) -> None:
    browser = sign_in("security_administrator")
    answer = browser.post("/copied-roles/evaluator/copy", data={"zh": "复核员", "en": "", "ko": ""})
    assert answer.status_code == 302 and answer.location.endswith("/rights/roles/evaluator_2")
    assert "复核员" in browser.get("/rights/").get_data(as_text=True)
    taken = browser.post("/copied-roles/evaluator/copy", data={"zh": "复核员", "en": "Second look", "ko": ""})
    text = taken.get_data(as_text=True)
    assert "已有名为" in text and "Second look" in text
    assert browser.post("/copied-roles/evaluator_2/rename", data={"zh": "复评员"}).status_code == 302
    assert browser.post("/copied-roles/evaluator_2/off").status_code == 302
    assert "已停用" in browser.get("/rights/").get_data(as_text=True)
    form = sign_in("county_administrator").get("/posts/add").get_data(as_text=True)
    assert "复评员（已停用）" in form
    assert browser.post("/copied-roles/evaluator_2/on").status_code == 302
    assert session.query(FabRole).filter_by(name="evaluator_2").one().permissions
    for other in ("system_administrator", "county_administrator"):
        assert sign_in(other).post("/copied-roles/evaluator/copy", data={"zh": "复核员二"}).status_code == 403


def test_a_copy_made_in_another_process_is_known_at_the_next_request(world: Any, sign_in: Any, session: Any) -> None:
    browser = sign_in("security_administrator")
    browser.get("/rights/")
    session.add(roles.CustomRole(code="evaluator_7", base="evaluator", title={"zh": "外来角色"}))
    session.commit()  # behind the service's back, as another worker would
    assert "外来角色" in browser.get("/rights/").get_data(as_text=True)


# -- see as ----------------------------------------------------------------------------------------


def test_the_security_administrator_sees_what_a_post_opens_but_no_row_c15(
    world: Any, sign_in: Any, session: Any
) -> None:
    person = add_person(world.units["C1A-G1-01"], "不该看见的名字")
    browser, post = sign_in("security_administrator"), world.posts["chief_grid_leader"]
    assert "chief_grid_leader" in browser.get("/see-as/?role=chief_grid_leader").get_data(as_text=True)
    page = browser.post(f"/see-as/{post.id}").get_data(as_text=True)
    assert "我的工作" in page and "第一子网格" in page and "人员" in page
    assert person.name not in page and "10000000001" not in page
    entry = session.query(AuditEntry).filter_by(kind="see as").one()
    assert (entry.username, entry.row_id) == ("security_administrator", str(post.id))


def test_what_is_counted_is_what_the_post_would_list(world: Any) -> None:
    from sqlalchemy import select

    from app.features.accounts.role_facts import reached_by
    from app.features.people.models import Person
    from app.kit.db import db

    who = look_through(world.posts["chief_grid_leader"].id)
    counted = {one.table: one.total for one in reached_by(who)}
    with access.acting_as(who):
        listed = len(db.session.scalars(access.visible(select(Person), Person)).all())
    assert counted["person"] == listed > 0
    assert reached_by(look_through(world.posts["audit_administrator"].id)) == []


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.SECURITY_ADMINISTRATOR}))
def test_nobody_else_sees_as_somebody(world: Any, sign_in: Any, role: str) -> None:
    assert sign_in(role).post(f"/see-as/{world.posts['volunteer'].id}").status_code == 403


def test_a_post_that_is_over_is_not_seen_as(world: Any, sign_in: Any, session: Any) -> None:
    post = world.posts["volunteer"]
    post.to_on = date(2025, 2, 1)
    session.commit()
    assert sign_in("security_administrator").post(f"/see-as/{post.id}").status_code == 404


# -- the framework's own roles ---------------------------------------------------------------------


def test_an_account_that_holds_the_framework_s_admin_gains_nothing_and_the_next_sync_takes_it_away_c15(
    world: Any, app: Any, sign_in: Any, session: Any
) -> None:
    from flask import current_app
    from flask_appbuilder.security.sqla.models import PermissionView

    from app.cli import sync

    admin = FabRole(name="Admin", permissions=session.query(PermissionView).all())
    session.add_all([admin, FabRole(name="Public")])
    world.users["volunteer"].roles.append(admin)
    session.commit()
    browser = sign_in("volunteer")
    for address in (
        "/accounts/",
        "/rights/",
        "/audit/",
        "/persons/list/",
        "/posts/add",
        "/users/list/",
        "/roles/list/",
    ):
        assert browser.get(address).status_code in (403, 404), address
    with access.acting_as(access.actor_of_user(world.users["volunteer"].id)):
        for resource in Resource:
            for verb in Verb:
                allowed = (Role.VOLUNTEER.value, resource, verb) in rights_table()
                assert current_app.appbuilder.sm.has_access(f"can_{verb}", resource.value) is allowed
    sync()
    session.expire_all()
    assert {role.name for role in session.query(FabRole)} == set(Role)
    assert "Admin" not in {role.name for role in world.users["volunteer"].roles}


def test_posts_of_every_known_role_have_a_name(world: Any, copied: str, session: Any) -> None:
    assert all(names.role(post.role) for post in session.query(Post)) and copied in names.roles()
