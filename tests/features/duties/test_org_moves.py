"""A village that moves or is merged in the middle of a month: what was due before keeps the tree it was due under."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from app.features.duties import queries, services
from app.features.duties.models import Duty
from app.features.org.services import merge_units, move_unit
from app.kit import access, clock

OLD, NEW = "2026-10", "2026-11"


@pytest.fixture
def october(world: Any) -> Any:
    """October opened in both townships."""
    with clock.at(datetime(2026, 10, 1, 4, tzinfo=UTC)):
        services.open_period(OLD, units=[world.units["C"]])
    return world


def places(session: Any, world: Any, period: str) -> set[tuple[Any, Any]]:
    """(township, village) of the duties of a period, by code."""
    codes = {unit.id: unit.code for unit in world.units.values()}
    with access.everything("what is stored"):
        rows = session.query(Duty).filter(Duty.period == period)
        return {(codes[row.township_id], codes[row.village_id]) for row in rows}


def test_a_village_moved_in_the_month_keeps_its_old_tree_in_it_f09(october: Any, session: Any) -> None:
    world = october
    before = places(session, world, OLD)
    with clock.at(datetime(2026, 10, 15, 4, tzinfo=UTC)):
        move_unit(world.units["C1A"], world.units["C2"])
    with clock.at(datetime(2026, 11, 1, 4, tzinfo=UTC)):
        again = services.open_period(NEW, units=[world.units["C"]])
        closed = services.close_period(OLD, units=[world.units["C"]])
    assert again.created and len(closed) == 2
    assert places(session, world, OLD) == before and ("C1", "C1A") in before
    assert {town for town, _village in places(session, world, NEW)} == {"C2"}
    done = queries.completion(world.units["C1"], [OLD])
    assert sum(cell.due for cell in done) in (0, 9)
    with access.everything("the lock of the old township holds the log of the moved village"):
        record = session.query(Duty).filter(Duty.period == OLD, Duty.village_id == world.units["C1A"].id).first()
    assert queries.closed_row([(record.township_id, OLD)]).unit_id == world.units["C1"].id


def test_a_village_merged_in_the_month_keeps_its_old_logs_f09(october: Any, session: Any) -> None:
    world = october
    before = places(session, world, OLD)
    with clock.at(datetime(2026, 10, 15, 4, tzinfo=UTC)):
        merge_units([world.units["C1A"]], world.units["C1B"], date(2026, 10, 15))
    assert places(session, world, OLD) == before
    with clock.at(datetime(2026, 11, 1, 4, tzinfo=UTC)):
        services.close_period(OLD, units=[world.units["C1"]])
    assert places(session, world, OLD) == before
