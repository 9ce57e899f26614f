"""Where the columns of a layout stand in a grid: header search, synonyms, headers of up to three rows."""

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
DEEPEST = 3
ENOUGH = 0.6
_BRACKETS = re.compile(r"[(（][^()（）]*[)）]")
_NOISE = re.compile(
    r"[\s*＊:：_\u200b-\u200d\u2060\ufeff\u00ad\uac00-\ud7a3]+"
)  # Hangul: the second header line of our own exports


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
    """The first row in which enough of the layout's required headers stand, with the rows below that belong to it."""
    for row in range(min(SEARCHED_ROWS, grid.height)):
        found = _best(sheet, grid, row)
        if found is None:
            continue
        for lower in range(row + 1, found.first_data_row):
            # Above a header a title merged over all columns looks like a parent of all of them.
            inner = _best(sheet, grid, lower)
            if inner and len(inner.columns) >= len(found.columns):
                found = inner
        return found
    return None


def _best(sheet: Sheet, grid: Grid, row: int) -> HeaderMatch | None:
    """The height at which a header beginning in the row says most."""
    best: HeaderMatch | None = None
    if not any(isinstance(value, str) and value for value in grid.row(row)):
        return None
    for depth in range(1, min(DEEPEST, grid.height - row) + 1):
        match = _match(sheet, grid, row, depth)
        if len(match.columns) < 2 or not (match.share >= ENOUGH or _of_one_village(sheet, match)):
            continue
        more = len(match.columns) - len(best.columns) if best else 1
        if more > 0 or (more == 0 and grid.reaching(row, row + depth - 1)):
            best = match
    return best


def _of_one_village(sheet: Sheet, match: HeaderMatch) -> bool:
    """Whether only the village is missing from most of the layout: a sheet for each village names it in its title."""
    return match.missing == ("village",) and len(match.columns) * 2 >= len(sheet.columns)


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
    parents = [""] * depth  # without merges (a text file) a parent stands only over its first child
    for column in range(grid.width):
        texts = [normal(_text(grid.cell(row + level, column))) for level in range(depth)]
        for level, text in enumerate(texts):
            if text:
                parents[level:] = [text] + [""] * (depth - level - 1)
        lowest = max((level for level, text in enumerate(texts) if text), default=0)
        name = texts[lowest]
        above = [parent for parent in reversed(parents[:lowest]) if parent and parent != name]
        # a hidden column is not read
        keys.append(() if column in grid.hidden_columns else (*(f"{parent}/{name}" for parent in above), name))
    return keys


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
