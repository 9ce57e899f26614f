"""Ranks, positions, quotas and bands of the villages of one round, by a stated policy.

Source: bonus_rules §3 and §4 (Q1–Q5, Q11–Q14). Scores come from scoring.py; money is in bonus.py.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from enum import StrEnum
from itertools import groupby

from app.domain.config import RuleConfig
from app.domain.errors import Problem
from app.domain.types import ZERO, Points, Rounding, rounded

RULE_VERSION = "2026.1"
ONE = Decimal(1)


class Band(StrEnum):
    """Where a village stands after the cuts."""

    TOP = "top"
    MIDDLE = "middle"
    BOTTOM = "bottom"
    NOT_RANKED = "not_ranked"


@dataclass(frozen=True)
class Entry:
    """A village as it enters the ranking; `final` is None when it has no score. `manual_order`: the township's decision, low first."""

    code: str
    name: str
    final: Points | None
    effective: Points = ZERO
    aspects: Mapping[str, Points] = field(default_factory=dict)
    previous_rank: int | None = None
    manual_order: int | None = None
    group: str = ""
    incomplete: bool = False
    excluded_reason: str = ""


@dataclass(frozen=True)
class Line:
    """One village ranked: `rank` by score alone (1224), `position` after the tie-breakers."""

    entry: Entry
    rank: int | None
    position: int | None
    band: Band
    tie_undecided: bool = False


@dataclass(frozen=True)
class Cuts:
    """Quotas and the scores at which the cuts were made, of one group."""

    group: str
    n: int
    top_quota: int
    bottom_quota: int
    top_score: Points | None = None
    bottom_score: Points | None = None


@dataclass(frozen=True)
class Ranking:
    """All lines: ranked ones by position (group by group), then those not ranked by code."""

    lines: tuple[Line, ...]
    cuts: tuple[Cuts, ...]
    warnings: tuple[Problem, ...] = ()

    @property
    def n(self) -> int:
        """How many villages were ranked."""
        return sum(cut.n for cut in self.cuts)

    def count(self, band: Band) -> int:
        """How many villages stand in a band."""
        return sum(line.band is band for line in self.lines)


def quotas(n: int, config: RuleConfig) -> tuple[int, int]:
    """How many villages the top and the bottom band are meant for; at least one top when two or more are ranked.

    Source: bonus_rules §3.1. Example:
        >>> from app.domain.config import DEFAULTS
        >>> quotas(43, DEFAULTS), quotas(1, DEFAULTS), quotas(2, DEFAULTS)
        ((11, 4), (0, 0), (1, 0))
    """
    top = int(rounded(n * config["top_ratio"], ONE, Rounding(config["top_rounding"])))
    bottom = int(rounded(n * config["bottom_ratio"], ONE, Rounding(config["bottom_rounding"])))
    if n >= 2:
        top = max(top, 1)
    return (top, bottom) if n > 1 else (0, 0)


def rank_villages(entries: Sequence[Entry], config: RuleConfig) -> Ranking:
    """Every village with rank, position and band.

    Shape:  a village without a score is not_ranked; the order of the input never matters.
    Units:  scores with two places.
    """
    scored = [entry for entry in entries if _is_ranked(entry)]
    rest = sorted((entry for entry in entries if not _is_ranked(entry)), key=lambda entry: entry.code)
    lines: list[Line] = []
    cuts, warnings = [], []
    for group, members in _groups(scored, config):
        ranked, cut, warned = _rank_group(group, members, config)
        lines += ranked
        cuts.append(cut)
        warnings += warned
    lines += [Line(entry, None, None, Band.NOT_RANKED) for entry in rest]
    warnings += [_why_not(entry) for entry in rest]
    return Ranking(tuple(lines), tuple(cuts), tuple(warnings))


def _is_ranked(entry: Entry) -> bool:
    return entry.final is not None and not entry.incomplete and not entry.excluded_reason


def _why_not(entry: Entry) -> Problem:
    if entry.excluded_reason:
        return Problem("ranking.excluded", entry.code, {"village": entry.name, "reason": entry.excluded_reason})
    code = "ranking.incomplete_village" if entry.incomplete else "ranking.no_score"
    return Problem(code, entry.code, {"village": entry.name})


def _groups(entries: Sequence[Entry], config: RuleConfig) -> list[tuple[str, list[Entry]]]:
    if config["ranking_scope"] == "county" and config["ranking_group"] is None:
        return [("", list(entries))]
    ordered = sorted(entries, key=lambda entry: entry.group)
    return [(group, list(members)) for group, members in groupby(ordered, key=lambda entry: entry.group)]


