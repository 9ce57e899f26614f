"""Files made to mislead or to overwhelm: the right values or a sentence, soon, and never a cell lost without a word."""

from __future__ import annotations

import io
import re
import struct
import warnings
import zipfile
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.kit.excel import FileRefused, Limits, open_workbook
from app.kit.excel.book import Grid

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
LINKS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
SHEET = "xl/worksheets/sheet1.xml"
BOOK = "xl/workbook.xml"
TEXTS = "xl/sharedStrings.xml"


def relation(number: int, kind: str, target: str) -> str:
    return f'<Relationship Id="rId{number}" Type="{LINKS}/{kind}" Target="{target}"/>'


def relations(*links: str) -> str:
    return f'<Relationships xmlns="{PACKAGE}/relationships">{"".join(links)}</Relationships>'


def sheet(rows: str, after: str = "", before: str = "") -> str:
    return f'<worksheet xmlns="{MAIN}">{before}<sheetData>{rows}</sheetData>{after}</worksheet>'


def one(cell: str) -> str:
    return f'<row r="1">{cell}</row>'


def parts(rows: str = one('<c r="A1" t="s"><v>0</v></c>'), texts: str = "<si><t>甲</t></si>") -> dict[str, str]:
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
    return {
        "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types"><Override PartName="/{BOOK}" ContentType="{kind}"/></Types>',
        "_rels/.rels": relations(relation(1, "officeDocument", BOOK)),
        BOOK: f'<workbook xmlns="{MAIN}" xmlns:r="{LINKS}"><sheets><sheet name="表" sheetId="1" r:id="rId1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": relations(
            relation(1, "worksheet", "worksheets/sheet1.xml"), relation(2, "sharedStrings", "sharedStrings.xml")
        ),
        SHEET: sheet(rows),
        TEXTS: f'<sst xmlns="{MAIN}">{texts}</sst>',
    }


def packed(members: dict[str, str], *more: tuple[str, str], names: Callable[[str], str] = str) -> bytes:
    buffer = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        warnings.simplefilter("ignore")
        for name, content in (*members.items(), *more):
            archive.writestr(names(name), content)
    return buffer.getvalue()


def grid(data: bytes, name: str = "x.xlsx") -> Grid:
    return open_workbook(data, name).grids[0]


def refusal(data: bytes, name: str = "x.xlsx", limits: Limits | None = None) -> str:
    with pytest.raises(FileRefused) as refused:
        open_workbook(data, name, limits)
    return refused.value.kind


@pytest.mark.parametrize(
    ("members", "value"),
    [
        (parts(texts='<si><t>漢字</t><rPh sb="0" eb="2"><t>かんじ</t></rPh></si>'), "漢字"),
        (parts(texts='<si><r><t>甲</t></r><r><t xml:space="preserve"> 乙</t></r></si>'), "甲 乙"),
        (parts(texts="<si><t>&#x7532;<![CDATA[<乙>]]></t></si>"), "甲<乙>"),
        (parts(one('<c r="A1" t="inlineStr"><is><t>漢</t><rPh sb="0" eb="1"><t>X</t></rPh></is></c>')), "漢"),
        (parts(one('<c r="A1" t="str"><f>B1</f><v>文</v></c>')), "文"),
        (parts(one('<c t="b" r="A1"><v>1</v></c>')), "TRUE"),
        (parts(one('<c r="A1"><v>NaN</v></c>')), ("E13", "#NUM!")),
        (parts(one('<c r="A1"><v>1e999</v></c>')), ("E13", "#NUM!")),
        (parts(one('<c r="A1"><f t="shared" si="0"/></c>')), ("E12", "=")),
        (parts("<row><c><v>5</v></c></row>"), 5.0),
    ],
    ids=["phonetic", "rich", "references", "inline", "formula text", "boolean", "NaN", "endless", "shared", "nameless"],
)
def test_a_cell_is_read_however_it_is_written(members: dict[str, str], value: object) -> None:
    assert grid(packed(members)).cell(0, 0) == value


@pytest.mark.parametrize(
    "names",
    [lambda name: name.replace("/", "\\"), lambda name: name.replace("sheet1", "Sheet1").replace("shared", "Shared")],
    ids=["backslashes", "capitals"],
)
def test_members_are_found_under_other_spellings(names: Callable[[str], str]) -> None:
    assert grid(packed(parts(), names=names)).cell(0, 0) == "甲"


def test_strict_names_and_absolute_paths_are_read() -> None:
    strict = {
        name: content.replace(MAIN, "http://purl.oclc.org/ooxml/spreadsheetml/main")
        .replace(LINKS, "http://purl.oclc.org/ooxml/officeDocument/relationships")
        .replace('Target="work', 'Target="/xl/work')
        for name, content in parts().items()
    }
    assert grid(packed(strict)).cell(0, 0) == "甲"


def test_true_and_one_in_a_column_stay_apart() -> None:
    rows = '<row r="1"><c r="A1"><v>1</v></c></row><row r="2"><c r="A2" t="b"><v>1</v></c></row>'
    assert [grid(packed(parts(rows))).cell(row, 0) for row in (0, 1)] == [1.0, "TRUE"]


