"""Old .xls files, written record by record: what their reader hides is seen, what it loses is refused."""

from __future__ import annotations

import struct

import pytest

from app.kit.excel import FileRefused, open_workbook
from app.kit.excel.book import Book

END, FREE, TABLE = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD


def record(kind: int, body: bytes = b"") -> bytes:
    return struct.pack("<HH", kind, len(body)) + body


def stream(cells: bytes, first: bytes = b"") -> bytes:
    """One sheet with the records of its cells; `first` stands before the list of sheets."""
    head = record(0x809, struct.pack("<HHHHII", 0x600, 5, 0, 0, 0, 0)) + first
    head += record(0xE0, struct.pack("<HH16x", 0, 0)) + record(0xE0, struct.pack("<HH16x", 0, 14))
    name = "表".encode("utf-16-le")
    at = len(head) + 4 + 6 + 2 + len(name) + 4
    head += record(0x85, struct.pack("<IBBBB", at, 0, 0, 1, 1) + name) + record(0x0A)
    return head + record(0x809, struct.pack("<HHHHII", 0x600, 0x10, 0, 0, 0, 0)) + cells + record(0x0A)


def entry(name: str, kind: int, child: int, first: int, size: int) -> bytes:
    text = name.encode("utf-16-le")
    told = struct.pack("<64sHBBIII", text, len(text) + 2, kind, 1, FREE, FREE, child)
    return told + bytes(36) + struct.pack("<III", first, size, 0)


def file(content: bytes, name: str = "Workbook") -> bytes:
    """The stream in a small OLE file: sector 0 the table, sector 1 the directory, then the stream."""
    content = content.ljust(4096, b"\0")
    sectors = -(-len(content) // 512)
    table = [TABLE, END, *range(3, 2 + sectors), END]
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<HHHHH6x", 0x3E, 3, 0xFFFE, 9, 6)
    header += struct.pack("<IIIIIIIIII", 0, 1, 1, 0, 4096, END, 0, END, 0, 0) + struct.pack("<108I", *[FREE] * 108)
    directory = entry("Root Entry", 5, 1, END, 0) + entry(name, 2, FREE, 2, len(content))
    packed = struct.pack("<128I", *table, *[FREE] * (128 - len(table)))
    return header + packed + directory.ljust(512, b"\0") + content.ljust(sectors * 512, b"\0")


def number(row: int, column: int, value: float, style: int = 0) -> bytes:
    return record(0x203, struct.pack("<HHHd", row, column, style, value))


def formula(row: int, column: int, result: bytes) -> bytes:
    return record(0x06, struct.pack("<HHH", row, column, 0) + result + struct.pack("<HIH", 0, 0, 0))


def opened(cells: bytes, first: bytes = b"", name: str = "Workbook") -> Book:
    return open_workbook(file(stream(cells, first), name), "x.xls")


NO_VALUE = b"\3\0\0\0\0\0\xff\xff"
ERROR = record(0x205, struct.pack("<HHHBB", 1, 0, 0, 0x2A, 1))
HIDDEN_ROW = record(0x208, struct.pack("<HHHHHHI", 2, 0, 1, 0, 0, 0, 0x20))
HIDDEN_COLUMN = record(0x7D, struct.pack("<HHHHHH", 1, 1, 0, 0, 1, 0))


@pytest.mark.parametrize("name", ["Workbook", "WORKBOOK"])
def test_errors_hidden_rows_and_hidden_columns_of_old_files_are_seen(name: str) -> None:
    cells = HIDDEN_COLUMN + HIDDEN_ROW + number(0, 0, 5) + number(0, 1, 6) + ERROR + number(2, 0, 7)
    grid = opened(cells, name=name).grids[0]
    assert [grid.cell(row, 0) for row in range(3)] == [5.0, ("E13", "#N/A"), 7.0]
    assert (grid.hidden_rows, grid.hidden_columns) == ({2}, {1})


def test_a_formula_no_program_has_computed_is_said() -> None:
    assert opened(number(0, 0, 5) + formula(1, 0, NO_VALUE)).grids[0].cell(1, 0) == ("E12", "=…")
    computed = opened(formula(0, 0, struct.pack("<d", 5)) + formula(1, 0, NO_VALUE)).grids[0]
    assert (computed.cell(0, 0), computed.cell(1, 0)) == (5.0, "")


def test_days_from_1904_are_known_in_old_files() -> None:
    assert opened(number(0, 0, 5), record(0x22, b"\1\0")).date1904
    assert not opened(number(0, 0, 5)).date1904


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (stream(number(0, 0, 5), record(0x2F, bytes(6))), "encrypted"),
        (stream(number(0, 0, 5))[:-4], "unreadable"),
        (stream(number(0, 0, 5)).replace(b"\x0a\0\0\0", b"\0\0\0\0"), "unreadable"),
    ],
    ids=["a password", "no end of the sheet", "no ends"],
)
def test_an_old_file_that_hides_or_lacks_its_cells_is_refused(content: bytes, kind: str) -> None:
    with pytest.raises(FileRefused) as refused:
        open_workbook(file(content), "x.xls")
    assert refused.value.kind == kind


def test_files_from_before_1995_are_named() -> None:
    with pytest.raises(FileRefused) as refused:
        open_workbook(bytes.fromhex("0902060000001000") + bytes(600), "x.xls")
    assert refused.value.kind == "format"
