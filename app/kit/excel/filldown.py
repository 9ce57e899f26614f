"""Columns that say a thing once for the rows below it: the village, the grid, the role."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from app.kit.excel.values import empty

if TYPE_CHECKING:
    from app.kit.excel.table import TableReading


def filled_down(reading: TableReading, place: int) -> tuple[list[int], dict[int, int]]:
    """Row by row which value stands in the column or, where it is empty, which one above; and for the latter from which row."""
    cells = reading.grid.columns[place]
    nothing = {code for code, value in enumerate(cells.values) if empty(value)}
    anchors = _anchor_rows(reading, place)
    current, origin = -1, -1
    chosen: list[int] = []
    origins: dict[int, int] = {}
    blank = next(iter(nothing), 0)
    # In a row nobody sees, or in a heading across the table, for those below it.
    said = [row for row in sorted((*reading.hidden, *reading.sections)) if cells.codes[row] not in nothing]
    for row in reading.rows:
        while said and said[0] < row:
            origin = said.pop(0)
            current = cells.codes[origin]
        code = cells.codes[row]
        if code not in nothing:
            current, origin = code, row
        elif row in anchors:
            current, origin = -1, -1
        chosen.append(current if current >= 0 else blank)
        if origin >= 0 and origin != row:
            origins[row] = origin
    return chosen, origins


def _anchor_rows(reading: TableReading, place: int) -> set[int]:
    """Rows where a filled column to the left says something new: what is below it begins anew."""
    anchors: set[int] = set()
    for column in reading.sheet.columns:
        other = reading.match.columns.get(column.field)
        if other == place:
            break
        if column.fill_down and other is not None:
            cells = reading.grid.columns[other]
            anchors |= {
                row
                for above, row in pairwise(reading.rows)
                if cells.codes[row] != cells.codes[above] and not empty(cells.at(row))
            }
    return anchors
