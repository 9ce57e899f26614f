"""The program that reads a file in the child process: bytes of one workbook in, plain values out.

Values come from calamine; scanning.py adds what calamine hides, in a thread beside it, because calamine does not hold
the interpreter.

Columns travel as (distinct values, index per row): cells repeat so much that cleaning each distinct value once is
several times cheaper than cleaning every cell. A faulty cell travels as the tuple ("E13", "#REF!") or ("E12", "=A1+1").
"""

from __future__ import annotations

import csv
import io
import math
import threading
from array import array
from typing import Any

from app.kit.excel.biff import Sheet as Scanned
from app.kit.excel.biff import scan_xls
from app.kit.excel.celltext import csv_typed
from app.kit.excel.child import Refused, serve
from app.kit.excel.hidden import Hidden, true
from app.kit.excel.package import Package, elements, related, workbook_part
from app.kit.excel.scanning import agreed, scan_sheet


def read_xlsx(data: bytes, limits: dict[str, int]) -> dict[str, Any]:
    package = Package(data)
    root = workbook_part(package)
    if root not in package:
        raise Refused("not_a_workbook")
    links = related(package, root)
    sheets: list[dict[str, Any]] = []
    epoch = False
    for tag, a in elements(package.read(root)):
        if tag == "workbookPr":
            epoch = true(a.get("date1904"))
        elif tag == "sheet":
            sheets.append(
                {"name": a.get("name", ""), "state": a.get("state", "visible"), "path": links.get(a["id"], "")}
            )
    if len({sheet["name"].lower() for sheet in sheets}) < len(sheets):
        raise Refused("unreadable", "two sheets of one name")
    paths = [sheet["path"] for sheet in sheets if sheet["state"] == "visible"]
    if len(set(paths)) < len(paths) or not all(path in package for path in paths):
        raise Refused("unreadable", "a sheet is missing")
    scans: dict[str, Hidden | Exception] = {}
    wanted = [s for s in sheets if (s["state"] == "visible" or s["name"] == "_meta") and s["path"] in package]
    thread = threading.Thread(target=_scan_all, args=(data, [s["path"] for s in wanted], scans))
    thread.start()
    values = _calamine(data, {s["name"] for s in wanted}, limits)
    thread.join()
    for sheet in sheets:
        path = sheet.pop("path")
        scan = scans.get(path)
        if isinstance(scan, Exception):
            raise scan
        rows = values.get(sheet["name"])
        if rows is None or scan is None:
            continue
        scan = agreed(package, root, path, rows, scan)
        if any(row >= limits["rows"] or column >= limits["columns"] for row, column in scan.faults):
            raise Refused("too_many_cells", sheet["name"])
        sheet.update(_combined(rows, scan))
    return {"sheets": sheets, "date1904": epoch}


def _scan_all(data: bytes, paths: list[str], into: dict[str, Hidden | Exception]) -> None:
    for path in paths:
        try:
            into[path] = scan_sheet(Package(data), path)
        except Exception as error:  # handed to the main thread, which refuses the file
            into[path] = error


def _calamine(data: bytes, names: set[str] | None, limits: dict[str, int]) -> dict[str, list[list[Any]]]:
    from python_calamine import PasswordError, SheetTypeEnum, load_workbook

    try:
        book = load_workbook(io.BytesIO(data))
    except PasswordError as error:
        raise Refused("encrypted") from error
    values: dict[str, list[list[Any]]] = {}
    cells = 0
    for meta in book.sheets_metadata:
        if meta.typ != SheetTypeEnum.WorkSheet or (names is not None and meta.name not in names):
            continue
        sheet = book.get_sheet_by_name(meta.name)
        last_row, last_column = sheet.end or (-1, -1)
        cells += (last_row + 1) * (last_column + 1)
        if last_row >= limits["rows"] or last_column >= limits["columns"] or cells > limits["cells"]:
            raise Refused("too_many_cells", meta.name)
        values[meta.name] = sheet.to_python(skip_empty_area=False)
    return values


def _combined(rows: list[list[Any]], scan: Hidden) -> dict[str, Any]:
    """Values and what the XML adds, column by column."""
    for (row, column), fault in scan.faults.items():
        while len(rows) <= row:
            rows.append([""] * (len(rows[0]) if rows else 0))
        if len(rows[row]) <= column:
            for line in rows:
                line.extend([""] * (column + 1 - len(line)))
        rows[row][column] = fault
    if _covered(scan.merges, len(rows), len(rows[0]) if rows else 0) > 2 * sum(map(len, rows)):
        raise Refused("unreadable", "merges overlap")
    return {
        "height": len(rows),
        "columns": [encode(column) for column in zip(*rows, strict=True)] if rows else [],
        "merges": scan.merges,
        "hidden_rows": sorted(scan.rows),
        "hidden_columns": sorted(scan.columns),
    }


