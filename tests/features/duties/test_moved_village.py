"""A village that changes its township in the midst of a month: each month stays with the tree it was written under."""

from __future__ import annotations

from datetime import date
from typing import Any

from app.domain.errors import RuleBroken
from app.features.duties import services
from app.features.duties.queries import completion, duties_below
from app.features.org.services import merge_units, move_unit

SEPTEMBER, OCTOBER, NOVEMBER = "2026-09", "2026-10", "2026-11"


def due(world: Any, township: str, period: str) -> dict[str, int]:
    return {cell.village_code: cell.due for cell in completion(world.units[township], [period]) if cell.due}


def test_a_village_moved_within_a_month_leaves_its_months_where_they_were_written_f09(world: Any, session: Any) -> None:
    for period in (SEPTEMBER, OCTOBER):
        services.open_period(period, units=[world.units["C1"]])
    logs = duties_below(world.units["C1A"], SEPTEMBER)
    services.nothing_this_period([logs[0]])
    services.close_period(SEPTEMBER, units=[world.units["C1"]])
    before = {period: due(world, "C1", period) for period in (SEPTEMBER, OCTOBER)}
    assert before[SEPTEMBER]["C1A"] == len(logs) > 1

    move_unit(world.units["C1A"], world.units["C2"])
    session.commit()
    session.expire_all()

    assert {period: due(world, "C1", period) for period in (SEPTEMBER, OCTOBER)} == before
    assert due(world, "C2", SEPTEMBER) == {}
    assert {duty.township_id for duty in duties_below(world.units["C1"], OCTOBER)} == {world.units["C1"].id}
    services.close_period(OCTOBER, units=[world.units["C1"]])
    assert due(world, "C1", OCTOBER) == before[OCTOBER]


def test_a_month_opened_after_the_move_belongs_to_the_new_township_f09(world: Any, session: Any) -> None:
    services.open_period(OCTOBER, units=[world.units["C1"]])
    move_unit(world.units["C1A"], world.units["C2"])
    session.commit()
    services.open_period(NOVEMBER, units=[world.units["C1"], world.units["C2"]])
    assert "C1A" in due(world, "C2", NOVEMBER) and "C1A" not in due(world, "C1", NOVEMBER)
    assert "C1A" in due(world, "C1", OCTOBER)


def test_a_locked_month_stays_locked_for_a_village_that_has_moved_since_f09(world: Any, session: Any) -> None:
    services.open_period(OCTOBER, units=[world.units["C1"], world.units["C2"]])
    duty = duties_below(world.units["C1A"], OCTOBER)[0]
    services.close_period(OCTOBER, units=[world.units["C1"]])
    move_unit(world.units["C1A"], world.units["C2"])
    session.commit()
    try:
        services.nothing_this_period([duty])
    except RuleBroken as refusal:
        assert refusal.problems[0].code == "duties.period_closed"
    else:
        raise AssertionError("written after the lock of the township it belonged to")


def test_a_merged_village_keeps_the_months_it_had_of_its_own_f09(world: Any, session: Any) -> None:
    services.open_period(OCTOBER, units=[world.units["C1"]])
    before = due(world, "C1", OCTOBER)
    merge_units([world.units["C1A"]], world.units["C1B"], date(2026, 10, 20))
    session.commit()
    session.expire_all()
    assert due(world, "C1", OCTOBER) == before
