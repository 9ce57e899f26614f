"""A what-if as the JSON that is printed: counts are integers, scores and amounts strings."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from app.domain import config as settings
from app.domain.bonus import Award, multiplier
from app.domain.config import RuleConfig
from app.domain.errors import Problem
from app.domain.ranking import Band, Line
from app.domain.scoring import Score
from app.domain.trial.running import Trial
from app.domain.types import HUNDREDTH, Points


def as_json(trial: Trial) -> dict[str, Any]:
    """The what-if as JSON: counts are integers, scores and amounts strings with two decimals."""
    config, ranking = trial.config, trial.ranking
    return {
        "n": ranking.n,
        "top_quota": sum(cut.top_quota for cut in ranking.cuts),
        "bottom_quota": sum(cut.bottom_quota for cut in ranking.cuts),
        "policy": settings.as_data(config),
        "warnings": [_warning(problem) for problem in trial.warnings],
        "villages": [_village(line, trial.scores.get(line.entry.name), config) for line in ranking.lines],
        "awards": [_award(award) for award in trial.awards.awards],
        "totals": {
            "top": ranking.count(Band.TOP),
            "middle": ranking.count(Band.MIDDLE),
            "bottom": ranking.count(Band.BOTTOM),
            "not_ranked": ranking.count(Band.NOT_RANKED),
            "persons": len(trial.awards.awards),
            "total_award": _money(trial.awards.total),
            "total_payable_now": _money(trial.awards.total_payable_now),
        },
    }


AMOUNTS = ("earned", "applicable", "base", "raw", "item_capped", "effective", "final")


def _rate(value: Decimal) -> str:
    """A multiplier with at least two decimals, and no digit lost: 2.50, 2.125."""
    return format(value if value != value.quantize(HUNDREDTH) else value.quantize(HUNDREDTH), "f")


def _warning(problem: Problem) -> dict[str, Any]:
    return {"code": problem.code, "where": problem.where, **{key: str(value) for key, value in problem.params.items()}}


def _money(value: Points | None) -> str | None:
    return None if value is None else f"{value:.2f}"


def _village(line: Line, score: Score | None, config: RuleConfig) -> dict[str, Any]:
    return {
        "village": line.entry.name,
        **{name: None if score is None else _money(getattr(score, name)) for name in AMOUNTS},
        "rank": line.rank,
        "position": line.position,
        "band": line.band.value,
        "multiplier": _rate(multiplier(line.band, config)),
        "tie_undecided": line.tie_undecided,
    }


def _award(award: Award) -> dict[str, Any]:
    return {
        "name": award.name,
        "village": award.village,
        "months": award.months,
        "award": _money(award.award),
        "payable_now": _money(award.payable_now),
        "status": award.status.value,
        "segments": [
            {
                "village": line.village,
                "months": line.months,
                "average_wage": _money(line.average_wage),
                "multiplier": _rate(line.multiplier),
            }
            for line in award.segments
        ],
    }
