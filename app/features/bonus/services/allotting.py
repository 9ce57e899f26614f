"""What the rows of one person in one village ask for: which months at which wage, dates and hold. No database."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from app.domain.bonus import months_served
from app.features.bonus.queries.paybook import COLUMNS, average_row
from app.features.bonus.queries.wages import PARTS, year_months

Row = Mapping[str, Any]
Parts = Mapping[str, Decimal]
ZERO = Decimal(0)
LEAVING = re.compile("离任|离岗|退休|调出|辞职|免职")
ON_HOLD = "暂缓"


@dataclass(frozen=True)
class Wanted:
    """The wages a file asks for by month, the dates and the hold beside them, and how it differs from what is stored."""

    months: Mapping[str, Parts] = field(default_factory=dict)
    dates: Mapping[str, date | None] = field(default_factory=dict)
    gate: str | None = None
    gate_reason: str = ""
    cells: Mapping[str, tuple[str, str]] = field(default_factory=dict)


def allotted(
    rows: Sequence[Row], layout: str, year: int, employment: Any, stored: Mapping[str, Parts], cutoff_day: int
) -> Wanted:
    """What the rows ask for.

    Shape:  `rows` in the order of the file; `stored` are the wages of the year by month; `employment` gives dates
            and hold, None for a person who is new. No `cells` when everything is stored already.
    """
    months = _MONTHS[layout](rows, year, employment, stored, cutoff_day)
    dates = _dates(rows, employment)
    remarks = next((row["remarks"] for row in rows if ON_HOLD in str(row.get("remarks", ""))), "")
    gate = "hold" if remarks and getattr(employment, "hold", "none") == "none" else None
    cells = _differences(stored, months, single=len(rows) == 1 and layout == "e")
    cells |= {name: (_text(getattr(employment, name, None)), _text(value)) for name, value in dates.items()}
    if gate:
        cells["remarks"] = ("", remarks)
    return Wanted(months, dates, gate, remarks, cells)


def _text(value: object) -> str:
    return "" if value is None else str(value)


# -- months and wages by layout --------------------------------------------------------------------


def _by_number(
    rows: Sequence[Row], year: int, employment: Any, stored: Mapping[str, Parts], cutoff_day: int
) -> dict[str, Parts]:
    """Layout (e): each row says how many months; the rows follow one another through the year."""
    total = sum(int(row["months"]) for row in rows)
    months = list(_which(total, rows, year, employment, stored, cutoff_day))
    wanted: dict[str, Parts] = {}
    for row in rows:
        mine, months = months[: int(row["months"])], months[int(row["months"]) :]
        wanted |= {month: _parts(row, stored.get(month)) for month in mine}
    return wanted


def _which(
    total: int, rows: Sequence[Row], year: int, employment: Any, stored: Mapping[str, Parts], cutoff_day: int
) -> Sequence[str]:
    """The months a mere number means: those stored, else those of the dates, else the end of the year.

    Who is said to have left served the beginning of the year.
    """
    every = year_months(year)
    known = (
        sorted(stored),
        _served(getattr(employment, "from_on", None), getattr(employment, "to_on", None), year, cutoff_day),
    )
    for months in known:
        if len(months) == total:
            return months
    left = any(LEAVING.search(str(row.get("remarks", ""))) for row in rows)
    return every[:total] if left else every[12 - min(total, 12) :]


def _by_dates(
    rows: Sequence[Row], year: int, employment: Any, stored: Mapping[str, Parts], cutoff_day: int
) -> dict[str, Parts]:
    """Layout (e2): the months served between the dates; what the file leaves open is taken from the employment."""
    wanted: dict[str, Parts] = {}
    for row in rows:
        joined = _day(row.get("joined_on")) or getattr(employment, "from_on", None)
        left = None if row.get("left_on") == "open" else _day(row.get("left_on")) or getattr(employment, "to_on", None)
        wanted |= {month: _parts(row, stored.get(month)) for month in _served(joined, left, year, cutoff_day)}
    return wanted


def _by_month(
    rows: Sequence[Row], year: int, employment: Any, stored: Mapping[str, Parts], cutoff_day: int
) -> dict[str, Parts]:
    """Layout (e3): a wage for every month that was served."""
    wanted: dict[str, Parts] = {}
    for row in rows:
        for number, wage in row["monthly"].items():
            month = f"{year}-{int(number):02d}"
            wanted[month] = _parts({"monthly": wage}, stored.get(month))
    return wanted


_MONTHS = {"e": _by_number, "e-dates": _by_dates, "e-months": _by_month}


def _parts(row: Row, stored: Parts | None) -> Parts:
    """The parts of a wage; a bare total leaves stored parts that add up to it, else it stands as the base."""
    insurance = stored["insurance_allowance"] if stored else ZERO
    parts = dict.fromkeys(PARTS, ZERO) | {"insurance_allowance": insurance}
    if any(name in row for name in COLUMNS):
        return parts | {part: row.get(name, ZERO) for name, part in COLUMNS.items()}
    if stored and monthly(stored) == row["monthly"]:
        return stored
    return parts | {"base_allowance": row["monthly"]}


def monthly(parts: Parts) -> Decimal:
    """What the pay table adds up to: all parts but the insurance."""
    return sum((parts[part] for part in COLUMNS.values()), ZERO)


# -- dates -----------------------------------------------------------------------------------------


def _dates(rows: Sequence[Row], employment: Any) -> dict[str, date | None]:
    stated = {
        "from_on": min((d for row in rows if (d := _day(row.get("joined_on")))), default=None),
        "to_on": max((d for row in rows if (d := _day(row.get("left_on")))), default=None),
    }
    return {name: day for name, day in stated.items() if day and getattr(employment, name, None) != day}


def _day(text: str | None) -> date | None:
    if not text or text == "open":
        return None
    return date.fromisoformat(text if len(text) > 7 else f"{text}-01")


def _served(joined: date | None, left: date | None, year: int, cutoff_day: int) -> tuple[str, ...]:
    return tuple(f"{year}-{month:02d}" for month in months_served(joined, left, year, cutoff_day))


# -- what differs ----------------------------------------------------------------------------------


def _differences(
    stored: Mapping[str, Parts], wanted: Mapping[str, Parts], *, single: bool
) -> dict[str, tuple[str, str]]:
    """Averages and number of months that differ; a single row of (e) says no more than averages, so they decide."""
    if stored == wanted:
        return {}
    before, after = averages(stored), averages(wanted)
    cells = {name: (before.get(name, ""), after[name]) for name in after if before.get(name, "") != after[name]}
    if not cells and not single:
        cells = {
            month: (_sum(stored.get(month)), _sum(wanted.get(month)))
            for month in sorted({*stored, *wanted})
            if stored.get(month) != wanted.get(month)
        }
    return cells


def _sum(parts: Parts | None) -> str:
    return str(monthly(parts)) if parts else ""


def averages(months: Mapping[str, Parts]) -> dict[str, str]:
    """The row of a pay table that these months come to, as text: average parts, their total, how many months."""
    return {name: str(value) for name, value in average_row(list(months.values())).items()}
