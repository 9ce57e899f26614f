"""Hostile files handed to the whole server: each has its answer within 35 seconds, and everybody else is served meanwhile."""

from __future__ import annotations

import io
import resource
import threading
import time
import zipfile
from typing import Any

import pytest
from factories.rosters import roster
from faults.served import MULTIPART, UPLOAD, Server, form
from faults.state import assert_whole, counted, tell
from kit.test_excel_hostile import LINKS, MAIN, TOO_MUCH, packed, parts, relation, relations, sheet

from app.kit.excel import FileRefused, open_workbook

PATIENCE = 35


def endless() -> bytes:
    """Four full sheets: each within the limits, all together six hundred thousand rows."""
    body = sheet(
        "".join(f'<row r="{row}"><c r="A{row}"><v>{row}</v></c><c r="B{row}"/></row>' for row in range(1, 150_001))
    )
    given, numbers = parts(), range(1, 5)
    names = "".join(f'<sheet name="s{n}" sheetId="{n}" r:id="rId{n}"/>' for n in numbers)
    given["xl/workbook.xml"] = f'<workbook xmlns="{MAIN}" xmlns:r="{LINKS}"><sheets>{names}</sheets></workbook>'
    given["xl/_rels/workbook.xml.rels"] = relations(
        *(relation(n, "worksheet", f"worksheets/sheet{n}.xml") for n in numbers)
    )
    return packed(given | {f"xl/worksheets/sheet{n}.xml": body for n in numbers})


def wide_texts() -> bytes:
    """A memory bomb: a text of thirty thousand signs in every cell, no two alike."""
    texts = "".join(f"<si><t>{number}{'字' * 3000}</t></si>" for number in range(40_000))
    rows = "".join(f'<row r="{n + 1}"><c r="A{n + 1}" t="s"><v>{n}</v></c></row>' for n in range(40_000))
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name, content in parts(rows, texts).items():
            archive.writestr(name, content, zipfile.ZIP_DEFLATED, 1)
    return buffer.getvalue()


def test_everybody_is_served_while_hostile_files_are_read(served: tuple[Any, Server]) -> None:
    app, server = served
    before = counted(app)
    hostile = {**TOO_MUCH, "four full sheets": endless(), "wide texts": wide_texts(), "cut off": roster(30)[:-500]}
    taken: dict[str, float] = {}
    waited: list[float] = []
    done = threading.Event()

    def upload(names: list[str]) -> None:
        for name in names:
            begun = time.monotonic()
            answer = server.ask(
                "POST", UPLOAD, form(hostile[name], f"{name}.xlsx"), PATIENCE, **{"Content-Type": MULTIPART}
            )
            taken[name] = time.monotonic() - begun
            assert answer.status in (200, 302, 303, 400, 413, 422, 503), (name, answer.status)

    def look() -> None:
        while not done.wait(0.2):
            begun = time.monotonic()
            assert server.ask("GET", "/exchange/").status == 200
            waited.append(time.monotonic() - begun)

    names = list(hostile)
    people = [threading.Thread(target=upload, args=(names[at::2],)) for at in (0, 1)]
    looking = threading.Thread(target=look)
    for thread in (*people, looking):
        thread.start()
    for thread in people:
        thread.join()
    done.set()
    looking.join()
    assert taken.keys() == hostile.keys() and max(taken.values()) < PATIENCE
    tell(f"hostile files: slowest answer {max(taken.values()):.1f} s; a page meanwhile {max(waited):.1f} s at most")
    after = counted(app)
    changed = {table for table in before if after[table] != before[table]}
    assert changed <= {"audit_entry", "import_row", "job"}, changed  # that it was read, and what was found
    assert_whole(app)


def test_a_good_file_is_taken_after_all_of_them(served: tuple[Any, Server]) -> None:
    _app, server = served
    for content in TOO_MUCH.values():
        server.ask("POST", UPLOAD, form(content), **{"Content-Type": MULTIPART})
    assert server.ask("POST", UPLOAD, form(roster(30)), **{"Content-Type": MULTIPART}).status == 302


@pytest.mark.parametrize("percent", range(5, 100, 5))
def test_a_large_file_cut_at_any_length_is_refused_soon(percent: int) -> None:
    whole = roster(5000)
    begun = time.monotonic()
    with pytest.raises(FileRefused):
        open_workbook(whole[: len(whole) * percent // 100], "x.xlsx")
    assert time.monotonic() - begun < PATIENCE


def test_two_hundred_thousand_rows_are_read_in_the_memory_there_is() -> None:
    rows = (
        f'<row r="{row}">'
        + "".join(f'<c r="{c}{row}"><v>{row % 97}</v></c>' for c in "ABCDEFGHIJK")
        + f'<c r="L{row}" t="s"><v>0</v></c></row>'
        for row in range(1, 200_001)
    )
    data = packed(parts("".join(rows)))
    before, begun = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.monotonic()
    grid = open_workbook(data, "x.xlsx").grids[0]
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) >> 10
    assert (grid.height, grid.width, grid.cell(199_999, 11)) == (200_000, 12, "甲")
    tell(f"200,000 x 12 cells: {time.monotonic() - begun:.1f} s, portal {max(grown, 0)} MB more")
    assert grown < 400