def twice(name: str, link: int, target: str) -> dict[str, str]:
    given = parts()
    given[BOOK] = given[BOOK].replace("</sheets>", f'<sheet name="{name}" sheetId="2" r:id="rId{link}"/></sheets>')
    links = "xl/_rels/workbook.xml.rels"
    given[links] = given[links].replace("</Relationships>", relation(9, "worksheet", target) + "</Relationships>")
    return given | {"xl/worksheets/sheet2.xml": sheet(one('<c r="A1"><v>2</v></c>'))}


MISLEADING = {
    "entities in texts": packed(parts() | {TEXTS: f'<!DOCTYPE a [<!ENTITY e "x">]>{parts(texts="<si><t>&e;</t></si>")[TEXTS]}'}),
    "entities in the book": packed(parts() | {BOOK: f'<!DOCTYPE a [<!ENTITY e "x">]>{parts()[BOOK]}'}),
    "no such text": packed(parts(one('<c r="A1" t="s"><v>7</v></c>'))),
    "a text before the first": packed(parts(one('<c r="A1" t="s"><v>-1</v></c>'))),
    "a part twice": packed(parts(), (SHEET, sheet(one('<c r="A1"><v>9</v></c>')))),
    "a sheet name twice": packed(twice("表", 9, "worksheets/sheet2.xml")),
    "a part for two sheets": packed(twice("二", 1, "worksheets/sheet2.xml")),
    "a sheet without its part": packed(twice("二", 9, "worksheets/sheet7.xml")),
    "two sheet bodies": packed(parts() | {SHEET: sheet("", "<sheetData><row><c><v>1</v></c></row></sheetData>")}),
    "merges upon merges": packed(parts() | {SHEET: sheet(
        one('<c r="A1"><v>1</v></c>') + '<row r="90000"><c r="A90000"><v>1</v></c></row>',
        "<mergeCells>" + '<mergeCell ref="A1:A90000"/>' * 5000 + "</mergeCells>",
    )}),
}  # fmt: skip


@pytest.mark.parametrize("data", MISLEADING.values(), ids=MISLEADING.keys())
def test_a_file_that_can_be_read_two_ways_is_refused(data: bytes) -> None:
    assert refusal(data) == "unreadable"


def lying(data: bytes, name: str) -> bytes:
    """The file with another unpacked size of a member in its list than the member has."""
    out = bytearray(data)
    for entry in re.finditer(b"PK\x01\x02", data):
        if data[entry.start() + 46 :].startswith(name.encode()):
            out[entry.start() + 24 : entry.start() + 28] = struct.pack("<I", 100)
    return bytes(out)


BLANK = " " * 30_000_000
TOO_MUCH = {
    "a million rows": packed(parts('<row r="1048576"><c r="A1048576"><v>1</v></c></row>')),
    "the last cell": packed(parts('<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>')),
    "an error in the last cell": packed(parts('<row r="1048576"><c r="XFD1048576" t="e"><v>#N/A</v></c></row>')),
    "a formula in the last cell": packed(parts('<row r="1048576"><c r="XFD1048576"><f>1</f></c></row>')),
    "a wide empty space": packed(parts('<row r="200000"><c r="CV200000"><v>1</v></c></row>')),
    "a zip bomb": packed(parts() | {SHEET: sheet("", before=BLANK)}),
    "a zip bomb that lies": lying(packed(parts() | {SHEET: sheet("", before=BLANK)}), SHEET),
    "a list of parts that lies": lying(packed(parts() | {"[Content_Types].xml": BLANK}), "[Content_Types].xml"),
    "two thousand parts": packed(parts(), *((f"x{number}", "") for number in range(2000))),
}


@pytest.mark.parametrize("data", TOO_MUCH.values(), ids=TOO_MUCH.keys())
def test_a_file_made_to_overwhelm_is_refused(data: bytes) -> None:
    assert refusal(data) in {"too_many_cells", "unpacks_too_large", "unreadable", "not_a_workbook"}


def test_the_answer_of_the_child_is_no_larger_than_allowed() -> None:
    rows = "".join(f'<row r="{row}"><c r="A{row}"><v>{row}</v></c></row>' for row in range(1, 1001))
    assert refusal(packed(parts(rows)), limits=replace(Limits(), answer=2000)) == "too_many_cells"


def test_a_file_cut_anywhere_is_refused() -> None:
    whole = packed(parts())
    for part in range(1, 20):
        assert refusal(whole[: len(whole) * part // 20]) == "not_a_workbook"


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.integers(0, 10**6), st.binary(min_size=1, max_size=3))
def test_a_file_with_flipped_bytes_is_read_right_or_refused(place: int, flipped: bytes) -> None:
    data = bytearray(packed(parts()))
    data[place % len(data) : place % len(data) + len(flipped)] = flipped
    try:
        read = grid(bytes(data))
    except FileRefused:
        return
    assert not read.height or read.cell(0, 0) == "甲"
