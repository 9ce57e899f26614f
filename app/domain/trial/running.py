"""A what-if from rows to results: scores, ranking, awards, and what has to be told about them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from app.domain import config as settings
from app.domain.bonus import Awards, awards, check_approvable
from app.domain.config import RuleConfig
from app.domain.errors import Problem, RuleBroken
from app.domain.ranking import Entry, Ranking, rank_villages
from app.domain.scoring import Fact, Occurrence, Scheme, Score, Status, village_score
from app.domain.trial.claims import Row, claims_of

OF_SCHEME = ("total_cap", "floor_total", "min_applicable")
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
    year: int,
) -> Trial:
    """Score, rank and pay.

    Shape:  score rows: village, scores {item: Decimal | "NA"}, deduction_points {item: points after item caps}; `detail` rows
            (扣分明细): village, item_code, level, occurrences, before caps, replace the points of their item; wage rows:
            village, person_name, and either base/post_allowance/… with months, or monthly with joined_on/left_on, or
            monthly {"1": amount …}. `codes` are unit codes by village name. A village with some scores missing is not
            ranked and warned about, as one with none (decisions §7).
    Errors: those of `village_score`; where is `village/item`.
    """
    recorded = _recorded(detail)
    config = _with_scheme(config, scheme)
    scores = {str(r["village"]): _score(scheme, r, recorded.get(str(r["village"]), []), config) for r in score_rows}
    known = codes or {}
    entries = [_entry(village, score, known.get(village, village)) for village, score in scores.items()]
    paid_only = dict.fromkeys(str(row["village"]) for row in wage_rows if str(row["village"]) not in scores)
    entries += [Entry(known.get(village, village), village, None) for village in paid_only]
    ranking = rank_villages(entries, config)
    bands = {line.entry.name: line.band for line in ranking.lines}
    claims, doubled = claims_of(wage_rows, bands, config, year)
    paid = awards(claims, config)
    warnings = [
        *(problem for problem in ranking.warnings if problem.params.get("village") not in paid_only),
        *(_at(village, problem) for village, score in scores.items() for problem in score.warnings),
        *_detail_warnings(score_rows, scores, recorded),
        *(Problem("trial.no_scores", village, {"village": village}) for village in paid_only),
        *doubled,
        *_unpaid(scores, wage_rows),
        *check_approvable(config),
    ]
    return Trial(config, scores, ranking, paid, tuple(warnings))


def _at(village: str, problem: Problem) -> Problem:
    """The problem with the village it is about."""
    where = f"{village}/{problem.where}" if problem.where else village
    return Problem(problem.code, where, {"village": village, **problem.params})


def _unpaid(scores: Mapping[str, Score], wage_rows: Sequence[Row]) -> list[Problem]:
    named = {str(row["village"]) for row in wage_rows}
    return [Problem("trial.no_wages", village, {"village": village}) for village in scores if village not in named]


def _detail_warnings(
    rows: Sequence[Row], scores: Mapping[str, Score], recorded: Mapping[str, Sequence[Occurrence]]
) -> list[Problem]:
    """Where the occurrences recorded beside a score sheet do not come to the points written in it."""
    found = []
    for row in rows:
        village, written = str(row["village"]), row.get("deduction_points", {})
        detailed = {one.item for one in recorded.get(village, ())}
        for line in scores[village].deductions:
            sheet = Decimal(str(written.get(line.item.code, 0)))
            if line.item.code in detailed and min(sheet, line.item.cap) != line.capped:
                params = {"village": village, "item": line.item.name, "sheet": sheet, "detail": line.capped}
                found.append(Problem("trial.detail_differs", f"{village}/{line.item.code}", params))
    return found


def _recorded(detail: Sequence[Row]) -> dict[str, list[Occurrence]]:
    """The occurrences of every village."""
    found: dict[str, list[Occurrence]] = {}
    for row in detail:
        one = Occurrence(str(row["item_code"]), int(row["occurrences"]), row.get("level"))
        found.setdefault(str(row["village"]), []).append(one)
    return found


def _score(scheme: Scheme, row: Row, occurrences: Sequence[Occurrence], config: RuleConfig) -> Score:
    facts = {code: _fact(value) for code, value in row.get("scores", {}).items() if value is not None}
    occurrences = occurrences or _counted(scheme, row)
    detailed = {occurrence.item for occurrence in occurrences}
    capped = {c: Decimal(str(p)) for c, p in row.get("deduction_points", {}).items() if c not in detailed}
    ruled = replace(scheme, **{name: config[name] for name in OF_SCHEME})
    try:
        return village_score(
            ruled,
            facts,
            occurrences,
            capped=capped,
            same_fact_rule=config["same_fact_rule"],
            missing_policy=config["missing_score_policy"],
        )
    except RuleBroken as refusal:
        raise RuleBroken([_at(str(row["village"]), problem) for problem in refusal.problems]) from refusal


def _counted(scheme: Scheme, row: Row) -> list[Occurrence]:
    """Occurrences written into the cells of a score sheet (8件), of items whose points need no level."""
    unlevelled = {item.code for item in scheme.deductions if not item.levels}
    return [Occurrence(code, int(n)) for code, n in row.get("occurrences", {}).items() if code in unlevelled and int(n)]


def _with_scheme(config: RuleConfig, scheme: Scheme) -> RuleConfig:
    """The configuration as it holds for a scheme: caps and floor are the scheme's where nobody changed them from the defaults."""
    own = {name: getattr(scheme, name) for name in OF_SCHEME if config[name] == settings.DEFAULTS[name]}
    return RuleConfig({**config.values, **own})


def _fact(value: Any) -> Fact:
    return Fact(not_applicable=True) if value == "NA" else Fact(points=Decimal(str(value)), reason=FROM_WORKBOOK)


def _entry(village: str, score: Score, code: str) -> Entry:
    earned = {aspect: part.earned for aspect, part in score.aspects.items()}
    incomplete = score.status is Status.INCOMPLETE
    return Entry(code, village, score.final, score.effective, earned, incomplete=incomplete)
