"""Whether a published ranking still is what was published: the check of `flask audit verify`."""

from __future__ import annotations

from sqlalchemy import select

from app.domain.config import from_data
from app.domain.errors import UNREADABLE
from app.features.ranking.frozen import ranked
from app.features.ranking.models import RankingLine, RankingRun
from app.features.ranking.queries import is_recomputable
from app.kit import access
from app.kit.db import db


def frozen_faults() -> list[str]:
    """The published runs that do not come out again from what they froze, or whose lines say something else."""
    with access.everything("a check of all that was published"):
        runs = db.session.scalars(select(RankingRun).where(RankingRun.is_published.is_(True)).order_by(RankingRun.id))
        return [f"ranking_run {run.id}: {words}" for run in runs.all() if (words := _fault(run))]


def _fault(run: RankingRun) -> str:
    try:
        if not is_recomputable(run):
            return "the result does not follow from its inputs and its digest"
        return _line_fault(run)
    except UNREADABLE:
        return "cannot be read any more"


def _line_fault(run: RankingRun) -> str:
    units = {village["code"]: village["unit_id"] for village in run.inputs}
    wanted = {
        units[line.entry.code]: (line.rank, line.position, line.band.value, line.entry.final)
        for line in ranked(run.inputs, from_data(run.policy)).lines
    }
    lines = db.session.scalars(select(RankingLine).where(RankingLine.run_id == run.id).order_by(RankingLine.id)).all()
    for line in lines:
        if wanted.pop(line.village_unit_id, None) != (line.rank, line.position, line.band, line.final):
            return f"line {line.id} is not what was published"
    return f"{len(wanted)} lines are missing" if wanted else ""
