"""Nobody's log is stamped after the month was locked: submitters against the locker, from many threads."""

from __future__ import annotations

from typing import Any

import pytest
from factories.apart import own_portal
from factories.lock_race import run_schedules


@pytest.mark.parametrize("schedules", [20])
def test_no_log_is_stamped_after_the_lock_f10(world_engine: Any, tmp_path: Any, schedules: int) -> None:
    outcome = run_schedules(own_portal(world_engine, tmp_path), schedules)
    assert outcome.late == []
    assert outcome.submitted + outcome.refused == outcome.attempts
