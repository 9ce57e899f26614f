"""The lines of rankings as a list to take along."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, select

from app.domain.rights import Resource
from app.features.ranking.models import RankingLine, RankingRun
from app.features.ranking.words import band_word
from app.kit.i18n import _l
from app.kit.listing import Args, ListColumn, Listing


def _lines(args: Args) -> Select[Any]:
    """As the page: one ranking by position; without one all of them, the newest first."""
    statement = select(RankingLine).join(RankingLine.run)
    if args.get("run", "").isdecimal():
        statement = statement.where(RankingRun.id == int(args["run"]))
    return statement.order_by(RankingRun.id.desc(), RankingLine.position, RankingLine.id)


LISTINGS = [
    Listing(
        code="ranking-lines",
        title=_l("Ranking"),
        resource=Resource.RANKINGS,
        model=RankingLine,
        columns=(
            ListColumn("round", _l("Round"), value=lambda line: line.run.summary.get("round_name")),
            ListColumn("run.number", _l("Version")),
            ListColumn("position", _l("Position")),
            ListColumn("rank", _l("Rank")),
            ListColumn("village.name", _l("Village")),
            ListColumn("township", _l("Township"), value=lambda line: line.village.parent and line.village.parent.name),
            ListColumn("base", _l("Base score")),
            ListColumn("effective", _l("Deduction")),
            ListColumn("final", _l("Final score")),
            ListColumn("band", _l("Band"), value=lambda line: band_word(line.band, line.run.policy)),
            ListColumn("note", _l("Remarks")),
        ),
        statement=_lines,
        related=("run", "village"),
        page="RankingView.index",
    )
]
