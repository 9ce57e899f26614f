"""What a layout is, said once: from one declaration come header match, reader, template, writer and marked copy."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from app.kit.excel import clean
from app.kit.excel.clean import Cleaner
from app.kit.excel.context import ReadContext, SchemeFacts
from app.kit.excel.titles import Facts

Row = dict[str, Any]


@dataclass(frozen=True)
class Finding:
    """What a rule says about a row: the field, the code, and the wrong part of the cell if not all of it."""

    field: str
    code: str
    reason: str = ""
    params: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    value: Any = None


Rule = Callable[[Row, Facts], Iterable[Finding]]
Typed = Callable[[Row, str], Any]
Place = tuple[int, int | str]


@dataclass(frozen=True)
class Column:
    """One column of a layout.

    Shape: `headers` are the accepted headers, the first is the one we print; "parent/child" prints two rows.
    `required`: the column must be there and every cell filled; `expected`: the column must be there.
    `money`: follows the unit of the title; `summed`: a total row adds it up and a printed total is checked.
    `show` makes the cell out of the value of a row when we write; `choices` become a drop-down in the template.
    """

    field: str
    headers: tuple[str, ...]
    clean: Cleaner = clean.text
    required: bool = False
    expected: bool = False
    fill_down: bool = False
    money: bool = False
    summed: bool = False
    width: int = 12
    format: str = ""
    show: Callable[[Row], Any] | None = None
    choices: Callable[[ReadContext], Iterable[str]] | tuple[str, ...] = ()
    note: str = ""
    hidden: bool = False  # read when an office adds it, never written
    formula: Callable[[Row], str | None] | None = None  # e.g. "=SUM({base}:{rank_allowance})", kept with the value
    share: tuple[str, str] | None = None  # a rate: (part, whole), computed again and compared, in total rows too


@dataclass(frozen=True)
class Sheet:
    """A table: one row is one thing.

    Shape: `title` is a format string over period, unit and owner; `kinds` are the kinds of period the title may
    state, the first stated one counts; with `period_checked` it must be the period of the page. `key` fields name a
    row; `key_cell` is the cell shown for a second row of the same key; `clash` may say that an equal key is no clash.
    `derive` adds fields to a row, `rules` find what is wrong with it, `extras` states something for the whole file.
    `whole` looks at all rows of one grid together, refused ones included, with the cell of a row as typed; each finding
    comes with its place: row and column from 0, or row and field. `numbered` takes the place of a row in its grid.
    """

    code: str
    name: str
    title: str
    columns: tuple[Column, ...]
    subtitle: str = ""
    footer: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ("month",)
    period_checked: bool = False
    key: tuple[str, ...] = ()
    key_cell: str = ""
    clash: Callable[[Row, Row], bool] | None = None
    derive: Callable[[Row, Facts], None] | None = None
    rules: tuple[Rule, ...] = ()
    extras: Callable[[list[Row], Facts], Mapping[str, Any]] | None = None
    whole: Callable[[list[Row], Typed, Facts], Iterable[tuple[Place, Finding]]] | None = None
    numbered: str = ""
    sections: str = ""  # the filled-down field that a line of its own across the table may state for the rows below it
    in_words: str = ""  # the summed field a line 大写 repeats in words
    total_label: str = ""  # what stands in the first cell of the total row; "" for no total row
    counts: str = ""  # the field whose column holds the number of rows in the total row, e.g. 7人
    count_line: str = ""  # a closing line with the number of rows, e.g. 共%d项
    subtotal_by: str = ""  # a subtotal row after each run of equal values of the field
    sheet_by: str = ""  # one sheet for each value of the field, which is its name; its words stand in the meta
    merged: tuple[str, ...] = ()  # fields whose equal neighbours are written as one merged cell
    prefill: Callable[[ReadContext], list[Row]] | None = None  # the rows a template begins with
    keeps_empty: bool = False  # a row has None for an empty cell, and nothing for a column that is not there
    within: str = ""  # a companion: the field of a main row whose lines these are; both name the row by `number`
    notes: tuple[str, ...] = ()  # what a template says beside what all templates say
    version: int = 1

    @property
    def by_field(self) -> dict[str, Column]:
        """The columns by field name."""
        return {column.field: column for column in self.columns}


@dataclass(frozen=True)
class Matrix:
    """A score sheet: villages × items of a scheme, `items_down` or across. One row of the result is one village.

    `compute` gives the result of a village out of its scores and capped deductions, or None when it is incomplete.
    """

    code: str
    name: str
    title: str
    items_down: bool
    compute: Callable[[SchemeFacts, Mapping[str, Any], Mapping[str, Decimal]], Mapping[str, Any] | None]
    subtitle: str = "单位：分"
    kinds: tuple[str, ...] = ("half_year", "quarter", "year")
    period_checked: bool = True
    version: int = 1


@dataclass(frozen=True)
class Layout:
    """A workbook the portal knows under one name, in the variants offices use; `companions` are sheets beside it.

    A companion's rows are not rows of the result; they stand in `extras` under the companion's code.
    """

    name: str
    variants: tuple[Sheet | Matrix, ...]
    companions: tuple[Sheet, ...] = ()


@dataclass(frozen=True)
class ExportMeta:
    """What an exported file states about itself: whose it is, of which period, when and in which unit of money."""

    owner: str = ""
    period: str = ""
    unit: str = "元"
    village: str = ""
    org_code: str = ""
    list_version: str = ""
    exported_at: str = ""  # ISO; its day is the printed date
    labels: Mapping[str, str] = dataclasses.field(
        default_factory=dict
    )  # header -> second header line in the reader's language
    sheets: Mapping[str, Mapping[str, str]] = dataclasses.field(default_factory=dict)  # words of one sheet, by its name

    @classmethod
    def of(cls, meta: ExportMeta | Mapping[str, Any] | None) -> ExportMeta:
        """The meta as one, out of a mapping that may hold more."""
        if isinstance(meta, cls):
            return meta
        given: Mapping[str, Any] = meta or {}  # type: ignore[assignment]
        return cls(**{name: value for name, value in given.items() if name in cls.__dataclass_fields__})

    def words(self, sheet: str = "") -> dict[str, str]:
        """What titles and subtitles may name: owner, village, unit, period, label, year, month, day; title and note of a sheet."""
        year, rest = self.period[:4], self.period[4:]
        month = rest[1:].lstrip("0") if rest.startswith("-") else ""
        label = f"{year}年度" if year else ""
        if rest.startswith("H"):
            label = f"{year}年{'上' if rest == 'H1' else '下'}半年"
        elif rest.startswith("Q"):
            label = f"{year}年第{'一二三四'[int(rest[1]) - 1]}季度"
        elif month:
            label = f"{year}年{month}月"
        stamp = self.exported_at[:10].split("-")
        day = f"{stamp[0]}年{int(stamp[1])}月{int(stamp[2])}日" if len(stamp) == 3 else ""
        shared = {"owner": self.owner, "village": self.village, "unit": self.unit, "period": self.period}
        own = {"title": sheet, "note": "", **self.sheets.get(sheet, {})}
        return shared | {"label": label, "year": year, "month": month, "day": day} | own


def layout_of(declared: Layout | Sheet | Matrix) -> Layout:
    """The declaration as a layout, a single sheet being a layout of one variant."""
    return declared if isinstance(declared, Layout) else Layout(declared.code, (declared,))
