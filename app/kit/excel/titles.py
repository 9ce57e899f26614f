"""The rows above the header: period, unit and village a sheet states once for all its rows."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from app.kit.excel.context import ReadContext

_UNIT = re.compile(r"单位[:：]?(?:人民币)?(万元|元)")
_YEAR = r"(?<!\d)((?:19|20)\d{2})"
_ALONE = r"(?!\d|月\d{1,2}[日号]|[-~—–至到./]\d)"  # no day follows, and no second month
_PATTERNS = (
    ("half_year", re.compile(_YEAR + r"年?(?:度)?(上|下)半年")),
    ("quarter", re.compile(_YEAR + r"年?(?:度)?第?([1-4一二三四])季度")),
    ("month", re.compile(_YEAR + r"(?:年度?|[-./])(1[0-2]|0?[1-9])" + _ALONE)),
    ("year", re.compile(_YEAR + r"年")),
    ("year", re.compile(_YEAR + r"(?!\d)")),
)
_NO_YEAR = re.compile(r"(?<![0-9年\-~—–至到])(1[0-2]|0?[1-9])月份?(?!\d{1,2}[日号])")
_DATE = re.compile(_YEAR + r"(?:年(1[0-2]|0?[1-9])月|([-./])(1[0-2]|0?[1-9])\3)\d{1,2}[日号]?")
_DATED = re.compile(r"(?:日期|时间)[:：]?" + _DATE.pattern)  # when it was filled in is not what it is about
_OWNER = re.compile(
    r"(?:总网格|填报单位|单位|村\(居\)|村\(社区\)|村居|村名|行政村|村|社区)[:：](?!万?元|[分人件户次个])(.+?)"
    r"(?:总网格|\(?[盖公]章\)?|考核|填报|[制填]表|负责人|日期|\d{4}|$)"
)


@dataclass(frozen=True)
class Facts:
    """What holds for every row of a sheet: year and period of the title, money unit, date system, who reads."""

    year: int | None = None
    period: str | None = None
    period_place: tuple[int, int, str] | None = None
    yearless: tuple[int, int, str] | None = None
    unit: str | None = None
    factor: Decimal = Decimal(1)
    village: str | None = None
    date1904: bool = False
    titles: tuple[tuple[int, int, str], ...] = ()  # what stands above the header, each with its place
    context: ReadContext = field(default_factory=ReadContext)

    def as_data(self) -> dict[str, Any]:
        """What the cleaning of a row needs of these facts, as JSON has it; `from_data` gives them back."""
        kept = {name: getattr(self, name) for name in ("year", "period", "unit", "village", "date1904")}
        return kept | {"factor": str(self.factor), "titles": [list(line) for line in self.titles]}

    @classmethod
    def from_data(cls, data: Mapping[str, Any], context: ReadContext) -> Facts:
        """The facts out of `as_data`, for whoever reads now."""
        titles = tuple((row, column, text) for row, column, text in data.get("titles", ()))
        return cls(**{**data, "factor": Decimal(data["factor"]), "titles": titles}, context=context)


def folded(text: str) -> str:
    """A title without spaces, with plain digits and Chinese numerals read."""
    from app.kit.excel.dates import chinese_digits

    return chinese_digits("".join(unicodedata.normalize("NFKC", text).split()))


def periods_in(text: str) -> dict[str, str]:
    """The periods a folded title names, by kind.

    >>> periods_in("填报单位:漕禾镇2026年10月"), periods_in("2026年上半年得分")
    ({'month': '2026-10', 'year': '2026'}, {'half_year': '2026H1', 'year': '2026'})
    """
    found: dict[str, str] = {}
    for kind, pattern in _PATTERNS:
        match = pattern.search(text)
        if match and kind not in found:
            found[kind] = _written(kind, match)
    return found


def _written(kind: str, match: re.Match[str]) -> str:
    year = match[1]
    if kind == "half_year":
        return f"{year}H{1 if match[2] == '上' else 2}"
    if kind == "quarter":
        return f"{year}Q{'一二三四'.index(match[2]) + 1 if match[2] in '一二三四' else match[2]}"
    return f"{year}-{int(match[2]):02d}" if kind == "month" else year


Place = tuple[int, int, str]


def read_titles(
    lines: Iterable[Place],
    kinds: tuple[str, ...],
    context: ReadContext,
    date1904: bool,
    names: Sequence[str] = (),
) -> Facts:
    """The facts of the title lines; of the kinds of period the layout has, the first kind that is stated counts.

    A day counts for its month only where no line states a period. Where the lines state none at all, the page's period
    counts, then the `names` of the sheet and the file, then the day of filling in.
    """
    lines = tuple(lines)
    found: dict[str, Any] = {"date1904": date1904, "context": context, "titles": lines}
    by_kind: dict[str, tuple[str, Place]] = {}
    days: list[tuple[str, Place]] = []
    filled_in: list[str] = []
    for place in lines:
        line = folded(place[2])
        days += [(_month_of(day), place) for day in _DATE.finditer(_DATED.sub("", line))]
        filled_in += map(_month_of, _DATED.finditer(line))
        for kind, period in periods_in(line).items():
            by_kind.setdefault(kind, (period, place))
        if unit := _UNIT.search(line):
            found["unit"] = unit[1]
            found["factor"] = Decimal(10000) if unit[1] == "万元" else Decimal(1)
        if "village" not in found and (village := _village(line, context)):
            found["village"] = village
        if month := _NO_YEAR.search(line):
            found.setdefault("yearless", (*place[:2], month[0]))
    spoken = [folded(name) for name in names]
    found |= _stated(kinds, by_kind, days, found.get("yearless"), spoken)
    if "period" not in found and (unsure := _unsure(kinds, filled_in, spoken)):
        found["period"] = context.page_period or unsure
        found.setdefault("year", int(found["period"][:4]))
    return Facts(**found)


def _month_of(day: re.Match[str]) -> str:
    return f"{day[1]}-{int(day[2] or day[4]):02d}"


def _unsure(kinds: tuple[str, ...], filled_in: Sequence[str], names: Sequence[str]) -> str:
    """The period the names state, or the month of filling in."""
    named = (periods_in(name).get(kind, "") for kind in kinds for name in names)
    return next(filter(None, named), "") or (filled_in[0] if filled_in and "month" in kinds else "")


def _stated(
    kinds: tuple[str, ...],
    by_kind: Mapping[str, tuple[str, Place]],
    days: Sequence[tuple[str, Place]],
    yearless: Place | None,
    names: Sequence[str],
) -> dict[str, Any]:
    """Period, its place and the year, from the surest statement to the least sure one."""
    stated = [by_kind[kind] for kind in kinds if kind in by_kind]
    year = by_kind["year"][0] if "year" in by_kind else _year_of(names)
    month = f"{year}-{_month_number(yearless[2]):02d}" if year and yearless and "month" in kinds else ""
    if stated and (not month or kinds[0] in by_kind):
        period, place = stated[0]
    elif month and yearless:
        period, place = month, yearless
    elif stated:
        period, place = stated[0]
    elif days and "month" in kinds:
        period, place = days[0]
    else:
        return {"year": int(year)} if year else {}
    return {"period": period, "period_place": place, "year": int(year or period[:4])}


def _year_of(names: Sequence[str]) -> str:
    return next((found["year"] for name in names if "year" in (found := periods_in(name))), "")


def _month_number(text: str) -> int:
    return int(re.sub(r"\D", "", text))


def _village(line: str, context: ReadContext) -> str | None:
    """The village a line names behind its label, or the only known one it names at all."""
    match = _OWNER.search(line)
    known = context.village(match[1]) if match else None
    return known.name if known else context.named_in(line)
