"""One row read again out of what stood in its cells, by the rules of its layout, without the file.

So a clerk mends a row on the page, or says once what a word means, and the other rows of his file stay as they were read.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from app.kit.excel.boards import Board, Place, scheme_of
from app.kit.excel.book import Cells, Grid, address
from app.kit.excel.context import DeductionFact, ItemFact, ReadContext
from app.kit.excel.mapping import HeaderMatch
from app.kit.excel.matrix import Scores
from app.kit.excel.result import NOT_APPLICABLE, Reading, ReadResult
from app.kit.excel.sheet import Layout, Matrix, Sheet, layout_of
from app.kit.excel.table import ROW_KEY, TableReading
from app.kit.excel.titles import Facts
from app.kit.excel.writer import shown


def reread(
    declared: Layout | Sheet | Matrix,
    reading: Reading,
    place: tuple[str | None, int | str],
    cells: Mapping[str, Any],
    context: ReadContext,
) -> ReadResult:
    """What a row (in d1 a column) says now, as a result of one row or of its issues.

    Shape: `cells` is field -> what stands in the cell, as in `ReadResult.typed`; a second row of the same key is not seen.
    """
    variant = variant_of(declared, reading.variant)
    facts = Facts.from_data(reading.facts, context)
    if isinstance(variant, Matrix):
        return _village(variant, reading, place, cells, facts)
    return _row(variant, reading, place, cells, facts)


def _row(
    sheet: Sheet, reading: Reading, place: tuple[str | None, int | str], cells: Mapping[str, Any], facts: Facts
) -> ReadResult:
    by_column = {column: cells.get(name, "") for name, column in reading.places.items()}
    width = max(by_column, default=-1) + 1
    columns = [Cells([by_column.get(column, "")], array("I", [0])) for column in range(width)]
    grid = Grid(place[0], height=1, columns=columns, occupied=b"\1")
    result = ReadResult(sheet.code)
    one = TableReading(sheet, grid, HeaderMatch(-1, 1, dict(reading.places), (), 1.0), facts, result)
    one.rows = [0]
    one.read_rows()
    for row in result.rows:
        row["row"] = place[1]
        if ROW_KEY in cells:
            row["row_key"] = str(cells[ROW_KEY])
    moved = {id(issue): replace(issue, cell=_in_row(issue.cell, place[1])) for issue in result.issues}
    result.issues = list(moved.values())
    issues = [(name, moved[id(issue)]) for found in result.row_issues.values() for name, issue in found]
    result.row_issues = {place: issues} if issues else {}
    result.typed = {place: dict(cells)} if result.rejected_rows else {}
    result.rejected_rows = [place] if result.rejected_rows else []
    return result.settle()


def _in_row(cell: str | None, row: int | str) -> str | None:
    return re.sub(r"\d+$", str(row), cell) if cell else cell


@dataclass
class _Sparse(Grid):
    """A grid of which only a few cells are known."""

    known: dict[tuple[int, int], Any] = field(default_factory=dict)

    def cell(self, row: int, column: int) -> Any:
        return self.known.get((row, column), "")


def _village(
    variant: Matrix, reading: Reading, place: tuple[str | None, int | str], cells: Mapping[str, Any], facts: Facts
) -> ReadResult:
    scheme = scheme_of(facts.context)
    board = Board(variant.items_down, village_line=reading.line)
    facts_of: tuple[ItemFact | DeductionFact, ...] = (*scheme.items, *scheme.deductions)
    known = {fact.code: fact for fact in facts_of}
    items = {item.code for item in scheme.items}
    for code, at in reading.places.items():
        maximum, sign = reading.items[code]
        if code in known:
            part = board.items if code in items else board.deductions
            part.append(Place(known[code], at, Decimal(maximum), (at, 0), sign))
    village = _column(str(place[1])) if variant.items_down else int(place[1]) - 1
    grid = _Sparse(place[0])
    grid.known = {board.cell(at, village): cells[code] for code, at in reading.places.items() if code in cells}
    grid.known[board.head(village)] = cells.get("village", "")
    result = ReadResult(variant.code)
    Scores(variant, grid, board, scheme, facts, result).read_village(village, {})
    return result.settle()


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1


def variant_of(declared: Layout | Sheet | Matrix, code: str) -> Sheet | Matrix:
    """The variant of a layout with this code."""
    return next(variant for variant in layout_of(declared).variants if variant.code == code)


def variants_of(declared: Layout | Sheet | Matrix) -> tuple[Sheet | Matrix, ...]:
    """All forms a layout is read in."""
    return layout_of(declared).variants


def cell_of(reading: Reading, name: str, line: int | str) -> str | None:
    """The address of a field in a row (in d1 in a column); None for a field that has no cell."""
    at = reading.places.get(name, reading.line if name == "village" and reading.items else None)
    if at is None:
        return None
    village = line_of(reading, line) - 1
    return address(at, village) if reading.across else address(village, at)


def line_of(reading: Reading, line: int | str) -> int:
    """The number of a row, or of a column by its letters, counted from 1."""
    return int(line) if str(line).isdecimal() else _column(str(line)) + 1


def cells_of_row(declared: Layout | Sheet | Matrix, reading: Reading, row: Mapping[str, Any]) -> dict[str, Any]:
    """What stands in the cells of a row that was read well, as an export would write it there."""
    variant = variant_of(declared, reading.variant)
    if isinstance(variant, Matrix):
        return _cells_of_village(row)
    cells: dict[str, Any] = {}
    for column in variant.columns:
        value = shown(column, dict(row)) if column.field in reading.places else None
        if value is not None:
            by_unit = column.money and isinstance(value, Decimal)
            cells[column.field] = value / Decimal(reading.facts["factor"]) if by_unit else value
    return {name: format(v, "f") if isinstance(v, Decimal) else v for name, v in cells.items()} | _key_cell(row)


def _key_cell(row: Mapping[str, Any]) -> dict[str, Any]:
    return {ROW_KEY: row["row_key"]} if row.get("row_key") else {}


def _cells_of_village(row: Mapping[str, Any]) -> dict[str, Any]:
    values = {**row["scores"], **(row.get("deduction_points") or {})}
    cells: dict[str, Any] = {"village": row["village"]}
    for code, value in values.items():
        if value is not None:
            cells[code] = "/" if value == NOT_APPLICABLE else format(value, "f")
    return cells | {code: f"{times}次" for code, times in (row.get("occurrences") or {}).items()}
