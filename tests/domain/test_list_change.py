"""The stages of a change of a list, and the reduction of lists."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.errors import RuleBroken
from app.domain.list_change import ENDED, MOVES, PATH, Act, Comparison, Outcome, Said, Stage, after, heard_problems
from app.domain.list_kinds import has_many_steps, open_places, tier_of
from app.domain.reduction import Counted, in_all, reduction_rate

FORWARD = (Act.CONSULT, Act.REVIEW, Act.LAY_BEFORE, Act.APPROVE_FIRST, Act.APPROVE, Act.PUBLISH, Act.FILE)


def test_the_path_is_walked_one_step_after_the_other() -> None:
    stage = Stage.PROPOSED
    for act, wanted in zip(FORWARD, PATH[1:], strict=True):
        stage = after(stage, act)
        assert stage is wanted


@given(st.sampled_from(Stage), st.sampled_from(Act))
def test_no_act_leads_anywhere_from_a_stage_it_is_not_for_and_what_has_ended_stays_so(stage: Stage, act: Act) -> None:
    if stage in MOVES[act].start:
        assert after(stage, act) is MOVES[act].end and stage not in ENDED
        return
    with pytest.raises(RuleBroken, match=r"change\.not_now"):
        after(stage, act)


def test_what_a_department_objects_to_is_answered_by_its_own_later_word_alone_hc_08() -> None:
    objected = Said(Stage.LEGALITY, "司法局", "002", Outcome.OBJECTED)
    others = Said(Stage.LEGALITY, "民政局", "002", Outcome.AGREED)
    agreed = Said(Stage.LEGALITY, "司法局", "002", Outcome.AGREED, frozenset(Comparison))
    both = heard_problems(Act.LAY_BEFORE, [objected, others])
    assert {one.code for one in both} == {"change.objection_to_item", "change.not_compared"}
    assert heard_problems(Act.LAY_BEFORE, [objected, agreed]) == []
    assert [one.code for one in heard_problems(Act.REVIEW, [objected])] == ["change.nobody_consulted"]


@pytest.mark.parametrize(("old", "new", "rate"), [(165, 119, "27.88"), (62, 4, "93.55"), (198, 51, "74.24")])
def test_reduction_rates_are_those_of_the_sources_hc_07_lj_02(old: int, new: int, rate: str) -> None:
    assert reduction_rate(old, new) == Decimal(rate)


@given(st.lists(st.tuples(st.integers(0, 500), st.integers(0, 500)), max_size=12))
def test_lists_together_are_counted_from_sums(pairs: list[tuple[int, int]]) -> None:
    total = in_all([Counted(str(number), old, new) for number, (old, new) in enumerate(pairs)])
    assert total.removed == sum(old - new for old, new in pairs)
    assert total.rate == reduction_rate(sum(old for old, _ in pairs), sum(new for _, new in pairs))


@pytest.mark.parametrize(("amount", "goes"), [("9999.99", "村"), ("10000", "镇"), ("10000.01", "镇")])
def test_ten_thousand_yuan_itself_goes_to_the_township_nh_09(amount: str, goes: str) -> None:
    assert tier_of(Decimal(amount), {"amount": "10000", "at_or_above": "镇", "below": "村"}) == goes


def test_more_than_about_five_steps_are_warned_about_but_for_major_matters_nh_07() -> None:
    assert has_many_steps("村务公开", 6) and not has_many_steps("村务公开", 5)
    assert not has_many_steps("工程招投标", 9) and has_many_steps("工程款公示以外", 3, most=2) is False


@given(st.integers(0, 60), st.integers(0, 40), st.integers(0, 40), st.integers(0, 20))
def test_named_and_open_places_add_up_to_what_the_source_states(extra: int, one: int, two: int, named: int) -> None:
    stated = one + two + extra
    in_first = min(named, one)
    places = open_places(stated, [("一", one), ("二", two)], ["一"] * in_first)
    assert len(places) + in_first == stated and places.count("一") == one - in_first
