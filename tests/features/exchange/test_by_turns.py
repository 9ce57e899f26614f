"""A long file of independent rows is saved some at a time, and all the same altogether or not at all."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from app.domain.errors import RuleBroken
from app.domain.rights import Role
from app.features.duties.models import Duty
from app.features.duties.services import open_period
from app.features.exchange import queries, services
from app.features.exchange.services import confirming, turns
from app.features.people.services import add_person, appoint
from app.kit import effects, excel, jobs
from app.kit.audit import acting
from app.kit.db import transaction
from app.kit.excel import ExportMeta

GRIDS = ("第一子网格", "第二子网格")


class Watched(jobs.Progress):
    """A progress that does something when so many rows are done."""

    def __init__(self, act: Any = None) -> None:
        super().__init__()
        self.act = act

    def step(self, done: int) -> None:
        """Called after each turn."""
        if done == 1 and self.act:
            self.act()
        super().step(done)


@pytest.fixture
def waiting(world: Any, operator: Any, session: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """An upload of two records whose job is about to save them, one at a time."""
    second = world.units["C1A-G1-02"]
    appoint(add_person(second, "第二网格长"), Role.SUB_GRID_LEADER, second, from_on=date(2025, 1, 1))
    open_period("2026-10", units=[world.units["C1"]])
    monkeypatch.setattr(turns, "CHUNK", 1)
    door = queries.door_of("monthly-log")
    lines = [{"village": "甲东村", "sub_grid": grid, "meetings": 1, "patrols": 4} for grid in GRIDS]
    content = excel.write(door.layout, lines, ExportMeta(owner="甲镇", period="2026-10"))
    batch = services.preview(door, content, "记录.xlsx", services.options_from("C1", "2026-10", None, None))
    assert batch.changes["counts"]["new"] == 2
    batch.state = "saving"
    session.commit()
    return batch


def written(session: Any) -> int:
    session.expire_all()
    return sum(1 for duty in session.query(Duty).filter(Duty.subject.like("unit:%")) if duty.answers)


def save(batch: Any, act: Any = None) -> None:
    confirming.save_in_job({"batch": batch.id, "only_good": False}, Watched(act))


def test_a_job_that_is_stopped_puts_back_what_it_wrote_and_the_upload_waits_as_before(
    waiting: Any, session: Any
) -> None:
    def stop() -> None:
        assert written(session) == 1
        raise jobs.Stopped

    with pytest.raises(jobs.Stopped):
        save(waiting, stop)
    assert (written(session), waiting.state) == (0, "previewed")
    assert effects.of(f"import-{waiting.id}") == []
    services.confirm(waiting)
    assert (written(session), waiting.state) == (2, "applied")


def test_a_row_that_changed_meanwhile_takes_the_others_back(waiting: Any, session: Any) -> None:
    def write_the_other() -> None:
        other = next(d for d in session.query(Duty).filter(Duty.subject.like("unit:%")) if not d.answers)
        with transaction(), acting("test"):
            other.answers = {"patrols": 7}

    with pytest.raises(RuleBroken, match=r"exchange\.changed_meanwhile"):
        save(waiting, write_the_other)
    assert waiting.state == "previewed"
    assert [d.answers for d in session.query(Duty).filter(Duty.subject.like("unit:%")) if d.answers] == [{"patrols": 7}]


def test_a_job_that_was_killed_is_done_to_its_end_the_next_time(waiting: Any, session: Any) -> None:
    def die() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        save(waiting, die)
    assert (written(session), waiting.state) == (1, "saving")
    save(waiting)
    assert (written(session), waiting.state) == (2, "applied")
    assert len(effects.of(f"import-{waiting.id}")) == 2  # all of it can be undone
