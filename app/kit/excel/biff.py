"""What calamine hides in an .xls file: error cells, hidden rows and columns, the date system, passwords, lost cells.

An .xls file is a small file system (OLE) with one stream of records. Only the records that matter here are looked at.
Runs in the child process.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from app.kit.excel.child import Refused
from app.kit.excel.hidden import Hidden

FREE, END = 0xFFFFFFFF, 0xFFFFFFFE
ERRORS = {0: "#NULL!", 7: "#DIV/0!", 15: "#VALUE!", 23: "#REF!", 29: "#NAME?", 36: "#NUM!", 42: "#N/A"}
STATES = ("visible", "hidden", "veryHidden")
BUILT_IN_DATES = frozenset({*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)})

BOF, DATE_MODE, PASSWORD, SHEET, FORMAT, FORMAT_OLD, XF, XF_OLD = 0x809, 0x22, 0x2F, 0x85, 0x41E, 0x1E, 0xE0, 0x43
ROW, COLUMNS, NUMBER, SHORT, SHORTS, LOGICAL, FORMULA, EOF = 0x208, 0x7D, 0x203, 0x27E, 0xBD, 0x205, 0x06, 0x0A
FORMULAS_OLD = (0x206, 0x406)

_QUOTED = re.compile(r'"[^"]*"|\\.|_.|\*.|\[(?!h+\]|m+\]|s+\])[^\]]*\]', re.IGNORECASE)


@dataclass
class Sheet:
    """One sheet of the file: what is hidden in it, and the plain numbers that are no dates."""

    name: str
    state: str
    at: int
    worksheet: bool
    hidden: Hidden = field(default_factory=Hidden)
    numbers: dict[tuple[int, int], float] = field(default_factory=dict)
    dates: set[tuple[int, int]] = field(default_factory=set)
    uncalculated: list[tuple[int, int]] = field(default_factory=list)
    calculated: bool = False


def scan_xls(data: bytes) -> tuple[list[Sheet], bool]:
    """The sheets in order, and whether days count from 1904."""
    stream = book_stream(data)
    sheets, dated, date1904 = _globals(stream)
    for sheet in sheets:
        if sheet.worksheet and sheet.state == "visible":
            _scan(stream, sheet, dated)
    if not any(sheet.calculated for sheet in sheets):
        # No formula of the file has a value: it was written by a program and never calculated.
        for sheet in sheets:
            sheet.hidden.faults.update(dict.fromkeys(sheet.uncalculated, ("E12", "=…")))
    return sheets, date1904


def _globals(stream: bytes) -> tuple[list[Sheet], list[bool], bool]:
    sheets: list[Sheet] = []
    formats: dict[int, bool] = {}
    styles: list[int] = []
    date1904, modern = False, True
    for kind, at, size in _records(stream, 0):
        body = stream[at : at + size]
        if kind == BOF:
            modern = body[:2] == b"\x00\x06"
        elif kind == PASSWORD:
            raise Refused("encrypted")
        elif kind == DATE_MODE:
            date1904 = body[:1] == b"\1"
        elif kind == SHEET:
            sheets.append(_sheet(body, modern))
        elif kind in (FORMAT, FORMAT_OLD) and size > 3:
            formats[struct.unpack_from("<H", body)[0]] = _dated(_text(body, 2, 2 if modern else 1, modern))
        elif kind in (XF, XF_OLD):
            styles.append(struct.unpack_from("<H", body, 2)[0])
        elif kind == EOF:
            break
    return sheets, [formats.get(style, style in BUILT_IN_DATES) for style in styles], date1904


def _sheet(body: bytes, modern: bool) -> Sheet:
    at, state, kind = struct.unpack_from("<IBB", body)
    return Sheet(_text(body, 6, 1, modern), STATES[min(state & 3, 2)], at, kind == 0)


def _text(body: bytes, at: int, width: int, modern: bool) -> str:
    """A short text with its length before it."""
    length = int.from_bytes(body[at : at + width], "little")
    at += width
    if not modern:
        return body[at : at + length].decode("gb18030", "replace")
    wide = body[at : at + 1] == b"\1"
    return body[at + 1 : at + 1 + length * (2 if wide else 1)].decode("utf-16-le" if wide else "latin-1", "replace")


def _dated(pattern: str) -> bool:
    """Whether a number format shows a day or a time."""
    bare = _QUOTED.sub("", pattern.partition(";")[0]).lower()
    return "general" not in bare and any(sign in bare for sign in "ymdhs") and not any(sign in bare for sign in "0#?")


def _records(stream: bytes, at: int) -> Iterator[tuple[int, int, int]]:
    """Kind, place and size of every record from a place on."""
    while at + 4 <= len(stream):
        kind, size = struct.unpack_from("<HH", stream, at)
        yield kind, at + 4, size
        at += 4 + size


def _scan(stream: bytes, sheet: Sheet, dated: list[bool]) -> None:
    depth = 0
    for kind, at, size in _records(stream, sheet.at):
        if kind == BOF:
            depth += 1
        elif kind == EOF:
            depth -= 1
            if depth <= 0:
                return
        elif depth == 1 and kind in _READERS:
            if at + size > len(stream):
                raise Refused("unreadable", "cut off")
            _READERS[kind](stream, at, size, sheet, dated)
    raise Refused("unreadable", "cut off")  # a sheet ends with its own last record


def _number(stream: bytes, at: int, _size: int, sheet: Sheet, dated: list[bool]) -> None:
    row, column, style, value = struct.unpack_from("<HHHd", stream, at)
    _keep(sheet, row, column, style, value, dated)


def _short(stream: bytes, at: int, _size: int, sheet: Sheet, dated: list[bool]) -> None:
    row, column, style, packed = struct.unpack_from("<HHHI", stream, at)
    _keep(sheet, row, column, style, unpacked(packed), dated)


def _shorts(stream: bytes, at: int, size: int, sheet: Sheet, dated: list[bool]) -> None:
    row, first = struct.unpack_from("<HH", stream, at)
    for number in range((size - 6) // 6):
        style, packed = struct.unpack_from("<HI", stream, at + 4 + 6 * number)
        _keep(sheet, row, first + number, style, unpacked(packed), dated)


def unpacked(packed: int) -> float:
    """The number of four bytes: a whole number or the upper half of a long one, perhaps times 100."""
    if packed & 2:
        value = float((packed >> 2) - (1 << 30 if packed & 0x80000000 else 0))
    else:
        value = float(struct.unpack("<d", b"\0\0\0\0" + struct.pack("<I", packed & 0xFFFFFFFC))[0])
    return value / 100 if packed & 1 else value


def _keep(sheet: Sheet, row: int, column: int, style: int, value: float, dated: list[bool]) -> None:
    if style < len(dated) and dated[style]:
        sheet.dates.add((row, column))
    else:
        sheet.numbers[row, column] = value


def _logical(stream: bytes, at: int, _size: int, sheet: Sheet, _dated: list[bool]) -> None:
    row, column, _style, value, error = struct.unpack_from("<HHHBB", stream, at)
    if error:
        sheet.hidden.faults[row, column] = ("E13", ERRORS.get(value, "#"))


def _formula(stream: bytes, at: int, _size: int, sheet: Sheet, dated: list[bool]) -> None:
    row, column, style = struct.unpack_from("<HHH", stream, at)
    result = stream[at + 6 : at + 14]
    if result[6:] != b"\xff\xff":
        sheet.calculated = True
        _keep(sheet, row, column, style, struct.unpack("<d", result)[0], dated)
    elif result[0] == 2:
        sheet.calculated = True
        sheet.hidden.faults[row, column] = ("E13", ERRORS.get(result[2], "#"))
    elif result[0] == 3:
        sheet.uncalculated.append((row, column))
    else:
        sheet.calculated = True


def _row(stream: bytes, at: int, _size: int, sheet: Sheet, _dated: list[bool]) -> None:
    row, options = struct.unpack_from("<H10xH", stream, at)
    if options & 0x20:
        sheet.hidden.rows.add(row)


def _columns(stream: bytes, at: int, _size: int, sheet: Sheet, _dated: list[bool]) -> None:
    first, last, _width, _style, options = struct.unpack_from("<5H", stream, at)
    if options & 1:
        sheet.hidden.columns.update(range(first, min(last, 255) + 1))


_READERS = {
    NUMBER: _number,
    SHORT: _short,
    SHORTS: _shorts,
    LOGICAL: _logical,
    **dict.fromkeys((FORMULA, *FORMULAS_OLD), _formula),
    ROW: _row,
    COLUMNS: _columns,
}


# --- the small file system around the stream --------------------------------------------------------------------------


def book_stream(data: bytes) -> bytes:
    """The stream of records, under whatever case its name is written."""
    if len(data) < 512:
        raise Refused("not_a_workbook")
    size, small = 1 << struct.unpack_from("<H", data, 0x1E)[0] % 16, 1 << struct.unpack_from("<H", data, 0x20)[0] % 16
    directory_at, cutoff, small_table_at = struct.unpack_from("<I4xII", data, 0x30)
    extra_at, _extra = struct.unpack_from("<II", data, 0x44)

    def sector(number: int) -> bytes:
        return data[(number + 1) * size : (number + 2) * size]

    tables = [number for number in struct.unpack_from("<109I", data, 0x4C) if number < END]
    per, seen = size // 4 - 1, 0
    while extra_at < END and seen * size < len(data):
        numbers = _numbers(sector(extra_at))
        if len(numbers) <= per:
            break
        tables += [number for number in numbers[:per] if number < END]
        extra_at, seen = numbers[per], seen + 1
    table = [number for at in tables[: len(data) // size + 1] for number in _numbers(sector(at))]

    def chain(number: int) -> Iterator[int]:
        for _turn in range(len(table)):
            if number >= len(table):
                return
            yield number
            number = table[number]

    entries = b"".join(map(sector, chain(directory_at)))
    root = entries[:128]
    for at in range(0, len(entries) - 127, 128):
        entry = entries[at : at + 128]
        name = entry[: max(0, struct.unpack_from("<H", entry, 64)[0] - 2)].decode("utf-16-le", "replace").lower()
        if name in ("workbook", "book"):
            first, length = struct.unpack_from("<II", entry, 116)
            if length >= cutoff:
                return b"".join(map(sector, chain(first)))[:length]
            return _small_stream(sector, chain, root, first, length, small, small_table_at)
    raise Refused("not_a_workbook")


def _small_stream(
    sector: object, chain: object, root: bytes, first: int, length: int, small: int, small_table_at: int
) -> bytes:
    """A stream below the cutoff: its pieces stand in the stream of the root."""
    assert callable(sector) and callable(chain)
    pieces = b"".join(map(sector, chain(struct.unpack_from("<I", root, 116)[0])))
    table = [number for at in chain(small_table_at) for number in _numbers(sector(at))]
    found = []
    for _turn in range(len(table)):
        if first >= len(table):
            break
        found.append(pieces[first * small : (first + 1) * small])
        first = table[first]
    return b"".join(found)[:length]


def _numbers(sector: bytes) -> tuple[int, ...]:
    return struct.unpack(f"<{len(sector) // 4}I", sector[: len(sector) // 4 * 4])
