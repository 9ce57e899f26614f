"""Rows to a workbook of the same layout: title, header, order, totals as formulas with their values, print set-up.

XlsxWriter is used because it writes a formula together with its value, and because it can write a hundred thousand
rows without holding them. Every text is typed as a string, so that nothing typed by anybody becomes a formula.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby
from typing import Any

from app.domain.bonus import chinese_amount
from app.kit.excel.book import address, column_letter
from app.kit.excel.celltext import csv_text, fit
from app.kit.excel.context import SchemeFacts
from app.kit.excel.output import Output
from app.kit.excel.result import NOT_APPLICABLE, UNCHANGED
from app.kit.excel.sheet import Column, ExportMeta, Layout, Matrix, Row, Sheet, layout_of

BULK_ROWS = 20_000  # from here on rows are streamed, and equal neighbours are repeated instead of merged
UNNAMEABLE = re.compile(r"[\[\]:*?/\\]")
SHEET_ROWS = 1_000_000


def write(
    sheet: Layout | Sheet | Matrix,
    rows: Iterable[Row],
    meta: ExportMeta | Mapping[str, Any] | None = None,
    *,
    variant: str = "",
    scheme: SchemeFacts | None = None,
    detail: Sequence[Row] = (),
) -> bytes:
    """The rows as an .xlsx of the layout, in the form in which the reader gives them.

    Shape: `variant` picks one of the layout's variants by code (the first by default); a score sheet needs its
    `scheme` and takes the rows of 扣分明细 as `detail`. `meta` may also be a mapping with the fields of ExportMeta.
    """
    layout = layout_of(sheet)
    chosen = next((v for v in layout.variants if v.code == variant), layout.variants[0])
    facts = ExportMeta.of(meta)
    given = list(rows)
    with Output(bulk=len(given) > BULK_ROWS) as output:
        if isinstance(chosen, Matrix):
            from app.kit.excel.matrix_writer import write_matrix

            if scheme is None:
                raise ValueError("a score sheet is written from a scheme")
            write_matrix(output, chosen, layout.companions, given, facts, scheme, detail)
        else:
            write_tables(output, chosen, given, facts)
            for beside in layout.companions:
                if beside.within:
                    write_tables(output, beside, lines_of(beside, given), facts)
        output.add_meta(chosen.code, chosen.version, facts)
    return output.content()


def write_csv(sheet: Sheet, rows: Iterable[Row], meta: ExportMeta | Mapping[str, Any] | None = None) -> bytes:
    """The rows as a .csv in UTF-8 with a mark: an apostrophe before a text that would become a formula."""
    facts = ExportMeta.of(meta).words()
    columns = [column for column in sheet.columns if not column.hidden]
    buffer = io.StringIO(newline="")
    out = csv.writer(buffer, lineterminator="\r\n")
    for line in (sheet.title, sheet.subtitle):
        out.writerow([line.format(**facts)] if line else [])
    headers = [column.headers[0].split("/") for column in columns]
    if any(len(header) > 1 for header in headers):
        tops = [header[0] for header in headers]
        out.writerow(["" if i and top == tops[i - 1] and len(headers[i]) > 1 else top for i, top in enumerate(tops)])
        out.writerow([header[1] if len(header) > 1 else "" for header in headers])
    else:
        out.writerow([header[0] for header in headers])
    for number, row in enumerate(rows, 1):
        out.writerow([_csv_cell(number if c.field == "serial_no" and not c.show else shown(c, row)) for c in columns])
    return buffer.getvalue().encode("utf-8-sig")


def _csv_cell(value: Any) -> Any:
    if isinstance(value, str):
        return csv_text(value)
    return "" if value is None else value


def shown(column: Column, row: Row) -> Any:
    """What stands in the cell for a value of the row: text, a number, or None."""
    value = column.show(row) if column.show else row.get(column.field)
    if value is UNCHANGED or value is None:
        return None
    if isinstance(value, bool):
        return "√" if value else "×"
    if isinstance(value, tuple | list):
        return "、".join(map(str, value))
    return "/" if value == NOT_APPLICABLE else value


@dataclass(frozen=True)
class Form:
    """How one column is written: its place, and the formats of its cells and totals."""

    column: Column
    place: int
    cell: Any
    total: Any


def write_tables(output: Output, sheet: Sheet, rows: Sequence[Row], meta: ExportMeta) -> None:
    """The rows on one sheet, on one for each value of `sheet_by`, or on several when they are more than a sheet can hold."""
    if sheet.sheet_by and rows:
        named: dict[str, list[Row]] = {}
        for row in rows:
            named.setdefault(sheet_name(row.get(sheet.sheet_by)), []).append(row)
        for name, own in named.items():
            Table(output, sheet, meta, name).write(own)
        return
    parts = [rows[start : start + SHEET_ROWS] for start in range(0, len(rows), SHEET_ROWS)] or [rows]
    for number, part in enumerate(parts, 1):
        Table(output, sheet, meta, sheet.name if number == 1 else f"{sheet.name}{number}").write(part)


def lines_of(sheet: Sheet, rows: Iterable[Row]) -> list[Row]:
    """The lines of all rows, each with the number of its row, its own, and what the row says of itself."""
    return [
        {**{name: row[name] for name in sheet.by_field if name in row}, **line, "line": place}
        for row in rows
        for place, line in enumerate(row.get(sheet.within) or (), 1)
    ]


def sheet_name(value: Any) -> str:
    """A value as the name of a sheet: without the signs a name may not have, 31 characters at most."""
    return UNNAMEABLE.sub(" ", str(value or "")).strip(" '")[:31] or "1"


class Table:
    """One sheet of a table layout being written, from the title down."""

    def __init__(self, output: Output, sheet: Sheet, meta: ExportMeta, name: str) -> None:
        self.output, self.sheet, self.meta = output, sheet, meta
        self.words = meta.words(name)
        self.paper = output.add_sheet(name)
        columns = [column for column in sheet.columns if not column.hidden]
        self.forms = [self._form(column, place) for place, column in enumerate(columns)]
        self.last = len(columns) - 1
        self.line = 0
        self.deep = any("/" in column.headers[0] for column in columns)

    def _form(self, column: Column, place: int) -> Form:
        output = self.output
        cell = output.number(column.format) if column.format else output.text(wrap=not output.bulk)
        return Form(column, place, cell, output.total(column.format or "@"))

    def write(self, rows: Sequence[Row]) -> None:
        self.write_head()
        first = self.line
        keyed = any("row_key" in row for row in rows)
        subtotals = self.write_rows(rows, keyed)
        self.write_closing(rows, first, subtotals)
        if keyed:
            self.paper.write_string(first - (2 if self.deep else 1), self.last + 1, "_key")
            self.paper.set_column(self.last + 1, self.last + 1, None, None, {"hidden": True})

    def write_head(self) -> None:
        for form in self.forms:
            self.paper.set_column(form.place, form.place, form.column.width)
        self.paper.set_row(0, 26)
        self.output.across(self.paper, 0, self.last, self.sheet.title.format(**self.words), self.output.title())
        self.line = 1
        if self.sheet.subtitle:
            line = self.sheet.subtitle.format(**self.words)
            self.output.across(self.paper, 1, self.last, line, self.output.line())
            self.line = 2
        top = self.line
        self.write_header()
        self.paper.repeat_rows(top, self.line - 1)
        self.paper.freeze_panes(self.line, 0)

    def label(self, header: str) -> str:
        second = self.meta.labels.get(header)
        return f"{header}\n{second}" if second else header

    def write_header(self) -> None:
        form, paper, top = self.output.header(), self.paper, self.line
        headers = [f.column.headers[0].split("/") for f in self.forms]
        if not self.deep:
            for place, header in enumerate(headers):
                paper.write_string(top, place, self.label(header[0]), form)
            self.line = top + 1
            return
        place = 0
        for parent, group in groupby(headers, key=lambda header: header[0] if len(header) > 1 else ""):
            width = len(list(group))
            if parent:
                if width > 1:
                    paper.merge_range(top, place, top, place + width - 1, "", form)
                paper.write_string(top, place, self.label(parent), form)
            else:
                self.single_headers(headers, place, width, top)
            place += width
        for place, header in enumerate(headers):
            if len(header) > 1:
                paper.write_string(top + 1, place, self.label(header[1]), form)
            elif self.output.bulk:
                paper.write_blank(top + 1, place, None, form)
        self.line = top + 2

    def single_headers(self, headers: list[list[str]], start: int, width: int, top: int) -> None:
        form = self.output.header()
        for place in range(start, start + width):
            text = self.label(headers[place][0])
            if self.output.bulk:  # streamed rows cannot be merged downwards
                self.paper.write_string(top, place, text, form)
            else:
                self.paper.merge_range(top, place, top + 1, place, text, form)

    def write_rows(self, rows: Sequence[Row], keyed: bool) -> list[int]:
        by = self.sheet.subtotal_by
        subtotals: list[int] = []
        groups = groupby(rows, key=lambda row: row.get(by)) if by else [(None, rows)]
        serial = 0
        for _value, group in groups:
            part = list(group)
            first = self.line
            for row in part:
                serial += 1
                self.write_row(row, serial, keyed)
            if not self.output.bulk:
                self.merge_equal(part, first)
            if by and part:
                self.write_sums("小计", part, [(first, self.line - 1)])
                subtotals.append(self.line - 1)
        return subtotals

    def write_row(self, row: Row, serial: int, keyed: bool) -> None:
        paper, line, output = self.paper, self.line, self.output
        for form in self.forms:
            column = form.column
            value = serial if column.field == "serial_no" and not column.show else shown(column, row)
            formula = column.formula(row) if column.formula and value is not None else None
            if formula:
                cells = {f.column.field: address(line, f.place) for f in self.forms}
                paper.write_formula(line, form.place, formula.format(**cells), form.cell, float(value))
            else:
                output.put(paper, line, form.place, value, form.cell)
        if keyed:
            paper.write_string(line, self.last + 1, str(row.get("row_key", "")))
        self.line += 1

    def merge_equal(self, rows: Sequence[Row], first: int) -> None:
        """Write equal neighbours as one merged cell; a column begins anew where one to its left does."""
        runs = [(0, len(rows))]
        for name in self.sheet.merged:
            form = next((f for f in self.forms if f.column.field == name), None)
            if form is None:
                continue
            split = []
            for begin, end in runs:
                start = begin
                for value, group in groupby(rows[begin:end], key=lambda row: row.get(name)):
                    length = len(list(group))
                    split.append((start, start + length))
                    if length > 1 and value is not None:
                        text = fit(str(shown(form.column, rows[start]) or ""))
                        span = (first + start, form.place, first + start + length - 1, form.place)
                        look = self.output.format(border=1, num_format="@", text_wrap=True)
                        self.paper.merge_range(*span, "", look)
                        self.output.put_text(self.paper, *span[:2], text, look)
                    start += length
            runs = split

    def write_closing(self, rows: Sequence[Row], first: int, subtotals: list[int]) -> None:
        if self.sheet.total_label and rows:
            self.write_sums(self.sheet.total_label, rows, [(first, self.line - 1)], bool(subtotals))
        if self.sheet.count_line and rows:
            text = self.sheet.count_line % len(rows)
            self.output.across(self.paper, self.line, self.last, text, self.output.total())
            self.line += 1
        if self.sheet.in_words and rows:
            total = sum((row.get(self.sheet.in_words) or Decimal(0) for row in rows), Decimal(0))
            text = f"大写：{chinese_amount(total)}"
            self.output.across(self.paper, self.line, self.last, text, self.output.total())
            self.line += 1
        for text in self.sheet.footer:
            self.output.across(self.paper, self.line, self.last, text.format(**self.words), self.output.line())
            self.line += 1

    def write_sums(
        self, label: str, rows: Sequence[Row], spans: list[tuple[int, int]], over_subtotals: bool = False
    ) -> None:
        first, last = spans[0]
        for form in self.forms:
            letter = column_letter(form.place)
            if form.place == 0:
                self.paper.write_string(self.line, 0, label, self.output.total())
            elif form.column.summed:
                total = sum((_number(shown(form.column, row)) for row in rows), Decimal(0))
                area = f"{letter}{first + 1}:{letter}{last + 1}"
                formula = f"=SUM({area})"
                if over_subtotals:
                    formula = f'=SUMIF($A${first + 1}:$A${last + 1},"小计",{area})'
                self.paper.write_formula(self.line, form.place, formula, form.total, float(total))
            elif form.column.share:
                self.write_share(form, rows)
            elif form.column.field == self.sheet.counts:
                self.paper.write_string(self.line, form.place, f"{len(rows)}人", self.output.total())
            else:
                self.paper.write_blank(self.line, form.place, None, self.output.total())
        self.line += 1

    def write_share(self, form: Form, rows: Sequence[Row]) -> None:
        """The rate of a total row, out of the totals of its parts."""
        parts = [next(f for f in self.forms if f.column.field == name) for name in form.column.share or ()]
        few, many = (sum((_number(shown(f.column, row)) for row in rows), Decimal(0)) for f in parts)
        formula = "={}/{}".format(*(address(self.line, f.place) for f in parts))
        if many:
            self.paper.write_formula(self.line, form.place, formula, form.total, float(few / many))
        else:
            self.paper.write_blank(self.line, form.place, None, form.total)


def _number(value: Any) -> Decimal:
    return Decimal(value) if isinstance(value, int | Decimal) and not isinstance(value, bool) else Decimal(0)
