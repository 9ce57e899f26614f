"""Plain tables: any text stays that text, nothing becomes a formula, nothing is lost without a word."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import openpyxl
import python_calamine
from hypothesis import example, given, settings
from hypothesis import strategies as st
from openpyxl.utils.escape import unescape

from app.kit.excel import celltext
from app.kit.excel.output import Output
from app.kit.excel.plain import Limits, Plain, Written, write_plain

MOMENT = datetime(2026, 6, 1, 8, 30, tzinfo=UTC).replace(tzinfo=None)  # as a cell holds it
SIGNS = list("=+-@|＝＋－＠'\t\r\n \u200b\ufeff<>&\"_,;")
EVIL = [
    "=1+1", "+1", "-1-1", "@SUM(A1)", "\t=1", "\r=1", "|cmd", "＝1+1", "＋1", "－1", "＠A1", "'=1", "''=1", " =1",
    "=cmd|' /C calc'!A0", '=HYPERLINK("http://x","点")', "http://x.example/", "mailto:a@b.cn", "{=1}", "<r><t>=1</t></r>",
    "<r></r>", "</t></is></c><c><f>1</f></c>", "_x0041_", "\x00", "\x0b甲", "\ud800", "\ufffe", "007", "1e5", "-2.5",
    "13800138000", "440103199001011234", "𠮷" * 16_400, "甲" * 32_768, "a\r\nb", "#REF!", "TRUE",
]  # fmt: skip
TEXT = st.one_of(
    st.sampled_from(EVIL),
    st.text(max_size=40),
    st.builds("".join, st.lists(st.sampled_from([*SIGNS, "1", "甲", "r", "cmd"]), max_size=12)),
    st.text(st.characters(codec=None), max_size=20),
)


def _written(rows: Sequence[Sequence[Any]], kind: str, limits: Limits | None = None) -> tuple[Written, bytes]:
    plain = Plain("表", [f"列{n}" for n in range(len(rows[0]))], [("导出人", "=甲")], "有%(count)s格被截断")
    with TemporaryDirectory() as folder:
        written = write_plain(Path(folder), plain, rows, kind, limits)
        return written, written.file.read_bytes()


def _of_ecma(text: Any) -> str:
    """What Excel reads: line ends as XML gives them, _xHHHH_ undone."""
    return unescape(text or "")


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(TEXT, TEXT), min_size=1, max_size=8))
@example([(one, one) for one in EVIL])
def test_any_text_comes_back_from_a_workbook_and_is_no_formula(rows: list[tuple[str, str]]) -> None:
    written, content = _written([("§", *row) for row in rows], "xlsx")
    for name in zipfile.ZipFile(io.BytesIO(content)).namelist():
        xml = zipfile.ZipFile(io.BytesIO(content)).read(name)
        assert not (name.startswith("xl/worksheets/") and re.search(rb"<f[ >]|<hyperlink", xml)), name
    book = openpyxl.load_workbook(io.BytesIO(content))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert all(cell.data_type in "sn" and cell.hyperlink is None for cell in cells)
    back = [[_of_ecma(cell.value) for cell in row] for row in book.worksheets[0].iter_rows(min_row=2, min_col=2)]
    assert [value for row in back for value in row] == [celltext.fit(text) for row in rows for text in row]
    lost = sum(celltext.fit(text) != text for row in rows for text in row)
    said = [cell for row in book.worksheets[1].iter_rows(values_only=True) for cell in row]
    assert written.cut == lost and (f"有{lost}格被截断" in said) == bool(lost)


@settings(max_examples=80, deadline=None)
@given(st.lists(st.tuples(TEXT, TEXT), min_size=1, max_size=8))
@example([(one, one) for one in EVIL])
def test_any_text_comes_back_from_a_text_file_and_starts_like_no_formula(rows: list[tuple[str, str]]) -> None:
    _, content = _written(rows, "csv")
    back = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))[1:]
    cells = [cell for row in back for cell in row]
    for cell in cells:
        if not re.fullmatch(r"-?\d+(\.\d+)?", cell):
            assert cell.lstrip(" \u200b\ufeff\u3000\xa0\n\x85")[:1] not in tuple("=+-@|＝＋－＠\t\r"), repr(cell)
    lost = celltext._UNFIT
    assert [celltext.csv_typed(cell) for cell in cells] == [lost.sub("\ufffd", text) for row in rows for text in row]


@settings(max_examples=40, deadline=None)
@given(st.lists(st.decimals(-(10**6), 10**6, places=2), min_size=1, max_size=20))
def test_numbers_stay_numbers_negative_deductions_too(points: list[Decimal]) -> None:
    _, content = _written([[value, 3, date(2026, 6, 1), MOMENT] for value in points], "xlsx")
    rows = python_calamine.load_workbook(io.BytesIO(content)).get_sheet_by_index(0).to_python()[1:]
    assert [Decimal(str(row[0])) for row in rows] == points
    assert all(row[1:] == [3.0, date(2026, 6, 1), MOMENT] for row in rows)


def test_a_number_a_cell_cannot_keep_stays_text() -> None:
    _, content = _written([[440103199001011234, Decimal("12345678901234.567")]], "xlsx")
    row = python_calamine.load_workbook(io.BytesIO(content)).get_sheet_by_index(0).to_python()[1]
    assert row == ["440103199001011234", "12345678901234.567"]


def test_what_is_more_than_a_sheet_holds_goes_on_with_the_header_on_the_next_one() -> None:
    written, content = _written([[n] for n in range(7)], "xlsx", Limits(sheet_rows=3, file_rows=100))
    book = python_calamine.load_workbook(io.BytesIO(content))
    assert book.sheet_names == ["表", "表 (2)", "表 (3)", "说明"] and written.rows == 7
    parts = [book.get_sheet_by_name(name).to_python() for name in book.sheet_names[:3]]
    assert [part[0] for part in parts] == [["列0"]] * 3
    assert [row[0] for part in parts for row in part[1:]] == list(range(7))


def test_several_files_go_into_one_with_a_text_beside_them() -> None:
    written, content = _written([[n] for n in range(7)], "xlsx", Limits(sheet_rows=2, file_rows=4))
    names = zipfile.ZipFile(io.BytesIO(content)).namelist()
    assert names == ["表_1.xlsx", "表_2.xlsx", "说明.txt"] and (written.kind, written.files) == ("zip", 2)


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.one_of(st.text(max_size=60), st.sampled_from(["", "'", "History", "表", "表 (2)", "a/b:c*?[]\\"])),
        max_size=6,
    )
)
def test_a_workbook_takes_every_sheet_name(names: list[str]) -> None:
    with TemporaryDirectory() as folder:
        file = Path(folder) / "book.xlsx"
        with Output(bulk=False, file=file) as output:
            for name in names or [""]:
                output.add_sheet(name)
        made = openpyxl.load_workbook(file).sheetnames
    assert len({name.casefold() for name in made}) == len(names or [""])
    assert all(celltext.units(name) <= 31 for name in made)


@given(st.text(st.sampled_from("a甲𠮷"), max_size=60), st.integers(0, 40))
def test_the_head_of_a_text_is_never_half_a_character(text: str, most: int) -> None:
    short = celltext.head(text, most)
    assert text.startswith(short) and celltext.units(short) <= most
    assert short == text or celltext.units(text[: len(short) + 1]) > most
