"""Results go back into the office's own workbook: its titles, merges, widths and formulas stay."""

from __future__ import annotations

import io
from decimal import Decimal
from typing import Any

import openpyxl
import pytest
from kit.workbook_samples import context
from openpyxl.styles import Font

from app.features.bonus.excel import PAY, PAY_TABLE
from app.features.people.excel import ROSTER
from app.kit.excel import ExportMeta, open_workbook, read, refill
from app.kit.excel.filling import Moves, moved_formula
from app.kit.excel.sheet import layout_of
from app.kit.excel.suggesting import suggest_for


def office_book() -> bytes:
    """A pay table of an office: two rows of header, pay in columns of its own order, totals, signatures, a formula a row."""
    book = openpyxl.Workbook()
    paper = book.active
    paper.title = "发放"
    paper["A1"] = "某镇2025年度绩效发放情况"
    paper.merge_cells("A1:I1")
    for column, text in enumerate(
        ["序号", "姓名", "村居", "月工资小计", "月数", "倍数", "应发奖励", "实发奖励", "基本补贴"], 1
    ):
        paper.cell(3, column, text)
    men = [("甲", "东苇村", 4000, 12, 2), ("乙", "东苇村", 3000, 6, 2), ("丙", "云汀社区", 2000, 12, 1)]
    for row, (name, village, wage, months, times) in enumerate(men, 4):
        for column, value in enumerate([row - 3, name, village, wage, months, times], 1):
            paper.cell(row, column, value)
        paper.cell(row, 7, f"=ROUND(D{row}*E{row}*F{row}/12,2)")
        paper.cell(row, 9, wage)
    paper.merge_cells("C4:C5")
    paper["B4"].font = Font(bold=True)
    paper["A7"] = "合计"
    paper["D7"], paper["G7"] = "=SUM(D4:D6)", "=SUM(G4:G6)"
    paper["A8"] = "制表人：某某"
    paper.merge_cells("A8:I8")
    paper["A9"] = "=G7/1"
    paper.column_dimensions["B"].width = 23
    paper.row_dimensions[8].height = 40
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def row(village: str, name: str, wage: int, times: int, **more: Any) -> dict[str, Any]:
    pay = {"monthly": Decimal(wage), "base": Decimal(wage), "months": 12, "multiplier": Decimal(times)}
    return {"village": village, "person_name": name, **pay, **more}


ROWS = [
    row("东苇村", "=1+1", 5000, 1),
    row("东苇村", "钱二", 4000, 2),
    row("东苇村", "孙三", 3000, 2),
    row("云汀社区", "李四", 2000, 2),
    row("云汀社区", "周五", 1000, 2),
]


@pytest.fixture(scope="module")
def form() -> Any:
    data = office_book()
    fit = suggest_for(layout_of(PAY), open_workbook(data, "x.xlsx"), context()).fit  # type: ignore[union-attr]
    assert fit.variant == "e"
    return refill.form_of(data, "x.xlsx", PAY, fit, context()), fit, data


def filled(form: Any, rows: list[dict[str, Any]]) -> Any:
    return openpyxl.load_workbook(
        io.BytesIO(refill.fill(form[0], PAY_TABLE, form[1], rows, ExportMeta(period="2026")))
    ).active


def test_a_kept_form_holds_no_row_of_the_office_s_data(form: Any) -> None:
    paper = openpyxl.load_workbook(io.BytesIO(form[0].content)).active
    texts = [cell.value for line in paper.iter_rows() for cell in line if cell.value is not None]
    assert not {"甲", "乙", "丙", "东苇村", 4000} & set(texts) and "制表人：某某" in texts


