"""Workflows: every state can be reached, every allowed action leads somewhere known."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.errors import RuleBroken
from app.domain.transitions import STATES, TABLE, Kind, allowed_actions, initial_state, next_state, transition

VERBS = {"edit", "submit", "confirm", "approve", "publish", "export"}


@pytest.mark.parametrize("kind", Kind)
def test_every_allowed_action_leads_to_a_known_state(kind):
    for state in STATES[kind]:
        for action in allowed_actions(kind, state):
            assert next_state(kind, state, action, reason="说明") in STATES[kind]
            assert transition(kind, state, action).verb in VERBS


@pytest.mark.parametrize("kind", Kind)
def test_no_state_is_out_of_reach(kind):
    reached, ahead = set(), [initial_state(kind)]
    while ahead:
        state = ahead.pop()
        if state not in reached:
            reached.add(state)
            ahead += [next_state(kind, state, action, reason="说明") for action in allowed_actions(kind, state)]
    assert reached == set(STATES[kind])


@pytest.mark.parametrize("kind", Kind)
def test_a_state_lists_each_action_once(kind):
    for state in STATES[kind]:
        actions = allowed_actions(kind, state)
        assert len(actions) == len(set(actions))
    assert {row.state for row in TABLE[kind]} <= {str(state) for state in STATES[kind]}


@given(st.sampled_from(Kind), st.text(max_size=12), st.text(max_size=12))
def test_an_unknown_move_is_refused_and_says_what_is_allowed(kind, state, action):
    with pytest.raises(RuleBroken) as refused:
        next_state(kind, state, action)
    assert refused.value.problems[0].code == "transition.not_allowed"
    assert refused.value.problems[0].params["allowed"] == allowed_actions(kind, state)


@pytest.mark.parametrize(
    ("kind", "state", "action"),
    [
        ("duty", "submitted", "return"),
        ("lead", "reported", "return"),
        ("lead", "accepted", "merge"),
        ("round", "published", "correct"),
        ("period", "closed", "reopen"),
    ],
)
def test_taking_something_back_needs_a_reason(kind, state, action):
    with pytest.raises(RuleBroken) as refused:
        next_state(kind, state, action, reason="  ")
    assert refused.value.problems[0].code == "transition.reason_required"


def test_a_month_s_duty_goes_from_open_to_confirmed():
    state = initial_state("duty")
    for action in ("save", "submit", "return", "save", "submit", "confirm"):
        state = next_state("duty", state, action, reason="请补充参会人数")
    assert state == "confirmed"


def test_a_published_round_cannot_be_edited_only_corrected():
    assert allowed_actions("round", "published") == ("correct",)
    assert allowed_actions("bonus", "paid") == ()
    assert allowed_actions("lead", "merged") == ()
