"""The totals a table prints, compared with what its rows come to."""

from __future__ import annotations

import re
from bisect import bisect, bisect_left
from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from app.domain.bonus import parse_chinese_amount
from app.domain.errors import RuleBroken
from app.kit.excel.clean import half_up
from app.kit.excel.cleaned import Cleaned
from app.kit.excel.datarows import COUNT_LINE, IN_WORDS, Summary
from app.kit.excel.values import Noted, tight

if TYPE_CHECKING:
    from app.kit.excel.table import TableReading

COUNTED = re.compile(r"(\d+)(人|名|项|户|件)$")
TOLERANCE = Decimal("0.01")


class PrintedTotals:
    """The summary rows of one table against the columns above them; what differs is a warning of the reading."""

    def __init__(self, reading: TableReading, columns: Sequence[Cleaned]) -> None:
        self.reading, self.columns = reading, columns
        self.grid, self.facts, self.rows, self.report = reading.grid, reading.facts, reading.rows, reading.report

    def check(self) -> None:
        """Compare every summary row."""
        begin = 0
        for summary in self.reading.summaries:
            end = bisect(self.rows, summary.row)
            counted_part = summary.why == "count line" and tight(summary.label).startswith("小计")
            if summary.why == "subtotal" or counted_part:
                self.compare(summary, begin, end)
                begin = end
            elif summary.why in ("total", "count line"):
                self.compare(summary, 0, end)
            elif summary.why == "amount in words":
                self.compare_words(summary, end)

    def compare(self, summary: Summary, begin: int, end: int) -> None:
        for found in self.columns:
            if found.column.summed and not self.touched(found, begin, end):
                printed: Any = found.column.clean(self.grid.cell(summary.row, found.place), self.facts)
                printed = printed.value if isinstance(printed, Noted) else printed
                total = found.total(begin, end)
                if isinstance(printed, int | Decimal) and abs(Decimal(printed) - total) > TOLERANCE:
                    computed = f"{total}" if isinstance(printed, Decimal) else int(total)
                    self.report("W01", summary.row, found.place, "total", computed=computed)
            elif found.column.share:
                self.compare_share(summary, found, begin, end)
        for place in range(self.grid.width):
            typed = self.grid.cell(summary.row, place)
            counted = (
                (COUNTED.match(tight(typed)) or COUNT_LINE.match(tight(typed))) if isinstance(typed, str) else None
            )
            if counted and int(counted[1]) != end - begin:
                self.report("W01", summary.row, place, "count", computed=end - begin)

    def compare_share(self, summary: Summary, found: Cleaned, begin: int, end: int) -> None:
        """The rate of a total row against the totals it is made of."""
        by_field = {one.column.field: one for one in self.columns}
        parts = [by_field[name] for name in found.column.share or () if name in by_field]
        if len(parts) != 2 or not self.reading.rejected.isdisjoint(self.rows[begin:end]):
            return
        few, many = (sum(v for v in part.values(begin, end) if isinstance(v, int)) for part in parts)
        printed = found.column.clean(self.grid.cell(summary.row, found.place), self.facts)
        if differing := rate_differs(printed, few, many):
            self.report("W01", summary.row, found.place, "rate", computed=differing)

    def touched(self, found: Cleaned, begin: int, end: int) -> bool:
        """Whether a faulty cell lies in the range: then a printed total cannot be judged."""
        first, last = (self.rows[begin], self.rows[end - 1]) if begin < end else (0, -1)
        return bisect(found.wrong, last) > bisect_left(found.wrong, first)

    def compare_words(self, summary: Summary, end: int) -> None:
        found = next((one for one in self.columns if one.column.field == self.reading.sheet.in_words), None)
        spelled = IN_WORDS.match(tight(summary.label))
        amount = _in_words(spelled[1]) if spelled else None
        if found is None or amount is None or self.touched(found, 0, end):
            return
        total = found.total(0, end)
        if abs(amount - total) > TOLERANCE:
            self.report("W01", summary.row, 0, "words", computed=f"{total}")


def rate_differs(printed: Any, part: int, whole: int) -> str | None:
    """The rate as it should be printed, where it is printed otherwise; None when it agrees or nothing is printed.

    >>> rate_differs(Decimal("0.96"), 27, 28), rate_differs(Decimal("0.9643"), 27, 28)
    ('96.43%', None)
    """
    if not whole or not isinstance(printed, int | Decimal):
        return None
    right = half_up(Decimal(part) * 100 / whole)
    return None if half_up(Decimal(printed) * 100) == right else f"{right}%"


def _in_words(text: str) -> Decimal | None:
    """The amount that capitals (大写) say; None when they say none."""
    try:
        return parse_chinese_amount(text)
    except RuleBroken:
        return None
