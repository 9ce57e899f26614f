"""The program that marks a workbook in the child process."""

from __future__ import annotations

import io
from typing import Any

from app.kit.excel.child import serve
from app.kit.excel.keeping import keep_only

RED, AMBER = "FFFFC7CE", "FFFFEB9C"
COMMENT_LENGTH = 1000


def opened(request: dict[str, Any]) -> Any:
    """The workbook as the user sent it, or one made of the values of a .xls or .csv."""
    from openpyxl import Workbook, load_workbook

    if "data" in request:
        return load_workbook(io.BytesIO(request["data"]))
    book = Workbook()
    book.remove(book.active)
    for sheet in request["sheets"]:
        paper = book.create_sheet(sheet["name"])
        for number, row in sheet["rows"]:
            for column, value in enumerate(row, 1):
                if value != "":
                    put_text(paper.cell(number + 1, column), value)
        for top, left, bottom, right in sheet["merges"]:
            paper.merge_cells(start_row=top + 1, start_column=left + 1, end_row=bottom + 1, end_column=right + 1)
    return book


def put_text(cell: Any, value: Any) -> None:
    cell.value = value
    if isinstance(value, str):
        cell.data_type = "s"  # never a formula


def mark(book: Any, request: dict[str, Any]) -> None:
    """Colours, comments and, per sheet, the column of explanations."""
    by_sheet: dict[str, list[tuple[str, str | None, str, str, str]]] = {}
    for entry in request["marks"]:
        by_sheet.setdefault(entry[0], []).append(entry)
    nowhere = by_sheet.pop("", [])
    for paper in book.worksheets:
        place = request["places"].get(paper.title)
        if place is None and len(request["places"]) == 1 and "" in request["places"]:
            place = request["places"][""]  # a text file has one sheet without a name
            entries, nowhere = nowhere, []
        else:
            entries = by_sheet.get(paper.title, [])
        if entries:
            mark_sheet(paper, entries, place, request["header"])
    if nowhere and book.worksheets:
        mark_sheet(book.worksheets[0], nowhere, None, request["header"])


def mark_sheet(paper: Any, entries: list[Any], place: tuple[int, int] | None, header: str) -> None:
    from openpyxl.styles import Alignment, Font

    header_row, column = (place[0] + 1, max(place[1], 1) + 1) if place else (1, paper.max_column + 1)
    column = existing(paper, header_row, header) or column
    lines: dict[int, list[str]] = {}
    for _sheet, cell, severity, code, words in entries:
        text = f"{code} {words}".strip()
        row = mark_cell(paper, cell, severity, text) if cell else header_row
        # What is wrong with a title or a header is explained beside the header.
        lines.setdefault(row if row > header_row else header_row, []).append(text)
    title = paper.cell(header_row, column)
    put_text(title, "\n".join([header, *lines.pop(header_row, [])]))
    title.font = Font(bold=True, color="FFC00000")
    paper.column_dimensions[title.column_letter].width = 60
    for row, texts in lines.items():
        explained = paper.cell(row, column)
        put_text(explained, "\n".join(texts))
        explained.font = Font(color="FFC00000")
        explained.alignment = Alignment(wrap_text=True, vertical="top")


def existing(paper: Any, row: int, header: str) -> int | None:
    """The column of explanations of an earlier return of the same file; emptied for the new ones."""
    for column in range(1, paper.max_column + 1):
        value = paper.cell(row, column).value
        if isinstance(value, str) and value.startswith(header):
            for line in range(row, paper.max_row + 1):
                paper.cell(line, column).value = None
            return column
    return None


def mark_cell(paper: Any, address: str, severity: str, text: str) -> int:
    from openpyxl.cell.cell import MergedCell
    from openpyxl.comments import Comment
    from openpyxl.styles import PatternFill

    cell = paper[address]
    if not isinstance(cell, MergedCell):
        cell.fill = PatternFill("solid", fgColor=RED if severity == "error" else AMBER)
        before = f"{cell.comment.text}\n" if cell.comment and text not in cell.comment.text else ""
        cell.comment = Comment((before + text)[:COMMENT_LENGTH], "清单")
        cell.comment.width, cell.comment.height = 320, 120
    return int(cell.row)


def marked(request: dict[str, Any]) -> dict[str, Any]:
    """The workbook of a request with its marks, as bytes."""
    book = opened(request)
    mark(book, request)
    for paper in book.worksheets:
        kept = request.get("kept", {}).get(paper.title) or request.get("kept", {}).get("")
        if kept:
            keep_only(paper, **kept)
    out = io.BytesIO()
    book.save(out)
    return {"data": out.getvalue()}


if __name__ == "__main__":
    serve(marked)
