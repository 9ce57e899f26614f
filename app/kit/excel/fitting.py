"""An office's own workbook made ready by its fit: everything after finding the header is the reading of every other workbook."""

from __future__ import annotations

import dataclasses
from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from app.kit.excel.book import Book, Cells, Grid
from app.kit.excel.context import ReadContext, key
from app.kit.excel.fit import SHEET_NAME, TITLE, Fit
from app.kit.excel.mapping import HeaderMatch
from app.kit.excel.placing import ENOUGH, Placing, placed, readable
from app.kit.excel.sheet import Layout, Sheet
from app.kit.excel.titles import Facts, folded, periods_in
from app.kit.excel.values import empty, tight


@dataclass(frozen=True)
class Fitted:
    """A grid made ready for the reading of a table, and where things stand in it."""

    source: Grid
    grid: Grid
    sheet: Sheet
    match: HeaderMatch


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
