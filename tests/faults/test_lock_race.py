"""F10 at its full width: two hundred schedules of submitters against the locker of the month."""

from __future__ import annotations

from typing import Any

from factories.apart import own_portal
from factories.lock_race import run_schedules
from faults.state import tell


def test_two_hundred_lock_races_stamp_nothing_after_the_lock_f10(world_engine: Any, tmp_path: Any) -> None:
    outcome = run_schedules(own_portal(world_engine, tmp_path), 200)
    figures = f"{outcome.attempts} attempts, {outcome.submitted} handed in, {outcome.refused} refused"
    tell(f"F10: {figures}, {len(outcome.late)} stamped after the lock")
    assert outcome.late == []
    assert outcome.submitted + outcome.refused == outcome.attempts and outcome.submitted and outcome.refused
