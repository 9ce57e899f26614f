"""How an office's own workbook is read as one of our layouts: which of its headers stands for which field.

A `Fit` is made once, on one file, by a clerk who points. It names columns by what stands above them, not by their letter,
so that the next file is found again with columns moved or put in, other titles and another name of the sheet.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.kit.excel.book import Grid, column_letter
from app.kit.excel.context import key
from app.kit.excel.mapping import normal

SHEET_NAME, TITLE = "@sheet", "@title"
"""As a constant: the value is the name of the sheet (every village has its own), or the village its titles name."""


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


def meanings_of(fit: Fit) -> dict[str, dict[str, str]]:
    """What the fit says words mean: field -> word -> ours, as `ReadContext.meanings` has it."""
    return {
        one.field: {key(typed): ours for typed, ours in one.meanings.items()} for one in fit.columns if one.meanings
    }


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
