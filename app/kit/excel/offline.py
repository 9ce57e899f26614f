"""A workbook that is filled in without a network: several sheets, only some cells open, and keys by which rows are known.

Each row carries an opaque key in a hidden column, so that a sorted, filtered or lengthened sheet still matches. Unlike an
ordinary import, rows and columns that a filter or a hand has hidden are read: hiding is not deleting.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from app.kit.excel.book import Book, Grid, address
from app.kit.excel.clean import skip
from app.kit.excel.context import ReadContext
from app.kit.excel.opening import open_workbook
from app.kit.excel.output import Output
from app.kit.excel.reader import META, read_book
from app.kit.excel.result import ReadResult
from app.kit.excel.sheet import Column, ExportMeta, Layout, Row, Sheet
from app.kit.excel.table import ROW_KEY
from app.kit.excel.templates import choices_of
from app.kit.excel.writer import Form, Table

LOCKED = "#F2F2F2"
NAME_LENGTH = 31  # what Excel allows for the name of a sheet
SEARCHED = 12
NOTES = (
    "1. 白色单元格可以填写，灰色单元格不能改；带“*”的列必填。",
    "2. 可以筛选、调整列宽、插入行；要排序请先“审阅—撤销工作表保护”（没有密码）。请勿修改表头、工作表和隐藏列。",
    "3. 没有发生的填0；不适用的填“/”；没有填报的留空。有下拉列表的请从列表中选择。",
    "4. 删除的行不会在系统中删除；合计行由公式自动计算。",
    "5. 填好后保存为.xlsx，在系统“离线工作簿”页面上传。系统逐格与现有数据比较：只有您改过的单元格才会保存；",
    "    您和别人都改过的单元格，由您逐格选择用哪一个。",
    "6. 本工作簿只用于上面写明的单位和时段，请勿转给其他单位使用。",
)


@dataclass(frozen=True)
class Limit:
    """What a number may be; `not_applicable` lets a stroke stand for it."""

    low: Decimal | None = Decimal(0)
    high: Decimal | None = None
    whole: bool = False
    not_applicable: bool = False


@dataclass(frozen=True)
class Page:
    """One sheet of the workbook.

    Shape: `rows` carry `row_key`; `entry` are the fields that may be typed, `required` those that must be in the end;
    `limits` become checks of the cell, `notes` a comment at the header; `spare` empty rows follow, open for new things.
    """

    name: str
    sheet: Sheet
    context: ReadContext
    meta: ExportMeta
    rows: Sequence[Row]
    entry: frozenset[str]
    required: frozenset[str] = frozenset()
    limits: Mapping[str, Limit] = field(default_factory=dict)
    notes: Mapping[str, str] = field(default_factory=dict)
    spare: int = 0

    @property
    def plain(self) -> Sheet:
        """The sheet as it is written and read here: nothing merged, every column asked for, no rule between cells."""
        columns = tuple(self._column(column) for column in self.sheet.columns)
        total = self.sheet.total_label or ("合计" if any(column.summed for column in columns) else "")
        return dataclasses.replace(
            self.sheet, columns=columns, merged=(), subtotal_by="", rules=(), total_label=total, in_words=""
        )

    def _column(self, column: Column) -> Column:
        if column.hidden:
            return column
        star = f"{column.headers[0]} *" if column.field in self.required else column.headers[0]
        needed = column.required and column.field not in self.entry
        more: dict[str, Any] = {"clean": skip} if column.formula and column.field not in self.entry else {}
        return dataclasses.replace(
            column, headers=(star, *column.headers), required=needed, expected=True, fill_down=False, **more
        )


def name_of_sheet(text: str, taken: Iterable[str] = ()) -> str:
    """A name Excel takes for a sheet, like the text and unlike those taken."""
    bare = "".join(" " if sign in "[]:*?/\\'" else sign for sign in text).strip()[:NAME_LENGTH] or "表"
    used, number, name = set(taken), 1, bare
    while name in used:
        number += 1
        name = f"{bare[: NAME_LENGTH - 4]}({number})"
    return name


def write_offline(pages: Sequence[Page], facts: Mapping[str, str], lines: Sequence[str]) -> bytes:
    """The workbook: 说明 first, a sheet for each page, and the very hidden `_meta` with the facts.

    Shape: `facts` are kept as they are, by name; `lines` stand above the instructions.
    """
    with Output(bulk=False) as output:
        _instructions(output, pages, lines)
        for page in pages:
            _Paper(output, page).draw()
        hidden = output.book.add_worksheet(META)
        for row, (name, value) in enumerate(facts.items()):
            hidden.write_string(row, 0, name)
            hidden.write_string(row, 1, value)
        hidden.very_hidden()
    return output.content()


def _instructions(output: Output, pages: Sequence[Page], lines: Sequence[str]) -> None:
    paper = output.add_sheet("填表说明")
    paper.set_column(0, 0, 110)
    paper.write_string(0, 0, "离线工作簿", output.title())
    texts = [*lines, "", "工作表：" + "、".join(page.name for page in pages), "", *NOTES]
    for row, text in enumerate(texts, 1):
        paper.write_string(row, 0, text, output.line())
    paper.protect("")


class _Paper(Table):
    """One page being written: open cells white, the others grey and locked."""

    def __init__(self, output: Output, page: Page) -> None:
        self.page = page
        super().__init__(output, page.plain, page.meta, page.name)

    def _form(self, column: Column, place: int) -> Form:
        return Form(
            column, place, self._cell(column, column.field in self.page.entry), self.output.total(_pattern(column))
        )

    def _cell(self, column: Column, is_open: bool) -> Any:
        look: dict[str, Any] = {"border": 1, "num_format": _pattern(column)}
        look |= {"locked": False} if is_open else {"bg_color": LOCKED}
        return self.output.format(text_wrap=not column.format, **look)

    def draw(self) -> None:
        self.write_head()
        first, rows = self.line, list(self.page.rows)
        for serial, row in enumerate(rows, 1):
            self.write_row(row, serial, keyed=True)
        self._spare_rows()
        last = self.line - 1
        self.write_closing(rows, first, [])
        keys = self.last + 1
        self.paper.write_string(first - 1, keys, ROW_KEY)
        self.paper.set_column(keys, keys, None, None, {"hidden": True})
        if last >= first:
            self._checks(first, last)
            self.paper.autofilter(first - 1, 0, last, self.last)
        self.paper.freeze_panes(first, self._fixed())
        self._notes(first - 1)
        allowed = ("sort", "autofilter", "insert_rows", "format_columns", "format_rows")
        self.paper.protect("", dict.fromkeys(allowed, True))

    def _spare_rows(self) -> None:
        for _number in range(self.page.spare):
            for form in self.forms:
                self.paper.write_blank(self.line, form.place, None, self._cell(form.column, True))
            self.line += 1

    def _fixed(self) -> int:
        """How many columns stay in sight: the first ones that say which row this is, three at most."""
        first = next((form.place for form in self.forms if form.column.field in self.page.entry), 0)
        return min(first, 3)

    def _checks(self, first: int, last: int) -> None:
        for form in self.forms:
            if choices := choices_of(form.column, self.page.context):
                self.output.drop_down(self.paper, (first, last), form.place, choices)
            elif limit := self.page.limits.get(form.column.field):
                self.paper.data_validation(
                    first, form.place, last, form.place, _rule(limit, address(first, form.place))
                )

    def _notes(self, line: int) -> None:
        for form in self.forms:
            note = self.page.notes.get(form.column.field, "")
            if form.column.field in self.page.required:
                note = f"必填\n{note}".strip()
            if note:
                upper = self.deep and "/" not in form.column.headers[0]  # the upper cell of a header of two rows
                self.paper.write_comment(line - upper, form.place, note[:600], {"author": ""})


def _pattern(column: Column) -> str:
    return column.format or "@"


def _rule(limit: Limit, cell: str) -> dict[str, Any]:
    """The check of a number cell as a formula: it lets a stroke pass where that is an answer."""
    tests = [f"ISNUMBER({cell})"]
    tests += [f"{cell}>={limit.low:f}"] if limit.low is not None else []
    tests += [f"{cell}<={limit.high:f}"] if limit.high is not None else []
    tests += [f"{cell}=INT({cell})"] if limit.whole else []
    formula = f"AND({','.join(tests)})"
    low = "" if limit.low is None else f"不小于{limit.low:f}"
    high = "" if limit.high is None else f"不大于{limit.high:f}"
    words = "，".join(part for part in (low, high) if part) or "数字"
    return {
        "validate": "custom",
        "value": f'=OR({cell}="/",{formula})' if limit.not_applicable else f"={formula}",
        "error_title": "请检查数字",
        "error_message": f"请填{'整数' if limit.whole else '数'}：{words}"
        + ("；不适用填“/”。" if limit.not_applicable else "。"),
    }


# -- back ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Returned:
    """A workbook that came back: its facts, and its sheets with the keys that stand in them."""

    facts: Mapping[str, str]
    book: Book

    def grid_of(self, name: str, keys: frozenset[str]) -> Grid | None:
        """The sheet of a page: the one in which its keys stand, else the one of its name; None when it is gone."""
        grids = [grid for grid in self.book.grids if not (grid.name or "").startswith("_") and grid.columns]
        by_keys = [(len(keys.intersection(_keys(grid).values())), grid) for grid in grids]
        most = max(by_keys, key=lambda pair: pair[0], default=(0, None))
        return most[1] if most[0] else next((grid for grid in grids if grid.name == name), None)


def open_offline(data: bytes, filename: str) -> Returned:
    """A workbook from outside, opened in the child process. Errors: FileRefused."""
    book = open_workbook(data, filename)
    meta = next((grid for grid in book.grids if grid.name == META and grid.columns), None)
    pairs = [meta.row(row)[:2] for row in range(meta.height)] if meta else []
    return Returned({str(pair[0]): str(pair[1]) for pair in pairs if len(pair) == 2 and pair[0] != ""}, book)


def read_page(returned: Returned, grid: Grid, page: Page) -> tuple[ReadResult, dict[int, str]]:
    """What the sheet says, hidden rows included, and the hidden key by the number of the row (from 1)."""
    seen = dataclasses.replace(grid, state="visible", hidden_rows=frozenset(), hidden_columns=frozenset())
    book = Book(returned.book.kind, [seen], returned.book.date1904)
    return read_book(Layout(page.sheet.code, (page.plain,)), book, page.context), _keys(grid)


def _keys(grid: Grid) -> dict[int, str]:
    for row in range(min(SEARCHED, grid.height)):
        for column in reversed(range(grid.width)):
            if grid.cell(row, column) == ROW_KEY:
                cells = grid.columns[column]
                found = ((line + 1, str(cells.at(line)).strip()) for line in range(row + 1, grid.height))
                return {line: key for line, key in found if key}
    return {}