def _covered(merges: list[tuple[int, int, int, int]], height: int, width: int) -> int:
    """How many cells of the sheet the merges cover together."""
    spans = ((min(bottom + 1, height) - top, min(right + 1, width) - left) for top, left, bottom, right in merges)
    return sum(max(tall, 0) * max(wide, 0) for tall, wide in spans)


def encode(column: Any) -> tuple[list[Any], bytes]:
    """The distinct values of a column and, per row, which one stands there."""
    if bool in set(map(type, column)):
        # True equals 1 as a key: tell them apart by writing the words Excel shows.
        column = [("TRUE" if v else "FALSE") if isinstance(v, bool) else v for v in column]
    index: dict[Any, int] = {}
    place = index.setdefault
    codes = array("I", [place(value, len(index)) for value in column])
    return [_finite(value) for value in index], codes.tobytes()


def _finite(value: Any) -> Any:
    """The value; what is no number at all (NaN, infinity) is the error cell it stands for."""
    return ("E13", "#NUM!") if isinstance(value, float) and not math.isfinite(value) else value


def read_xls(data: bytes, limits: dict[str, int]) -> dict[str, Any]:
    from python_calamine import SheetTypeEnum, load_workbook

    scans, date1904 = scan_xls(data)
    values = _calamine(data, {scan.name for scan in scans if scan.state == "visible"} | {"_meta"}, limits)
    book = load_workbook(io.BytesIO(data))
    by_name = {scan.name: scan for scan in scans}
    sheets = []
    for meta in book.sheets_metadata:
        scan = by_name.get(meta.name)
        if meta.typ != SheetTypeEnum.WorkSheet:
            continue
        if scan is None:
            raise Refused("unreadable", meta.name)
        sheet: dict[str, Any] = {"name": meta.name, "state": scan.state}
        if meta.name in values:
            for (top, left), (bottom, right) in book.get_sheet_by_name(meta.name).merged_cell_ranges or ():
                scan.hidden.merges.append((top, left, bottom, right))
            sheet.update(_combined(_mended(values[meta.name], scan), scan.hidden))
        sheets.append(sheet)
    return {"sheets": sheets, "date1904": date1904}


def _mended(rows: list[list[Any]], scan: Scanned) -> list[list[Any]]:
    """The values with the plain numbers calamine takes for days; refused where it does not see a number at all."""
    for (row, column), number in scan.numbers.items():
        seen = rows[row][column] if row < len(rows) and column < len(rows[row]) else ""
        if seen == "":
            raise Refused("unreadable", f"{row + 1}:{column + 1}")
        if not isinstance(seen, float | int | str):
            rows[row][column] = number
    for row, column in scan.dates:
        if row >= len(rows) or column >= len(rows[row]) or rows[row][column] == "":
            raise Refused("unreadable", f"{row + 1}:{column + 1}")
    if any(isinstance(value, str) and "\0" in value for line in rows for value in line):
        raise Refused("unreadable", "text")  # decoded wrongly
    return rows


def read_csv(data: bytes, limits: dict[str, int]) -> dict[str, Any]:
    text, encoding = _decoded(data)
    if "\0" in text or text.lstrip()[:200].lower().startswith(("<!doctype", "<html", "<table", "<?xml")):
        raise Refused("not_a_workbook")
    csv.field_size_limit(1 << 20)
    head = text[:4096]
    delimiter = max(",\t;", key=head.count)
    rows = [
        [csv_typed(value) for value in row] for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    ]
    width = max(map(len, rows), default=0)
    if len(rows) > limits["rows"] or width > limits["columns"]:
        raise Refused("too_many_cells")
    for row in rows:
        row.extend([""] * (width - len(row)))
    sheet = {"name": None, "state": "visible", **_combined(rows, Hidden())}
    return {"sheets": [sheet], "date1904": False, "encoding": encoding}


def _decoded(data: bytes) -> tuple[str, str]:
    """The text and its encoding; UTF-16 is what Excel saves as «Unicode text»."""
    marked = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
    stated = next((encoding for mark, encoding in marked.items() if data.startswith(mark)), None)
    for encoding in (stated,) if stated else ("utf-8", "gb18030"):
        try:
            return data.decode(encoding), encoding
        except UnicodeDecodeError:
            continue
    raise Refused("not_a_workbook")


ENGINES = {"xlsx": read_xlsx, "xls": read_xls, "csv": read_csv}


def parsed(request: dict[str, Any]) -> dict[str, Any]:
    """The sheets of the file of a request."""
    return ENGINES[request["kind"]](request["data"], request["limits"])


if __name__ == "__main__":
    serve(parsed)
