"""Who the rows of a wage workbook are about, and which months at which wage each of them served."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from app.domain.bonus import Claim, Segment, Wages, months_served
from app.domain.config import RuleConfig
from app.domain.errors import Problem
from app.domain.periods import Period
from app.domain.ranking import Band
from app.domain.types import Money

Row = Mapping[str, Any]
COMPONENTS = {
    "base": "base_allowance",
    "post_allowance": "post_allowance",
    "title_allowance": "title_allowance",
    "rank_allowance": "rank_allowance",
}
NOT_HELD = re.compile("(不再|不予|取消|解除|结束|无需)暂缓")


@dataclass(frozen=True)
class _Person:
    """The rows of one name that are one person, with the months each one takes."""

    rows: list[tuple[Row, Wages]]

    @property
    def months(self) -> set[int]:
        """The months taken so far."""
        return {month for _, wages in self.rows for month in wages.months}


def claims_of(
    rows: Sequence[Row], bands: Mapping[str, Band], config: RuleConfig, year: int
) -> tuple[list[Claim], list[Problem]]:
    """One claim per person: same name in one village is one person; in two villages one person when the months do not overlap."""
    people: dict[str, list[_Person]] = {}
    claimed: list[tuple[str, _Person]] = []
    doubled = []
    for row in rows:
        name, village = str(row["person_name"]), str(row["village"])
        person = _same_person(people.get(name, ()), row, config, year)
        if person is None:
            person = _Person([])
            people.setdefault(name, []).append(person)
            claimed.append((name, person))
        wages = _wages(row, config, year, person.months)
        twice = person.months & set(wages.months)
        if twice:
            doubled.append(Problem("trial.month_twice", village, {"village": village, "name": name, "n": len(twice)}))
            wages = Wages({month: parts for month, parts in wages.months.items() if month not in twice})
        person.rows.append((row, wages))
    return [
        _claim(index, name, _in_row_order(person.rows), bands) for index, (name, person) in enumerate(claimed)
    ], doubled


def _same_person(known: Sequence[_Person], row: Row, config: RuleConfig, year: int) -> _Person | None:
    here = (one for one in known if any(other["village"] == row["village"] for other, _ in one.rows))
    elsewhere = (one for one in known if not one.months & set(_wages(row, config, year, one.months).months))
    return next(here, None) or next(elsewhere, None)


def _in_row_order(rows: Sequence[tuple[Row, Wages]]) -> Sequence[tuple[Row, Wages]]:
    """Rows that only number their months, one after the other as they stand in the file, up to the end of the year."""
    if len(rows) < 2 or any(row.get("months") is None or isinstance(row.get("monthly"), Mapping) for row, _ in rows):
        return rows
    month, placed = 13 - sum(len(wages.months) for _, wages in rows), []
    for row, wages in rows:
        parts = list(wages.months.values())
        placed.append((row, Wages(dict(enumerate(parts, month)))))
        month += len(parts)
    return placed


def _claim(index: int, name: str, rows: Sequence[tuple[Row, Wages]], bands: Mapping[str, Band]) -> Claim:
    by_village: dict[str, dict[int, Mapping[str, Money]]] = {}
    for row, wages in rows:
        by_village.setdefault(str(row["village"]), {}).update(wages.months)
    segments = tuple(
        Segment(village, Wages(months), bands[village], is_primary=i == 0)
        for i, (village, months) in enumerate(by_village.items())
    )
    held = any(is_held(row) for row, _ in rows)
    return Claim(str(index), name, segments, "hold" if held else "none")


def is_held(row: Row) -> bool:
    """True when the row says that the award waits (暂缓发放)."""
    return bool(row.get("held")) or "暂缓" in NOT_HELD.sub("", str(row.get("remarks") or ""))


def _wages(row: Row, config: RuleConfig, year: int, taken: AbstractSet[int] = frozenset()) -> Wages:
    """The wages of a row by month. A total that is not split into parts counts whole, whichever parts the policy names."""
    monthly, whole = row.get("monthly"), config["wage_components"][0]
    if isinstance(monthly, Mapping):
        return Wages({int(month): {whole: Decimal(str(amount))} for month, amount in monthly.items()})
    if any(name in row for name in COMPONENTS):
        parts = {part: Decimal(str(row[name])) for name, part in COMPONENTS.items() if row.get(name) is not None}
    else:
        parts = {whole: Decimal(str(monthly))}
    return Wages(dict.fromkeys(_months(row, config, year, taken), parts))


def _months(row: Row, config: RuleConfig, year: int, taken: AbstractSet[int]) -> tuple[int, ...]:
    """The months a row names; a mere number means the last free ones of the year, or any if so many are not free."""
    if row.get("months") is not None:
        wanted = int(row["months"])
        free = [month for month in range(1, 13) if month not in taken]
        return tuple((free if wanted <= len(free) else range(1, 13))[-wanted:]) if wanted else ()
    joined, left = _day(row.get("joined_on")), _day(row.get("left_on"))
    return months_served(joined, left, year, config["month_cutoff_day"])


def _day(text: Any) -> Any:
    """A date out of `2025-04-01` or `2025-04` (its first day); `open` and nothing mean no end."""
    if not text or text == "open":
        return None
    parts = [int(part) for part in str(text).split("-")]
    start = Period.month(parts[0], parts[1]).start
    return start if len(parts) == 2 else start.replace(day=parts[2])
