"""Files from outside: the right values or a sentence, never a crash, never a lost cell."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Any

import pytest

from app.kit.excel import FileRefused, Limits, open_workbook
from app.kit.excel.package import Package
from app.kit.excel.scanning import scan_parsed, scan_plain
from tests.kit.workbook_samples import SAMPLES

PART = "xl/worksheets/sheet1.xml"
EXPECTED = [
    ["村", "数", "备注"],
    ["东苇村", 3.5, ""],
    ["", ("E13", "#DIV/0!"), ""],
    ["", ("E12", "=SUM(B2:B3)"), ""],
    [" ", "", "=1+1"],
    ["TRUE", "", ""],
    ["隐", "", ""],
    ["并", "并", ""],
]


@cache
def workbook() -> bytes:
    import xlsxwriter

    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer)
    sheet = book.add_worksheet("表")
    sheet.write_row(0, 0, ["村", "数", "备注"])
    sheet.write_row(1, 0, ["东苇村", 3.5])
    sheet.write_formula(2, 1, "=1/0", None, "#DIV/0!")
    sheet.write_formula(3, 1, "=SUM(B2:B3)", None, "")
    sheet.write_string(4, 0, " ")
    sheet.write_string(4, 2, "=1+1")
    sheet.write_boolean(5, 0, True)
    sheet.set_row(6, None, None, {"hidden": True})
    sheet.write_string(6, 0, "隐")
    sheet.merge_range("A8:B9", "并")
    book.close()
    return buffer.getvalue()


def rewritten(change: Callable[[bytes], bytes], part: str = PART) -> bytes:
    source, buffer = zipfile.ZipFile(io.BytesIO(workbook())), io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as out:
        for name in source.namelist():
            content = source.read(name)
            out.writestr(name, change(content) if name == part else content)
    return buffer.getvalue()


def rows(data: bytes) -> list[list[Any]]:
    grid = open_workbook(data, "x.xlsx").grids[0]
    assert grid.hidden_rows == {6}
    return [grid.row(row) for row in range(grid.height)]


def prefixed(xml: bytes) -> bytes:
    return re.sub(rb"<(/?)(?!\?)", rb"<\1x:", xml).replace(b'xmlns="', b'xmlns:x="')


def test_errors_and_formulas_without_value_are_seen() -> None:
    assert rows(workbook()) == EXPECTED


@pytest.mark.parametrize(
    "change",
    [
        prefixed,
        lambda xml: re.sub(rb"(\w+)=\"([^\"']*)\"", rb"\1='\2'", xml),
        lambda xml: re.sub(rb"<dimension[^>]*>", b'<dimension ref="A1:XFD1048576"/>', xml),
        lambda xml: xml.replace(b"<sheetData>", b"<!-- a remark --><sheetData>"),
    ],
    ids=["prefixed names", "single quotes", "a false dimension", "a comment"],
)
def test_a_sheet_written_unusually_gives_the_same_values(change: Callable[[bytes], bytes]) -> None:
    assert rows(rewritten(change)) == EXPECTED


def test_the_quick_pass_and_the_exact_pass_find_the_same() -> None:
    for path in sorted(SAMPLES.glob("*/*.xlsx")):
        try:
            package = Package(path.read_bytes())
        except zipfile.BadZipFile:
            continue
        for name in package.names:
            if name.startswith("xl/worksheets/") and package.names[name].file_size < 10_000_000:
                quick, exact = scan_plain(package, name), scan_parsed(package, name)
                assert quick is None or quick.__dict__ | {"valued": 0} == exact.__dict__ | {"valued": 0}, (path, name)


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        (lambda xml: xml.replace(b"<worksheet", b'<!DOCTYPE a [<!ENTITY e "x">]><worksheet', 1), "unreadable"),
        (lambda xml: xml[: len(xml) // 2], "unreadable"),
        (lambda xml: xml.decode().replace("UTF-8", "UTF-16").encode("utf-16"), "unreadable"),
        (
            lambda xml: xml.replace(b"</sheetData>", b'<row r="2"><c r="B2"><v>9</v></c></row></sheetData>'),
            "unreadable",
        ),
        (
            lambda xml: xml.replace(
                b"</sheetData>", b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
            ),
            "too_many_cells",
        ),
        (lambda xml: xml.replace(b"</sheetData>", b" " * 30_000_000 + b"</sheetData>"), "unpacks_too_large"),
    ],
    ids=["an entity", "cut off", "UTF-16", "a cell given twice", "a cell far away", "a bomb"],
)
def test_a_hostile_sheet_is_refused(change: Callable[[bytes], bytes], kind: str) -> None:
    with pytest.raises(FileRefused) as refused:
        open_workbook(rewritten(change), "x.xlsx")
    assert refused.value.kind == kind


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("x.xlsb", "format"),
        ("x.et", "format"),
        ("x.xlsm", "macros"),
        ("x.txt", "xlsx read"),
        ("x.csv", "not_a_workbook"),
    ],
)
def test_the_ending_alone_refuses_what_we_do_not_read(name: str, kind: str) -> None:
    if kind == "xlsx read":
        assert open_workbook(workbook(), name).kind == "xlsx"
        return
    with pytest.raises(FileRefused) as refused:
        open_workbook(workbook(), name)
    assert refused.value.kind == kind


@pytest.mark.parametrize("limits", [replace(Limits(), rows=3), replace(Limits(), columns=2)])
def test_more_rows_or_columns_than_allowed_are_refused(limits: Limits) -> None:
    with pytest.raises(FileRefused) as refused:
        open_workbook(workbook(), "x.xlsx", limits)
    assert refused.value.kind == "too_many_cells"


def test_a_child_that_runs_out_of_memory_leaves_the_parent_alive() -> None:
    with pytest.raises(FileRefused):
        open_workbook(workbook(), "x.xlsx", replace(Limits(), memory=8 << 20))
    assert rows(workbook()) == EXPECTED


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_text_file_is_read_in_the_encodings_offices_use(encoding: str) -> None:
    text = "村（居）,姓名\r\n东苇村,䶮㛃\r\n'=1+1,'-5\r\n"
    grid = open_workbook(text.encode(encoding), "x.csv").grids[0]
    assert grid.row(1) == ["东苇村", "䶮㛃"]
    assert grid.row(2) == ["=1+1", "-5"]


@pytest.mark.parametrize("content", [b"<html><table></table></html>", b"\x00\x01\x02", b"\xff\xff\xff\xff"])
def test_a_text_file_that_is_none_is_refused(content: bytes) -> None:
    with pytest.raises(FileRefused):
        open_workbook(content, "x.csv")


def test_the_child_is_given_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    from app.kit.excel import opening

    monkeypatch.setenv("SECRET_KEY", "not for the child")
    assert "SECRET_KEY" not in opening._bare_environment()


def test_hidden_columns_are_not_read_and_are_said() -> None:
    import xlsxwriter

    from app.kit.excel import read
    from tests.kit.workbook_samples import ROSTER, context

    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer)
    sheet = book.add_worksheet("花名册")
    sheet.write_row(0, 0, ["村名", "子网格", "姓名", "备注", "网格职务", "任职日期", "联系电话"])
    sheet.write_row(1, 0, ["东苇村", "第一子网格", "甲", "不给人看", "网格员"])
    sheet.set_column(3, 3, None, None, {"hidden": True})
    book.close()
    result = read(ROSTER, buffer.getvalue(), "x.xlsx", context())
    assert "remarks" not in result.rows[0]
    assert [(issue.code, issue.cell) for issue in result.issues] == [("W02", "D1")]
