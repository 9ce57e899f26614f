"""Which rows of a table are data: where it ends, which rows are totals, hidden, or the header once more."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from app.kit.excel.book import Cells, Grid
from app.kit.excel.mapping import HeaderMatch
from app.kit.excel.values import empty, tight

SUMMARY = re.compile(
    r"((本页|全镇|全乡|全县|全街道|各村)?(小计|合计|总计|累计|平均|平均分|满分|总分)|.{1,12}(小计|合计|总计))(\([^()]*\))?([:：].*)?$"
)
COMPARISON = re.compile(
    r"(去年同期|[上去]年同[期月]|上月|上期|同比|环比|(?:本年|年初以来|\d{1,2}[-至~]\d{1,2}月)累计)(增长|增减|变化)?(率|幅度?|±|%)*(\([^()]*\))?:?$"
)
COUNT_LINE = re.compile(r"(?:共|(?:小计|合计|总计)[:：]?共?)(\d+)项$")
STOP = re.compile(r"注|说明|备注[:：]|填表人|制表人|审核人|单位负责人|负责人|填报日期|联系电话")
SPACES = " \t\n\u3000\u00a0\ufeff\u200b"
STOP_SIGNS = frozenset("注说备填制审单负联" + SPACES)
SUMMARY_SIGNS = frozenset("小合总累平满共大金去上同环" + SPACES)
IN_WORDS = re.compile(r"(?:合计)?(?:金额)?大写[:：]?(.+)")
WHY = {"小计": "subtotal", "平均": "average", "平均分": "average"}
BLANK_ROWS = b"\0" * 5
FEW = 8
"""Values of a column that are looked for one by one, each at the speed of the machine."""


@dataclass(frozen=True)
class Summary:
    """A row that adds up others."""

    row: int
    label: str
    why: str


@dataclass
class Chosen:
    """The rows of a grid below its header, by what they are. `dropped` is what a dry run prints of those left out.

    Shape: `beyond` are the rows of values below the blank rows that end the table.
    """

    rows: list[int] = field(default_factory=list)
    summaries: list[Summary] = field(default_factory=list)
    hidden: list[int] = field(default_factory=list)
    dropped: list[dict[str, Any]] = field(default_factory=list)
    beyond: list[int] = field(default_factory=list)


def choose(grid: Grid, match: HeaderMatch) -> Chosen:
    """The rows that are data, and those that are not."""
    start, occupied = match.first_data_row, grid.occupied
    blank = occupied.find(BLANK_ROWS, start)
    stop = _stop(grid, start, blank if blank >= 0 else grid.height)
    chosen = Chosen()
    left_out = _summaries(grid, start, stop, chosen)
    for row in sorted(grid.hidden_rows):
        if start <= row < stop and occupied[row] and row not in left_out:
            left_out.add(row)
            chosen.hidden.append(row)
    _repeated_headers(grid, match, stop, left_out, chosen)
    chosen.dropped.sort(key=lambda one: int(one["row"]))
    if stop == blank:
        chosen.beyond = list(_beyond(grid, match, blank))
    chosen.rows = [row for row in range(start, stop) if occupied[row] and row not in left_out]
    return chosen


def _beyond(grid: Grid, match: HeaderMatch, blank: int) -> Iterator[int]:
    """The rows that would be data if the rows above them were not blank: several columns of the table say something there."""
    row = grid.occupied.find(1, blank)
    end = _stop(grid, row, grid.height) if row >= 0 else 0
    while 0 <= row < end:
        said = {str(value) for place in match.columns.values() if not empty(value := grid.cell(row, place))}
        summary = any(isinstance(v, str) and _is_summary(v) for v in grid.row(row)[:3])
        if len(said) > 1 and not summary and row not in grid.hidden_rows:
            yield row
        row = grid.occupied.find(1, row + 1)


def _rows_with(
    grid: Grid, columns: range, start: int, stop: int, likely: Callable[[str], bool], test: Callable[[str], bool]
) -> list[tuple[int, int]]:
    """Places whose value is likely by a look at its ends and passes the test, found among the distinct values."""
    found: list[tuple[int, int]] = []
    for column in columns:
        cells = grid.columns[column]
        wanted = {code for code, v in enumerate(cells.values) if isinstance(v, str) and likely(v) and test(v)}
        if len(wanted) > FEW:
            found += [(row, column) for row in range(start, stop) if cells.codes[row] in wanted]
        else:  # as good as always: a footer merged across the table stands in every column
            found += [(row, column) for code in wanted for row in _rows_of(cells, code, start, stop)]
    return sorted(found)


def _rows_of(cells: Cells, code: int, start: int, stop: int) -> Iterator[int]:
    """The rows in which one value of a column stands."""
    row = start - 1
    while True:
        try:
            row = cells.codes.index(code, row + 1, stop)
        except ValueError:
            return
        yield row


def _stop(grid: Grid, start: int, stop: int) -> int:
    found = _rows_with(grid, range(grid.width), start, stop, lambda text: text[:1] in STOP_SIGNS, _is_closing)
    for row, column in found:
        if all(empty(grid.cell(row, left)) for left in range(column)):
            return row
    return stop


def _summaries(grid: Grid, start: int, stop: int, chosen: Chosen) -> set[int]:
    left_out: set[int] = set()
    first_three = range(min(3, grid.width))
    total_above = False
    for row, column in _rows_with(grid, first_three, start, stop, _may_be_summary, _is_summary):
        if row in left_out:
            continue
        label = str(grid.cell(row, column))
        left_out.add(row)
        if row in grid.hidden_rows:
            continue
        why = _why(label)
        if tight(label) == "累计" and total_above:
            why = "comparison"  # since January: no total of these rows
        total_above = total_above or why == "total"
        chosen.summaries.append(Summary(row, label, why))
        chosen.dropped.append({"sheet": grid.name, "row": row + 1, "why": why, "label": label})
    return left_out


def _repeated_headers(grid: Grid, match: HeaderMatch, stop: int, left_out: set[int], chosen: Chosen) -> None:
    """Leave out the header where it stands again, as before each page of a print, and the title above it."""
    start = match.first_data_row
    columns = [grid.columns[place] for place in match.columns.values()]
    for line in range(match.row, start):
        anchor = max(columns, key=lambda cells: len(str(cells.at(line))))
        looked_for, row = anchor.codes[line], start - 1
        while anchor.at(line) != "":
            try:
                row = anchor.codes.index(looked_for, row + 1, stop)
            except ValueError:
                break
            same = sum(cells.codes[row] == cells.codes[line] for cells in columns)
            if same * 5 < len(columns) * 3 or row in left_out:
                continue
            _leave_out(grid, row, left_out, chosen, "header")
            above = row - 1
            while above > start and above not in left_out and len(_said(grid, above)) == 1:
                _leave_out(grid, above, left_out, chosen, "title")
                above -= 1


def _leave_out(grid: Grid, row: int, left_out: set[int], chosen: Chosen, why: str) -> None:
    left_out.add(row)
    chosen.dropped.append({"sheet": grid.name, "row": row + 1, "why": why, "label": next(iter(_said(grid, row)), "")})


def _said(grid: Grid, row: int) -> dict[str, None]:
    """The different things that stand in a row."""
    return {str(value): None for value in grid.row(row) if not empty(value)}


def _may_be_summary(text: str) -> bool:
    return text[:1] in SUMMARY_SIGNS or text[-1:] in "计)）"


def _is_closing(value: str) -> bool:
    return bool(STOP.match(tight(value[:200])))


def _is_summary(value: str) -> bool:
    if len(value) > 60:
        return False
    label = tight(value)
    return any(pattern.match(label) for pattern in (SUMMARY, COUNT_LINE, IN_WORDS, COMPARISON))


def _why(label: str) -> str:
    bare = tight(label)
    if COUNT_LINE.match(bare):
        return "count line"
    if IN_WORDS.match(bare):
        return "amount in words"
    if COMPARISON.match(bare):
        return "comparison"
    word = SUMMARY.match(bare)
    return WHY.get((word[3] or word[4]) if word else "", "total")
