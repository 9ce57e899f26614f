"""Results back in the office's own workbook: the parent's side of filling.py.

Of an office's file a form is kept, with its rows of data emptied; it is filled with rows of ours, in its own columns, words
and unit of money. Or a file as it is gets single columns filled in, row by row.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from app.kit.excel.book import Grid
from app.kit.excel.context import ReadContext
from app.kit.excel.fit import SHEET_NAME, Fit
from app.kit.excel.fitting import Fitted, fitted
from app.kit.excel.opening import FileRefused, Limits, open_workbook, recognised, run_child
from app.kit.excel.reader import read_book
from app.kit.excel.report import as_sheets
from app.kit.excel.result import ReadResult
from app.kit.excel.sheet import Column, ExportMeta, Layout, Row, Sheet
from app.kit.excel.table import ROW_KEY
from app.kit.excel.writer import shown

FILLING = "app.kit.excel.filling"
WAN = Decimal(10000)
_PERIODS = (
    ("H", re.compile(r"(\d{4})(\s*年\s*)(上|下)(半年)")),
    ("Q", re.compile(r"(\d{4})(\s*年\s*第?)([一二三四1-4])(季度)")),
    ("M", re.compile(r"(\d{4})(\s*[年.\-/]\s*)(1[0-2]|0?[1-9])(?!\d)")),
    ("Y", re.compile(r"(\d{4})(\s*年)")),
)


@dataclass(frozen=True)
class Form:
    """An office's workbook to fill: its bytes with the rows emptied, and where they stood.

    Shape: `blocks` name per sheet the first and last row of data and the header (from 1), the column of each field, the columns
    that were merged downwards, the unit of money and the titles that state a period.
    """

    content: bytes
    blocks: tuple[Mapping[str, Any], ...]


def form_of(data: bytes, filename: str, layout: Layout, fit: Fit, context: ReadContext) -> Form:
    """The office's file as a form: everything but its rows of data, which are not kept.

    Errors: FileRefused.
    """
    book = open_workbook(data, filename)
    result = read_book(layout, book, context, filename=filename, fit=fit)
    blocks = [_block(one, result) for one in fitted(fit, layout, book, context)]
    request = _opened(data, filename) | {"blocks": [{**block, "rows": [], "titles": []} for block in blocks]}
    emptied = [{**block, "last": block["first"]} for block in blocks]
    return Form(_run(request), tuple(emptied))


def _block(one: Fitted, result: ReadResult) -> dict[str, Any]:
    grid, name = one.source, one.grid.name or ""
    reading = result.readings.get(name)
    first = one.match.first_data_row
    last = _last(one.grid, first, result, name)
    own = {field: column for field, column in one.match.columns.items() if column < grid.width}
    downwards = {left for top, left, bottom, right in grid.merges if first <= top < bottom <= last and left == right}
    unit = reading.facts.get("unit") if reading else None
    lines = grid.texts(range(one.match.row))
    return {
        "sheet": name,
        "header": one.match.row + 1,
        "first": first + 1,
        "last": last + 1,
        "columns": [column + 1 for column in own.values()],
        "fields": {field: column + 1 for field, column in own.items()},
        "merge": sorted(column + 1 for column in downwards),
        "unit": unit or "",
        "titles": [(row + 1, column + 1, text) for row, column, text in lines if _states(text)],
        "key_header": ROW_KEY,
    }


def _last(grid: Grid, first: int, result: ReadResult, name: str) -> int:
    """The last row of data, subtotals between and blank rows at its end included: what the totals stand right under."""
    rows = [row["row"] - 1 for row in result.rows if (row.get("sheet") or "") == name]
    rows += [int(place) - 1 for sheet, place in result.rejected_rows if (sheet or "") == name]
    last = max(rows, default=first)
    while last + 1 < grid.height and not grid.occupied[last + 1]:
        last += 1
    return last if last + 1 < grid.height else max(rows, default=first)


def _states(text: str) -> bool:
    return any(pattern.search(text) for _kind, pattern in _PERIODS)


def fill(form: Form, sheet: Sheet, fit: Fit, rows: Sequence[Row], meta: ExportMeta) -> bytes:
    """The form with the rows in it, in the office's columns and words; text is text, never a formula.

    Errors: FileRefused when the form cannot be filled within the limits of a file.
    """
    blocks = [dict(block) for block in form.blocks]
    for block, own in zip(blocks, _shared_out(blocks, fit, rows), strict=True):
        block["rows"] = [_cells(sheet, fit, block, row, number) for number, row in enumerate(own, 1)]
        block["keys"] = [row.get("row_key", "") for row in own]
        block["titles"] = [(row, column, stated(text, meta.period)) for row, column, text in block["titles"]]
    return _run({"data": form.content, "blocks": blocks})


def _shared_out(blocks: Sequence[Mapping[str, Any]], fit: Fit, rows: Sequence[Row]) -> list[list[Row]]:
    """Each sheet its rows: by village where every village has its own, otherwise all on the first."""
    if fit.constants.get("village") != SHEET_NAME:
        return [list(rows) if not number else [] for number in range(len(blocks))]
    return [[row for row in rows if row.get("village") == block.get("village", block["sheet"])] for block in blocks]


def _cells(sheet: Sheet, fit: Fit, block: Mapping[str, Any], row: Row, number: int) -> dict[int, Any]:
    words = {one.field: {ours: typed for typed, ours in reversed(list(one.meanings.items()))} for one in fit.columns}
    cells: dict[int, Any] = {}
    for name, at in block["fields"].items():
        column = sheet.by_field[name]
        value = number if name == "serial_no" and "serial_no" not in row else _value(column, row, block["unit"])
        if value is not None:
            cells[at] = words.get(name, {}).get(value, value) if isinstance(value, str) else value
    return cells


def _value(column: Column, row: Row, unit: str) -> Any:
    value = shown(column, row)
    return value / WAN if column.money and unit == "万元" and isinstance(value, Decimal) else value


def stated(text: str, period: str) -> str:
    """A title with another period in it, written as the office writes it; as it is when it states another kind of period.

    >>> stated("某镇2026年10月队伍情况", "2026-11"), stated("2025年度发放表", "2026"), stated("无期", "2026-11")
    ('某镇2026年11月队伍情况', '2026年度发放表', '无期')
    """
    year, rest = period[:4], period[4:]
    kind = "M" if rest.startswith("-") else rest[:1] or "Y"
    for name, pattern in _PERIODS:
        if pattern.search(text):
            if name != kind or not year:
                return text
            return pattern.sub(lambda found: _restated(found, year, rest), text, count=1)
    return text


def _restated(found: re.Match[str], year: str, rest: str) -> str:
    if rest.startswith("-"):
        month = int(rest[1:])
        return f"{year}{found[2]}{month:02d}" if found[3].startswith("0") else f"{year}{found[2]}{month}"
    if rest.startswith("H"):
        return f"{year}{found[2]}{'上' if rest == 'H1' else '下'}{found[4]}"
    if rest.startswith("Q"):
        number = int(rest[1])
        return f"{year}{found[2]}{number if found[3].isdecimal() else '一二三四'[number - 1]}{found[4]}"
    return f"{year}{found[2]}"


def fill_in(
    data: bytes,
    filename: str,
    layout: Layout,
    fit: Fit,
    context: ReadContext,
    rows: Sequence[Row],
    fields: Collection[str],
) -> tuple[bytes, int]:
    """The file as it is with some columns filled in from rows of the same key, and in how many rows.

    Errors: FileRefused.
    """
    book = open_workbook(data, filename)
    found = read_book(layout, book, context, filename=filename, fit=fit)
    sheet = next(one for one in layout.variants if isinstance(one, Sheet) and one.code == fit.variant)
    by_key = {_key_of(sheet, row): row for row in rows}
    cells: list[tuple[str, int, int, Any]] = []
    written = 0
    blocks = {one.grid.name or "": _block(one, found) for one in fitted(fit, layout, book, context)}
    for row in found.rows:
        ours, block = by_key.get(_key_of(sheet, row)), blocks.get(row.get("sheet") or "")
        if ours is None or block is None:
            continue
        own = _cells(sheet, fit, block, ours, 0)
        places = [at for name, at in block["fields"].items() if name in fields and at in own]
        cells += [(block["sheet"], row["row"], at, own[at]) for at in places]
        written += bool(places)
    return _run(_opened(data, filename) | {"cells": cells}), written


def _key_of(sheet: Sheet, row: Row) -> tuple[Any, ...]:
    values = (row.get(name) for name in sheet.key)
    return tuple(tuple(value) if isinstance(value, list) else value for value in values)


def _opened(data: bytes, filename: str) -> dict[str, Any]:
    limits = Limits()
    if recognised(data, filename, limits) == "xlsx":
        return {"data": data}
    return {"sheets": as_sheets(data, filename, limits, {})}


def _run(request: dict[str, Any]) -> bytes:
    reply = run_child(FILLING, request, Limits())
    if "refused" in reply:
        raise FileRefused(*reply["refused"])
    content: bytes = reply["data"]
    return content
