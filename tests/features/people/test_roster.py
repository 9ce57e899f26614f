"""The roster in and out: rows against posts, one transaction, a second run that changes nothing."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import event

from app.domain.rights import Role
from app.features.people.models import Person, Post
from app.features.people.roster import load_roster, roster_context, roster_rows, save_roster
from app.features.people.services import add_person, appoint
from app.kit import access, seed
from app.kit.db import db
from app.kit.excel import UNCHANGED
from app.kit.exchange import Change, Options, counts


def row(**facts: Any) -> dict[str, Any]:
    """A row for a new volunteer in the second village of the first township."""
    usual = {
        "village": "甲西村",
        "sub_grids": ["第一子网格"],
        "role": "volunteer",
        "person_name": "钱新",
        "gender": "女",
    }
    return usual | facts


def save(world: Any, *rows: dict[str, Any], dry_run: bool = False) -> list[Any]:
    return save_roster(list(rows), Options(unit=world.units["C1"]), dry_run)


def test_a_dry_run_says_what_would_change_and_writes_nothing(world: Any, session: Any) -> None:
    changes = save(world, row(), dry_run=True)
    assert [change.kind for change in changes] == [Change.NEW]
    assert changes[0].label == "甲西村 · 志愿者 · 钱新"
    assert session.query(Person).filter_by(name="钱新").count() == 0


def test_posts_stand_where_the_role_belongs(world: Any, session: Any) -> None:
    save(
        world,
        row(role="supervisor", person_name="孙甲", sub_grids=[]),
        row(role="chief_grid_leader", person_name="孙乙", sub_grids=[]),
        row(role="grid_instructor", person_name="孙丙", sub_grids=["第一子网格", "第二子网格"]),
        row(role="sub_grid_leader", person_name="孙丁", sub_grids=["第一子网格", "第二子网格"]),
    )
    placed = {
        name: [post.unit.code for post in session.query(Post).join(Post.person).filter(Person.name == name)]
        for name in ("孙甲", "孙乙", "孙丙", "孙丁")
    }
    assert placed == {
        "孙甲": ["C1B"],
        "孙乙": ["C1B-G1"],
        "孙丙": ["C1B-G1"],
        "孙丁": ["C1B-G1-01", "C1B-G1-02"],
    }
    instructor = session.query(Post).filter_by(role="grid_instructor", village_id=world.units["C1B"].id).one()
    assert instructor.covers == [world.units["C1B-G1-01"].id, world.units["C1B-G1-02"].id]


def test_a_second_run_changes_nothing(world: Any) -> None:
    rows = [row(phone="10000000077", appointed_on="2024-05", volunteer_kind="新乡贤", remarks="新乡贤")]
    assert counts(save(world, *rows))["new"] == 1
    again = save(world, *rows)
    assert counts(again) == {"new": 0, "changed": 0, "same": 1, "refused": 0}


def test_a_changed_cell_is_shown_old_and_new_with_the_phone_masked(world: Any) -> None:
    save(world, row(phone="13900001234"))
    change = save(world, row(phone="13900005678", gender="男"))[0]
    assert change.kind is Change.CHANGED
    assert change.cells == {"phone": ("139****1234", "139****5678"), "gender": ("女", "男")}


@pytest.mark.parametrize("phone", [UNCHANGED, "139****1234", None])
def test_a_masked_or_missing_phone_leaves_the_stored_one(world: Any, session: Any, phone: Any) -> None:
    save(world, row(phone="13900001234"))
    assert save(world, row(phone=phone))[0].kind is Change.SAME
    assert session.query(Person).filter_by(name="钱新").one().phone == "13900001234"


def test_one_person_in_two_villages_is_known_by_name_and_phone(world: Any, session: Any) -> None:
    for village in ("甲东村", "甲西村"):
        save(world, row(village=village, role="supervisor", person_name="李督", sub_grids=[], phone="10000000088"))
    assert session.query(Person).filter_by(name="李督").count() == 1


def test_export_comes_back_without_a_change(world: Any) -> None:
    save(
        world,
        row(phone="10000000077", certified=True, certificate_no="工作证007号", remarks="工作证007号"),
        row(
            role="sub_grid_leader",
            person_name="孙丁",
            sub_grids=["第一子网格", "第二子网格"],
            appointed_on="2024-01-02",
        ),
        row(role="grid_instructor", person_name="孙丙", sub_grids=["第一子网格"], left_on="2030-01-01"),
    )
    rows, meta = roster_rows(Options(unit=world.units["C1"]))
    assert meta.owner == "甲镇" and all("*" in str(line.get("phone", "*")) for line in rows)
    changes = save(world, *rows)
    assert {change.kind for change in changes} == {Change.SAME}


def test_a_row_key_finds_the_post_when_the_name_was_corrected(world: Any, session: Any) -> None:
    save(world, row())
    line = next(line for line in roster_rows(Options(unit=world.units["C1B"]))[0] if line["person_name"] == "钱新")
    assert save(world, line | {"person_name": "钱心"})[0].kind is Change.CHANGED
    assert session.query(Person).filter_by(name="钱心").count() == 1


def test_a_row_key_of_another_township_is_worth_nothing(world: Any, session: Any) -> None:
    foreign = world.posts["volunteer_2"]
    change = save(world, row(row_key=str(foreign.id)))[0]
    assert change.kind is Change.NEW
    assert session.get(Post, foreign.id).person.name == world.persons["volunteer_2"].name


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({"village": "无此村"}, "org.unknown_unit"),
        ({"sub_grids": ["第九子网格"]}, "org.unknown_unit"),
        ({"village": "乙东村"}, "org.unknown_unit"),
        ({"sub_grids": []}, "required"),
        ({"role": "mayor"}, "people.unknown_role"),
        ({"person_name": ""}, "people.row_incomplete"),
    ],
)
def test_a_faulty_row_is_refused_alone(world: Any, facts: dict[str, Any], code: str) -> None:
    bad, good = save(world, row(**facts), row(person_name="钱好"))
    assert (bad.kind, bad.problems[0].code) == (Change.REFUSED, code)
    assert good.kind is Change.NEW


def test_a_second_leader_is_refused_until_the_first_has_a_last_day(world: Any) -> None:
    leader = {"village": "甲东村", "role": "sub_grid_leader"}
    assert save(world, row(person_name="周长", **leader))[0].problems[0].code == "people.post_taken"
    holder = world.persons["sub_grid_leader"].name
    changes = save(
        world,
        row(person_name=holder, left_on="2026-01-31", **leader),
        row(person_name="周长", appointed_on="2026-02-01", **leader),
    )
    assert [change.kind for change in changes] == [Change.CHANGED, Change.NEW]


def test_who_has_no_import_right_saves_nothing(world: Any) -> None:
    for username in ("chief_grid_leader", "evaluator"):
        with access.acting_as(access.actor_of_user(world.users[username].id)), pytest.raises(access.NotAllowed):
            save(world, row())


def test_the_clerk_of_the_county_saves_through_his_import_right(world: Any, session: Any) -> None:
    with access.acting_as(access.actor_of_user(world.users["county_clerk"].id)):
        assert save(world, row())[0].kind is Change.NEW
    assert session.query(Person).filter_by(name="钱新").count() == 1


def test_the_reader_is_told_villages_grids_and_whose_they_are(world: Any) -> None:
    context = roster_context(Options(unit=world.units["C1"]))
    assert {village.name for village in context.villages or ()} == {"甲东村", "甲西村"}
    assert context.village("甲东村村委会").sub_grids == ("第一子网格", "第二子网格")


def test_a_town_of_710_posts_is_saved_without_a_query_for_each_row(operator: Any, session: Any) -> None:
    from app.features.org.demo import load_demo_units
    from app.features.org.queries import unit_by_code

    load_demo_units()
    town = unit_by_code("LH-CH")
    seen: list[str] = []
    event.listen(db.session.connection(), "before_cursor_execute", lambda c, cur, text, *rest: seen.append(text))
    assert load_roster(seed.read("demo/roster_town.json"), town) == {"new": 710}
    assert len([text for text in seen if text.startswith(("SELECT", "UPDATE"))]) < 15
    seen.clear()
    assert load_roster(seed.read("demo/roster_town.json"), town) == {"same": 710}
    assert len(seen) < 15
    assert session.query(Person).filter(Person.township_id == town.id).count() == 703


def test_a_new_person_and_a_post_are_refused_where_roles_exclude_each_other(world: Any) -> None:
    from app.domain.errors import RuleBroken

    with pytest.raises(RuleBroken) as refusal:
        appoint(world.persons["system_administrator"], Role.COUNTY_CLERK, world.units["C"], from_on=date(2026, 1, 1))
    assert refusal.value.problems[0].code == "people.role_excluded"
    newcomer = add_person(world.units["C"], "新人")
    appoint(newcomer, Role.COUNTY_CLERK, world.units["C"])
    with pytest.raises(RuleBroken):
        appoint(newcomer, Role.AUDIT_ADMINISTRATOR, world.units["C"])
