"""An office's own workbook fitted to one of our layouts: where its columns stand, whatever it calls them and in what order.

A `Fit` is made once, on one file, by a clerk who points. It names columns by what stands above them, not by their letter,
so that the next file is found again with columns moved or put in, other titles and another name of the sheet. Everything
after finding the header is the reading of every other workbook.
"""

from __future__ import annotations

import dataclasses
import re
from array import array
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from difflib import SequenceMatcher
from functools import lru_cache
from typing import Any

from app.kit.excel.book import Book, Cells, Grid, column_letter
from app.kit.excel.context import ReadContext, key
from app.kit.excel.mapping import HeaderMatch, normal
from app.kit.excel.sheet import Layout, Sheet
from app.kit.excel.titles import Facts, folded, periods_in
from app.kit.excel.values import empty, tight

SEARCHED = 40
"""Rows in which a header is looked for: titles, approvals and instructions may stand above it."""
SURE, ENOUGH, NEAR = 0.85, 0.6, 0.3
SHEET_NAME, TITLE = "@sheet", "@title"
"""As a constant: the value is the name of the sheet (every village has its own), or the village its titles name."""
_DIGITS = re.compile(r"\d+")


@dataclass(frozen=True)
class FittedColumn:
    """A column of the office's sheet and the field it fills.

    Shape: `header` is its path of headers in compared form, "" for a column without one; of several columns of one path it is
    the `nth`; `after` is the header of the column to its left; `letter` is where it stood. `meanings` turns words of the office
    into ours, by the word without spaces.
    """

    field: str
    header: str = ""
    nth: int = 0
    after: str = ""
    letter: str = ""
    meanings: Mapping[str, str] = dataclasses.field(default_factory=dict)


@dataclass(frozen=True)
class Fit:
    """How a sheet of an office is read as the variant of a layout.

    Shape: rows count from 0 in the file it was made on. `depth` is the height of the header (0: none, columns by letter alone),
    `gap` the rows between header and data; `footer` the word the first row after the data begins with, "" for the usual words.
    `headers` is everything its header says. `constants` are fields no column gives: field -> text, SHEET_NAME or TITLE.
    With `every_sheet` all sheets with this header are read, otherwise one. `unit` counts where the file states none.
    """

    variant: str
    sheet: str | None = None
    header_row: int = 0
    depth: int = 1
    gap: int = 0
    footer: str = ""
    columns: tuple[FittedColumn, ...] = ()
    headers: tuple[str, ...] = ()
    constants: Mapping[str, str] = dataclasses.field(default_factory=dict)
    every_sheet: bool = False
    unit: str = ""

    @property
    def first_data_row(self) -> int:
        """The first row of data in the file it was made on."""
        return self.header_row + self.depth + self.gap

    def to_json(self) -> dict[str, Any]:
        """The fit as JSON has it."""
        return dataclasses.asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Fit:
        """The fit that was written as JSON."""
        columns = tuple(FittedColumn(**column) for column in data["columns"])
        return cls(**{**data, "columns": columns, "headers": tuple(data["headers"])})


@dataclass(frozen=True)
class Placing:
    """A fit found in a grid: where its header stands, field -> column, which of its headers are not there."""

    row: int
    columns: Mapping[str, int]
    missing: tuple[str, ...]
    likeness: float


@dataclass(frozen=True)
class Fitted:
    """A grid made ready for the reading of a table, and where things stand in it."""

    source: Grid
    grid: Grid
    sheet: Sheet
    match: HeaderMatch


@dataclass(frozen=True)
class Recognised:
    """Which of several fits a book is of. `likeness` 1 is the same header; `missing` are headers it no longer has."""

    index: int
    likeness: float
    missing: tuple[str, ...]


# --- what a header says -----------------------------------------------------------------------------------------------


def header_paths(grid: Grid, row: int, depth: int) -> list[str]:
    """Column by column the headers above it from the top, joined by a stroke, in compared form; "" where there is none.

    Without merges (a text file) an upper header counts for the columns to its right that only have a lower one.
    """
    merged = any(row <= top < row + depth and right > left for top, left, _bottom, right in grid.merges)
    paths: list[str] = []
    above = [""] * depth
    for column in range(grid.width):
        if column in grid.hidden_columns:
            paths.append("")
            continue
        parts = [_word(grid.cell(row + level, column)) for level in range(depth)]
        if not merged:
            parts = _carried(parts, above)
        paths.append("/".join(part for i, part in enumerate(parts) if part and part not in parts[:i]))
    return paths


def _word(value: Any) -> str:
    return normal(value).replace("/", "") if isinstance(value, str) else ""


def _carried(parts: list[str], above: list[str]) -> list[str]:
    """The parts with upper headers lent by the column to the left; `above` is what this column lends on."""
    for level, part in enumerate(parts):
        if part:
            above[level:] = [part] + [""] * (len(above) - level - 1)
    lowest = max((level for level, part in enumerate(parts) if part), default=-1)
    return [part or (above[level] if level < lowest else "") for level, part in enumerate(parts)]


def nth_of(paths: Sequence[str], column: int) -> int:
    """The how manyth column of its path a column is, from 0."""
    return sum(path == paths[column] for path in paths[:column])


