"""Workbooks of offices we never saw: other headers, other heights of header, other ways to say the same."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from openpyxl import Workbook

from app.kit.excel import ReadResult, read
from tests.kit.workbook_samples import LAYOUTS, context, master

Rows = Sequence[Sequence[Any]]
LOG = (
    ["村（居）", "子网格", "填报人", "例会次数", "巡查次数", "接待日", None, "信息线索", None, None, "走访户数"],
    [None] * 5 + ["次数", "接待人次", "收集", "受理", "办结"],
)
LOG_ROWS = (
    ["东苇村", "第一子网格", "王丙", "1", "４", 1, 6, 5, 5, 4, "12户"],
    [None, "第二子网格", "孙庚", None, 2, "/", "不适用", "—", None, 0, 8],
)
READ = [
    {"sub_grid": "第一子网格", "meetings": 1, "patrols": 4, "reception_visitors": 6, "leads_closed": 4, "visits": 12},
    {"sub_grid": "第二子网格", "patrols": 2, "reception_visitors": "NA", "leads_closed": 0, "visits": 8},
]


def workbook(sheets: dict[str, Rows], merged: Sequence[str] = (), hidden: Sequence[int] = ()) -> bytes:
    book, buffer = Workbook(), io.BytesIO()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
        for place in merged:
            sheet.merge_cells(place)
        for number in hidden:
            sheet.row_dimensions[number].hidden = True
    book.save(buffer)
    return buffer.getvalue()


def result_of(layout: str, data: bytes, name: str = "x.xlsx", period: str | None = None) -> ReadResult:
    return read(LAYOUTS[layout], data, name, context(period=period))


def codes(result: ReadResult) -> list[tuple[str, str | None]]:
    return [(issue.code, issue.cell) for issue in result.issues]


@pytest.mark.parametrize(
    ("above", "sheet", "file"),
    [
        (["网格月度工作记录表", "２０２３年９月"], "汇总", "x.xlsx"),
        (["2023年度网格月度工作记录表", "九月份"], "汇总", "x.xlsx"),
        (["工作记录", "填报日期：2023年10月8日", "二○二三年九月"], "汇总", "x.xlsx"),
        (["工作记录", date(2023, 9, 1)], "汇总", "x.xlsx"),
        (["工作记录"], "2023.9", "x.xlsx"),
        (["工作记录", "9月"], "汇总", "漕禾镇2023年网格.xlsx"),
        (["工作记录", *[None] * 8], "汇总", "东苇村_2023年9月网格工作记录.xlsx"),
    ],
)
def test_the_month_is_found_wherever_the_office_says_it(above: list[Any], sheet: str, file: str) -> None:
    rows = [[text] for text in above] + [*LOG, *LOG_ROWS]
    head = len(above) + 1
    merged = [f"F{head}:G{head}", f"H{head}:J{head}", *(f"{c}{head}:{c}{head + 1}" for c in "ABCDEK")]
    result = result_of("c", workbook({sheet: rows}, merged), file)
    assert (result.outcome, result.period) == ("rows", "2023-09")
    for row, wanted in zip(result.rows, READ, strict=True):
        assert wanted.items() <= row.items() and row["village"] == "东苇村"


def test_a_sheet_for_each_village_may_name_it_only_in_its_tab() -> None:
    rows = [["2023年9月"], *(line[1:] for line in LOG), *(line[1:] for line in LOG_ROWS)]
    result = result_of("c", workbook({"东苇村": rows, "西苇村村委会": rows}))
    assert [row["village"] for row in result.rows] == ["东苇村"] * 2 + ["西苇村"] * 2


def test_text_of_every_usual_kind_of_file_gives_the_same_rows() -> None:
    lines = [["2023年9月\n份"], *LOG, *LOG_ROWS]
    for encoding, between in (("utf-16", "\t"), ("gb18030", ";"), ("utf-8-sig", ",")):
        text = "\r\n".join(between.join(f'"{cell or (0 if cell == 0 else "")}"' for cell in line) for line in lines)
        result = result_of("c", text.encode(encoding), "x.csv")
        assert [row["visits"] for row in result.rows] == [12, 8] and result.period == "2023-09"


ROSTER = ["序号", "行政村\n*", "所属网格", "人员姓名：", "岗位（必填）", "任职日期", "联系电话", "民族"]


def test_a_header_of_three_rows_under_a_title_is_read_by_its_lowest_names() -> None:
    rows = [
        ["××镇网格员花名册"],
        ["基本信息", None, None, None, "任职信息", None, "联系", None],
        ["序号", "村（居）", "子网格", "姓名", "职务与日期", None, "联系电话", "民族"],
        [None, None, None, None, "网格职务", "任职日期", None, None],
        ["１", "西苇", "第１子网格", "张　三", "网格长", 44562, "１0００００0０001", "汉"],
    ]
    merged = ["A1:H1", "A2:D2", "E2:F2", "G2:H2", "E3:F3", *(f"{c}3:{c}4" for c in "ABCDGH")]
    result = result_of("a", workbook({"花名册": rows}, merged))
    assert result.rows[0]["appointed_on"] == "2022-01-01" and result.rows[0]["role"] == "sub_grid_leader"
    assert result.rows[0]["phone"] == "10000000001" and result.rows[0]["person_name"] == "张三"
    assert codes(result) == [("W04", "B5")]


def test_the_header_of_each_printed_page_and_totals_of_pages_are_no_data() -> None:
    person = ["1", "东苇村", "第一子网格", "张甲", "网格员", "2021.3", None, None]
    hidden = ["2", "西苇村", "第一子网格", "张乙", "网格员", "2021.3", None, None]
    below = ["3", None, "第二子网格", "张丙", "网格员", "2021.3", None, None]
    rows = [ROSTER, person, ["本页小计", "1人"], ["花名册（续）"], ROSTER, hidden, below, ["东苇村合计", "2人"]]
    result = result_of("a", workbook({"花名册": rows}, hidden=[6]))
    assert [row["village"] for row in result.rows] == ["东苇村", "西苇村"]
    assert [row["why"] for row in result.dropped_rows] == ["subtotal", "title", "header", "total"]
    assert codes(result) == [("W02", "A6")]


def score_sheet(*, numbered: bool = False, lowered: bool = False) -> bytes:
    scheme = master("scheme.json")
    head = [["2023年度考核评分表"]]
    head += [["考核内容", "序号", "考核项目", "满分", "各村得分"]] * lowered
    head.append([None] * 4 + ["东苇村", "西苇"] if lowered else ["序号", "项目", "分值", "东苇村", "西苇", "全镇平均"])
    rows = []
    for number, item in enumerate(scheme["items"], 1):
        name = f"{number}．{item['name']}（{item['max']}分）" if numbered else item["name"]
        rows.append([None] * lowered + [number, name, item["max"], item["max"], f"{item['max']}分"])
    for fact in scheme["deductions"]:
        name, cap = fact["name"], -float(fact["cap"])
        rows.append([None] * lowered + [1, name, cap, "扣2分" if name == "弄虚作假" else "/", "—"])
    return workbook({"评分": [*head, *rows]})


@pytest.mark.parametrize("shape", [{"numbered": True}, {"lowered": True}])
def test_a_bare_score_sheet_is_read(shape: dict[str, bool]) -> None:
    result = result_of("d1", score_sheet(**shape), period="2023")
    assert [row["computed"]["final"] for row in result.rows] == [Decimal("98.00"), Decimal("100.00")]
    assert result.rows[1]["village"] == "西苇村"


def pay(header: str, title: str = "") -> ReadResult:
    rows = [
        ["2023年度绩效奖励发放表", title],
        ["村名", "姓名", f"基本补贴{header}", f"小计{header}", "月数", f"应发奖励{header}"],
        ["东苇村", "张甲", 0.32, 0.486, "12个月", "1.215"],
    ]
    return result_of("e", workbook({"发放表": rows}), period="2023")


def test_the_unit_may_stand_in_the_headers_and_must_not_contradict_the_title() -> None:
    assert pay("（万元）").rows[0]["monthly"] == pay("", "单位：人民币万元").rows[0]["monthly"] == Decimal("4860.00")
    assert codes(pay("（万元）", "单位：元")) == [("E21", "C2")]
