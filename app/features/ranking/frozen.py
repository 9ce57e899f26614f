"""What a ranking run freezes, and the proof that it can be computed again. No database."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from app.domain.config import RuleConfig
from app.domain.errors import Problem
from app.domain.ranking import Band, Entry, Line, Ranking, rank_villages

AMOUNTS = ("earned", "applicable", "base", "raw", "item_capped", "effective", "unfloored", "final")
Frozen = Mapping[str, Any]


def entry_of(village: Frozen) -> Entry:
    """A frozen village as it enters the ranking."""
    final, effective = village["final"], village["effective"]
    return Entry(
        code=village["code"],
        name=village["name"],
        final=None if final is None else Decimal(final),
        effective=Decimal(effective or 0),
        aspects={code: Decimal(points) for code, points in village["aspects"].items()},
        previous_rank=village["previous_rank"],
        manual_order=village["manual_order"],
        group=village["group"],
        incomplete=village["status"] == "incomplete",
        excluded_reason=village["excluded_reason"] or "",
    )


def ranked(inputs: Iterable[Frozen], config: RuleConfig) -> Ranking:
    """The ranking that follows from frozen inputs under a policy."""
    return rank_villages([entry_of(village) for village in inputs], config)


def line_as_data(line: Line) -> dict[str, Any]:
    """A line as JSON."""
    return {
        "code": line.entry.code,
        "rank": line.rank,
        "position": line.position,
        "band": line.band.value,
        "final": None if line.entry.final is None else str(line.entry.final),
        "tie_undecided": line.tie_undecided,
    }


def summary_of(ranking: Ranking) -> dict[str, Any]:
    """Numbers, quotas, cuts and warnings of a ranking as JSON."""
    return {
        "n": ranking.n,
        "counts": {band.value: ranking.count(band) for band in Band},
        "cuts": [
            {
                "group": cut.group,
                "n": cut.n,
                "top_quota": cut.top_quota,
                "bottom_quota": cut.bottom_quota,
                "top_score": None if cut.top_score is None else str(cut.top_score),
                "bottom_score": None if cut.bottom_score is None else str(cut.bottom_score),
            }
            for cut in ranking.cuts
        ],
        "warnings": problems_as_data(ranking.warnings),
    }


def problems_as_data(problems: Iterable[Problem]) -> list[dict[str, Any]]:
    """Problems as JSON, to be told in the reader's language later."""
    return [
        {"code": p.code, "where": p.where, "params": {key: str(value) for key, value in p.params.items()}}
        for p in problems
    ]


def problems_from_data(data: Iterable[Frozen]) -> list[Problem]:
    """The problems out of JSON."""
    return [Problem(one["code"], one["where"], one["params"]) for one in data]


def digest_of(rule_version: str, policy: Frozen, inputs: Any, lines: Sequence[Any]) -> str:
    """SHA-256 over rule version, policy, inputs and results in one canonical form."""
    whole = {"rule_version": rule_version, "policy": policy, "inputs": inputs, "lines": lines}
    text = json.dumps(whole, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
