"""Ranks, positions, quotas and bands of the villages of one round, by a stated policy.

Source: bonus_rules §3 and §4 (Q1–Q5, Q11–Q14). Scores come from scoring.py; money is in bonus.py.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from enum import StrEnum
from itertools import groupby
from operator import itemgetter

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


@dataclass(frozen=True, slots=True)
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


@dataclass(frozen=True, slots=True)
class Line:
    """One village ranked: `rank` by score alone (1224), `position` after the tie-breakers.

    Shape: `decided_by` is what set it apart from the village before it: `score`, one of the tie-breakers, or `unit_code`
    where the chain was exhausted; empty for the first village and for one not ranked.
    """

    entry: Entry
    rank: int | None
    position: int | None
    band: Band
    tie_undecided: bool = False
    decided_by: str = ""


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
    if n >= 2 and config["top_ratio"]:
        top = max(top, 1)
    return top, bottom


def rank_villages(entries: Sequence[Entry], config: RuleConfig) -> Ranking:
    """Every village with rank, position and band.

    Shape:  a village without a score is not_ranked; the order of the input never matters. A group of one, or one in which
            all have the same score, has no top and no bottom.
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
        return [("", list(entries))] if entries else []
    ordered = sorted(entries, key=lambda entry: entry.group)
    return [(group, list(members)) for group, members in groupby(ordered, key=lambda entry: entry.group)]


Key = tuple[int, ...]
LAST = 10**9  # a place nobody gave comes after every given one


def _hundredths(points: Points) -> int:
    """Whole hundredths order as the points do, and sort several times faster than decimals."""
    return int(points.scaleb(2))


def _keys(entry: Entry, breakers: Sequence[str]) -> Key:
    """What a village is ordered by: the score first, then the tie-breakers, low before high."""
    parts = [-_hundredths(entry.final or ZERO)]
    for name in breakers:
        if name == "effective_deduction_asc":
            parts.append(_hundredths(entry.effective))
        elif name == "previous_rank_asc":
            parts.append(LAST if entry.previous_rank is None else entry.previous_rank)
        elif name == "manual":
            parts.append(LAST if entry.manual_order is None else entry.manual_order)
        else:
            parts.append(-_hundredths(entry.aspects.get(name.removeprefix("aspect_").removesuffix("_desc"), ZERO)))
    return tuple(parts)


def _rank_group(group: str, entries: list[Entry], config: RuleConfig) -> tuple[list[Line], Cuts, list[Problem]]:
    breakers = config["tie_breakers"]
    keyed = sorted(((_keys(entry, breakers), entry.code, entry) for entry in entries), key=itemgetter(0, 1))
    ordered, keys = [entry for _, _, entry in keyed], [key for key, _, _ in keyed]
    ranks = _ranks(keys)
    n = len(ordered)
    cut = Cuts(group, n, *quotas(n, config))
    if ranks[-1] == 1:  # one village, or all with the same score
        warned = [Problem("ranking.all_equal", group, {"n": n, "score": ordered[0].final})] if n > 1 else []
        return _lines(ordered, keys, ranks, 0, 0, breakers), cut, warned
    top = _top(ranks, cut.top_quota, config)
    bottom = _bottom(ranks, cut.bottom_quota, top, config)
    cut = replace(
        cut,
        top_score=ordered[cut.top_quota - 1].final if cut.top_quota else None,
        bottom_score=ordered[n - cut.bottom_quota].final if cut.bottom_quota else None,
    )
    lines = _lines(ordered, keys, ranks, top, bottom, breakers)
    return lines, cut, _band_warnings(lines, keys, top, bottom)


def _lines(
    ordered: Sequence[Entry], keys: Sequence[Key], ranks: Sequence[int], top: int, bottom: int, breakers: Sequence[str]
) -> list[Line]:
    n = len(ordered)
    lines = []
    for i, entry in enumerate(ordered):
        band = Band.TOP if i < top else Band.BOTTOM if i >= n - bottom else Band.MIDDLE
        undecided = (i > 0 and keys[i] == keys[i - 1]) or (i + 1 < n and keys[i] == keys[i + 1])
        decided_by = _decided_by(keys[i - 1], keys[i], breakers) if i else ""
        lines.append(Line(entry, ranks[i], i + 1, band, undecided, decided_by))
    return lines


def _decided_by(before: Key, own: Key, breakers: Sequence[str]) -> str:
    for name, earlier, later in zip(("score", *breakers), before, own, strict=True):
        if earlier != later:
            return name
    return "unit_code"


def _ranks(keys: Sequence[Key]) -> list[int]:
    ranks: list[int] = []
    for index, key in enumerate(keys):
        tied = index and key[0] == keys[index - 1][0]
        ranks.append(ranks[-1] if tied else index + 1)
    return ranks


def _tie(ranks: Sequence[int], index: int) -> tuple[int, int]:
    """First and last position (from 0) with the score of the village at `index`."""
    return bisect_left(ranks, ranks[index]), bisect_right(ranks, ranks[index]) - 1


def _top(ranks: Sequence[int], quota: int, config: RuleConfig) -> int:
    """How many villages, from the first, are in the top band."""
    if config["cut_rule"] == "rank_number":
        return bisect_right(ranks, config["top_ratio"] * len(ranks))
    if not quota:
        return 0
    first, last = _tie(ranks, quota - 1)
    if last == quota - 1:
        return quota
    return {"expand": last + 1, "shrink": first, "tiebreak": quota}[config["top_tie_policy"]]


def _bottom(ranks: Sequence[int], quota: int, top: int, config: RuleConfig) -> int:
    """How many villages, from the last, are in the bottom band; never one that is in the top."""
    n = len(ranks)
    if config["cut_rule"] == "rank_number":
        # the worst reverse rank of a tie group counts, n + 1 − its rank: it must not exceed the limit
        return min(n - bisect_left(ranks, n + 1 - config["bottom_ratio"] * n), n - top)
    quota = min(quota, n - top)
    if not quota:
        return 0
    first, last = _tie(ranks, n - quota)
    if first == n - quota:
        return quota
    wanted = {"shrink": n - 1 - last, "expand": n - first, "tiebreak": quota}[config["bottom_tie_policy"]]
    return min(wanted, n - top)


def _band_warnings(lines: Sequence[Line], keys: Sequence[Key], top: int, bottom: int) -> list[Problem]:
    """Villages that a cut parts although nothing but the unit code orders them: the township has to decide."""
    cuts = {cut for cut in (top, len(lines) - bottom) if 0 < cut < len(lines) and keys[cut] == keys[cut - 1]}
    parted = sorted({index for cut in cuts for index in (cut - 1, cut)})
    return [Problem("ranking.tie_undecided", lines[i].entry.code, {"village": lines[i].entry.name}) for i in parted]
