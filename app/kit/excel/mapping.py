"""Where the columns of a layout stand in a grid: header search, synonyms, headers of two rows."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from app.kit.excel.book import Grid
from app.kit.excel.sheet import Sheet

SEARCHED_ROWS = 12
ENOUGH = 0.6
_BRACKETS = re.compile(r"[(（][^()（）]*[)）]")
_NOISE = re.compile(r"[\s*＊:：_\uac00-\ud7a3]+")  # Hangul: the second header line of our own exports


@lru_cache(maxsize=4096)
def normal(header: str) -> str:
    """A header for comparison: without spaces, brackets with what is in them, asterisks and colons.

    >>> normal("村（居）"), normal("标准\\n分（分）"), normal("姓  名*")
    ('村', '标准分', '姓名')
    """
    return _NOISE.sub("", _BRACKETS.sub("", unicodedata.normalize("NFKC", header))).lower()


@lru_cache(maxsize=4096)
def normal_path(header: str) -> str:
    """A declared header, "parent/child" part by part."""
    return "/".join(normal(part) for part in header.split("/"))


@dataclass(frozen=True)
class HeaderMatch:
    """Where a sheet's header stands: its first row, its height, the column of each field found, what is missing."""

    row: int
    depth: int
    columns: dict[str, int]
    missing: tuple[str, ...]
    share: float

    @property
    def first_data_row(self) -> int:
        """The row after the header."""
        return self.row + self.depth


def find_header(sheet: Sheet, grid: Grid) -> HeaderMatch | None:
    """The first row in which enough of the layout's required headers stand; None when there is none."""
    for row in range(min(SEARCHED_ROWS, grid.height)):
        if not any(isinstance(value, str) and value for value in grid.row(row)):
            continue
        match = _match(sheet, grid, row, 1)
        if len(match.columns) < 2:
            continue  # a title, or nothing of ours: it cannot be the upper row of a header either
        match = _better(match, _match(sheet, grid, row, 2), grid.vertical(row))
        if match.share >= ENOUGH:
            return match
    return None


def _better(one: HeaderMatch, two: HeaderMatch, merged: bool) -> HeaderMatch:
    more = len(two.columns) - len(one.columns)
    return two if more > 0 or (more == 0 and merged) else one


def _match(sheet: Sheet, grid: Grid, row: int, depth: int) -> HeaderMatch:
    keys = header_keys(grid, row, depth)
    columns: dict[str, int] = {}
    taken: set[int] = set()
    for column in sheet.columns:
        found = _first(keys, column.headers, taken)
        if found is not None:
            columns[column.field] = found
            taken.add(found)
    wanted = [column.field for column in sheet.columns if column.required or column.expected]
    missing = tuple(name for name in wanted if name not in columns)
    share = 1 - len(missing) / len(wanted) if wanted else 0.0
    return HeaderMatch(row, depth, columns, missing, share)


def _first(keys: Sequence[tuple[str, ...]], headers: tuple[str, ...], taken: set[int]) -> int | None:
    for header in headers:
        wanted = normal_path(header)
        for column, names in enumerate(keys):
            if column not in taken and wanted in names:
                return column
    return None


def header_keys(grid: Grid, row: int, depth: int) -> list[tuple[str, ...]]:
    """For each column the names its header answers to: parent/child and child, or the header alone."""
    keys: list[tuple[str, ...]] = []
    parent = ""
    for column in range(grid.width):
        top = normal(_text(grid.cell(row, column)))
        parent = top or parent
        if column in grid.hidden_columns:
            keys.append(())  # a hidden column is not read
            continue
        if depth == 1:
            keys.append((top,))
            continue
        child = normal(_text(grid.cell(row + 1, column)))
        # Without merges (a text file) the parent stands only over its first child.
        keys.append((f"{parent}/{child}", child) if child and child != parent else (top,))
    return keys


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
