"""Whatever is tried in whatever order, a log stays in a known state and a refusal changes nothing."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.domain.errors import RuleBroken
from app.domain.transitions import DutyState
from app.features.duties import services
from app.features.duties.models import Duty

PERIOD = "2026-10"
FULL = dict.fromkeys(
    (
        "meetings",
        "patrols",
        "reception_days",
        "reception_visitors",
        "leads_received",
        "leads_accepted",
        "leads_closed",
        "should_attend",
        "attended",
        "visits",
    ),
    1,
)
ACTS = {
    "draft": lambda duty: services.save_draft([services.Entry(duty, {"meetings": 2})]),
    "draft in words": lambda duty: services.save_draft([services.Entry(duty, {"meetings": "两次"})]),
    "submit": lambda duty: services.submit([services.Entry(duty, FULL)]),
    "submit half": lambda duty: services.submit([services.Entry(duty, {"meetings": 1})]),
    "submit stale": lambda duty: services.submit([services.Entry(duty, FULL, version=0)]),
    "nothing": lambda duty: services.nothing_this_period([duty]),
    "withdraw": services.withdraw,
    "confirm": lambda duty: services.confirm([duty]),
    "return": lambda duty: services.return_duty([duty], "请核对"),
    "return without reason": lambda duty: services.return_duty([duty], ""),
    "close": lambda duty: services.close_period(PERIOD, units=[duty.unit]),
    "ask_reopen": lambda duty: services.ask_reopen(PERIOD, "补录", units=[duty.unit]),
    "allow_reopen": lambda duty: services.allow_reopen(PERIOD, units=[duty.unit]),
    "refuse_reopen": lambda duty: services.refuse_reopen(PERIOD, "不必", units=[duty.unit]),
    "open": lambda duty: services.open_period(PERIOD, units=[duty.unit]),
}
HANDED_IN = (DutyState.SUBMITTED, DutyState.NOTHING_TO_REPORT, DutyState.CONFIRMED)


@pytest.fixture
def record(world, session):
    services.open_period(PERIOD, units=[world.units["C1"]])
    return session.query(Duty).filter(Duty.subject.like("unit:%")).one()


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(acts=st.lists(st.sampled_from(sorted(ACTS)), max_size=12))
def test_no_order_of_acts_leads_out_of_the_table(record, session, acts):
    for act in acts:
        before = (record.state, dict(record.answers))
        try:
            ACTS[act](record)
        except RuleBroken as refused:
            assert refused.problems
            session.expire_all()
            assert (record.state, record.answers) == before
        session.expire_all()
        assert record.state in list(DutyState)
        assert (record.submitted_at is not None) or record.state in (DutyState.OPEN, DutyState.DRAFT)
        if record.state in HANDED_IN:
            assert record.is_nothing or record.answers == FULL
        if record.state == DutyState.RETURNED:
            assert record.return_reason
