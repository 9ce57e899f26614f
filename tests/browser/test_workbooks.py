"""A messy workbook in a layout nobody declared: matched once, mended on the page, saved, undone; the next month's goes straight on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import openpyxl
import pytest
from browser.portal import LivePortal
from browser.visitor import Visitor
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

UNITS = Path(__file__).parents[1] / "samples" / "workbooks" / "master" / "org_town.json"
PASSWORD = "Shuimian-2026-abc"
NAME = "党建办队伍表"

# No header of ours, a header of two rows, villages merged, a full-width digit, an alias, words of the office, two faults.
MEN = [
    (1, "东苇村村委会", "第一子网格", "吴 新民", "片长", "2023.6.1", "", "1390000０001", ""),
    (2, "", "第一子网格", "郑怀德", "联络员", "2023年7月", "至今", "13900000002", "党员"),
    (3, "", "第二子网格", "王秋生", "联络员", "去年秋天", "", "13900000003", ""),
    (4, "西苇村", "第一子网格", "孙立本", "片长", "2024-01-05", "", "13900000004", ""),
    (5, "", "第一子网格", "李长河", "联络员", "2024/3/1", "", "1.39E+10", ""),
]


def first_book(path: Path) -> Path:
    """October, as the office keeps it."""
    book = openpyxl.Workbook()
    notes, paper = book.active, book.create_sheet("队伍")
    notes.title = "填表说明"
    notes["A1"] = "本表每月报送一次。"
    paper["A1"] = "漕禾镇网格队伍情况"
    paper.merge_cells("A1:I1")
    paper["A2"] = "报送：党建办          2026年10月25日"
    paper.merge_cells("A2:I2")
    heads = ["编次", "辖区", "片", "同志", "承担工作", "任期", "", "手机号", "备考"]
    for column, text in enumerate(heads, 1):
        paper.cell(3, column, text)
        if column not in (6, 7):
            paper.merge_cells(start_row=3, start_column=column, end_row=4, end_column=column)
    paper.merge_cells("F3:G3")
    paper["F4"], paper["G4"] = "上任", "卸任"
    for number, man in enumerate(MEN, 5):
        for column, value in enumerate(man, 1):
            paper.cell(number, column, value)
    paper.merge_cells("B5:B7")
    paper.merge_cells("B8:B9")
    paper["A10"], paper["B10"] = "合　计", "5人"
    paper["A11"] = "填表人：吴某    审核人：郑某"
    book.save(path)
    return path


def next_book(path: Path) -> Path:
    """November: another title, another name of the sheet, columns moved, one put in, the faults gone, one telephone new."""
    book = openpyxl.Workbook()
    paper = book.active
    paper.title = "11月"
    paper["A1"] = "十一月份网格队伍名单"
    heads = ["手机号", "编次", "籍贯", "同志", "承担工作", "辖区", "片", "任期", "", "备考"]
    for column, text in enumerate(heads, 1):
        paper.cell(4, column, text)
        if column not in (8, 9):
            paper.merge_cells(start_row=4, start_column=column, end_row=5, end_column=column)
    paper.merge_cells("H4:I4")
    paper["H5"], paper["I5"] = "上任", "卸任"
    for number, man in enumerate(MEN, 6):
        serial, village, part, name, work, begun, left, phone, note = man
        village = village or ("东苇村" if serial < 4 else "西苇村")
        line = ["13900000009" if serial == 1 else phone, serial, "本地", name, work, village, part, begun, left, note]
        for column, value in enumerate(line, 1):
            paper.cell(number, column, value)
    paper["H8"], paper["A10"] = "2025.10", "13900000005"
    book.save(path)
    return path


@pytest.fixture(scope="module")
def town(standing_clock: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LivePortal]:
    """A portal with the units of a town and its clerk, and nobody in the roster."""
    from app.domain.rights import Role
    from app.features.accounts.services import add_account
    from app.features.org.queries import resolve_unit
    from app.features.people.services import add_person, appoint
    from app.kit import access

    portal = LivePortal(tmp_path_factory.mktemp("workbooks"))
    portal.command("portal", "init", "--no-admin")
    portal.command("org", "load", str(UNITS))
    with portal.app.app_context(), access.acting_as(access.OPERATOR):
        county = resolve_unit("澜禾县")
        person = add_person(county, "柯安宁")
        appoint(person, Role.COUNTY_CLERK, county)
        add_account("banshi", PASSWORD, person, must_change=False)
    portal.start()
    yield portal
    portal.stop()


def test_a_workbook_nobody_declared_from_matching_to_undoing(
    town: LivePortal, visit: Callable[..., Visitor], tmp_path: Path
) -> None:
    clerk = visit(town).sign_in("banshi", PASSWORD)
    upload(clerk, first_book(tmp_path / "队伍表10月.xlsx"))
    match_the_columns(clerk)
    clerk.press("保存并预览")
    clerk.sees(f"按对接“{NAME}”第 1 版读取。")
    assert counts(clerk) == {"新增": "3", "未通过": "2"}
    mend(clerk, "王秋生", "appointed_on", "2025-10")
    mend(clerk, "李长河", "phone", "13900000005")
    assert counts(clerk) == {"新增": "5"}
    clerk.press("确认保存")
    look_at_the_receipt(clerk)
    undo(clerk)
    clerk.choose("花名册")
    assert "吴新民" not in clerk.text()

    upload(clerk, next_book(tmp_path / "队伍11月.xlsx"))
    clerk.sees(f"按对接“{NAME}”第 1 版读取。")
    assert counts(clerk) == {"新增": "5"}
    clerk.press("确认保存")
    clerk.choose("花名册")
    clerk.sees("吴新民", "139****0009")


def upload(clerk: Visitor, file: Path) -> None:
    clerk.choose("表格导入导出")
    clerk.page.locator("main tr", has_text="网格员花名册").first.get_by_role("link", name="上传").click()
    clerk.select("#unit", "漕禾镇")
    clerk.upload(file, "上传并核对")


def match_the_columns(clerk: Visitor) -> None:
    """The portal suggests most of it; the clerk says the rest and what the words of his office mean."""
    clerk.sees("旧表对接", "表格位置", "按内容")
    values = {name: clerk.page.locator(f"#{name}").input_value() for name in ("head", "depth", "first")}
    assert values == {"head": "3", "depth": "2", "first": "5"}
    fields = {1: "village", 2: "sub_grids", 3: "person_name", 4: "role", 5: "appointed_on", 6: "left_on", 7: "phone"}
    suggested = {at: clerk.page.locator(f"#column-{at}").input_value() for at in fields}
    assert {at: suggested[at] for at in (1, 2, 3, 5, 7)} == {at: fields[at] for at in (1, 2, 3, 5, 7)}
    expect(clerk.page.locator("#mapping-state")).to_contain_text("尚缺必填列")
    for at, field in {**fields, 0: "serial_no", 8: "remarks"}.items():
        clerk.page.locator(f"#column-{at}").select_option(field)
    expect(clerk.page.locator("#mapping-state")).to_contain_text("必填列均已对应")
    clerk.press("刷新识别")
    for word, meaning in (("片长", "子网格长"), ("联络员", "网格员")):
        clerk.page.get_by_label(f"“{word}”对应的名称").select_option(meaning)
    clerk.page.locator("#name").fill(NAME)


def counts(clerk: Visitor) -> dict[str, str]:
    """The tabs of the preview that hold rows."""
    tabs = clerk.page.locator("main nav.tabs a").all_inner_texts()
    found = dict(tab.split() for tab in tabs)
    return {name: number for name, number in found.items() if number != "0" and name in ("新增", "有变化", "未通过")}


def mend(clerk: Visitor, name: str, field: str, text: str) -> None:
    """Type another value into the faulty cell of a refused row."""
    row = clerk.page.locator("main tr", has_text=name).first
    row.locator(f"[name='cell-{field}']").fill(text)
    clerk.press("改好这一行", within=row)


def look_at_the_receipt(clerk: Visitor) -> None:
    clerk.follow("回执")
    clerk.sees("队伍表10月.xlsx", "柯安宁")
    assert clerk.figure("新增") == "5"


def undo(clerk: Visitor) -> None:
    clerk.follow("撤销本次导入")
    clerk.page.locator("#reason").fill("发错了月份")
    clerk.press("撤销本次导入")
    clerk.sees("已撤销")
