"""A workbook being written: formats, page set-up, text that stays text, drop-downs, the hidden sheet `_meta`."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.kit.excel.book import column_letter
from app.kit.excel.celltext import fit, tab_name
from app.kit.excel.sheet import ExportMeta

if TYPE_CHECKING:
    from xlsxwriter.workbook import Workbook
    from xlsxwriter.worksheet import Worksheet

LONG_LIST = 255


class Output:
    """A workbook being written, with the few formats our sheets use."""

    def __init__(self, bulk: bool, file: Path | None = None) -> None:
        """Into memory, or into a file; in bulk the rows must come from the top down, and are not kept."""
        import xlsxwriter
        from xlsxwriter import worksheet

        self.bulk = bulk
        self.buffer = io.BytesIO()
        options = {
            "constant_memory": bulk,
            "in_memory": not bulk,
            "strings_to_formulas": False,
            "strings_to_urls": False,
        }
        self.book: Workbook = xlsxwriter.Workbook(str(file) if file else self.buffer, options)
        sheet = worksheet.Worksheet
        methods = (sheet.write_string, sheet.write_number, sheet.write_blank)
        self._text, self._number, self._blank = (_direct(method) for method in methods)
        self._formats: dict[tuple[tuple[str, Any], ...], Any] = {}

    def __enter__(self) -> Output:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_rest: object) -> None:
        self.book.close()

    def content(self) -> bytes:
        """The bytes of the finished file."""
        return self.buffer.getvalue()

    def format(self, **properties: Any) -> Any:
        """A cell format; equal properties give the same one."""
        key = tuple(sorted(properties.items()))
        if key not in self._formats:
            base = {"font_name": "宋体", "font_size": 10, "valign": "vcenter"}
            self._formats[key] = self.book.add_format({**base, **properties})
        return self._formats[key]

    def title(self) -> Any:
        return self.format(bold=True, font_size=16, align="center")

    def line(self) -> Any:
        return self.format(align="left")

    def header(self) -> Any:
        return self.format(bold=True, border=1, align="center", text_wrap=True, bg_color="#F2F2F2")

    def text(self, wrap: bool = True) -> Any:
        return self.format(border=1, num_format="@", text_wrap=wrap)

    def number(self, pattern: str) -> Any:
        return self.format(border=1, num_format=pattern)

    def total(self, pattern: str = "@") -> Any:
        return self.format(border=1, bold=True, num_format=pattern)

    def add_sheet(self, name: str) -> Worksheet:
        """A sheet that prints on A4, landscape, one page wide."""
        sheet = self.book.add_worksheet(tab_name(name, [sheet.name for sheet in self.book.worksheets()]))
        sheet.set_paper(9)
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        sheet.set_margins(left=0.4, right=0.4, top=0.6, bottom=0.6)
        sheet.set_footer("&C第&P页 共&N页")
        return sheet

    def across(self, sheet: Worksheet, row: int, last: int, text: str, form: Any) -> None:
        """A text over the whole width of the table."""
        if last > 0:
            sheet.merge_range(row, 0, row, last, "", form)
        self.put_text(sheet, row, 0, fit(text), form)

    def put(self, sheet: Worksheet, row: int, column: int, value: Any, form: Any, blank: Any = None) -> None:
        """A cell: numbers as numbers, days as days, everything else as a string."""
        if value is None or value == "":
            self._blank(sheet, row, column, None, blank or form)
        elif isinstance(value, date):
            sheet.write_datetime(row, column, value, form)
        elif isinstance(value, int | Decimal) and not isinstance(value, bool):
            self.put_number(sheet, row, column, value, form)
        else:
            self.put_text(sheet, row, column, fit(str(value)), form)

    def put_text(self, sheet: Worksheet, row: int, column: int, text: str, form: Any) -> None:
        """A cell of text that stays text, whatever stands in it."""
        if text.startswith("<r>") and text.endswith("</r>"):
            # XlsxWriter would take it for marked-up text and write it into the file as it is, formulas and all.
            sheet.write_rich_string(row, column, text[0], form, text[1:], form)
        else:
            self._text(sheet, row, column, text, form)

    def put_number(self, sheet: Worksheet, row: int, column: int, value: int | Decimal, form: Any) -> None:
        """A cell of a number."""
        self._number(sheet, row, column, float(value), form)

    def add_meta(self, code: str, version: int, meta: ExportMeta) -> None:
        """The very hidden sheet by which the portal knows its own file."""
        sheet = self.book.add_worksheet("_meta")
        pairs = {
            "layout": code,
            "layout_version": version,
            "org_code": meta.org_code,
            "period": meta.period,
            "unit": meta.unit,
            "list_version": meta.list_version,
            "exported_at": meta.exported_at,
        }
        for row, (name, value) in enumerate(pairs.items()):
            sheet.write_string(row, 0, name)
            self.put_text(sheet, row, 1, fit(str(value)), None)
        sheet.very_hidden()

    def drop_down(self, sheet: Worksheet, rows: tuple[int, int], column: int, choices: Sequence[str]) -> None:
        """Choices for the cells of a column; a long list stands on a hidden sheet."""
        source: Any = list(choices)
        if sum(len(choice) + 1 for choice in choices) > LONG_LIST:
            source = f"=_lists!{self._listed(choices)}"
        rule = {
            "validate": "list",
            "source": source,
            "error_type": "warning",
            "error_title": "请从列表中选择",
            "error_message": "所填内容不在列表中。",
        }
        sheet.data_validation(rows[0], column, rows[1], column, rule)

    def _listed(self, choices: Sequence[str]) -> str:
        sheet = self.book.get_worksheet_by_name("_lists")
        if sheet is None:
            sheet = self.book.add_worksheet("_lists")
            sheet.very_hidden()
            self._lists: dict[tuple[str, ...], str] = {}
        key = tuple(choices)
        if key not in self._lists:
            column = len(self._lists)
            for row, choice in enumerate(choices):
                self.put_text(sheet, row, column, fit(choice), None)
            letter = column_letter(column)
            self._lists[key] = f"${letter}$1:${letter}${len(choices)}"
        return self._lists[key]


def _direct(method: Any) -> Any:
    """A method of XlsxWriter without the wrapper that asks at every cell whether its address is written like A1."""
    return getattr(method, "__wrapped__", method)