def test_more_rows_push_the_end_down_and_stretch_its_totals(form: Any) -> None:
    paper = filled(form, ROWS)
    assert paper["A1"].value == "某镇2026年度绩效发放情况"
    assert [paper.cell(n, 2).value for n in range(4, 9)] == ["=1+1", "钱二", "孙三", "李四", "周五"]
    assert paper["B4"].data_type == "s" and paper["B8"].font.bold
    assert [paper.cell(n, 7).value for n in (4, 8)] == ["=ROUND(D4*E4*F4/12,2)", "=ROUND(D8*E8*F8/12,2)"]
    assert (paper["A9"].value, paper["D9"].value, paper["G9"].value) == ("合计", "=SUM(D4:D8)", "=SUM(G4:G8)")
    assert (paper["A10"].value, paper["A11"].value, paper.row_dimensions[10].height) == ("制表人：某某", "=G9/1", 40)
    assert {str(merge) for merge in paper.merged_cells.ranges} == {"A1:I1", "C4:C6", "C7:C8", "A10:I10"}
    assert paper.column_dimensions["B"].width == 23


def test_fewer_rows_draw_the_end_up(form: Any) -> None:
    paper = filled(form, ROWS[:1])
    assert (paper["A5"].value, paper["D5"].value, paper["A6"].value) == ("合计", "=SUM(D4:D4)", "制表人：某某")


def test_a_column_is_filled_in_row_by_row_and_nothing_else_changes(form: Any) -> None:
    data = refill.fill(
        form[0], PAY_TABLE, form[1], [{**one, "award_due": Decimal(9)} for one in ROWS], ExportMeta(period="2026")
    )
    ours = [row("东苇村", "钱二", 3000, 2, award_paid=Decimal("2999.50"))]
    content, count = refill.fill_in(data, "x.xlsx", PAY, form[1], context(), ours, ["award_paid"])
    before, after = (openpyxl.load_workbook(io.BytesIO(one)).active for one in (data, content))
    changed = {
        cell.coordinate: cell.value
        for line in after.iter_rows()
        for cell in line
        if cell.value != before[cell.coordinate].value
    }
    assert (count, changed) == (1, {"H5": 2999.5})
    assert {str(one) for one in after.merged_cells.ranges} == {str(one) for one in before.merged_cells.ranges}


def test_formulas_carry_their_values_so_that_the_file_is_read_before_anybody_opened_it(form: Any) -> None:
    rows = [{**one, "award_due": one["monthly"] * one["multiplier"]} for one in ROWS[1:]]
    content = refill.fill(form[0], PAY_TABLE, form[1], rows, ExportMeta(period="2026"))
    again = read(PAY, content, "x.xlsx", context(), fits=[form[1]])
    assert [issue.code for issue in again.issues] == []
    assert [(one["person_name"], one["award_due"]) for one in again.rows] == [
        (one["person_name"], one["award_due"]) for one in rows
    ]


def test_what_was_filled_in_reads_as_what_was_written() -> None:
    """The roster, with the words of the office."""
    from kit.test_excel_fitting import FIRST, FIT

    own = refill.form_of(FIRST, "a.xlsx", layout_of(ROSTER), FIT, context())
    rows = read(ROSTER, FIRST, "a.xlsx", context(), fit=FIT).rows
    content = refill.fill(own, ROSTER, FIT, rows, ExportMeta())
    again = read(ROSTER, content, "b.xlsx", context(), fits=[FIT])
    assert (again.fitted, again.rows, again.issues) == (0, rows, [])


@pytest.mark.parametrize(
    ("formula", "moved"),
    [
        ("=SUM(D4:D6)", "=SUM(D4:D9)"),
        ("=SUM($D$4:$D$6)*2", "=SUM($D$4:$D$9)*2"),
        ("=D7+D3", "=D10+D3"),
        ("=SUM('发放'!D4:D6)", "=SUM('发放'!D4:D9)"),
        ("=SUM(别的!D4:D6)", "=SUM(别的!D4:D6)"),
        ('=IF(D7>0,"D4:D6","")', '=IF(D10>0,"D4:D6","")'),
        ("=SUM(D:D)", "=SUM(D:D)"),
        ("=SUM(D1:D20)", "=SUM(D1:D23)"),
    ],
)
def test_formulas_follow_the_rows(formula: str, moved: str) -> None:
    assert moved_formula(formula, Moves(4, 6, 6), "发放", True, False) == moved
