"""Lists: what an item must say, the count, and the guards against over-burdening."""

import pytest

from app.domain.checklists import (
    FACETS,
    ListKind,
    item_problems,
    list_problems,
    role_count_problems,
    scheme_guard_problems,
)

DUTY = {"code": "R01", "role": "supervisor", "title_zh": "指导党建", "source": "text"}
ITEM = {
    "code": "A1",
    "aspect": "A",
    "name_zh": "例会",
    "max": 5,
    "calc": "ratio",
    "unit_zh": "镇党建办",
    "standard_zh": "每月1次",
    "basis_zh": "例会记录",
    "cycle": "month",
}


def codes(problems):
    return [problem.code for problem in problems]


def scheme(item=None, **deductions):
    limits = {"total_cap": "20", "items": [{"code": "X1", "name_zh": "弄虚作假", "points": "3", "cap": "9"}]}
    return {"full_score": 100, "items": [ITEM | (item or {})], "deductions": limits | deductions}


def test_a_complete_item_has_no_problem():
    assert item_problems(ListKind.RESPONSIBILITY, DUTY) == []
    assert item_problems(ListKind.ASSESSMENT, ITEM) == []


@pytest.mark.parametrize("kind", ListKind)
def test_an_empty_item_misses_every_required_facet(kind):
    missing = {problem.params["facet"] for problem in item_problems(kind, {})}
    assert missing == {facet.identifier for facet in FACETS[kind] if facet.required}


def test_the_rate_of_an_item_is_not_its_responsible_unit():
    item = {key: value for key, value in ITEM.items() if key != "unit_zh"} | {"unit": "0.5"}
    assert [p.params["facet"] for p in item_problems(ListKind.ASSESSMENT, item)] == ["unit"]


def test_a_source_is_one_of_three():
    assert codes(item_problems(ListKind.RESPONSIBILITY, DUTY | {"source": "hearsay"})) == ["list.unknown_source"]


def test_a_list_counts_what_it_says_it_has():
    assert list_problems(ListKind.RESPONSIBILITY, [DUTY], stated_count=1) == []
    assert codes(list_problems(ListKind.RESPONSIBILITY, [DUTY, DUTY], stated_count=3)) == [
        "list.duplicate_code",
        "list.count_differs",
    ]
    assert role_count_problems([DUTY], {"supervisor": 1}) == []
    assert [p.where for p in role_count_problems([DUTY], {"volunteer": 2})] == ["supervisor", "volunteer"]


@pytest.mark.parametrize(
    "item",
    [
        {"standard_zh": "发生安全事故的一票否决"},
        {"standard_zh": "发生安全事故的，总分为0分"},
        {"calc": "veto"},
        {"veto": True},
    ],
)
def test_a_veto_is_refused(item):
    assert codes(scheme_guard_problems(scheme(item))) == ["guard.veto"]


@pytest.mark.parametrize(
    "item",
    [
        {"standard_zh": "按上传照片数量计分"},
        {"standard_zh": "每份附件得0.5分"},
        {"standard_zh": "记录字数不少于500字"},
        {"name_zh": "制度上墙"},
        {"expected": "photos"},
    ],
)
def test_a_score_from_traces_is_refused(item):
    assert codes(scheme_guard_problems(scheme(item))) == ["guard.trace"]


def test_saying_that_traces_do_not_count_is_no_trace():
    standard = "以任务是否完成为准，不看填报篇幅、照片和附件数量"
    assert scheme_guard_problems(scheme({"standard_zh": standard})) == []


def test_deductions_are_limited_one_by_one_and_together():
    assert scheme_guard_problems(scheme()) == []
    assert codes(scheme_guard_problems(scheme(items=[{"code": "X1", "points": "3"}]))) == ["guard.no_item_cap"]
    assert codes(scheme_guard_problems(scheme(total_cap=None))) == ["guard.no_total_cap"]
    assert codes(scheme_guard_problems(scheme(total_cap="100"))) == ["guard.total_cap_too_high"]
    assert codes(scheme_guard_problems({"deductions": {"reuse": ["X2"]}})) == ["guard.no_total_cap"]
    assert scheme_guard_problems({"items": []}) == []
