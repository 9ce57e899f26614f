"""Schedules of submitters and one locker over a month, and what each left behind."""

from __future__ import annotations

import random
import time
from dataclasses import dataclass, field
from datetime import date

from factories.apart import Apart, together

SUBMITTERS = 4


@dataclass
class Outcome:
    """What the schedules did: attempts to submit, how many went through, how many came too late, and what must not be."""

    attempts: int = 0
    submitted: int = 0
    refused: int = 0
    late: list[str] = field(default_factory=list)


def run_schedules(apart: Apart, schedules: int, seed: int = 20261125) -> Outcome:
    """Each schedule is a month of its own: submitters and a locker start together, each after a pause drawn at random."""
    chance, outcome = random.Random(seed), Outcome()
    months = [f"{year}-{month:02d}" for year in range(2026, 2080) for month in range(1, 13)][:schedules]
    duties = _open(apart, months)
    for month in months:
        pauses = [chance.random() * 0.02 for _ in range(SUBMITTERS + 1)]
        results = together(
            *(lambda d=d, p=p: _submit(apart, d, p) for d, p in zip(duties[month], pauses[:SUBMITTERS], strict=True)),
            lambda m=month, p=pauses[-1]: _lock(apart, m, p),
        )
        outcome.attempts += SUBMITTERS
        outcome.submitted += results.count("submitted")
        outcome.refused += results.count("duties.period_closed")
        outcome.late += _stamped_late(apart, month)
    return outcome


def _open(apart: Apart, months: list[str]) -> dict[str, list[int]]:
    from sqlalchemy import select

    from app.domain.rights import Role
    from app.features.duties.models import Duty
    from app.features.duties.services import open_period
    from app.features.people.services import appoint
    from app.kit.db import db

    with apart.inside() as world:
        for _ in range(SUBMITTERS):
            appoint(world.persons["grid_worker"], Role.GRID_WORKER, world.units["C1A-G1-01"], from_on=date(2025, 1, 1))
        for month in months:
            open_period(month, units=[world.units["C1"]])
        found = {}
        for month in months:
            person = world.persons["grid_worker"].id
            statement = select(Duty.id).where(Duty.period == month, Duty.person_id == person).order_by(Duty.id)
            found[month] = list(db.session.scalars(statement.limit(SUBMITTERS)))
    return found


def _submit(apart: Apart, duty_id: int, pause: float) -> str:
    from app.domain.errors import RuleBroken
    from app.features.duties.models import Duty
    from app.features.duties.services import nothing_this_period
    from app.kit.db import db

    with apart.inside():
        duty = db.session.get(Duty, duty_id)
        db.session.rollback()  # read, and nothing held: as a page somebody opened a while ago
        time.sleep(pause)
        try:
            nothing_this_period([duty])
        except RuleBroken as refusal:
            return refusal.problems[0].code
        return "submitted"


def _lock(apart: Apart, month: str, pause: float) -> str:
    from app.features.duties.services import close_period

    with apart.inside() as world:
        township = world.units["C1"]
        time.sleep(pause)
        close_period(month, units=[township])
    return "locked"


def _stamped_late(apart: Apart, month: str) -> list[str]:
    from sqlalchemy import select

    from app.features.duties.models import Duty, DutyPeriod
    from app.kit.db import db

    with apart.inside():
        row = db.session.scalars(select(DutyPeriod).where(DutyPeriod.period == month)).one()
        assert row.state == "closed" and row.closed_at is not None
        late = select(Duty).where(Duty.period == month, Duty.submitted_at > row.closed_at)
        return [f"{month} {duty.id} {duty.submitted_at} after {row.closed_at}" for duty in db.session.scalars(late)]
