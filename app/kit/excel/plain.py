"""A plain table: one header row, one row for each record, nothing merged and nothing added up; as many rows as there are.

The rows come one after the other and go to a file on the disk, so the memory it takes does not grow with them. What is
more than a sheet holds goes on another sheet, what is more than a file should hold into another file of a .zip.
"""

from __future__ import annotations

import csv
import itertools
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from app.kit.excel import celltext
from app.kit.excel.output import Output

XLSX, CSV, ZIP = "xlsx", "csv", "zip"
SHEET_ROWS = 1_000_000
FILE_ROWS = 3_000_000
CHUNK = 1_000
EXACT_DIGITS = 15  # of a number in a cell; what has more stays text, or its end would be lost
WIDEST, NARROWEST = 48, 8
ABOUT = "说明"

Cells = Sequence[Any]
Facts = Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Plain:
    """What a plain table is called, its headers, and what it says about itself in the order of the lines.

    Shape: `cut_words` is the line that says how many cells were cut, with %(count)s.
    """

    name: str
    headers: Sequence[str]
    facts: Facts = ()
    cut_words: str = "%(count)s"


@dataclass(frozen=True)
class Limits:
    """How many rows one sheet and one file take."""

    sheet_rows: int = SHEET_ROWS
    file_rows: int = FILE_ROWS


@dataclass
class Written:
    """What was written: the file, its kind, how many rows, how many cells lost something, in how many files."""

    file: Path
    kind: str
    rows: int = 0
    cut: int = 0
    files: int = 1


def write_plain(
    folder: Path,
    plain: Plain,
    rows: Iterable[Cells],
    kind: str = XLSX,
    limits: Limits | None = None,
    step: Callable[[int], None] = lambda _done: None,
) -> Written:
    """Write the rows into a file in the folder; `step` is told how many are written, and may raise to stop.

    Shape: a cell is None, a text, a number, a date or a moment; anything else goes in as its text. A .csv has no place
    for the facts; several files in a .zip carry them in a text beside.
    """
    limits = limits or Limits()
    write = _write_book if kind == XLSX else _write_csv
    stream = _Stream(rows, step)
    files: list[Path] = []
    while not files or not stream.is_over():
        file = folder / f"{len(files) + 1}.{kind}"
        write(file, plain, stream, limits)
        files.append(file)
    if len(files) == 1:
        return Written(files[0], kind, stream.done, stream.cut)
    packed = _pack(folder, plain, files, kind, stream)
    return Written(packed, ZIP, stream.done, stream.cut, len(files))


@dataclass
class _Stream:
    """The rows still to come, with what has been counted; looks one row ahead."""

    rows: Iterable[Cells]
    step: Callable[[int], None]
    done: int = 0
    cut: int = 0
    ahead: list[Cells] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.rows = iter(self.rows)

    def take(self, most: int) -> Iterator[Cells]:
        """At most so many of the rows to come."""
        for row in itertools.islice(self._all(), most):
            yield row
            self.done += 1
            if self.done % CHUNK == 0:
                self.step(self.done)

    def _all(self) -> Iterator[Cells]:
        while True:
            yield from self.pop_ahead()
            row = next(self.rows, None)  # type: ignore[call-overload]
            if row is None:
                return
            yield row

    def pop_ahead(self) -> Iterator[Cells]:
        while self.ahead:
            yield self.ahead.pop(0)

    def is_over(self) -> bool:
        """True when no row is left."""
        return not self.peek(1)

    def peek(self, count: int) -> list[Cells]:
        """The next rows, which stay to be taken."""
        self.ahead += itertools.islice(self.rows, max(0, count - len(self.ahead)))
        return self.ahead[:count]

    def text(self, given: str) -> str:
        """The text as a cell holds it; what was lost is counted."""
        fit = celltext.fit(given)
        self.cut += fit != given
        return fit


# -- .xlsx -----------------------------------------------------------------------------------------


def _write_book(file: Path, plain: Plain, stream: _Stream, limits: Limits) -> None:
    with Output(bulk=True, file=file) as output:
        left, sheets = limits.file_rows, 0
        while not sheets or (left > 0 and not stream.is_over()):
            before = stream.done
            _write_sheet(output, plain, stream, min(limits.sheet_rows, left))
            left, sheets = left - (stream.done - before), sheets + 1
        _write_facts(output, plain, stream)


