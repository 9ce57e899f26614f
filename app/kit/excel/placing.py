"""A fit found again: where its header stands in another file of the office, and of which of several fits a book is."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache

from app.kit.excel.book import Book, Grid
from app.kit.excel.fit import Fit, FittedColumn, column_at, header_paths

SEARCHED = 40
"""Rows in which a header is looked for: titles, approvals and instructions may stand above it."""
SURE, ENOUGH, NEAR = 0.85, 0.6, 0.3
_DIGITS = re.compile(r"\d+")


@dataclass(frozen=True)
class Placing:
    """A fit found in a grid: where its header stands, field -> column, which of its headers are not there."""

    row: int
    columns: Mapping[str, int]
    missing: tuple[str, ...]
    likeness: float


@dataclass(frozen=True)
class Recognised:
    """Which of several fits a book is of. `likeness` 1 is the same header; `missing` are headers it no longer has."""

    index: int
    likeness: float
    missing: tuple[str, ...]


@lru_cache(maxsize=8192)
def alike(one: str, other: str) -> float:
    """How alike two headers are, 0 to 1; a month or a year in them may be another."""
    if one == other:
        return 1.0
    if _DIGITS.sub("#", one) == _DIGITS.sub("#", other):
        return 0.95
    leaf, other_leaf = one.rpartition("/")[2], other.rpartition("/")[2]
    return 0.9 if leaf == other_leaf else SequenceMatcher(None, one, other).ratio()


def placed(fit: Fit, grid: Grid) -> Placing | None:
    """The best place for the fit's header in the grid, None when nothing of it is there."""
    if not fit.depth:
        columns = {one.field: _column_of(one.letter) for one in fit.columns}
        return Placing(fit.header_row, {f: c for f, c in columns.items() if c < grid.width}, (), 1.0)
    best: Placing | None = None
    for row in range(min(SEARCHED, grid.height)):
        found = _placed_at(fit, grid, row)
        if found and (best is None or found.likeness > best.likeness):
            best = found
    return best


def _column_of(letter: str) -> int:
    number = 0
    for sign in letter.upper():
        number = number * 26 + ord(sign) - 64
    return number - 1


def _placed_at(fit: Fit, grid: Grid, row: int) -> Placing | None:
    paths = header_paths(grid, row, fit.depth)
    named = [one for one in fit.columns if one.header]
    if not named or not any(paths):
        return None
    columns: dict[str, int] = {}
    taken: set[int] = set()
    for sure in (1.0, 0.95, 0.9, 0.72):  # the same first, so that no look-alike takes its place
        for one in named:
            if one.field not in columns:
                place = _best(one, paths, taken, sure)
                if place is not None:
                    columns[one.field] = place
                    taken.add(place)
    if not columns:
        return None
    missing = tuple(one.header for one in named if one.field not in columns)
    for one in fit.columns:
        if not one.header and (place := _unnamed(one, paths, taken)) is not None:
            columns[one.field] = place
            taken.add(place)
    same = sum(one.header in paths for one in named) / len(named)
    kept = len(set(fit.headers) & set(paths)) / max(len(set(fit.headers)), 1)
    likeness = (1 - len(missing) / len(named)) * 0.7 + same * 0.2 + kept * 0.1
    return Placing(row, columns, missing, round(likeness, 4))


def _best(one: FittedColumn, paths: Sequence[str], taken: set[int], sure: float) -> int | None:
    same = [column for column, path in enumerate(paths) if path == one.header]
    if sure == 1.0:
        free = [column for column in same if column not in taken]
        place = same[one.nth] if one.nth < len(same) else None
        return place if place in free else next(iter(free), None)
    likely = [
        column for column, path in enumerate(paths) if path and column not in taken and alike(one.header, path) >= sure
    ]
    return likely[0] if len(likely) == 1 else None


def _unnamed(one: FittedColumn, paths: Sequence[str], taken: set[int]) -> int | None:
    """A column without a header: the free one to the right of its neighbour, else the one of its letter."""
    beside = [column + 1 for column, path in enumerate(paths[:-1]) if path and path == one.after]
    for place in (*beside, _column_of(one.letter) if one.letter else -1):
        if 0 <= place < len(paths) and not paths[place] and place not in taken:
            return place
    return None


def moved_to(fit: Fit, grid: Grid) -> tuple[Fit, tuple[str, ...]]:
    """The fit as it stands in another file of its kind, and the headers that file has no more; the fit itself when it has none."""
    place = placed(fit, grid)
    if place is None or not fit.depth:
        return fit, tuple(one.header for one in fit.columns)
    paths = header_paths(grid, place.row, fit.depth)
    meanings = {one.field: one.meanings for one in fit.columns}
    columns = tuple(column_at(paths, at, name, meanings[name]) for name, at in place.columns.items())
    headers = tuple(sorted({path for path in paths if path}))
    moved = dataclasses.replace(fit, sheet=grid.name, header_row=place.row, columns=columns, headers=headers)
    return moved, place.missing


def signature(fit: Fit, grid: Grid) -> list[str]:
    """What the header of the fitted file says, sorted, without titles, order and letters."""
    return sorted({path for path in header_paths(grid, fit.header_row, fit.depth) if path})


def readable(book: Book) -> Iterator[Grid]:
    """The sheets an office sees, our own lists left out."""
    return (grid for grid in book.grids if grid.state == "visible" and not (grid.name or "").startswith("_"))


def recognise(fits: Sequence[Fit], book: Book) -> Recognised | None:
    """The fit the book is most likely of; None when it has nothing of any. Below ENOUGH it is only a resemblance."""
    best: Recognised | None = None
    for index, fit in enumerate(fits):
        for grid in readable(book):
            found = placed(fit, grid)
            if found and found.likeness >= NEAR and (best is None or found.likeness > best.likeness):
                best = Recognised(index, found.likeness, found.missing)
    return best


def same_header(fit: Fit, book: Book) -> bool:
    """Whether a sheet of the book has just the columns the fit was made on: then it is meant, even where a layout is known."""
    for grid in readable(book):
        found = placed(fit, grid)
        if found and fit.depth and not found.missing:
            paths = {path for path in header_paths(grid, found.row, fit.depth) if path}
            said = set(fit.headers)
            if len(paths & said) >= SURE * len(paths | said):
                return True
    return False
