"""Files somebody sends: what they are, where they go, what they may cost, and that the portal outlives them."""

from __future__ import annotations

import io
import pickle
import sys
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from app.kit.excel import FileRefused, Limits, open_workbook, opening

PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(60)
PDF = b"%PDF-1.7\n1 0 obj<<>>endobj"
HTML = "<html><table><tr><td>村</td></tr></table></html>".encode()
MAIN = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
TYPES = (
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="xml" ContentType="application/xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{MAIN}"/></Types>'
)
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
MAIN_SPACE = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def archive(parts: dict[str, str | bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as out:
        for name, content in parts.items():
            out.writestr(name, content)
    return buffer.getvalue()


def related(kind: str, target: str) -> str:
    space = "http://schemas.openxmlformats.org/package/2006/relationships"
    return f'<Relationships xmlns="{space}"><Relationship Id="r1" Type="{OFFICE}/{kind}" Target="{target}"/></Relationships>'


def reaching(last: str) -> bytes:
    """A workbook of two cells, the second of them at `last`: small on disk, a table of billions when laid out."""
    row = last.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    sheet = (
        f'<worksheet xmlns="{MAIN_SPACE}"><dimension ref="A1:{last}"/><sheetData>'
        '<row r="1"><c r="A1"><v>1</v></c></row>'
        f'<row r="{row}"><c r="{last}"><v>1</v></c></row></sheetData></worksheet>'
    )
    book = f'<workbook xmlns="{MAIN_SPACE}" xmlns:r="{OFFICE}"><sheets><sheet name="s" sheetId="1" r:id="r1"/></sheets></workbook>'
    return archive(
        {
            "[Content_Types].xml": TYPES,
            "_rels/.rels": related("officeDocument", "xl/workbook.xml"),
            "xl/workbook.xml": book,
            "xl/_rels/workbook.xml.rels": related("worksheet", "worksheets/sheet1.xml"),
            "xl/worksheets/sheet1.xml": sheet,
        }
    )


def refused(data: bytes, name: str, limits: Limits | None = None) -> str:
    with pytest.raises(FileRefused) as refusal:
        open_workbook(data, name, limits)
    return refusal.value.kind


@pytest.fixture
def nothing_is_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever unpacks a part or starts the reader fails."""

    def unexpected(*_arguments: Any, **_names: Any) -> Any:
        raise AssertionError("unpacked before the size was looked at")

    monkeypatch.setattr(opening, "run_child", unexpected)
    monkeypatch.setattr(zipfile.ZipExtFile, "__init__", unexpected)


# -- what a file is --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (PNG, "actually_a_png.xlsx"),
        (PNG, "actually_a_png.xls"),
        (PNG, "actually_a_png.csv"),
        (PDF, "roster.xlsx"),
        (HTML, "roster.xls"),
        (b"MZ\x90\0" + bytes(100), "roster.xlsx"),
        (b"", "empty.xlsx"),
        (archive({"readme.txt": "a zip, no workbook"}), "plain.xlsx"),
        (archive({"[Content_Types].xml": "wordprocessingml", "word/document.xml": "x"}), "letter.xlsx"),
        (archive({"[Content_Types].xml": TYPES}), "a workbook named.csv"),
    ],
)
def test_a_file_is_taken_for_what_it_is_not_for_what_it_is_called_c38(content: bytes, name: str) -> None:
    assert refused(content, name) == "not_a_workbook"


def test_macros_are_found_under_any_name_c38() -> None:
    hidden = archive({"[Content_Types].xml": TYPES, "xl/VBAProject.bin": "x"})
    declared = archive({"[Content_Types].xml": TYPES.replace("sheet.main", "sheet.macroEnabled.main")})
    assert [refused(hidden, "x.xlsx"), refused(declared, "x.xlsx")] == ["macros", "macros"]


# -- what a package may hold -----------------------------------------------------------------------


@pytest.mark.usefixtures("nothing_is_unpacked")
@pytest.mark.parametrize(
    ("parts", "limits"),
    [
        ({f"xl/media/{n}.xml": "" for n in range(60)}, replace(Limits(), members=50)),
        ({"xl/worksheets/sheet1.xml": b"0" * 300_000}, replace(Limits(), unpacked_bytes=200_000)),
        ({f"xl/worksheets/sheet{n}.xml": b"0" * 60_000 for n in range(4)}, replace(Limits(), unpacked_bytes=200_000)),
        ({"xl/worksheets/sheet1.xml": b" " * 300_000}, replace(Limits(), ratio_from=100_000)),
    ],
    ids=["many members", "one large part", "many parts large together", "blanks by the thousand"],
)
def test_a_package_is_refused_before_anything_is_unpacked_c39(parts: dict[str, bytes], limits: Limits) -> None:
    assert refused(archive({"[Content_Types].xml": TYPES, **parts}), "x.xlsx", limits) == "unpacks_too_large"


@pytest.mark.usefixtures("nothing_is_unpacked")
def test_two_hundred_megabytes_of_blanks_are_refused_by_the_shipped_limits_c39() -> None:
    buffer, blanks = io.BytesIO(), bytes(1 << 20)
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as out, out.open("xl/worksheets/sheet1.xml", "w") as part:
        for _ in range(200):
            part.write(blanks)
    assert len(buffer.getvalue()) < 300_000
    assert refused(buffer.getvalue(), "x.xlsx") == "unpacks_too_large"


def test_a_package_that_lies_about_its_size_is_not_believed_c39() -> None:
    """The directory says ten bytes; the part holds a million."""
    honest = archive({"[Content_Types].xml": TYPES, "xl/workbook.xml": b" " * 1_000_000})
    lying = honest.replace((1_000_000).to_bytes(4, "little"), (10).to_bytes(4, "little"))
    assert lying != honest
    assert refused(lying, "x.xlsx") in {"unreadable", "too_many_cells", "not_a_workbook"}


def test_a_part_called_by_a_path_outside_is_never_written_c39(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    parts = {"[Content_Types].xml": TYPES, "../../escaped.xml": "x", "/etc/escaped.xml": "x", "xl/workbook.xml": "<a/>"}
    refused(archive(parts), "x.xlsx")
    assert list(tmp_path.rglob("*")) == [] and not Path("/etc/escaped.xml").exists()


# -- the process that reads ------------------------------------------------------------------------


@pytest.mark.parametrize("last", ["QQQ123456", "XFD1048576"])
def test_a_few_bytes_that_ask_for_gigabytes_end_the_reader_and_not_the_portal_f17(last: str) -> None:
    bomb = reaching(last)
    assert len(bomb) < 11_000
    assert refused(bomb, "x.xlsx") == "too_many_cells"
    assert open_workbook(reaching("B2"), "x.xlsx").grids[0].row(1)[1] == 1


def test_a_reader_that_waits_for_ever_is_stopped_and_said_f17() -> None:
    waiting = opening.run_child("tests.kit.endless", {"how": "wait"}, replace(Limits(), seconds=1))
    assert waiting == {"refused": ("too_slow",)}


@pytest.mark.skipif(sys.platform == "win32", reason="no such limit there; the time limit remains")
def test_a_reader_that_computes_for_ever_is_stopped_and_said_f17() -> None:
    assert opening.run_child("tests.kit.endless", {"how": "compute"}, replace(Limits(), cpu=1)) == {
        "refused": ("too_slow",)
    }


def test_an_answer_is_there_before_35_seconds_are_over_f17() -> None:
    assert Limits().seconds < 35 and Limits().cpu <= Limits().seconds


def test_what_the_reader_says_is_taken_as_values_only_f17() -> None:
    class Acting:
        def __reduce__(self) -> Any:
            return print, ("taken over",)

    assert opening._answer(pickle.dumps({"sheets": Acting()}))["refused"][0] == "unreadable"
    assert opening._answer(b"nonsense")["refused"][0] == "unreadable"
    assert opening._answer(b"")["refused"][0] == "unreadable"


def test_files_are_read_few_at_a_time_and_the_others_told_f17(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "PATIENCE", 0)
    for _ in range(opening.AT_ONCE):
        assert opening._turns.acquire(blocking=False)
    try:
        assert refused(reaching("B2"), "x.xlsx") == "busy"
    finally:
        opening._turns.release(opening.AT_ONCE)
    assert open_workbook(reaching("B2"), "x.xlsx").grids
