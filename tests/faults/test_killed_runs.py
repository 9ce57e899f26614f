"""kill -9 while a round and its ranking are published and the awards computed: nothing half is seen, and it can be run again."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import Any

import pytest
from factories.installation import own_installation
from factories.small_round import checked_small_round, pay
from factories.world import known_world
from faults.killing import in_a_process, spread
from faults.state import assert_whole, counted, tell
from sqlalchemy import func, select

from app.features.assessment.models import AssessmentRound, RoundSnapshot
from app.features.assessment.services import publish_round
from app.features.bonus import services as bonus
from app.features.bonus.models import BonusBatch, PayLine
from app.features.ranking.models import RankingLine, RankingRun
from app.features.ranking.services import publish_ranking, run_ranking
from app.kit import access
from app.kit.db import db

POINTS = 20
VILLAGES = 2


@pytest.fixture
def ready(world_engine: Any, tmp_path: Path) -> Any:
    """An installation with a checked round and people on the pay roll."""
    (tmp_path / "ready").mkdir()
    app = own_installation(world_engine, tmp_path / "ready")
    with app.app_context(), access.acting_as(access.OPERATOR):
        world = known_world()
        checked_small_round(world)
        for name in ("chief_grid_leader", "sub_grid_leader"):
            pay(world.persons[name], world.units["C1A"])
    return app


def publish_rank_and_pay() -> None:
    """What is missing of the three acts: the same run completes one that was cut off."""
    with access.acting_as(access.OPERATOR):
        round_ = db.session.scalars(select(AssessmentRound)).one()
        if not round_.is_published:
            publish_round(round_)
        run = db.session.scalars(select(RankingRun).where(RankingRun.state == "published")).one_or_none()
        run = run or publish_ranking(run_ranking(round_))
        if db.session.scalars(select(BonusBatch)).first() is None:
            bonus.run_batch(run)


def assert_nothing_half(app: Any, persons: int) -> None:
    with app.app_context(), access.everything("the test looks at everything"):
        session = db.session
        round_ = session.scalars(select(AssessmentRound)).one()
        snapshots = session.scalar(select(func.count()).select_from(RoundSnapshot))
        assert snapshots == (1 if round_.is_published else 0)
        for run in session.scalars(select(RankingRun)):
            lines = session.scalar(select(func.count()).where(RankingLine.run_id == run.id))
            assert lines == VILLAGES and run.digest and (run.is_published == (run.state == "published"))
        for batch in session.scalars(select(BonusBatch)):
            assert session.scalar(select(func.count()).where(PayLine.batch_id == batch.id)) == persons
            assert bonus.is_recomputable(batch)


def test_a_run_killed_at_any_statement_leaves_nothing_half_and_goes_on_f02(ready: Any, fresh: Any) -> None:
    with ready.app_context():
        engine = db.engine
    whole = fresh(engine)
    _code, ticks, took = in_a_process(whole, publish_rank_and_pay)
    after = counted(whole)
    assert ticks > POINTS and after["pay_line"] == 2 and after["ranking_line"] == VILLAGES
    for at in spread(ticks, POINTS):
        app = fresh(engine)
        code, _ticks, _took = in_a_process(app, publish_rank_and_pay, at=at)
        assert code == signal.SIGKILL, f"not killed at {at} of {ticks}"
        check_and_run_again(app, after)
    for n in range(6):
        app = fresh(engine)
        in_a_process(app, publish_rank_and_pay, killed_after=took * (n + 1) / 6)
        check_and_run_again(app, after)
    tell(f"F02: killed at {POINTS} points of {ticks} and 6 times from outside: nothing half, each run completed once")


def check_and_run_again(app: Any, after: dict[str, int]) -> None:
    assert_whole(app)
    assert_nothing_half(app, after["pay_line"])
    with app.app_context():
        publish_rank_and_pay()
    assert_nothing_half(app, after["pay_line"])
    with app.app_context(), access.everything("the test looks at everything"):
        assert db.session.scalar(select(func.count()).where(RankingRun.state == "published")) == 1
    for name in ("round_snapshot", "bonus_batch", "pay_line"):
        assert counted(app)[name] == after[name], name
    assert_whole(app)
