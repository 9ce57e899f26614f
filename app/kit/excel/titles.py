"""The rows above the header: period, unit and village a sheet states once for all its rows."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from app.kit.excel.context import ReadContext

_UNIT = re.compile(r"单位[:：]?(万元|元)")
_YEAR = r"((?:19|20)\d{2})"
_PATTERNS = (
    ("half_year", re.compile(_YEAR + r"年?(?:度)?(上|下)半年")),
    ("quarter", re.compile(_YEAR + r"年?(?:度)?第?([1-4一二三四])季度")),
    ("month", re.compile(_YEAR + r"[年\-./](1[0-2]|0?[1-9])(?![0-9])")),
    ("year", re.compile(_YEAR + r"年")),
    ("year", re.compile(_YEAR)),
)
_NO_YEAR = re.compile(r"(?<![0-9年])(1[0-2]|0?[1-9])月份?")


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


def read_titles(
    lines: Iterable[tuple[int, int, str]], kinds: tuple[str, ...], context: ReadContext, date1904: bool
) -> Facts:
    """The facts of the title lines; of the kinds of period the layout has, the first kind that is stated counts."""
    lines = tuple(lines)
    found: dict[str, Any] = {"date1904": date1904, "context": context, "titles": lines}
    by_kind: dict[str, tuple[str, tuple[int, int, str]]] = {}
    for row, column, text in lines:
        line = folded(text)
        for kind, period in periods_in(line).items():
            by_kind.setdefault(kind, (period, (row, column, text)))
        if unit := _UNIT.search(line):
            found["unit"] = unit[1]
            found["factor"] = Decimal(10000) if unit[1] == "万元" else Decimal(1)
        if "village" not in found and (village := _village(line, context)):
            found["village"] = village
        if month := _NO_YEAR.search(line):
            found.setdefault("yearless", (row, column, month[0]))
    for kind in kinds:
        if kind in by_kind:
            found["period"], found["period_place"] = by_kind[kind]
            break
    if by_kind:
        found["year"] = int((found.get("period") or next(iter(by_kind.values()))[0])[:4])
    return Facts(**found)


def _village(line: str, context: ReadContext) -> str | None:
    match = re.search(r"(?:总网格|填报单位|村\(居\)|村)[:：](.+?)(?:总网格|\(盖章\)|考核|填报|\d{4}|$)", line)
    if not match:
        return None
    known = context.village(match[1])
    return known.name if known else None
