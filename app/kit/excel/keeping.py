"""A sheet with only some of its data lines left, in the child process: titles, headers, merges, widths and notes stay.

A line is a row, or a column of a score sheet whose villages stand side by side. Lines count from 1 here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any


def keep_only(
    paper: Any, first: int, last: int, lines: Sequence[int], across: bool, fill: Mapping[int, Mapping[int, Any]]
) -> None:
    """Take the lines from `first` to `last` away but for those named; `fill` is line -> column -> what stood above it."""
    for line, values in fill.items():
        for column, value in values.items():
            cell = paper.cell(line, column)
            if not _is_covered(cell) and cell.value in (None, ""):
                cell.value = value
                if isinstance(value, str):
                    cell.data_type = "s"
    moved = _moves(first, last, sorted(lines))
    merges = _unmerged(paper)
    _move_cells(paper, moved, across)
    _move_sizes(paper, moved, across)
    for bounds, cell in merges:
        _merge_again(paper, bounds, cell, moved, across)


class _Moves:
    """Where each line goes; None for one that is taken away."""

    def __init__(self, first: int, last: int, lines: Sequence[int]) -> None:
        self.first, self.last = first, last
        self.kept = {line: first + number for number, line in enumerate(lines)}
        self.gone = last - first + 1 - len(lines)

    def to(self, line: int) -> int | None:
        if line < self.first:
            return line
        return self.kept.get(line) if line <= self.last else line - self.gone


def _moves(first: int, last: int, lines: Sequence[int]) -> _Moves:
    return _Moves(first, max(last, first - 1), [line for line in lines if first <= line <= last])


def _is_covered(cell: Any) -> bool:
    from openpyxl.cell.cell import MergedCell

    return isinstance(cell, MergedCell)


def _unmerged(paper: Any) -> list[tuple[tuple[int, int, int, int], Any]]:
    """Take all merges apart; each with its bounds and the cell whose value it shows."""
    found = []
    for one in list(paper.merged_cells.ranges):
        found.append((one.bounds, paper.cell(one.min_row, one.min_col)))
        paper.unmerge_cells(str(one))
    return found


def _move_cells(paper: Any, moves: _Moves, across: bool) -> None:
    from openpyxl.formula.translate import Translator, TranslatorError

    cells = {}
    for (row, column), cell in paper._cells.items():
        to = moves.to(column if across else row)
        if to is None:
            continue
        before = cell.coordinate
        cell.row, cell.column = (row, to) if across else (to, column)
        if cell.data_type == "f" and isinstance(cell.value, str) and cell.coordinate != before:
            with suppress(TranslatorError):  # it refers to a place above the sheet now: left as it was
                cell.value = Translator(cell.value, origin=before).translate_formula(cell.coordinate)
        cells[cell.row, cell.column] = cell
    paper._cells = cells


def _move_sizes(paper: Any, moves: _Moves, across: bool) -> None:
    from openpyxl.utils import get_column_letter

    if across:
        sizes = {
            at: (one.width, one.hidden)
            for one in paper.column_dimensions.values()
            for at in range(one.min or 0, (one.max or -1) + 1)
        }
        paper.column_dimensions.clear()
        for at, (width, hidden) in sizes.items():
            if (to := moves.to(at)) is not None:
                dimension = paper.column_dimensions[get_column_letter(to)]
                dimension.width, dimension.hidden = width, hidden
        return
    heights = {at: (one.height, one.hidden) for at, one in paper.row_dimensions.items()}
    paper.row_dimensions.clear()
    for at, (height, hidden) in heights.items():
        if (to := moves.to(at)) is not None:
            paper.row_dimensions[to].height, paper.row_dimensions[to].hidden = height, hidden


def _merge_again(paper: Any, bounds: tuple[int, int, int, int], shown: Any, moves: _Moves, across: bool) -> None:
    """The merge over those of its lines that stay; its value goes with it when its first line does not."""
    left, top, right, bottom = bounds
    start, end = (left, right) if across else (top, bottom)
    places = [to for line in range(start, end + 1) if (to := moves.to(line)) is not None]
    if not places:
        return
    if across:
        left, right = places[0], places[-1]
    else:
        top, bottom = places[0], places[-1]
    cell = paper.cell(top, left)
    if cell is not shown:
        cell.value, cell._style = shown.value, shown._style
        if isinstance(shown.value, str) and shown.data_type != "f":
            cell.data_type = "s"
    if (left, top) != (right, bottom):
        paper.merge_cells(start_row=top, start_column=left, end_row=bottom, end_column=right)
