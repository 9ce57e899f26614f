"""Nobody's log is stamped after the month was locked: submitters against the locker, from many threads."""

from __future__ import annotations

from typing import Any

import pytest
from factories.apart import own_portal
from factories.lock_race import run_schedules

from app.domain.errors import RuleBroken
from app.features.duties import services
from app.features.duties.models import Duty
from app.kit import clock

PERIOD = "2026-10"


@pytest.mark.parametrize("schedules", [20])
def test_no_log_is_stamped_after_the_lock_f10(world_engine: Any, tmp_path: Any, schedules: int) -> None:
    outcome = run_schedules(own_portal(world_engine, tmp_path), schedules)
    assert outcome.late == []
    assert outcome.submitted + outcome.refused == outcome.attempts


DOORS = {
    "draft": lambda duty: services.save_draft([services.Entry(duty, {})]),
    "hand in": lambda duty: services.submit([services.Entry(duty, {}, nothing=True)]),
    "nothing this period": lambda duty: services.nothing_this_period([duty]),
    "hand in what is ready": lambda duty: services.submit_ready([duty]),
    "confirm": lambda duty: services.confirm([duty]),
    "return": lambda duty: services.return_duty([duty], "请核对"),
    "open again for new posts": lambda duty: services.open_period(PERIOD, units=[duty.unit]),
    "urge": lambda duty: services.urge([duty], "请尽快", clock.today()),
}


@pytest.mark.parametrize("door", DOORS)
def test_a_locked_month_stops_every_door_c19(world: Any, session: Any, door: str) -> None:
    services.open_period(PERIOD, units=[world.units["C1"]])
    duty = session.query(Duty).filter(Duty.person_id == world.persons["grid_worker"].id).order_by(Duty.id).first()
    if door == "hand in what is ready":
        services.save_draft([services.Entry(duty, {}, nothing=True)])
    services.close_period(PERIOD, units=[world.units["C1"]])
    before = (duty.state, duty.version)
    with pytest.raises(RuleBroken) as refusal:
        DOORS[door](duty)
    assert refusal.value.problems[0].code == "duties.period_closed"
    session.refresh(duty)
    assert (duty.state, duty.version) == before


def test_what_is_handed_in_cannot_be_taken_back_after_the_lock_c19(world: Any, session: Any) -> None:
    services.open_period(PERIOD, units=[world.units["C1"]])
    duty = session.query(Duty).filter(Duty.person_id == world.persons["grid_worker"].id).order_by(Duty.id).first()
    services.nothing_this_period([duty])
    services.close_period(PERIOD, units=[world.units["C1"]])
    with pytest.raises(RuleBroken):
        services.withdraw(duty)
    assert duty.state == "nothing_to_report"
