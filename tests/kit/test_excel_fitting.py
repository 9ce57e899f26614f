"""An office's own workbook: suggested, read as one of our layouts, and known again when it comes back changed."""

from __future__ import annotations

import io
from array import array
from dataclasses import replace
from typing import Any

import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st
from kit.workbook_samples import SAMPLES, context

from app.features.bonus.excel import PAY
from app.features.checklists.excel import RESPONSIBILITY_LIST
from app.features.duties.excel import MONTHLY_LOG
from app.features.people.excel import ROSTER
from app.kit.excel import open_workbook, read, read_book
from app.kit.excel.book import Book, Cells, Grid
from app.kit.excel.fit import Fit, column_at, header_paths
from app.kit.excel.placing import recognise
from app.kit.excel.sheet import layout_of
from app.kit.excel.suggesting import suggest_for

HEADS = {
    "village": "辖区",
    "sub_grids": "片区",
    "person_name": "同志",
    "role": "承担工作",
    "appointed_on": "上岗",
    "phone": "手机",
    "": "籍贯",
}
MEN = [
    ("东苇村", "第一子网格", "吴甲", "队员", "2023.6.1", "13900000001", "本地"),
    ("东苇村", "第一子网格", "郑乙", "队长", "2023年7月", "13900000002", "外地"),
    ("东苇村", "第二子网格", "王丙", "队员", "2024-01-05", "13900000003", "本地"),
]
ORDER = list(HEADS)


def lines(order: list[str], titles: int, extra: list[int]) -> list[list[str]]:
    """The office's sheet with its columns in an order, so many title rows, and foreign columns before some of them."""
    found = [[f"第{n}行标题"] for n in range(titles)]
    found.append([HEADS[name] for name in order])
    found += [[man[ORDER.index(name)] for name in order] for man in MEN]
    found += [["以下空白"], ["不是数据"] * len(order)]
    for at in sorted(extra, reverse=True):
        for number, line in enumerate(found):
            if len(line) > at:
                line.insert(at, f"附加{at}" if number == titles else "杂")
    return found


def book(rows: list[list[str]]) -> bytes:
    buffer = io.BytesIO()
    workbook = xlsxwriter.Workbook(buffer)
    paper = workbook.add_worksheet("人员表")
    for number, row in enumerate(rows):
        paper.write_row(number, 0, row)
    workbook.close()
    return buffer.getvalue()


def opened(rows: list[list[str]], sheet: str) -> Book:
    """The same as it looks after the file was opened."""
    width = max(map(len, rows))
    columns = []
    for column in range(width):
        values = [row[column] if column < len(row) else "" for row in rows]
        columns.append(Cells(values, array("I", range(len(values)))))
    return Book("xlsx", [Grid(sheet, height=len(rows), columns=columns, occupied=b"\1" * len(rows))])


def pointed(data: bytes, titles: int) -> Fit:
    """What a clerk points out on the first file."""
    grid = open_workbook(data, "a.xlsx").grids[0]
    paths = header_paths(grid, titles, 1)
    meanings = {"role": {"队员": "网格员", "队长": "子网格长"}}
    columns = tuple(column_at(paths, n, name, meanings.get(name)) for n, name in enumerate(ORDER) if name)
    return Fit("a", grid.name, titles, columns=columns, headers=tuple(paths), footer="以下空白")


FIRST = book(lines(ORDER, 2, []))
FIT = pointed(FIRST, 2)


def told(data: bytes, **how: Any) -> Any:
    result = read(ROSTER, data, "x.xlsx", context(), **how)
    return result, bare(result)


def bare(result: Any) -> list[dict[str, Any]]:
    """The rows without their places."""
    return [{name: value for name, value in row.items() if name not in ("row", "sheet")} for row in result.rows]


EXPECTED = told(FIRST, fit=FIT)[1]


def test_a_workbook_in_an_unknown_layout_is_read_as_the_clerk_pointed() -> None:
    result, rows = told(FIRST, fit=FIT)
    assert (result.outcome, [i.code for i in result.issues]) == ("rows", [])
    assert [row["role"] for row in rows] == ["grid_worker", "sub_grid_leader", "grid_worker"]
    assert rows[1] == {
        "village": "东苇村",
        "sub_grids": ("第一子网格",),
        "person_name": "郑乙",
        "role": "sub_grid_leader",
        "appointed_on": "2023-07",
        "phone": "13900000002",
    }
    assert told(FIRST)[0].outcome == "refused"


@settings(max_examples=25)
@given(
    st.permutations(ORDER),
    st.integers(0, 8),
    st.lists(st.integers(0, 7), max_size=3, unique=True),
    st.sampled_from(["人员表", "11月", "Sheet1"]),
)
def test_moved_and_added_columns_and_titles_change_nothing(
    order: list[str], titles: int, extra: list[int], sheet: str
) -> None:
    """It is known by what its header says."""
    result = read_book(layout_of(ROSTER), opened(lines(order, titles, extra), sheet), context(), fits=[FIT])
    assert (result.fitted, bare(result)) == (0, EXPECTED)


def test_faults_stand_at_the_cells_of_the_office_s_own_sheet() -> None:
    moved = book(lines(list(reversed(ORDER)), 4, []))
    wordless = replace(FIT, columns=tuple(replace(column, meanings={}) for column in FIT.columns))
    result, _rows = told(moved, fit=wordless)
    assert [(i.code, i.cell, i.value) for i in result.issues] == [
        ("E33", "D6", "队员"),
        ("E33", "D7", "队长"),
        ("E33", "D8", "队员"),
    ]


def test_a_header_that_changed_too_much_is_named() -> None:
    names = {"上岗": "任职", "手机": "通讯方式", "承担工作": "职责"}
    changed = [names.get(HEADS[name], HEADS[name]) for name in ORDER]
    found = recognise([FIT], opened([changed, *map(list, MEN)], "表"))
    assert found is not None and set(found.missing) == {"上岗", "手机", "承担工作"}


def test_columns_are_suggested_by_their_content_where_the_names_say_nothing() -> None:
    suggestion = suggest_for(layout_of(ROSTER), open_workbook(FIRST, "a.xlsx"), context())
    assert suggestion is not None
    guessed = {guess.field: (place, guess.why) for place, guess in suggestion.guesses.items()}
    assert suggestion.fit.first_data_row == 3
    assert {name: guessed[name] for name in ("village", "sub_grids", "person_name", "phone", "appointed_on")} == {
        "village": (0, "content"),
        "sub_grids": (1, "content"),
        "person_name": (2, "content"),
        "appointed_on": (4, "content"),
        "phone": (5, "name"),
    }


@pytest.mark.parametrize(
    ("sample", "layout"),
    [
        ("clean/a_roster_14villages.xlsx", ROSTER),
        ("clean/b_responsibility_21.xlsx", RESPONSIBILITY_LIST),
        ("clean/c_monthly_log_2026-10.xlsx", MONTHLY_LOG),
        ("clean/e2_wages_dates_14.xlsx", PAY),
        ("clean/e3_wages_months_14.xlsx", PAY),
        ("messy/c_monthly_log_gb18030.csv", MONTHLY_LOG),
    ],
)
def test_for_a_known_layout_the_suggestion_reads_what_the_layout_reads(sample: str, layout: Any) -> None:
    path = SAMPLES / sample
    data = path.read_bytes()
    suggestion = suggest_for(layout_of(layout), open_workbook(data, path.name), context())
    assert suggestion is not None
    by_fit = read(layout, data, path.name, context(), fit=Fit.from_json(suggestion.fit.to_json()))
    assert by_fit.rows == read(layout, data, path.name, context()).rows