@lru_cache(maxsize=8192)
def alike(one: str, other: str) -> float:
    """How alike two headers are, 0 to 1; a month or a year in them may be another."""
    if one == other:
        return 1.0
    if _DIGITS.sub("#", one) == _DIGITS.sub("#", other):
        return 0.95
    leaf, other_leaf = one.rpartition("/")[2], other.rpartition("/")[2]
    return 0.9 if leaf == other_leaf else SequenceMatcher(None, one, other).ratio()


# --- finding a fit again ----------------------------------------------------------------------------------------------


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


# --- reading with a fit -----------------------------------------------------------------------------------------------


def fitted(fit: Fit, layout: Layout, book: Book, context: ReadContext) -> list[Fitted]:
    """Every sheet of the book that is read with the fit, in order; none when its header is nowhere."""
    variant = next((one for one in layout.variants if one.code == fit.variant), None)
    if not isinstance(variant, Sheet):
        return []
    found = [(grid, place) for grid in readable(book) if (place := placed(fit, grid)) and _usable(fit, variant, place)]
    if found and not fit.every_sheet:
        named = [pair for pair in found if pair[0].name == fit.sheet]
        found = named[:1] or [max(found, key=lambda pair: pair[1].likeness)]
    return [_made_ready(fit, variant, grid, place, context) for grid, place in found]


def _usable(fit: Fit, sheet: Sheet, place: Placing) -> bool:
    return place.likeness >= ENOUGH and len(place.columns) >= min(2, len(fit.columns))


def _made_ready(fit: Fit, sheet: Sheet, grid: Grid, place: Placing, context: ReadContext) -> Fitted:
    first = place.row + fit.depth + fit.gap
    columns = dict(place.columns)
    said = {SHEET_NAME: grid.name or "", TITLE: in_titles(grid, place.row, context)}
    constants = {
        name: said.get(text, text)
        for name, text in fit.constants.items()
        if name in sheet.by_field and name not in columns
    }
    ready, added = lent(grid, constants, place.row)
    columns |= added
    ready.height = _end(fit, grid, first)
    ready.occupied = grid.occupied[: ready.height]
    wanted = [column.field for column in sheet.columns if column.required or column.expected]
    must = [column.field for column in sheet.columns if column.required]
    missing = tuple(name for name in must if name not in columns)
    share = 1 - sum(name not in columns for name in wanted) / len(wanted) if wanted else 1.0
    return Fitted(grid, ready, sheet, HeaderMatch(place.row, first - place.row, columns, missing, share))


def lent(grid: Grid, constants: Mapping[str, str], header_row: int) -> tuple[_Lent, dict[str, int]]:
    """The grid with a column for each field that has one value for all rows, and where these stand."""
    ready = _Lent(**{one.name: getattr(grid, one.name) for one in dataclasses.fields(grid)})
    ready.columns = list(grid.columns)
    ready.lent_at = (max(header_row - 1, 0), 0)
    ready.own_width = grid.width
    for value in constants.values():
        ready.columns.append(Cells([value], array("I", bytes(4 * grid.height))))
    return ready, {name: grid.width + number for number, name in enumerate(constants)}


def in_titles(grid: Grid, before: int, context: ReadContext) -> str:
    """The village the rows above the header name, "" for none or several."""
    told = key(" ".join(text for _row, _column, text in grid.texts(range(before))))
    named = {village.name for village in context.villages or () if key(village.name) in told}
    return named.pop() if len(named) == 1 else ""


def _end(fit: Fit, grid: Grid, first: int) -> int:
    """The first row after the data."""
    word = tight(fit.footer)
    if word:
        for row in range(first, grid.height):
            typed = next((value for value in grid.row(row) if not empty(value)), "")
            if isinstance(typed, str) and tight(typed).startswith(word):
                return row
    return grid.height


@dataclass
class _Lent(Grid):
    """A grid with columns that are not in the file: what is wrong with their value is shown at its titles."""

    lent_at: tuple[int, int] = (0, 0)
    own_width: int = 0

    def origin(self, row: int, column: int) -> tuple[int, int]:
        return self.lent_at if column >= self.own_width else super().origin(row, column)


def meanings_of(fit: Fit) -> dict[str, dict[str, str]]:
    """What the fit says words mean: field -> word -> ours, as `ReadContext.meanings` has it."""
    return {
        one.field: {key(typed): ours for typed, ours in one.meanings.items()} for one in fit.columns if one.meanings
    }


def with_fit(fit: Fit, facts: Facts, kinds: Sequence[str], names: Sequence[str]) -> Facts:
    """The facts of the titles, completed: the unit of money by the fit, the period by the names of the sheet and the file."""
    more: dict[str, Any] = {}
    if fit.unit and not facts.unit:
        more = {"unit": fit.unit, "factor": Decimal(10000) if fit.unit == "万元" else Decimal(1)}
    for name in names:
        said = periods_in(folded(name))
        period = next((said[kind] for kind in kinds if kind in said), None)
        if period and facts.period is None and "period" not in more:
            more |= {"period": period, "period_place": (0, 0, name), "year": int(period[:4])}
    return dataclasses.replace(facts, **more)


def column_at(
    paths: Sequence[str], column: int, field_name: str, meanings: Mapping[str, str] | None = None
) -> FittedColumn:
    """The column of a grid as a fit names it."""
    return FittedColumn(
        field_name,
        paths[column],
        nth_of(paths, column) if paths[column] else 0,
        paths[column - 1] if column else "",
        column_letter(column),
        dict(meanings or {}),
    )
