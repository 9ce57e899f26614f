"""Items of packs at the gate: what an assisted item must show, and what the negative lists of the packs keep out."""

from __future__ import annotations

import pytest

from app.domain.admission import Around, Candidate, Guard, admission_problems, is_gap, matter_key
from app.domain.checklists import ListKind
from app.features.packs.files import shipped

COMPLETE = {
    "delegated_authority": "只协助发现和报告",
    "funding_source": "县财政每年每村2万元",
    "consent_document": "县委办〔2026〕7号",
}


def named(code: str) -> list[str]:
    """The names of the items of a list of a pack."""
    (data,) = [one for one in shipped()[code[:2]].lists if one["code"] == code]
    return [str(item["name"]) for item in data["items"]]


ASSISTED = [(code, name) for code in ("CD-L2", "YU-L2", "YB-L2") for name in named(code)]
FORBIDDEN = [(code, name) for code in ("YU-L3", "YB-L3", "ST-L6") for name in named(code)]


def codes(
    name: str, facets: dict[str, str], around: Around | None = None, kind: ListKind = ListKind.ASSIST
) -> set[str]:
    found = admission_problems(Candidate(kind, name, facets=facets), around or Around())
    return {problem.code for problem in found}


@pytest.mark.parametrize(("code", "name"), ASSISTED)
def test_an_assisted_item_enters_with_authority_funds_and_consent_hc_02_yu_01_lj_01(code: str, name: str) -> None:
    assert codes(name, COMPLETE) == set()


@pytest.mark.parametrize(
    ("facet", "guard"),
    [
        ("delegated_authority", Guard.AUTHORITY),
        ("funding_source", Guard.FUNDING),
        ("consent_document", Guard.CONSENT),
    ],
)
def test_without_one_of_them_it_waits_outside_mn_12_hc_01_hc_03_yu_05_yu_06_yb_03_yb_04_yb_06_yb_08(
    facet: str, guard: Guard
) -> None:
    facets = {key: value for key, value in COMPLETE.items() if key != facet}
    found = admission_problems(Candidate(ListKind.ASSIST, named("YU-L2")[0], facets=facets), Around())
    assert [problem.code for problem in found] == [guard] and all(is_gap(problem) for problem in found)


@pytest.mark.parametrize(("code", "name"), FORBIDDEN)
def test_what_a_negative_list_names_is_no_duty_of_a_village_yu_07_yb_05_st_12(code: str, name: str) -> None:
    around = Around(negative={matter_key(one) for one in named(code)})
    assert Guard.NEGATIVE in codes(f"协助做好{name}工作", COMPLETE, around)


def test_a_quota_of_a_department_does_not_become_a_rule_mn_06_mn_18() -> None:
    without = codes("完成部门下达的宣传任务", {})
    assert {Guard.FUNDING, Guard.CONSENT} <= without
    traces = Candidate(ListKind.ASSESSMENT, "按上传照片张数计分", facets={"scoring_standard": "每少1张照片扣1分"})
    assert Guard.TRACE in {problem.code for problem in admission_problems(traces, Around())}
