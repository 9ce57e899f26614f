"""The user's own file back: faulty cells red with a comment, and a column 错误说明 beside the table, layout kept.

The work is done in a child process (marking.py) under the same limits as reading; a .xls or .csv comes back as .xlsx
with the same cells, because only that form can carry colours and comments.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from app.kit.excel.opening import MARKING, FileRefused, Limits, open_workbook, recognised, run_child
from app.kit.excel.result import Issue, ReadResult
from app.kit.excel.sentences import sentence

EXPLAINED = "错误说明"


def mark_errors(data: bytes, filename: str, result: ReadResult, *, limits: Limits | None = None) -> bytes:
    """The file as .xlsx with every issue of the result marked where it is.

    Errors: FileRefused for a file that cannot be opened; a refused file has nothing to mark.
    """
    limits = limits or Limits()
    request: dict[str, Any] = {"marks": [_mark(issue) for issue in result.issues], "header": EXPLAINED}
    request["places"] = dict(result.places)
    kind = recognised(data, filename, limits)
    if kind == "xlsx":
        request["data"] = data
    else:
        request["sheets"] = _as_sheets(data, filename, limits)
    reply = run_child(MARKING, request, limits)
    if "refused" in reply:
        raise FileRefused(*reply["refused"])
    content: bytes = reply["data"]
    return content


def _mark(issue: Issue) -> tuple[str, str | None, str, str, str]:
    """Sheet, cell, severity, code and the sentence without the place, which the reader sees."""
    return issue.sheet or "", issue.cell, issue.severity, issue.code, sentence(issue)


def _as_sheets(data: bytes, filename: str, limits: Limits) -> list[dict[str, Any]]:
    book = open_workbook(data, filename, limits)
    grids = (grid for grid in book.grids if grid.state == "visible")
    return [{"name": grid.name or "Sheet1", "rows": list(_rows(grid)), "merges": grid.merges} for grid in grids]


def _rows(grid: Any) -> Iterable[list[Any]]:
    for row in range(grid.height):
        values = grid.row(row)
        yield [value[1] if isinstance(value, tuple) else value for value in values]
