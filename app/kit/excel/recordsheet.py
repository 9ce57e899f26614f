"""The records of a form as a workbook: one sheet of records, one more for the lines of each of its repeating rows.

A record is named by a number people see, which its lines repeat, and by a hidden key. The order of the columns is that of
the form; what is computed, known or attached is shown and never taken from the file.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from app.domain.formspec import NUMBERS, Field, FieldType, FormSpec
from app.kit.excel import clean
from app.kit.excel.celltext import tab_name
from app.kit.excel.columns import VILLAGE
from app.kit.excel.context import ReadContext
from app.kit.excel.formcells import drop_down, number_of, reader_of, shown_answer
from app.kit.excel.formsheet import format_of, head_of, width_of
from app.kit.excel.mapping import normal
from app.kit.excel.sheet import Column, Layout, Sheet
from app.kit.excel.titles import folded, periods_in
from app.kit.excel.values import shown

PREFIX = "q_"  # before the code of a field, so that no form meets the names a row has of itself
UNIT, PERIOD, WRITER, STATE, NUMBER, LINE = "unit", "period", "writer", "state", "number", "line"
ATTACHED = FieldType.ATTACHMENT
RESERVED = ("填表说明", "说明")
NOTES = (
    "一行是一条记录。选填多项的，各项之间用“、”隔开。",
    "“序号”只在本文件内使用；明细表按同一序号对应到记录，“行号”是明细的先后次序。",
    "填报人、状态、附件和计算列由系统填写，文件中的内容不导入。",
    "由系统导出的文件带有隐藏的记录标识：改后导入是修改原记录，新增的行是新记录；删除的行不会删除记录。",
)


@dataclass(frozen=True)
class RecordBook:
    """The layout of a form's records: its main sheet, and by the code of repeating rows the sheet of their lines."""

    spec: FormSpec
    sheet: Sheet
    lines: Mapping[str, Sheet]

    @property
    def layout(self) -> Layout:
        """Everything as one workbook."""
        return Layout(self.sheet.name, (self.sheet,), tuple(self.lines.values()))

    def header(self, code: str) -> str:
        """How the column of a field is headed, or the sheet of its lines."""
        column = self.sheet.by_field.get(PREFIX + code)
        return column.headers[0] if column else self.lines[code].name


def field_of(code: str) -> str:
    """The name a field has in a row."""
    return PREFIX + code


@lru_cache(maxsize=256)
def record_book(spec: FormSpec, cycle: str | None) -> RecordBook:
    """How the records of a form stand in a workbook; `cycle` is the kind of its period, None for a form without one."""
    who = (
        Column(NUMBER, ("序号",), clean.whole, width=6, format="0"),
        _unit("单位"),
        *((Column(PERIOD, ("期间",), _period(cycle), width=11),) if cycle else ()),
        Column(WRITER, ("填报人",), clean.skip, width=10),
        Column(STATE, ("状态",), clean.skip, width=9),
    )
    asked = [field for field in spec.fields() if field.type is not FieldType.ROWS]
    name = tab_name(spec.title.zh, RESERVED)
    sheet = Sheet(
        code=f"form-{spec.code}",
        name=name,
        title=_plain(spec.title.zh),
        subtitle="填报单位：{owner}            {label}",
        columns=(*who, *_columns(asked, [column.headers[0] for column in who])),
        kinds=(),
        keeps_empty=True,
        notes=NOTES,
    )
    lines: dict[str, Sheet] = {}
    for field in spec.fields():
        if field.type is FieldType.ROWS:
            taken = [*RESERVED, name, *(beside.name for beside in lines.values())]
            lines[field.code] = _lines(field, tab_name(field.label.zh, taken), spec)
    return RecordBook(spec, sheet, lines)


def _lines(field: Field, name: str, spec: FormSpec) -> Sheet:
    """The lines of repeating rows. The first columns are ours: a word such as 合计 among answers is no total row."""
    who = (
        Column(NUMBER, ("序号",), clean.whole, required=True, width=6, format="0"),
        Column(LINE, ("行号",), clean.whole, width=6, format="0"),
        Column(UNIT, ("单位",), clean.skip, width=18),
    )
    return Sheet(
        code=f"lines-{field.code}",
        name=name,
        title=_plain(f"{spec.title.zh} · {field.label.zh}"),
        columns=(*who, *_columns(field.columns, [column.headers[0] for column in who])),
        kinds=(),
        keeps_empty=True,
        within=field_of(field.code),
    )


def _plain(title: str) -> str:
    """A title that names nothing to be put in."""
    return title.replace("{", "{{").replace("}", "}}")


def _unit(header: str) -> Column:
    """Whose the record is: a name the context knows."""
    return Column(UNIT, (header,), VILLAGE.clean, required=True, width=18, choices=_places)


def _places(context: ReadContext) -> tuple[str, ...]:
    return tuple(place.name for place in context.villages or () if place.allowed)


def _columns(fields: Iterable[Field], ours: Iterable[str]) -> list[Column]:
    """A column for each field, under headers no two of which read alike."""
    taken, columns = {normal(header) for header in ours}, []
    for field in fields:
        header = _header(field, taken)
        taken.add(normal(header))
        columns.append(_column(field, header))
    return columns


def _header(field: Field, taken: set[str]) -> str:
    unit = {FieldType.PERCENTAGE: "（%）", FieldType.MONEY: "（元）"}.get(field.type, "")
    first = head_of(field) + ("" if field.unit_label else unit)
    if not normal(first):
        first = field.code
    found, number = first, 2
    while normal(found) in taken:
        found, number = f"{first} {number}", number + 1
    return found


def _column(field: Field, header: str) -> Column:
    name, is_day = field_of(field.code), field.type is FieldType.DATE
    return Column(
        name,
        (header,),
        _cleaner(field),
        width=width_of(field),
        format="yyyy-mm-dd" if is_day else format_of(field),
        show=lambda row: shown_answer(field, row.get(name), days=True),
        choices=drop_down(field),
        note=_note(field),
    )


def _cleaner(field: Field) -> clean.Cleaner:
    if field.type is ATTACHED:
        return clean.skip
    return number_of(field) if field.computed else reader_of(field)


def _note(field: Field) -> str:
    """What a template says at the header: what is asked, and within which limits."""
    if field.computed or field.known or field.type is ATTACHED:
        return "由系统填写"
    parts = ["必填" if field.required and not field.condition else "", field.help.zh]
    if field.type in NUMBERS and (field.min is not None or field.max is not None):
        low, high = ("" if limit is None else f"{limit:f}" for limit in (field.min, field.max))
        parts.append(f"范围：{low}～{high}")
    if field.type is FieldType.CHOICES:
        parts.append("可填多项，用“、”隔开：" + "、".join(choice.label.zh for choice in field.choices))
    parts.append("不适用的填“/”" if field.na_allowed else "")
    return "\n".join(part for part in parts if part)


def _period(cycle: str | None) -> clean.Cleaner:
    """A cleaner for the period of a record; what names none stays as it is, and is refused where records are saved."""

    def read(value: object, facts: object = None) -> object:
        if isinstance(value, tuple):
            return clean.text(value)
        text = f"{value.year}-{value.month:02}" if isinstance(value, date) else shown(value).strip()
        return periods_in(folded(text)).get(cycle or "", text) or None

    return read


def is_taken(field: Field) -> bool:
    """True for a field whose cell is read into the record; the others are shown only."""
    return not (field.computed or field.known or field.type is ATTACHED)
