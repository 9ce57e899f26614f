"""What a sheet in an unknown layout most likely says: its header, and for each column the field by its name or its content."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from app.kit.excel.book import Book, Grid
from app.kit.excel.context import ReadContext
from app.kit.excel.fit import SHEET_NAME, TITLE, Fit, column_at, header_paths
from app.kit.excel.fitting import in_titles
from app.kit.excel.placing import SEARCHED, placed, readable
from app.kit.excel.sheet import Layout, Sheet
from app.kit.excel.telling import by_name, content_likeness, name_likeness
from app.kit.excel.titles import Facts, read_titles
from app.kit.excel.values import empty, shown, tight

NAME, CONTENT = "name", "content"
LEAST = 0.5
SAMPLE = 200
_END = re.compile(r"以下空白|以下无|[-—=*]*(?:本页|表格)?(?:结束|完)[-—=*]*$")
_WAN = re.compile(r"[(（]万元[)）]")


@dataclass(frozen=True)
class Guess:
    """The field a column most likely fills, how likely (0 to 1), and whether its name or its content says so."""

    field: str
    confidence: float
    why: str


@dataclass(frozen=True)
class Suggestion:
    """A fit to begin with, and by column what it rests on."""

    fit: Fit
    guesses: Mapping[int, Guess]


def suggest(layout: Layout, grid: Grid, context: ReadContext, header: tuple[int, int] | None = None) -> Suggestion:
    """The likeliest fit of the sheet to the layout; `header` says the row and height of the header when a clerk pointed at it.

    Errors: ValueError for a layout without a table.
    """
    tables = [variant for variant in layout.variants if isinstance(variant, Sheet)]
    if not tables:
        raise ValueError(layout.name)
    found = []
    for table in tables:
        row, depth = header or _header(table, grid)
        found.append(_suggested(table, grid, context, row, depth))
    return max(found, key=lambda one: _worth(one, tables))


def _worth(one: Suggestion, tables: Sequence[Sheet]) -> tuple[float, float]:
    table = next(table for table in tables if table.code == one.fit.variant)
    wanted = [column.field for column in table.columns if column.required or column.expected]
    have = {guess.field for guess in one.guesses.values()} | set(one.fit.constants)
    return sum(name in have for name in wanted) / max(len(wanted), 1), sum(g.confidence for g in one.guesses.values())


# --- the header -------------------------------------------------------------------------------------------------------


def _header(table: Sheet, grid: Grid) -> tuple[int, int]:
    """The row and the height of what looks most like a header: many short texts, words of ours, early."""
    best = (0.0, 0, 1)
    widest = max((len(set(_texts(grid, row))) for row in range(min(SEARCHED, grid.height))), default=0)
    for row in range(min(SEARCHED, grid.height)):
        texts = _texts(grid, row)
        filled = sum(not empty(value) for value in grid.row(row))
        below = any(top < row <= bottom for top, _left, bottom, _right in grid.merges)
        if below or len(set(texts)) < 2 or len(texts) * 5 < filled * 4:
            continue  # the lower row of a merge, a title, or a row of figures
        depth = _depth(grid, row)
        named = sum(by_name(table, path)[1] >= LEAST for path in set(header_paths(grid, row, depth)) if path)
        likely = named * 2 + len(set(texts)) / max(widest, 1) - row / 50
        if likely > best[0]:
            best = (likely, row, depth)
    return best[1], best[2]


def _texts(grid: Grid, row: int) -> list[str]:
    return [value for value in grid.row(row) if isinstance(value, str) and 0 < len(value.strip()) <= 20]


def _depth(grid: Grid, row: int) -> int:
    """How high the header is that begins in the row: as far as its merges reach, and one more below a spread one."""
    here = [merge for merge in grid.merges if merge[0] == row]
    down = max((bottom for _top, _left, bottom, _right in here), default=row)
    wide = any(right > left and bottom == row for _top, left, bottom, right in here)
    if here:
        return min(3, max(down - row + 1, 2 if wide else 1))
    above, below = grid.row(row), grid.row(row + 1)
    gaps = [c for c, value in enumerate(above) if empty(value) and isinstance(grid.cell(row + 1, c), str)]
    upper = any(not empty(grid.cell(row + 1, c)) for c in gaps)
    numbers = any(not isinstance(value, str) for value in below)
    return 2 if upper and not numbers and sum(not empty(v) for v in below) < sum(not empty(v) for v in above) + 2 else 1


def _gap(grid: Grid, first: int) -> int:
    """A row of numbers of columns (1, 2, 3 … or 甲, 乙, 1 …) between header and data."""
    values = [tight(shown(value)) for value in grid.row(first) if not empty(value)]
    numbers = [value for value in values if value not in ("甲", "乙", "丙", "栏次")]
    counted = [str(number) for number in range(1, len(numbers) + 1)]
    return 1 if len(numbers) >= 3 and numbers == counted else 0


# --- the columns ------------------------------------------------------------------------------------------------------


def _suggested(table: Sheet, grid: Grid, context: ReadContext, row: int, depth: int) -> Suggestion:
    paths = header_paths(grid, row, depth)
    first = row + depth + _gap(grid, row + depth)
    lines = [line for line in grid.texts(range(row)) if line[0] not in grid.hidden_rows]
    facts = replace(read_titles(lines, table.kinds, context, False), context=context)
    guesses = _assigned(list(_likely(table, grid, paths, first, facts)))
    columns = tuple(column_at(paths, place, guess.field) for place, guess in sorted(guesses.items()))
    fit = Fit(
        variant=table.code,
        sheet=grid.name,
        header_row=row,
        depth=depth,
        gap=first - row - depth,
        footer=_footer(grid, first),
        columns=columns,
        headers=tuple(sorted({path for path in paths if path})),
        constants=_constants(table, grid, context, {guess.field for guess in guesses.values()}, row),
        unit=_unit(grid, row, first, facts),
    )
    return Suggestion(fit, guesses)


def _constants(table: Sheet, grid: Grid, context: ReadContext, have: set[str], row: int) -> dict[str, str]:
    """The village out of the name of the sheet or out of its titles, where no column gives it."""
    if "village" in have or "village" not in table.by_field or context.villages is None:
        return {}
    if grid.name and context.village(grid.name):
        return {"village": SHEET_NAME}
    return {"village": TITLE} if in_titles(grid, row, context) else {}


def _unit(grid: Grid, row: int, first: int, facts: Facts) -> str:
    above = (grid.cell(line, column) for line in range(row, first) for column in range(grid.width))
    stated = any(isinstance(value, str) and _WAN.search(value) for value in above)
    return facts.unit or ("万元" if stated else "")


def _likely(
    table: Sheet, grid: Grid, paths: Sequence[str], first: int, facts: Facts
) -> Iterator[tuple[float, int, str, str]]:
    """Every pair of column and field that is likely, with its confidence and reason."""
    for place, path in enumerate(paths):
        if place in grid.hidden_columns:
            continue
        values = _values(grid, place, first)
        for column in table.columns:
            named = name_likeness(column, path)
            told = content_likeness(column, values, facts)
            if named >= LEAST:
                agreed = (
                    named if told is None else min(1.0, named + 0.03) if told >= LEAST else named * (0.5 + told / 2)
                )
                yield agreed, place, column.field, NAME
            elif told is not None and told >= 0.6:
                yield 0.3 + told * 0.5, place, column.field, CONTENT


def _values(grid: Grid, place: int, first: int) -> list[Any]:
    """The different values of a column below its header, as far as a look tells."""
    cells = grid.columns[place]
    codes = dict.fromkeys(cells.codes[first : _last(grid, first)])
    found = [cells.values[code] for code in codes]
    return [value for value in found if not empty(value) and not isinstance(value, tuple)][:SAMPLE]


def _last(grid: Grid, first: int) -> int:
    """Where a look ends: at words that close a table, or after a few rows more than one sees."""
    for row in range(first, min(grid.height, first + 2000)):
        if _closing(grid, row):
            return row
    return min(grid.height, first + 2000)


def _closing(grid: Grid, row: int) -> str:
    """The words that close the table in the row, which the reader would not know by itself; "" when there are none."""
    typed = next((value for value in grid.row(row) if not empty(value)), "")
    match = _END.match(tight(typed)) if isinstance(typed, str) else None
    return match[0] if match else ""


def _footer(grid: Grid, first: int) -> str:
    last = _last(grid, first)
    return _closing(grid, last) if last < grid.height else ""


def _assigned(likely: list[tuple[float, int, str, str]]) -> dict[int, Guess]:
    """Each column its likeliest field and each field its likeliest column."""
    guesses: dict[int, Guess] = {}
    taken: set[str] = set()
    for confidence, place, name, why in sorted(likely, key=lambda one: (-one[0], one[1])):
        if place not in guesses and name not in taken and confidence >= LEAST:
            guesses[place] = Guess(name, round(confidence, 2), why)
            taken.add(name)
    return guesses


# --- a whole book -----------------------------------------------------------------------------------------------------


def suggest_for(layout: Layout, book: Book, context: ReadContext) -> Suggestion | None:
    """The likeliest fit among the sheets of a book; it reads every sheet when several have its header. None for an empty book."""
    grids = [grid for grid in readable(book) if any(grid.occupied)]
    if not grids:
        return None
    best = max((suggest(layout, grid, context) for grid in grids), key=lambda one: (len(one.guesses), -_at(one, grids)))
    alike = sum((place := placed(best.fit, grid)) is not None and not place.missing for grid in grids)
    return replace(best, fit=replace(best.fit, every_sheet=alike > 1)) if best.fit.columns else best


def _at(one: Suggestion, grids: Sequence[Grid]) -> int:
    return [grid.name for grid in grids].index(one.fit.sheet)
