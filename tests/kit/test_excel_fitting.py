"""An office's own workbook: suggested, read as one of our layouts, and known again when it comes back changed."""

from __future__ import annotations

import io
from typing import Any

import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st
from kit.workbook_samples import context

from app.features.people.excel import ROSTER
from app.kit.excel import open_workbook, read
from app.kit.excel.fitting import Fit, column_at, header_paths, recognise

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


def book(order: list[str], titles: int, extra: list[int], sheet: str = "人员表") -> bytes:
    """The office's workbook with its columns in an order, so many title rows, and foreign columns before some of them."""
    buffer = io.BytesIO()
    workbook = xlsxwriter.Workbook(buffer)
    paper = workbook.add_worksheet(sheet)
    lines: list[list[Any]] = [[f"第{n}行标题"] for n in range(titles)]
    lines.append([HEADS[name] for name in order])
    lines += [[man[ORDER.index(name)] for name in order] for man in MEN]
    lines.append(["以下空白"])
    lines.append(["不是数据"] * len(order))
    for at in sorted(extra, reverse=True):
        for number, line in enumerate(lines):
            if len(line) > at:
                line.insert(at, f"附加{at}" if number == titles else "杂")
    for row, line in enumerate(lines):
        paper.write_row(row, 0, line)
    workbook.close()
    return buffer.getvalue()


def pointed(data: bytes, titles: int) -> Fit:
    """What a clerk points out on the first file."""
    grid = open_workbook(data, "a.xlsx").grids[0]
    paths = header_paths(grid, titles, 1)
    meanings = {"role": {"队员": "网格员", "队长": "子网格长"}}
    columns = tuple(column_at(paths, n, name, meanings.get(name)) for n, name in enumerate(ORDER) if name)
    return Fit("a", grid.name, titles, columns=columns, headers=tuple(paths), footer="以下空白")


FIRST = book(ORDER, 2, [])
FIT = pointed(FIRST, 2)


def told(data: bytes, **how: Any) -> Any:
    result = read(ROSTER, data, "x.xlsx", context(), **how)
    return result, [{k: v for k, v in row.items() if k not in ("row", "sheet")} for row in result.rows]


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
    result, rows = told(book(order, titles, extra, sheet), fits=[FIT])
    assert (result.fitted, rows) == (0, told(FIRST, fit=FIT)[1])


def test_faults_stand_at_the_cells_of_the_office_s_own_sheet() -> None:
    moved = book(list(reversed(ORDER)), 4, [])
    result, _rows = told(moved, fit=Fit(**{**FIT.__dict__, "columns": tuple(c for c in FIT.columns)}))
    assert result.outcome == "rows"
    wordless = tuple(
        column_at(header_paths(open_workbook(FIRST, "a.xlsx").grids[0], 2, 1), n, name)
        for n, name in enumerate(ORDER)
        if name
    )
    result, _rows = told(moved, fit=Fit(**{**FIT.__dict__, "columns": wordless}))
    assert [(i.code, i.cell, i.value) for i in result.issues] == [
        ("E33", "D6", "队员"),
        ("E33", "D7", "队长"),
        ("E33", "D8", "队员"),
    ]


def test_a_header_that_changed_too_much_is_named() -> None:
    names = {"上岗": "任职", "手机": "通讯方式", "承担工作": "职责"}
    changed = [names.get(HEADS[name], HEADS[name]) for name in ORDER]
    buffer = io.BytesIO()
    workbook = xlsxwriter.Workbook(buffer)
    paper = workbook.add_worksheet()
    paper.write_row(0, 0, changed)
    for row, man in enumerate(MEN, 1):
        paper.write_row(row, 0, man)
    workbook.close()
    found = recognise([FIT], open_workbook(buffer.getvalue(), "a.xlsx"))
    assert found is not None and set(found.missing) == {"上岗", "手机", "承担工作"}
