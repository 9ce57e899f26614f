"""The pay workbook: which villages it may name, and the rows that are written."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from app.domain.bonus import PayStatus
from app.domain.errors import broken
from app.domain.rights import Resource, Verb
from app.domain.types import rounded
from app.features.assessment.queries import round_by_code
from app.features.bonus.models import BonusBatch, PayLine
from app.features.bonus.queries.batches import latest_batch, lines_of
from app.features.bonus.queries.wages import employments_below, parts_of, wages_in, year_months
from app.features.org.models import OrgUnit
from app.features.org.queries import units_at
from app.kit import access
from app.kit.excel import ExportMeta, ReadContext, VillageName
from app.kit.exchange import Options

ZERO = Decimal(0)
# column of the pay table -> part of the wage; the insurance stands in no pay table
COLUMNS = {
    "base": "base_allowance",
    "post_allowance": "post_allowance",
    "title_allowance": "title_allowance",
    "rank_allowance": "rank_allowance",
}
YEAR = re.compile(r"(\d{4})")


@dataclass(frozen=True)
class Place:
    """The villages a pay table may name, by name, and where the actor may do what he came for."""

    villages: Mapping[str, OrgUnit]
    allowed: frozenset[int]


def place_of(options: Options, verb: Verb) -> Place:
    """The villages below the unit of the options, else below the owner of the round, else all within reach.

    Errors: NotAllowed without the right at that unit; assessment.unknown_round.
    """
    unit = options.unit or (round_by_code(options.round).unit if options.round else None)
    if options.unit is not None:
        access.require_at(verb, Resource.PAY, options.unit)
    elif not access.holds(Resource.PAY, verb):
        raise access.NotAllowed(Resource.PAY, verb)
    with access.everything("names in a pay table are matched with the tree; the right is kept beside each"):
        known = [village for village in units_at("village") if unit is None or _below(village, unit)]
    allowed = frozenset(village.id for village in known if access.can_at(verb, Resource.PAY, village))
    named = sorted(known, key=lambda village: village.id in allowed)  # of two equal names the one within reach is meant
    return Place({village.name: village for village in named if village.id in allowed}, allowed)


def _below(village: OrgUnit, unit: OrgUnit) -> bool:
    return bool(getattr(village, f"{unit.level}_id") == unit.id) or village.id == unit.village_id


def year_of(options: Options) -> int | None:
    """The year the options speak of: of the period, else of the round."""
    found = YEAR.match(options.period or "")
    if found is None and options.round:
        found = YEAR.match(round_by_code(options.round).period)
    return int(found[1]) if found else None


def pay_context(options: Options) -> ReadContext:
    """What the reader of a pay table must know: the villages, and the year of the page."""
    place = place_of(options, Verb.IMPORT)
    villages = tuple(VillageName(v.code, v.name, tuple(v.aliases)) for v in place.villages.values())
    year = year_of(options)
    return ReadContext(villages=villages, page_period=str(year) if year else None)


def pay_rows(options: Options) -> tuple[list[dict[str, Any]], ExportMeta]:
    """The rows of layout (e): the newest batch of the round or year as it was computed, else the wages of the year alone.

    Errors: bonus.year_missing; NotAllowed without the export right.
    """
    year = year_of(options)
    if year is None:
        raise broken("bonus.year_missing", "period")
    place = place_of(options, Verb.EXPORT)
    batch = latest_batch(options.round, year, options.unit)
    unit = options.unit or (batch.unit if batch else None)
    rows = batch_rows(batch, options.unit) if batch else _wage_rows(place, year)
    meta = ExportMeta(owner=unit.name if unit else "", period=str(year), unit="元", org_code=unit.code if unit else "")
    return rows, meta


# -- the rows of a batch ---------------------------------------------------------------------------


def batch_rows(batch: BonusBatch, unit: OrgUnit | None = None, verb: Verb = Verb.EXPORT) -> list[dict[str, Any]]:
    """The pay lines within reach as rows of layout (e), a row for each segment; the rows of a person sum to his award."""
    lines = lines_of(batch, unit, verb)
    rows = [row for line in lines for row in _line_rows(line, batch)]
    return sorted(rows, key=lambda row: row.pop("order"))


def _line_rows(line: PayLine, batch: BonusBatch) -> list[dict[str, Any]]:
    rows = []
    for segment in line.segments:
        parts = {name: Decimal(segment["parts"].get(part, "0")) for name, part in COLUMNS.items()}
        rows.append(
            {
                "order": (segment["village_order"], segment["employment_id"]),
                "row_key": str(segment["employment_id"]),
                "village": segment["village"],
                "person_name": line.person.name,
                "post": segment["title"] or None,
                **parts,
                "monthly": Decimal(segment["average_wage"]),
                "months": segment["months"],
                "score": None if segment["final"] is None else Decimal(segment["final"]),
                "rank": segment["rank"],
                "band": band_word(segment["band"], batch.policy),
                "multiplier": Decimal(segment["multiplier"]),
                "award_due": Decimal(segment["award"]),
                "award_paid": None if segment.get("paid") is None else Decimal(segment["paid"]),
                "remarks": line.remarks or ("暂缓发放" if line.status == PayStatus.HELD else None),
            }
        )
    return rows


def band_word(band: str, policy: Mapping[str, Any]) -> str:
    """The band as a pay table names it: 前25%, 中间, 后10%, 未参评."""
    share = {"top": policy["top_ratio"], "bottom": policy["bottom_ratio"]}.get(band)
    if share is None:
        return {"middle": "中间"}.get(band, "未参评")
    percent = format((Decimal(str(share)) * 100).normalize(), "f")
    return f"{'前' if band == 'top' else '后'}{percent}%"


def _wage_rows(place: Place, year: int) -> list[dict[str, Any]]:
    """Before there is a batch: the pay roll with its wages, to be filled in or checked."""
    rows = []
    for village in sorted(place.villages.values(), key=lambda v: (v.sort_order, v.code)):
        employments = employments_below(village, year)
        wages = wages_in(employments, year_months(year))
        for employment in employments:
            months = [parts_of(wage) for wage in wages[employment.id].values()]
            row = {"row_key": str(employment.id), "village": village.name, "person_name": employment.person.name}
            rows.append(row | {"post": employment.title} | average_row(months))
    return rows


def average_row(months: Sequence[Mapping[str, Decimal]]) -> dict[str, Any]:
    """Average parts, their total and the number of months, as a row of layout (e) has them; empty without a month."""
    if not months:
        return {}
    count = len(months)
    shown = {name: rounded(sum((p[part] for p in months), ZERO) / count) for name, part in COLUMNS.items()}
    total = sum((p[part] for p in months for part in COLUMNS.values()), ZERO)
    return shown | {"monthly": rounded(total / count), "months": count}
