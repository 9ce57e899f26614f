"""The tree: loading, placing, moving, closing; who may."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from app.domain.errors import RuleBroken
from app.features.org.models import OrgUnit
from app.features.org.queries import resolve_unit, unit_by_code
from app.features.org.services import add_unit, close_unit, load_units, merge_units, move_unit, split_unit
from app.features.people.models import Person, Post
from app.kit import access, effects, undoing
from app.kit.audit import AuditEntry
from app.kit.db import transaction

TOWN = {
    "county": "云水县",
    "township": "云水镇",
    "villages": [
        {"code": "W01", "name": "上云村", "sub_grids": ["第一子网格", "第二子网格"], "aliases": ["上云"]},
        {"code": "W02", "name": "下云村", "sub_grids": ["第一子网格"]},
    ],
}


def test_loading_a_town_makes_every_level_with_its_ancestors(operator: Any) -> None:
    loaded = load_units(TOWN, file_name="town")
    assert len(loaded.new) == 9 and not loaded.changed
    grid = resolve_unit("上云村/第二子网格")
    assert grid is not None and grid.code == "W01-G1-02"
    assert list(grid.ancestors()) == ["county", "township", "village", "total_grid", "sub_grid"]


def test_loading_the_file_again_changes_nothing(operator: Any, session: Any) -> None:
    load_units(TOWN, file_name="town")
    entries = session.query(AuditEntry).count()
    again = load_units(TOWN, file_name="town")
    assert not again.new and not again.changed and len(again.same) == 9
    assert session.query(AuditEntry).count() == entries


def test_a_file_without_a_township_gets_one_with_the_name_of_the_file(operator: Any) -> None:
    load_units({"county": "独县", "villages": [{"code": "Z1", "name": "独村"}]}, file_name="duxian")
    village = unit_by_code("Z1")
    assert village is not None and village.parent.name == "duxian" and village.parent.parent.name == "独县"


def test_the_command_loads_and_prints_json(app: Any, operator: Any, tmp_path: Any) -> None:
    import json

    file = tmp_path / "town.json"
    file.write_text(json.dumps(TOWN), encoding="utf-8")
    result = app.test_cli_runner().invoke(args=["org", "load", str(file), "--json"])
    assert result.exit_code == 0, result.output
    assert json.loads(result.output)["new"] == 9
    file.write_text("[", encoding="utf-8")
    refused = app.test_cli_runner().invoke(args=["org", "load", str(file)])
    assert refused.exit_code == 2


@pytest.mark.parametrize(
    ("level", "code", "parent", "problem"),
    [
        ("village", "NEW", "C1A", "org.wrong_level"),
        ("township", "C1", "C", "org.code_taken"),
        ("sub_grid", "NEW", None, "org.wrong_level"),
    ],
)
def test_a_unit_that_cannot_stand_there_is_refused(
    world: Any, level: str, code: str, parent: str | None, problem: str
) -> None:
    with pytest.raises(RuleBroken) as refusal:
        add_unit(level, code, "新单位", world.units[parent] if parent else None)
    assert refusal.value.problems[0].code == problem


def test_a_moved_village_takes_its_grids_and_open_posts_along_and_leaves_ended_posts(world: Any, session: Any) -> None:
    ended = world.posts["sub_grid_leader"]
    ended.to_on = date(2025, 2, 1)
    session.commit()
    move_unit(world.units["C1A"], world.units["C2"])
    session.expire_all()
    assert world.units["C1A-G1-01"].township_id == world.units["C2"].id
    assert world.posts["grid_worker"].township_id == world.units["C2"].id
    assert world.persons["grid_worker"].township_id == world.units["C2"].id
    assert world.posts["sub_grid_leader"].township_id == world.units["C1"].id


def test_a_unit_with_open_units_below_is_not_closed(world: Any) -> None:
    with pytest.raises(RuleBroken) as refusal:
        close_unit(world.units["C1A"], date(2026, 12, 1))
    assert refusal.value.problems[0].code == "org.has_open_units"


def test_closing_a_grid_ends_the_posts_there_on_the_day_before(world: Any) -> None:
    close_unit(world.units["C1A-G1-01"], date(2026, 12, 1))
    assert world.units["C1A-G1-01"].valid_to == date(2026, 12, 1)
    assert world.posts["grid_worker"].to_on == date(2026, 11, 30)


def test_two_villages_are_merged_and_one_is_split(world: Any, session: Any) -> None:
    merge_units([world.units["C1B"]], world.units["C1A"], date(2026, 12, 1))
    assert world.units["C1B"].valid_to == date(2026, 12, 1)
    assert world.units["C1B-G1-01"].village_id == world.units["C1A"].id
    allotment = {"C2A-G1": "C2N"}
    split_unit(world.units["C2A"], [("C2N", "新北村"), ("C2S", "新南村")], allotment, date(2026, 12, 1))
    assert unit_by_code("C2N").valid_from == date(2026, 12, 1)
    assert world.units["C2A-G1-01"].village_id == unit_by_code("C2N").id


def test_the_generated_form_places_a_unit_in_the_tree(world: Any, sign_in: Any, session: Any) -> None:
    browser = sign_in("county_administrator")
    data = {"name": "第三子网格", "code": "C1A-G1-03", "level": "sub_grid", "parent": world.units["C1A-G1"].id}
    answer = browser.post("/units/add", data=data | {"sort_order": "3", "aliases": "三格、三片"})
    assert answer.status_code == 302
    unit = session.query(OrgUnit).filter_by(code="C1A-G1-03").one()
    assert unit.village_id == world.units["C1A"].id and unit.sub_grid_id == unit.id
    assert unit.aliases == ["三格", "三片"]


def test_the_generated_form_refuses_in_words_saves_nothing_and_loses_nothing_typed(
    world: Any, sign_in: Any, session: Any
) -> None:
    browser = sign_in("county_administrator")
    data = {"name": "错村", "code": "BAD", "level": "village", "parent": world.units["C1A-G1"].id, "sort_order": "0"}
    page = browser.post("/units/add", data=data).get_data(as_text=True)
    assert "BAD" not in {code for (code,) in session.query(OrgUnit.code)}
    assert "这一层级的单位不能放在此处" in page and 'value="错村"' in page


def test_a_county_clerk_may_look_but_not_edit(world: Any, sign_in: Any) -> None:
    browser = sign_in("county_clerk")
    assert browser.get("/tree/").status_code == 200
    unit_id = world.units["C1A"].id
    assert browser.get(f"/tree/{unit_id}").status_code == 200
    answer = browser.post(f"/tree/{unit_id}/close", data={"on": "2026-12-01"})
    assert answer.status_code == 403 and world.units["C1A"].valid_to is None


def test_a_township_sees_its_own_units_and_a_stranger_s_are_not_there(world: Any, sign_in: Any) -> None:
    browser = sign_in("evaluator")
    page = browser.get("/tree/").get_data(as_text=True)
    assert "甲东村" in page and "乙东村" not in page
    assert browser.get(f"/tree/{world.units['C2A'].id}").status_code == 404
    choices = browser.get("/lookup/org_unit?q=乙东").get_json()["results"]
    assert choices == []


def test_units_are_found_by_the_village_they_lie_in(world: Any, sign_in: Any) -> None:
    results = sign_in("county_administrator").get("/lookup/org_unit?q=甲东 第二").get_json()["results"]
    assert [row["text"] for row in results] == ["第二子网格（甲镇·甲东村·甲东村总网格）"]


def test_a_unit_is_moved_only_where_the_actor_may_edit(world: Any) -> None:
    who = access.actor_of_user(world.users["evaluator"].id)
    with access.acting_as(who), pytest.raises(access.NotAllowed):
        move_unit(world.units["C1A"], world.units["C2"])


def test_taking_a_move_back_restores_the_ancestors_of_everything_that_went_along(world: Any, session: Any) -> None:
    def places() -> dict[tuple[str, int], tuple[Any, ...]]:
        session.expire_all()
        kinds = {"unit": OrgUnit, "person": Person, "post": Post}
        return {
            (kind, row.id): (row.county_id, row.township_id, row.village_id, row.total_grid_id)
            for kind, model in kinds.items()
            for row in session.scalars(select(model))
        }

    before, post = places(), world.posts["grid_worker"]
    with transaction(), effects.recorded("import-0"):
        move_unit(world.units["C1A"], world.units["C2"])
    assert places() != before
    post.to_on = date(2026, 1, 1)  # ended since: no rule carries it along on the way back
    session.commit()
    assert undoing.blockers("import-0") == []
    with transaction():
        undoing.put_back("import-0")
    assert places() == before