def _tie_key(entry: Entry, breakers: Sequence[str]) -> tuple[object, ...]:
    parts: list[object] = []
    for name in breakers:
        if name == "effective_deduction_asc":
            parts.append(entry.effective)
        elif name == "previous_rank_asc":
            parts.append((entry.previous_rank is None, entry.previous_rank or 0))
        elif name == "manual":
            parts.append((entry.manual_order is None, entry.manual_order or 0))
        else:
            parts.append(-entry.aspects.get(name.removeprefix("aspect_").removesuffix("_desc"), ZERO))
    return tuple(parts)


def _rank_group(group: str, entries: list[Entry], config: RuleConfig) -> tuple[list[Line], Cuts, list[Problem]]:
    breakers = config["tie_breakers"]
    keyed = sorted(((-(e.final or ZERO), _tie_key(e, breakers), e.code, e) for e in entries), key=lambda row: row[:3])  # type: ignore[type-var,misc]
    ordered = [row[3] for row in keyed]
    undecided = _undecided([row[:2] for row in keyed])
    ranks = _ranks(ordered)
    n = len(ordered)
    top_quota, bottom_quota = quotas(n, config)
    cut = Cuts(group, n, top_quota, bottom_quota)
    if n > 1 and ordered[0].final == ordered[-1].final:
        lines = [Line(e, ranks[i], i + 1, Band.MIDDLE, i in undecided) for i, e in enumerate(ordered)]
        return lines, cut, [Problem("ranking.all_equal", group, {"n": n, "score": ordered[0].final})]
    top = _top(ordered, ranks, top_quota, config)
    bottom = _bottom(ordered, ranks, bottom_quota, top, config)
    bands = [Band.TOP if i < top else Band.BOTTOM if i >= n - bottom else Band.MIDDLE for i in range(n)]
    cut = replace(
        cut,
        top_score=ordered[top_quota - 1].final if top_quota else None,
        bottom_score=ordered[n - bottom_quota].final if bottom_quota else None,
    )
    lines = [Line(e, ranks[i], i + 1, bands[i], i in undecided) for i, e in enumerate(ordered)]
    return lines, cut, _band_warnings(group, lines, top, bottom, n)


def _undecided(keys: Sequence[tuple[object, ...]]) -> set[int]:
    """Positions whose order the chain of tie-breakers left open, so that the unit code decided."""
    same = [i for i in range(1, len(keys)) if keys[i] == keys[i - 1]]
    return {j for i in same for j in (i - 1, i)}


def _ranks(ordered: Sequence[Entry]) -> list[int]:
    ranks: list[int] = []
    for index, entry in enumerate(ordered):
        tied = index and entry.final == ordered[index - 1].final
        ranks.append(ranks[-1] if tied else index + 1)
    return ranks


def _tie(ordered: Sequence[Entry], index: int) -> tuple[int, int]:
    """First and last position (from 0) with the score of the village at `index`."""
    first = last = index
    while first and ordered[first - 1].final == ordered[index].final:
        first -= 1
    while last + 1 < len(ordered) and ordered[last + 1].final == ordered[index].final:
        last += 1
    return first, last


def _top(ordered: Sequence[Entry], ranks: Sequence[int], quota: int, config: RuleConfig) -> int:
    """How many villages, from the first, are in the top band."""
    n = len(ordered)
    if config["cut_rule"] == "rank_number":
        return sum(rank <= config["top_ratio"] * n for rank in ranks) if n > 1 else 0
    if not quota:
        return 0
    first, last = _tie(ordered, quota - 1)
    if last == quota - 1:
        return quota
    return {"expand": last + 1, "shrink": first, "tiebreak": quota}[config["top_tie_policy"]]


def _bottom(ordered: Sequence[Entry], ranks: Sequence[int], quota: int, top: int, config: RuleConfig) -> int:
    """How many villages, from the last, are in the bottom band; never one that is in the top."""
    n = len(ordered)
    if config["cut_rule"] == "rank_number":
        limit = config["bottom_ratio"] * n
        # the worst reverse rank of a tie group counts: n + 1 − its better rank
        return min(sum(n + 1 - rank <= limit for rank in ranks), n - top) if n > 1 else 0
    quota = min(quota, n - top)
    if not quota:
        return 0
    first, last = _tie(ordered, n - quota)
    if first == n - quota:
        return quota
    wanted = {"shrink": n - 1 - last, "expand": n - first, "tiebreak": quota}[config["bottom_tie_policy"]]
    return min(wanted, n - top)


def _band_warnings(group: str, lines: Sequence[Line], top: int, bottom: int, n: int) -> list[Problem]:
    edges = {index for index in (top - 1, top, n - bottom - 1, n - bottom) if 0 <= index < n}
    split = [
        line
        for index, line in enumerate(lines)
        if index in edges
        and line.tie_undecided
        and any(
            other.entry.final == line.entry.final and other.band is not line.band and other.tie_undecided
            for other in lines[max(0, index - 1) : index + 2]
        )
    ]
    return [Problem("ranking.tie_undecided", line.entry.code, {"village": line.entry.name}) for line in split]
