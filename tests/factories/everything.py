"""A row of everything where the small county can see it: what is computed is computed, all else is made from the tables."""

from __future__ import annotations

from typing import Any

from factories.small_round import pay, publish_small_round
from factories.strangers import make_strangers
from sqlalchemy import select

from app.features.assessment.models import RoundSnapshot, Sheet
from app.features.bonus.models import PayLine, Wage
from app.features.bonus.services import run_batch
from app.features.ranking.models import RankingLine
from app.features.ranking.services import publish_ranking, run_ranking
from app.kit import access
from app.kit.db import db

PLACES = {"township": "C1", "village": "C1A", "total_grid": "C1A-G1", "sub_grid": "C1A-G1-01", "county": "C"}


def make_everything(world: Any, marker: str) -> dict[str, int]:
    """Table name -> id of a row in township C1; every free text of the rows that are made from the tables holds the marker."""
    with access.everything("the test makes a row of everything"):
        round_ = publish_small_round(world)
        run = publish_ranking(run_ranking(round_))
        pay(world.persons["chief_grid_leader"], world.units["C1A"])
        batch = run_batch(run)
        computed = {
            "ranking_run": run.id,
            "bonus_batch": batch.id,
            "round_snapshot": _one(RoundSnapshot, RoundSnapshot.round_id == round_.id),
            "ranking_line": _one(RankingLine, RankingLine.run_id == run.id),
            "pay_line": _one(PayLine, PayLine.batch_id == batch.id),
            "wage": _one(Wage, Wage.person_id == world.persons["chief_grid_leader"].id),
        }
        made = make_strangers({level: world.units[code] for level, code in PLACES.items()}, marker, computed)
        round_and_sheet = {"assessment_round": round_.id, "sheet": _one(Sheet, Sheet.round_id == round_.id)}
    return made | round_and_sheet | {"ab_user": world.users["grid_worker"].id}


def _one(model: type[Any], condition: Any) -> int:
    return int(db.session.scalars(select(model.id).where(condition)).first())
