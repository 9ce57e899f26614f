"""A workbook as read: grids of values, addressed by row and column from 0, with merges already expanded."""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import cached_property
from typing import Any

# What a cell may hold. "" is an empty cell; a pair is a faulty one: ("E13", "#REF!") or ("E12", "=A1+1").
CellValue = str | float | int | date | datetime | time | timedelta | tuple[str, str]


def column_letter(column: int) -> str:
    """The letters of a column counted from 0.

    >>> column_letter(0), column_letter(25), column_letter(26)
    ('A', 'Z', 'AA')
    """
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def address(row: int, column: int) -> str:
    """The address of a cell counted from 0.

    >>> address(4, 1)
    'B5'
    """
    return f"{column_letter(column)}{row + 1}"


class Cells:
    """One column: its distinct values, and for each row the index of the value that stands there."""

    __slots__ = ("_numbers", "codes", "values")

    def __init__(self, values: list[Any], codes: array[int]) -> None:
        self.values = values
        self.codes = codes
        self._numbers: dict[Any, int] | None = None

    def number(self, value: Any) -> int:
        """The index of a value, which is added when no cell has it yet."""
        if self._numbers is None:
            self._numbers = {known: number for number, known in enumerate(self.values)}
        number = self._numbers.setdefault(value, len(self.values))
        if number == len(self.values):
            self.values.append(value)
        return number

    def settle(self) -> None:
        """Let go what only `number` needs."""
        self._numbers = None

    def at(self, row: int) -> Any:
        return self.values[self.codes[row]] if row < len(self.codes) else ""


@dataclass
class Grid:
    """One sheet. `occupied[row]` is 1 where the row has a value of its own, not one lent by a merge."""

    name: str | None
    state: str = "visible"
    height: int = 0
    columns: list[Cells] = field(default_factory=list)
    merges: list[tuple[int, int, int, int]] = field(default_factory=list)
    hidden_rows: frozenset[int] = frozenset()
    hidden_columns: frozenset[int] = frozenset()
    occupied: bytes = b""

    @property
    def width(self) -> int:
        return len(self.columns)

    def cell(self, row: int, column: int) -> Any:
        """The value at a place, "" outside the grid."""
        return self.columns[column].at(row) if 0 <= column < len(self.columns) else ""

    def row(self, row: int) -> list[Any]:
        return [column.at(row) for column in self.columns]

    def origin(self, row: int, column: int) -> tuple[int, int]:
        """The cell a value was typed in: the first one of the merge that covers the place."""
        for top, left, _bottom, right in self._merged_rows.get(row, ()):
            if left <= column <= right:
                return top, left
        return row, column

    @cached_property
    def _merged_rows(self) -> dict[int, list[tuple[int, int, int, int]]]:
        """The merges that cover a row. What they cover together is no more than the grid: the child saw to that."""
        covering: dict[int, list[tuple[int, int, int, int]]] = {}
        for merge in self.merges:
            for row in range(merge[0], min(merge[2] + 1, self.height)):
                covering.setdefault(row, []).append(merge)
        return covering

    def reaching(self, first: int, last: int) -> bool:
        """Whether a merge begins in the rows from the first and reaches the last one from above."""
        return any(first <= top < last <= bottom for top, _left, bottom, _right in self.merges)

    def texts(self, rows: range) -> Iterator[tuple[int, int, str]]:
        """Every text typed in the rows, once, with its place."""
        for row in rows:
            last: Any = None
            for column in range(self.width):
                value = self.cell(row, column)
                if isinstance(value, str) and value.strip() and value != last:
                    yield row, column, value
                last = value

    def days(self, rows: range) -> Iterator[tuple[int, int, date]]:
        """Every date typed in the rows, with its place."""
        for row in rows:
            for column in range(self.width):
                value = self.cell(row, column)
                if isinstance(value, date) and self.origin(row, column) == (row, column):
                    yield row, column, value


@dataclass
class Book:
    """A file as read: its grids in order, the date system, and for a text file the encoding that was used."""

    kind: str
    grids: list[Grid]
    date1904: bool = False
    encoding: str | None = None


def built(reply: dict[str, Any], kind: str) -> Book:
    """The book out of what the child process answered."""
    return Book(kind, [_grid(sheet) for sheet in reply["sheets"]], reply["date1904"], reply.get("encoding"))


def _grid(sheet: dict[str, Any]) -> Grid:
    if "columns" not in sheet:
        return Grid(sheet["name"], sheet["state"])
    columns = []
    for values, codes in sheet["columns"]:
        numbers = array("I")
        numbers.frombytes(codes)
        columns.append(Cells(values, numbers))
    grid = Grid(sheet["name"], sheet["state"], sheet["height"], columns)
    grid.merges = [merge for merge in sheet["merges"] if merge[0] < grid.height and merge[1] < grid.width]
    grid.hidden_rows = frozenset(sheet["hidden_rows"])
    grid.hidden_columns = frozenset(sheet["hidden_columns"])
    _lift_stale(grid)
    grid.occupied = _occupied(grid)
    _expand(grid)
    for cells in columns:
        cells.settle()
    return grid


def _lift_stale(grid: Grid) -> None:
    """Empty what stands under a merge: the office does not see it."""
    for top, left, bottom, right in grid.merges:
        for column in range(left, min(right + 1, grid.width)):
            cells = grid.columns[column]
            empty = cells.number("")
            for row in range(top, min(bottom + 1, grid.height)):
                if (row, column) != (top, left):
                    cells.codes[row] = empty


def _expand(grid: Grid) -> None:
    for top, left, bottom, right in grid.merges:
        value = grid.cell(top, left)
        if value == "":
            continue
        for column in range(left, min(right + 1, grid.width)):
            cells = grid.columns[column]
            code = cells.number(value)
            for row in range(top, min(bottom + 1, grid.height)):
                cells.codes[row] = code


def _occupied(grid: Grid) -> bytes:
    """One byte per row: whether anything is typed in it. Columns are joined as whole numbers, not cell by cell."""
    total = 0
    for cells in grid.columns:
        if not any(_nothing(value) for value in cells.values):
            return b"\1" * grid.height
        filled = bytes(0 if _nothing(value) else 1 for value in cells.values)
        total |= int.from_bytes(bytes(map(filled.__getitem__, cells.codes)), "big")
    return total.to_bytes(grid.height, "big")


def _nothing(value: Any) -> bool:
    return isinstance(value, str) and not value.strip()