def _write_sheet(output: Output, plain: Plain, stream: _Stream, most: int) -> None:
    paper = output.add_sheet(plain.name)
    for place, width in enumerate(_widths(plain.headers, stream.peek(100))):
        paper.set_column(place, place, width)
    for place, header in enumerate(plain.headers):
        paper.write_string(0, place, header, output.header())
    put, line = _Putter(output, paper, stream).put, 0
    for line, row in enumerate(stream.take(most), 1):
        for place, value in enumerate(row):
            if value is not None and value != "":
                put(line, place, value)
    paper.freeze_panes(1, 0)
    paper.repeat_rows(0)
    if line:
        paper.autofilter(0, 0, line, len(plain.headers) - 1)
    paper.set_header("&L" + plain.name.replace("&", "&&")[:200])


class _Putter:
    """Puts values into the cells of a sheet, each by its kind."""

    def __init__(self, output: Output, paper: Any, stream: _Stream) -> None:
        self.output, self.paper, self.stream = output, paper, stream
        self.words, self.whole = output.format(num_format="@"), output.format(num_format="0")
        self.exact, self.day = output.format(num_format="#,##0.00"), output.format(num_format="yyyy-mm-dd")
        self.moment = output.format(num_format="yyyy-mm-dd hh:mm")

    def put(self, line: int, place: int, value: Any) -> None:
        if isinstance(value, str):
            self.output.put_text(self.paper, line, place, self.stream.text(value), self.words)
        elif isinstance(value, int | Decimal) and not isinstance(value, bool) and is_exact(value):
            form = self.whole if isinstance(value, int) else self.exact
            self.output.put_number(self.paper, line, place, value, form)
        elif isinstance(value, date) and value.year >= 1900:
            form = self.moment if isinstance(value, datetime) else self.day
            self.paper.write_datetime(line, place, value, form)
        else:
            self.output.put_text(self.paper, line, place, self.stream.text(str(value)), self.words)


def is_exact(value: int | Decimal) -> bool:
    """True for a number a cell keeps to its last digit."""
    if isinstance(value, int):
        return abs(value) < 10**EXACT_DIGITS
    return value.is_finite() and len(value.as_tuple().digits) <= EXACT_DIGITS


def _widths(headers: Sequence[str], sample: Sequence[Cells]) -> list[int]:
    columns = zip(*sample, strict=True) if sample else ((),) * len(headers)
    wide = [
        max(_width(header) + 3, *(_width(str(cell)) + 1 for cell in cells if cell is not None), NARROWEST)
        for header, cells in zip(headers, columns, strict=True)
    ]
    return [min(width, WIDEST) for width in wide]


def _width(text: str) -> int:
    return max(sum(1 + (character > "\u2e7f") for character in line[:WIDEST]) for line in text.split("\n"))


def _write_facts(output: Output, plain: Plain, stream: _Stream) -> None:
    paper = output.add_sheet(ABOUT)
    paper.set_column(0, 0, 18)
    paper.set_column(1, 1, 80)
    for line, (name, value) in enumerate(_facts(plain, stream)):
        output.put_text(paper, line, 0, name, output.format(bold=True))
        output.put_text(paper, line, 1, celltext.fit(value), output.format(num_format="@", text_wrap=True))


def _facts(plain: Plain, stream: _Stream) -> list[tuple[str, str]]:
    lost = [(plain.cut_words % {"count": stream.cut}, "")] if stream.cut else []
    return [*plain.facts, *lost]


# -- .csv and .zip ---------------------------------------------------------------------------------


def _write_csv(file: Path, plain: Plain, stream: _Stream, limits: Limits) -> None:
    with file.open("w", encoding="utf-8-sig", errors="replace", newline="") as target:
        out = csv.writer(target, lineterminator="\r\n")
        out.writerow([celltext.csv_text(header) for header in plain.headers])
        for row in stream.take(limits.file_rows):
            out.writerow([_csv_cell(value) for value in row])


def _csv_cell(value: Any) -> Any:
    if value is None:
        return ""
    if isinstance(value, str):
        return celltext.csv_text(value)
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M")
    return celltext.csv_text(str(value))


def _pack(folder: Path, plain: Plain, files: Sequence[Path], kind: str, stream: _Stream) -> Path:
    target = folder / "all.zip"
    how = zipfile.ZIP_STORED if kind == XLSX else zipfile.ZIP_DEFLATED  # a workbook is packed already
    with zipfile.ZipFile(target, "w", how) as archive:
        for number, file in enumerate(files, 1):
            archive.write(file, f"{celltext.tab_name(plain.name)}_{number}.{kind}")
            file.unlink()
        lines = [f"{name}: {value}" if value else name for name, value in _facts(plain, stream)]
        archive.writestr(f"{ABOUT}.txt", "\ufeff" + "\r\n".join(lines) + "\r\n")
    return target
