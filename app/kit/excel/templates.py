"""The empty form of a layout: header, drop-downs, text columns, and the rows the portal already knows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from app.kit.excel.context import ReadContext
from app.kit.excel.output import Output
from app.kit.excel.sheet import Column, ExportMeta, Layout, Matrix, Row, Sheet, layout_of
from app.kit.excel.writer import Table

BLANK_ROWS = 200
NOTES = (
    "1. 请勿改动表头和工作表名称；可以增加行，不要合并数据区的单元格。",
    "2. 有下拉列表的列请从列表中选择。",
    "3. 日期写成2026-10-05或2026年10月5日，月份写成2026年10月；电话号码按文本填写。",
    "4. 没有发生的填0；不适用的填“/”；没有填报的留空。",
    "5. 填好后直接上传本文件，系统会逐格检查并指出问题。",
)


def template(
    sheet: Layout | Sheet | Matrix,
    context: ReadContext,
    meta: ExportMeta | Mapping[str, Any] | None = None,
    *,
    variant: str = "",
    rows: list[Row] | None = None,
) -> bytes:
    """An .xlsx to fill in; `rows` are what is known already (sub-grids of a log, items of a list)."""
    layout = layout_of(sheet)
    chosen = next((v for v in layout.variants if v.code == variant), layout.variants[0])
    facts = ExportMeta.of(meta)
    with Output(bulk=False) as output:
        if isinstance(chosen, Matrix):
            _matrix(output, chosen, context, facts, rows)
        else:
            _table(output, chosen, context, facts, rows if rows is not None else _known(chosen, context))
            for beside in layout.companions:
                if beside.within:
                    _table(output, beside, context, facts, [])
        _notes(output, getattr(chosen, "notes", ()))
        output.add_meta(chosen.code, chosen.version, facts)
    return output.content()


def _known(sheet: Sheet, context: ReadContext) -> list[Row]:
    return sheet.prefill(context) if sheet.prefill else []


def _table(output: Output, sheet: Sheet, context: ReadContext, meta: ExportMeta, rows: list[Row]) -> None:
    table = Table(output, sheet, meta, sheet.name)
    table.write_head()
    first = table.line
    for serial, row in enumerate(rows, 1):
        table.write_row(row, serial, keyed=False)
    last = table.line + BLANK_ROWS - 1
    for line in range(table.line, last + 1):
        for form in table.forms:
            table.paper.write_blank(line, form.place, None, form.cell)
    for form in table.forms:
        choices = choices_of(form.column, context)
        if choices:
            output.drop_down(table.paper, (first, last), form.place, choices)
        said = "\n".join(part for part in ("必填" if form.column.required else "", form.column.note) if part)
        if said:
            table.paper.write_comment(first - 1, form.place, said)


def choices_of(column: Column, context: ReadContext) -> list[str]:
    """What the drop-down of a column offers."""
    given: Any = column.choices
    return list(given(context) if isinstance(given, Callable) else given)  # type: ignore[arg-type]


def _matrix(output: Output, variant: Matrix, context: ReadContext, meta: ExportMeta, rows: list[Row] | None) -> None:
    from app.kit.excel.boards import scheme_of
    from app.kit.excel.matrix_writer import write_matrix

    if rows is None:
        empty: Row = {"scores": {}, "deduction_points": {}}
        rows = [{"village": village.name, **empty} for village in context.villages or () if village.allowed]
    write_matrix(output, variant, (), rows, meta, scheme_of(context), ())


def _notes(output: Output, more: tuple[str, ...] = ()) -> None:
    sheet = output.add_sheet("填表说明")
    sheet.set_column(0, 0, 90)
    own = (f"{number}. {note}" for number, note in enumerate(more, len(NOTES) + 1))
    for row, note in enumerate((*NOTES, *own)):
        sheet.write_string(row, 0, note, output.line())
