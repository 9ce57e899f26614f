"""The user's own file back: faulty cells red with a comment, and a column 错误说明 beside the table, layout kept.

Either the whole file or its refused rows alone. The work is done in a child process (marking.py) under the same limits as
reading; a .xls or .csv comes back as .xlsx with the same cells, because only that form can carry colours and comments.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from app.kit.excel.opening import MARKING, FileRefused, Limits, open_workbook, recognised, run_child
from app.kit.excel.result import Issue, ReadResult
from app.kit.excel.sentences import sentence

EXPLAINED = "错误说明"
TOO_MUCH = ("too_many_cells", "too_slow")

Mark = tuple[str, str | None, str, str, str]
"""Sheet, cell, error or warning, code, and the sentence the reader sees."""


@dataclass(frozen=True)
class Kept:
    """Which lines of the data of a sheet stay, counted from 1: rows, or with `across` columns.

    Shape: `fill` is row -> column -> the value an empty cell takes from a row above that does not stay.
    """

    first: int
    last: int
    lines: Sequence[int]
    across: bool = False
    fill: Mapping[int, Mapping[int, Any]] = field(default_factory=dict)

    def has(self, row: int) -> bool:
        """False for a row that is taken away."""
        return self.across or not self.first <= row <= self.last or row in self.lines


def mark_errors(data: bytes, filename: str, result: ReadResult, *, limits: Limits | None = None) -> bytes:
    """The file as .xlsx with every issue of the result marked where it is.

    Errors: FileRefused for a file that cannot be opened; a refused file has nothing to mark.
    """
    return mark_rows(data, filename, [mark_of(issue) for issue in result.issues], result.places, limits=limits)


def mark_of(issue: Issue) -> Mark:
    """An issue as a mark."""
    return issue.sheet or "", issue.cell, issue.severity, issue.code, sentence(issue)


def mark_rows(
    data: bytes,
    filename: str,
    marks: Sequence[Mark],
    places: Mapping[str, tuple[int, int]],
    kept: Mapping[str, Kept] | None = None,
    *,
    limits: Limits | None = None,
) -> bytes:
    """The file as .xlsx with these marks; with `kept` only those lines of each sheet are left.

    Shape:  `places` is sheet -> (header row, last column) from 0, as the reader gives it. What is too large to be kept as
            it looks comes back with its values, titles and headers alone.
    Errors: FileRefused.
    """
    limits = limits or Limits()
    request: dict[str, Any] = {"marks": list(marks), "header": EXPLAINED, "places": dict(places)}
    request["kept"] = {name: vars(one) for name, one in (kept or {}).items()}
    reply: dict[str, Any] = {"refused": TOO_MUCH}
    if recognised(data, filename, limits) == "xlsx":
        reply = run_child(MARKING, {**request, "data": data}, limits)
    if "refused" in reply and reply["refused"][0] in TOO_MUCH:
        request["sheets"] = as_sheets(data, filename, limits, kept or {})
        reply = run_child(MARKING, request, limits)
    if "refused" in reply:
        raise FileRefused(*reply["refused"])
    content: bytes = reply["data"]
    return content


def as_sheets(data: bytes, filename: str, limits: Limits, kept: Mapping[str, Kept]) -> list[dict[str, Any]]:
    """The visible sheets of a file as plain values with their merges; of those in `kept` only these rows."""
    book = open_workbook(data, filename, limits)
    grids = (grid for grid in book.grids if grid.state == "visible")
    return [
        {"name": grid.name or "Sheet1", "rows": list(_rows(grid, kept.get(grid.name or ""))), "merges": grid.merges}
        for grid in grids
    ]


def _rows(grid: Any, kept: Kept | None) -> Iterator[tuple[int, list[Any]]]:
    """The rows that stay, each with its place from 0."""
    for row in range(grid.height):
        if kept is None or kept.has(row + 1):
            values = grid.row(row)
            yield row, [value[1] if isinstance(value, tuple) else value for value in values]
