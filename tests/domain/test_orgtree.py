"""The tree of units: levels, paths, moves, merges, splits, and the file it is read from."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.errors import RuleBroken
from app.domain.orgfile import adopted, parse_units
from app.domain.orgtree import (
    LEVELS,
    Level,
    Tree,
    Unit,
    child_code,
    closed,
    may_stand_under,
    merged,
    moved,
    split,
    tree_problems,
)

TODAY = date(2026, 10, 1)
TOWN = {
    "county": "澜禾县",
    "township": "漕禾镇",
    "villages": [
        {"code": "T01", "name": "东苇村", "sub_grids": ["第一子网格", "第二子网格"], "aliases": ["东苇"]},
        {"code": "T02", "name": "西苇村", "total_grid": "西苇村总网格", "sub_grids": ["第一子网格"]},
    ],
}


def town():
    return Tree(spec.unit for spec in parse_units(TOWN, file_name="town"))


def codes_of(call):
    with pytest.raises(RuleBroken) as refused:
        call()
    return {problem.code for problem in refused.value.problems}


@st.composite
def trees(draw):
    units = [Unit("C", "县", Level.COUNTY)]
    for level in LEVELS[2:]:
        parents = [u for u in units if u.level is LEVELS[LEVELS.index(level) - 1]]
        for n in range(draw(st.integers(1, 4))):
            parent = draw(st.sampled_from(parents))
            units.append(Unit(f"{level}{n}", f"{level}{n}", level, parent.code))
    return Tree(units)


@given(trees(), st.data())
def test_a_move_keeps_the_size_of_what_is_moved(tree, data):
    unit = data.draw(st.sampled_from([u for u in tree if u.parent]))
    target = data.draw(st.sampled_from([u for u in tree if u.level is tree[unit.parent].level]))
    after = moved(tree, unit.code, target.code)
    assert len(after.subtree(unit.code)) == len(tree.subtree(unit.code))
    assert len(after) == len(tree)
    assert after.is_within(unit.code, target.code)


@given(trees())
def test_paths_and_subtrees_agree(tree):
    top = next(u.code for u in tree if u.parent is None)
    assert set(tree.subtree(top)) == {u.code for u in tree}
    for unit in tree:
        below = tree.subtree(unit.code)
        assert {u.code for u in tree if tree.is_within(u.code, unit.code)} == set(below)
        assert tree.path(unit.code)[-1] == unit.code
        assert tree.ancestor_at(unit.code, unit.level) == unit.code
        assert tree.ancestor_at(unit.code, Level.PREFECTURE) is None


@given(trees(), st.data())
def test_nothing_hangs_under_the_wrong_level(tree, data):
    unit, target = data.draw(st.tuples(*[st.sampled_from(list(tree))] * 2))
    if not may_stand_under(unit.level, target.level):
        assert codes_of(lambda: moved(tree, unit.code, target.code)) & {"org.wrong_level", "org.cycle"}


def test_codes_grow_from_the_parent_s():
    tree = town()
    assert [u.code for u in tree if tree.is_within(u.code, "T01")] == ["T01", "T01-G1", "T01-G1-01", "T01-G1-02"]
    assert tree["T01-G1"].name == "东苇村总网格"
    assert codes_of(lambda: child_code(tree["T01-G1-01"], 1)) == {"org.no_level_below"}


def test_a_unit_is_found_by_code_or_by_a_path_of_names():
    tree = town()
    assert tree.find("T02") == tree.find("西苇村") == tree.find("漕禾镇/西苇村") == "T02"
    assert tree.path_name("T02") == "澜禾县/漕禾镇/西苇村"
    assert codes_of(lambda: tree.find("第一子网格")) == {"org.ambiguous_unit"}
    assert codes_of(lambda: tree.find("北苇村")) == {"org.unknown_unit"}
    assert codes_of(lambda: tree["X"]) == {"org.unknown_unit"}


def test_what_is_no_tree_is_named():
    county, village = Unit("C", "县", Level.COUNTY), Unit("V", "村", Level.VILLAGE, "C")
    assert {p.code for p in tree_problems([county, county])} == {"org.duplicate_code", "org.duplicate_name"}
    assert codes_of(lambda: Tree([county, village])) == {"org.wrong_level"}
    assert codes_of(lambda: Tree([village])) == {"org.unknown_parent"}
    assert codes_of(lambda: Tree([Unit("T", "镇", Level.TOWNSHIP)])) == {"org.wrong_level"}
    loop = [Unit("A", "a", Level.VILLAGE, "B"), Unit("B", "b", Level.VILLAGE, "A")]
    assert codes_of(lambda: Tree(loop)) == {"org.cycle"}


def test_a_unit_ends_only_when_nothing_stands_below_it():
    tree = town()
    assert codes_of(lambda: closed(tree, "T01", TODAY)) == {"org.has_open_units"}
    after = closed(tree, "T01-G1-01", TODAY)
    assert not after["T01-G1-01"].is_valid_on(TODAY)
    assert after["T01-G1-01"].is_valid_on(date(2026, 9, 30))
    assert codes_of(lambda: closed(after, "T01-G1-01", TODAY)) == {"org.already_closed"}
    young = Tree([Unit("C", "县", Level.COUNTY, valid_from=TODAY)])
    assert codes_of(lambda: closed(young, "C", date(2026, 1, 1))) == {"org.closed_before_start"}


def test_a_merge_moves_what_hung_below_and_ends_the_source():
    tree = town()
    after = merged(tree, ["T02"], "T01", TODAY)
    assert after["T02"].valid_to == TODAY
    assert after["T02-G1-01"].parent == "T02-G1"
    assert after.is_within("T02-G1-01", "T01")
    assert codes_of(lambda: merged(tree, ["T01"], "T01", TODAY)) == {"org.merge_into_itself"}
    assert codes_of(lambda: merged(tree, ["T01-G1"], "T02", TODAY)) == {"org.merge_levels"}


def test_a_split_allots_everything_below():
    tree = town()
    parts = [Unit("T01A", "东苇一村", Level.VILLAGE, tree["T01"].parent)]
    after = split(tree, "T01", parts, {"T01-G1": "T01A"}, TODAY)
    assert after.subtree("T01A") == ("T01A", "T01-G1", "T01-G1-01", "T01-G1-02")
    assert (after["T01"].valid_to, after["T01A"].valid_from) == (TODAY, TODAY)
    assert codes_of(lambda: split(tree, "T01", parts, {}, TODAY)) == {"org.not_allotted"}
    wrong = [Unit("X", "x", Level.TOTAL_GRID, "T02")]
    assert codes_of(lambda: split(tree, "T01", wrong, {}, TODAY)) == {"org.split_levels"}


def test_a_missing_level_is_created_under_the_file_s_name():
    specs = parse_units({"villages": [{"name": "甲村"}]}, file_name="org_x")
    assert [(s.unit.level, s.unit.name, s.implied) for s in specs] == [
        ("county", "org_x", True),
        ("township", "org_x", True),
        ("village", "甲村", False),
    ]
    assert specs[2].unit.code.startswith(specs[1].unit.code)
    assert parse_units({"prefecture": "某州", **TOWN}, file_name="f")[0].unit.level == "prefecture"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        ({}, "org.no_villages"),
        ({"villages": "甲村"}, "org.no_villages"),
        ({"villages": [{}]}, "org.name_missing"),
        ({"villages": ["甲村"]}, "org.name_missing"),
        ({"villages": [{"name": "甲村", "aliases": "甲"}]}, "org.bad_list"),
        (
            {"villages": [{"name": "甲村", "aliases": ["甲"]}, {"name": "乙村", "aliases": ["甲"]}]},
            "org.duplicate_alias",
        ),
        ({"villages": [{"name": "甲村"}, {"name": "甲村"}]}, "org.duplicate_name"),
        ({"villages": [{"code": "V", "name": "甲村"}, {"code": "V", "name": "乙村"}]}, "org.duplicate_code"),
    ],
)
def test_a_bad_file_is_refused_with_its_reason(data, code):
    assert code in codes_of(lambda: parse_units(data, file_name="f"))


def test_loading_a_file_again_changes_nothing():
    specs = parse_units(TOWN, file_name="town")
    assert adopted(specs, [s.unit for s in specs]) == specs
    assert adopted(specs, []) == specs


def test_an_implied_level_does_not_pull_units_out_of_their_place():
    specs = parse_units({**TOWN, "township_code": "CH"}, file_name="town")
    again = adopted(parse_units({"villages": TOWN["villages"]}, file_name="other"), [s.unit for s in specs])
    assert [s.unit for s in again] == [s.unit for s in specs if s.unit.level not in ("county", "township")]


def test_a_unit_without_code_is_known_again_by_its_name():
    fixed = parse_units({**TOWN, "county_code": "LH", "township_code": "LH-CH"}, file_name="town")
    again = adopted(parse_units(TOWN, file_name="town"), [s.unit for s in fixed])
    assert [s.unit for s in again] == [s.unit for s in fixed]
