"""What an award batch freezes, and the computation from it: nothing here asks the database.

Shape of the inputs: `villages` by unit id {name, township, order, band, rank, final}; `persons` [{person_id, name, hold, segments:
[{employment_id, village_id, title, is_primary, wages: [{months: [1…], parts: {…}}]}]}].
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from app.domain.bonus import Award, Awards, Claim, Segment, SegmentLine, Wages, awards, largest_remainder
from app.domain.config import RuleConfig
from app.domain.ranking import Band
from app.domain.types import ZERO, Money, rounded

Frozen = Mapping[str, Any]


@dataclass(frozen=True)
class Computed:
    """A batch as computed: one line of data per person, in the order of the persons, and the totals."""

    lines: list[dict[str, Any]]
    totals: dict[str, Any]


def wages_as_data(months: Mapping[int, Mapping[str, Decimal]]) -> list[dict[str, Any]]:
    """Wages by month as JSON: months with the same parts stand together."""
    found: dict[tuple[tuple[str, str], ...], list[int]] = {}
    for month in sorted(months):
        key = tuple((part, str(value)) for part, value in months[month].items())
        found.setdefault(key, []).append(month)
    return [{"months": numbers, "parts": dict(parts)} for parts, numbers in found.items()]


def wages_from_data(data: Sequence[Frozen]) -> dict[int, dict[str, Decimal]]:
    """Wages by month out of JSON."""
    return {
        month: {part: Decimal(value) for part, value in one["parts"].items()} for one in data for month in one["months"]
    }


def computed(inputs: Frozen, config: RuleConfig) -> Computed:
    """The awards that follow from frozen inputs under a configuration."""
    villages, persons = inputs["villages"], inputs["persons"]
    result = awards([_claim(person, villages) for person in persons], config)
    lines = [_line(person, award, villages, config) for person, award in zip(persons, result.awards, strict=True)]
    return Computed(lines, _totals(lines, result))


def _claim(person: Frozen, villages: Frozen) -> Claim:
    segments = tuple(
        Segment(
            str(segment["employment_id"]),
            Wages(wages_from_data(segment["wages"])),
            Band(villages[str(segment["village_id"])]["band"]),
            segment["is_primary"],
        )
        for segment in person["segments"]
    )
    return Claim(str(person["person_id"]), person["name"], segments, person["hold"])


def _line(person: Frozen, award: Award, villages: Frozen, config: RuleConfig) -> dict[str, Any]:
    by_id = {str(segment["employment_id"]): segment for segment in person["segments"]}
    shares = segment_shares(award)
    segments = [
        _segment(by_id[line.village], line, share, villages, config)
        for line, share in zip(award.segments, shares, strict=True)
    ]
    return {
        "person_id": person["person_id"],
        "name": person["name"],
        "months": award.months,
        "award": str(award.award),
        "payable_now": str(award.payable_now),
        "status": award.status.value,
        "before_budget": None if award.before_budget is None else str(award.before_budget),
        "segments": segments,
    }


def segment_shares(award: Award) -> list[Money]:
    """What each segment contributes to the award, in cents that sum to it."""
    exact = [line.exact for line in award.segments]
    return largest_remainder(exact, award.award) if sum(exact, ZERO) else [ZERO for _ in exact]


def _segment(segment: Frozen, line: SegmentLine, share: Money, villages: Frozen, config: RuleConfig) -> dict[str, Any]:
    village = villages[str(segment["village_id"])]
    wages = wages_from_data(segment["wages"])
    parts = {part for one in wages.values() for part in one}
    return {
        "employment_id": segment["employment_id"],
        "village_id": segment["village_id"],
        "village": village["name"],
        "village_order": village["order"],
        "title": segment["title"],
        "months": line.months,
        "average_wage": str(line.average_wage),
        "parts": {part: str(_average(wages, part)) for part in sorted(parts)},
        "multiplier": format(line.multiplier.normalize(), "f"),
        "exact": format(line.exact.quantize(Decimal("0.000001")).normalize(), "f"),
        "award": str(share.quantize(Decimal("0.01"))),
        "band": village["band"],
        "rank": village["rank"],
        "final": village["final"],
    }


def _average(wages: Mapping[int, Mapping[str, Decimal]], part: str) -> Money:
    return rounded(sum((one.get(part, ZERO) for one in wages.values()), ZERO) / len(wages))


def _totals(lines: Sequence[Frozen], result: Awards) -> dict[str, Any]:
    bands = {band.value: {"persons": 0, "award": ZERO, "wage": ZERO} for band in Band}
    for line in lines:
        if line["segments"]:
            bands[line["segments"][-1]["band"]]["persons"] += 1
        for segment in line["segments"]:
            bands[segment["band"]]["award"] += Decimal(segment["award"])
            bands[segment["band"]]["wage"] += Decimal(segment["average_wage"])
    held = sum((Decimal(line["award"]) for line in lines if line["status"] == "held"), ZERO)
    return {
        "persons": len(lines),
        "total_award": str(result.total),
        "total_payable_now": str(result.total_payable_now),
        "total_held": str(held),
        "budget_factor": None if result.budget_factor is None else format(result.budget_factor, ".6f"),
        "bands": {
            band: {"persons": one["persons"], "award": str(one["award"]), "wage": str(one["wage"])}
            for band, one in bands.items()
        },
    }


def digest_of(rule_version: str, policy: Frozen, inputs: Frozen, lines: Sequence[Frozen]) -> str:
    """SHA-256 over rule version, policy, inputs and results in one canonical form."""
    whole = {"rule_version": rule_version, "policy": policy, "inputs": inputs, "lines": lines}
    text = json.dumps(whole, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
