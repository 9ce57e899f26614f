"""Packs: read with every mistake at its place, compared without taking what is the county's own for its own."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.errors import RuleBroken
from app.domain.packs import Difference, Held, compare_packs, figure_of, fingerprint, parse_pack, standing


def pack(**parts: Any) -> dict[str, Any]:
    return {"pack": {"code": "AB", "version": 1, "name": {"zh": "甲"}}, **parts}


def a_list(code: str = "AB-L1", **more: Any) -> dict[str, Any]:
    items = [{"code": "01", "name": "一", "source": "text"}, {"code": "02", "name": "二"}]
    return {"code": code, "kind": "power", "name": {"zh": "清单"}, "items": items, **more}


def problems(data: object) -> set[tuple[str, str]]:
    with pytest.raises(RuleBroken) as refused:
        parse_pack(data)
    return {(problem.code, problem.where) for problem in refused.value.problems}


def test_counts_are_stated_named_and_open() -> None:
    found = parse_pack(pack(lists=[a_list(stated_count=5, open_places=3)]))
    assert found.counts() | {"kinds": 0} == {
        **dict.fromkeys(("kinds", "procedures", "forms", "indicators"), 0),
        "lists": 1,
        "items": 2,
        "open_places": 3,
    }


def test_every_mistake_is_told_at_once_and_at_its_place() -> None:
    wrong = pack(
        lists=[a_list(stated_count=9, open_places=1), a_list("AB-L2", categories=[{"name": "甲"}])],
        forms=[{"code": "f", "title": {"zh": "表"}, "spec": {"code": "f", "title": "表", "sections": []}}],
        procedures=[{"code": "p", "name_zh": "程序", "steps": []}],
        facts={"AB-01": {"list AB-L1": "9", "height AB-L1": "1"}},
    )
    wrong["lists"][1]["items"][0] |= {"category": "乙", "source": "hearsay", "name": ""}
    found = problems(wrong)
    assert ("pack.count_differs", "lists[0]") in found
    assert {
        ("pack.category_unknown", "lists[1]"),
        ("pack.unknown_source", "lists[1].items[0]"),
        ("pack.name_missing", "lists[1].items[0].name"),
        ("form.field_count", "forms[0].sections"),
        ("pack.unknown_figure", "facts.AB-01"),
    } <= found
    assert any(code.startswith("procedure.") and where.startswith("procedures[0]") for code, where in found)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        ([], "pack.not_an_object"),
        ({}, "pack.bad_code"),
        (pack(lists={}), "pack.not_a_list"),
        (pack(lists=["x"]), "pack.not_a_list"),
        (pack(surprise=1), "pack.unknown_key"),
        (pack(lists=[a_list(note="长" * 6000)]), "pack.too_long"),
        (pack(lists=[a_list(when=object())]), "pack.bad_value"),
        (pack(lists=[a_list() for _ in range(201)]), "pack.too_many"),
        (pack(lists=[a_list(), a_list()]), "pack.duplicate_code"),
    ],
)
def test_what_is_no_pack_is_refused(data: object, code: str) -> None:
    assert code in {found for found, _where in problems(data)}


def test_nesting_without_end_is_refused() -> None:
    deep: dict[str, Any] = {}
    for _ in range(500):
        deep = {"a": deep}
    assert {code for code, _ in problems(pack(lists=[deep]))} == {"pack.too_deep"}


def test_two_versions_are_compared_value_by_value() -> None:
    old, new = pack(lists=[a_list(), a_list("AB-L2")]), pack(lists=[a_list(), a_list("AB-L3")])
    new["lists"][0] = a_list(note="新")
    found = {one.code: one for one in compare_packs(parse_pack(old), parse_pack(new))}
    assert {code: one.difference for code, one in found.items()} == {
        "AB-L1": Difference.CHANGED,
        "AB-L2": Difference.REMOVED,
        "AB-L3": Difference.ADDED,
    }
    assert [(change.path, change.old, change.new) for change in found["AB-L1"].changes] == [("note", None, "新")]


@given(st.booleans(), st.booleans())
def test_what_the_county_changed_is_never_safe_to_write_over(changed_here: bool, changed_there: bool) -> None:
    key, brought = ("lists", "AB-L1"), a_list()
    now = parse_pack(pack(lists=[a_list(note="新") if changed_there else a_list()]))
    here = a_list(purpose="本县") if changed_here else a_list()
    (one,) = standing(now, {key: (fingerprint(brought), fingerprint(brought))}, {key: here})
    assert one.is_safe == (changed_there and not changed_here)
    assert (one.difference is Difference.SAME) == (not changed_here and not changed_there)


def test_what_was_there_before_the_pack_is_the_countys_own() -> None:
    found = standing(parse_pack(pack(lists=[a_list()])), {}, {("lists", "AB-L1"): a_list(note="本县")})
    assert [one.difference for one in found] == [Difference.LOCAL]


def test_figures_are_read_from_what_is_held() -> None:
    versions = [{"label": "2016", "count": 165}, {"label": "2020", "count": 119, "changes": {"cut": 46}}]
    held = Held(lists={"A": {"stated_count": 36, "open_places": 33, "items": [{}, {}, {}], "versions": versions}})
    places = ("list A", "named A", "open A", "version A 2016", "reduction 2016 2020", "change A 2020 cut", "list B")
    assert [figure_of(place, held) for place in places] == ["36", "3", "33", "165", "27.88", "46", None]
