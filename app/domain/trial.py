"""A what-if of one round: scores and wages in, bands and awards out, in the form that is printed as JSON.

Rows come from workbooks as kit/excel reads them; nothing is stored. Source: decisions §8.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from app.domain import config as settings
from app.domain.bonus import Award, Awards, Claim, Segment, Wages, awards, months_served, multiplier
from app.domain.config import RuleConfig
from app.domain.errors import Problem
from app.domain.periods import Period
from app.domain.ranking import Band, Entry, Line, Ranking, rank_villages
from app.domain.scoring import Fact, Occurrence, Scheme, Score, Status, village_score
from app.domain.types import Money, Points

Row = Mapping[str, Any]
COMPONENTS = {
    "base": "base_allowance",
    "post_allowance": "post_allowance",
    "title_allowance": "title_allowance",
    "rank_allowance": "rank_allowance",
}
FROM_WORKBOOK = "workbook"


@dataclass(frozen=True)
class Trial:
    """The result of a what-if, each part as the rules gave it."""

    config: RuleConfig
    scores: Mapping[str, Score]
    ranking: Ranking
    awards: Awards
    warnings: tuple[Problem, ...]


def run_trial(
    scheme: Scheme,
    score_rows: Sequence[Row],
    wage_rows: Sequence[Row],
    config: RuleConfig,
    *,
    detail: Sequence[Row] = (),
    codes: Mapping[str, str] | None = None,
    year: int = 2025,
) -> Trial:
    """Score, rank and pay.

    Shape:  score rows: village, scores {item: Decimal | "NA"}, deduction_points {item: points after item caps}; `detail` rows
            (扣分明细): village, item_code, level, occurrences, before caps, replace the points of their item; wage rows: village, person_name, and either base/post_allowance/… with months,
            or monthly with joined_on/left_on, or monthly {"1": amount …}. `codes` are unit codes by village name.
            A village with some scores missing is not ranked and warned about, as one with none (decisions §7).
    Errors: RuleBroken for points out of range.
    """
    recorded = _recorded(detail)
    scores = {str(r["village"]): _score(scheme, r, recorded.get(str(r["village"]), []), config) for r in score_rows}
    entries = [_entry(village, score, (codes or {}).get(village, village)) for village, score in scores.items()]
    ranking = rank_villages(entries, config)
    bands = {line.entry.name: line.band for line in ranking.lines}
    claims, warnings = _claims(wage_rows, bands, config, year)
    paid = awards(claims, config)
    unpaid = [
        Problem("trial.no_wages", v, {"village": v}) for v in scores if v not in {str(r["village"]) for r in wage_rows}
    ]
    low = [problem for score in scores.values() for problem in score.warnings]
    unconfirmed = [] if config["multipliers_confirmed"] else [Problem("bonus.multipliers_unconfirmed")]
    return Trial(config, scores, ranking, paid, (*ranking.warnings, *low, *warnings, *unpaid, *unconfirmed))


def _recorded(detail: Sequence[Row]) -> dict[str, list[Occurrence]]:
    """The occurrences of every village."""
    found: dict[str, list[Occurrence]] = {}
    for row in detail:
        one = Occurrence(str(row["item_code"]), int(row["occurrences"]), row.get("level"))
        found.setdefault(str(row["village"]), []).append(one)
    return found


def _score(scheme: Scheme, row: Row, occurrences: Sequence[Occurrence], config: RuleConfig) -> Score:
    facts = {code: _fact(value) for code, value in row.get("scores", {}).items() if value is not None}
    detailed = {occurrence.item for occurrence in occurrences}
    capped = {c: Decimal(str(p)) for c, p in row.get("deduction_points", {}).items() if c not in detailed}
    ruled = _with_config(scheme, config)
    return village_score(ruled, facts, occurrences, capped=capped, same_fact_rule=config["same_fact_rule"])


def _with_config(scheme: Scheme, config: RuleConfig) -> Scheme:
    """The scheme with the caps and floors of the configuration where an administrator changed them from the defaults."""
    changed = {
        name: config[name]
        for name in ("total_cap", "floor_total", "min_applicable")
        if config[name] != settings.DEFAULTS[name]
    }
    return replace(scheme, **changed)


def _fact(value: Any) -> Fact:
    return Fact(not_applicable=True) if value == "NA" else Fact(points=Decimal(str(value)), reason=FROM_WORKBOOK)


def _entry(village: str, score: Score, code: str) -> Entry:
    earned = {aspect: part.earned for aspect, part in score.aspects.items()}
    incomplete = score.status is Status.INCOMPLETE
    return Entry(code, village, score.final, score.effective, earned, incomplete=incomplete)


# -- wages -----------------------------------------------------------------------------------------


def _claims(
    rows: Sequence[Row], bands: Mapping[str, Band], config: RuleConfig, year: int
) -> tuple[list[Claim], list[Problem]]:
    """One claim per person: same name in one village is one person; in two villages one person when the months do not overlap."""
    people: list[tuple[str, list[tuple[Row, Wages]]]] = []
    warnings = []
    for row in rows:
        wages = _wages(row, config, year)
        name = str(row["person_name"])
        mine = next((parts for other, parts in people if other == name and _same(parts, row, wages)), None)
        if mine is None:
            people.append((name, [(row, wages)]))
        else:
            mine.append((row, wages))
        if str(row["village"]) not in bands:
            warnings.append(Problem("trial.no_scores", str(row["village"]), {"village": row["village"]}))
    claims = [_claim(index, name, parts, bands) for index, (name, parts) in enumerate(people)]
    return claims, list({problem.where: problem for problem in warnings}.values())


def _same(parts: Sequence[tuple[Row, Wages]], row: Row, wages: Wages) -> bool:
    if any(other["village"] == row["village"] for other, _ in parts):
        return True
    return all(not set(other.months) & set(wages.months) for _, other in parts)


def _claim(index: int, name: str, parts: Sequence[tuple[Row, Wages]], bands: Mapping[str, Band]) -> Claim:
    by_village: dict[str, dict[int, Mapping[str, Money]]] = {}
    for row, wages in parts:
        by_village.setdefault(str(row["village"]), {}).update(wages.months)
    segments = tuple(
        Segment(village, Wages(months), bands.get(village, Band.NOT_RANKED), is_primary=i == 0)
        for i, (village, months) in enumerate(by_village.items())
    )
    held = any(is_held(row) for row, _ in parts)
    return Claim(str(index), name, segments, "hold" if held else "none")


def is_held(row: Row) -> bool:
    """True when the row says that the award waits (暂缓发放)."""
    return bool(row.get("held")) or "暂缓" in str(row.get("remarks") or "")


def _wages(row: Row, config: RuleConfig, year: int) -> Wages:
    monthly = row.get("monthly")
    if isinstance(monthly, Mapping):
        return Wages({int(month): {"base_allowance": Decimal(str(amount))} for month, amount in monthly.items()})
    if any(name in row for name in COMPONENTS):
        parts = {part: Decimal(str(row[name])) for name, part in COMPONENTS.items() if row.get(name) is not None}
    else:
        parts = {"base_allowance": Decimal(str(monthly))}
    return Wages(dict.fromkeys(_months(row, config, year), parts))


def _months(row: Row, config: RuleConfig, year: int) -> tuple[int, ...]:
    if row.get("months") is not None:
        return tuple(range(13 - int(row["months"]), 13))
    joined, left = _day(row.get("joined_on")), _day(row.get("left_on"))
    return months_served(joined, left, year, config["month_cutoff_day"])


def _day(text: Any) -> Any:
    """A date out of `2025-04-01` or `2025-04` (its first day); `open` and nothing mean no end."""
    if not text or text == "open":
        return None
    parts = [int(part) for part in str(text).split("-")]
    start = Period.month(parts[0], parts[1]).start
    return start if len(parts) == 2 else start.replace(day=parts[2])


# -- the JSON of decisions §8 ----------------------------------------------------------------------


def as_json(trial: Trial) -> dict[str, Any]:
    """The what-if as JSON: counts are integers, scores and amounts strings with two decimals."""
    config, ranking = trial.config, trial.ranking
    return {
        "n": ranking.n,
        "top_quota": sum(cut.top_quota for cut in ranking.cuts),
        "bottom_quota": sum(cut.bottom_quota for cut in ranking.cuts),
        "policy": settings.as_data(config),
        "warnings": [_warning(problem) for problem in trial.warnings],
        "villages": [_village(line, trial.scores[line.entry.name], config) for line in ranking.lines],
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


def _warning(problem: Problem) -> dict[str, Any]:
    return {"code": problem.code, "where": problem.where, **{key: str(value) for key, value in problem.params.items()}}


def _money(value: Points | None) -> str | None:
    return None if value is None else f"{value:.2f}"


def _village(line: Line, score: Score, config: RuleConfig) -> dict[str, Any]:
    return {
        "village": line.entry.name,
        "earned": _money(score.earned),
        "applicable": _money(score.applicable),
        "base": _money(score.base),
        "raw": _money(score.raw),
        "item_capped": _money(score.item_capped),
        "effective": _money(score.effective),
        "final": _money(score.final),
        "rank": line.rank,
        "position": line.position,
        "band": line.band.value,
        "multiplier": _money(multiplier(line.band, config)),
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
                "multiplier": _money(line.multiplier),
            }
            for line in award.segments
        ],
    }
