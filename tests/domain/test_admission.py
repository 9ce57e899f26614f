"""Admission: what an item must show, what enters no list, and where alone somebody may let it pass."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.admission import GUARDS, Around, Candidate, Guard, admission_problems, is_gap, keys_of
from app.domain.checklists import ListKind

YUBEI = keys_of(["行政执法", "拆迁拆违", "环境整治", "城市管理", "招商引资", "协税护税", "生产安全管理"])
FULL = {"delegated_authority": "只协助", "funding_source": "区财政", "consent_document": "区委办〔2026〕3号"}


def codes(item: Candidate, around: Around | None = None, passed: tuple[str, ...] = ()) -> list[str]:
    return [problem.code for problem in admission_problems(item, around or Around(), passed)]


def assist(name: str, **facets: object) -> Candidate:
    return Candidate(ListKind.ASSIST, name, facets={**FULL, **facets})


def test_delegated_work_states_authority_money_and_consent_mn_12_hc_01_hc_02_hc_03_yb_03_yb_06_yb_08_yu_06() -> None:
    bare = Candidate(ListKind.ASSIST, "防汛值守")
    assert codes(bare) == [Guard.AUTHORITY, Guard.FUNDING, Guard.CONSENT]
    assert codes(assist("防汛值守")) == [] and codes(assist("防汛值守", funding_source="  ")) == [Guard.FUNDING]
    assert all(is_gap(problem) for problem in admission_problems(bare, Around()))
    assert codes(Candidate(ListKind.POWER, "村务公开")) == []


@pytest.mark.parametrize("name", ["招商引资", "招商引资工作", "协助做好招商引资工作", "协税护税任务", "生产安全 管理"])
def test_what_the_negative_list_names_is_refused_under_any_frame_of_words_yu_07_yb_05_st_12(name: str) -> None:
    assert codes(assist(name), Around(negative=YUBEI)) == [Guard.NEGATIVE]
    assert codes(assist(name), Around()) == []


def test_a_category_on_the_negative_list_is_refused_too_and_no_reason_lets_it_pass_yu_05_yu_07() -> None:
    item = Candidate(ListKind.ASSIST, "查处占道", "城市管理", FULL)
    assert codes(item, Around(negative=YUBEI), passed=tuple(Guard)) == [Guard.NEGATIVE]


def test_a_village_is_not_made_responsible_but_may_help_to_tell_people_yb_05_yb_07() -> None:
    around = Around(negative=YUBEI)
    assert codes(assist("辖区拆迁拆违推进", responsible_party="村民委员会"), around) == [Guard.RESPONSIBLE]
    assert codes(assist("辖区拆迁拆违推进", responsible_party="区城管局"), around) == []
    helps = {"responsible_party": "村民委员会", "village_role": "说服劝导"}
    assert codes(assist("辖区拆迁拆违推进", **helps), around) == []


@pytest.mark.parametrize(
    ("standard", "code"),
    [
        ("每次活动上传照片不少于3张", Guard.TRACE),
        ("按时报送材料得5分", Guard.TRACE),
        ("机构挂牌上墙得2分", Guard.TRACE),
        ("发生信访的一票否决", Guard.VETO),
    ],
)
def test_a_standard_of_traces_forms_boards_or_a_veto_enters_no_list_yb_19_yb_21(standard: str, code: Guard) -> None:
    item = Candidate(ListKind.ASSESSMENT, "例会", facets={"scoring_standard": standard})
    assert codes(item, passed=tuple(Guard)) == [code]
    assert codes(Candidate(ListKind.ASSESSMENT, "例会", facets={"scoring_standard": "矛盾化解率每低1%扣1分"})) == []


def test_a_certificate_that_is_not_kept_passes_with_a_reason_a_forbidden_one_never_yu_13_yb_32_yb_36_cd_05() -> None:
    around = Around(kept_certificates=keys_of(["居住证明"]), forbidden_certificates=keys_of(["亲属关系证明"]))
    kept, other, never = (
        Candidate(ListKind.PUBLIC_SERVICE, name) for name in ("出具居住证明", "出具意外证明", "开具亲属关系证明")
    )
    assert codes(kept, around) == []
    assert codes(other, around) == [Guard.CERTIFICATE_NOT_KEPT]
    assert codes(other, around, passed=(Guard.CERTIFICATE_NOT_KEPT,)) == []
    assert codes(never, around, passed=tuple(Guard)) == [Guard.CERTIFICATE_FORBIDDEN]


def test_every_guard_names_its_rules_and_only_one_has_an_exception() -> None:
    assert all(source.rules for source in GUARDS.values()) and set(GUARDS) == set(Guard)
    assert [guard for guard, source in GUARDS.items() if source.may_pass] == [Guard.CERTIFICATE_NOT_KEPT]


@given(st.sampled_from(ListKind), st.text(max_size=30), st.text(max_size=30), st.text(max_size=30))
def test_whatever_is_typed_the_guards_answer(kind: ListKind, name: str, category: str, standard: str) -> None:
    item = Candidate(kind, name, category, {"scoring_standard": standard, "responsible_party": name})
    assert {problem.code for problem in admission_problems(item, Around(negative=YUBEI))} <= set(Guard)
