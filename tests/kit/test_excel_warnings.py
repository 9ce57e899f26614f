"""What is read, but should be looked at: rows below blank ones, days that have not come yet."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from typing import Any

import pytest
from openpyxl import Workbook

from app.kit import clock
from app.kit.excel import ReadContext, ReadResult, clean, read, rules
from app.kit.excel.sentences import sentence
from app.kit.excel.sheet import Column, Sheet

WORKS = Sheet(
    "w",
    "works",
    "",
    (
        Column("village", ("村",), required=True, fill_down=True),
        Column("visits", ("走访",), clean.whole),
        Column("done_on", ("日期",), clean.day),
    ),
    rules=(rules.past("done_on", of_period=True),),
)
ROWS = [["甲村", 1, "2026-10-02"], ["乙村", 2, "2026-10-03"]]
BLANK: list[list[Any]] = [[None, None, None]]


def reading(rows: list[list[Any]], period: str = "2026-10") -> ReadResult:
    book = Workbook()
    book.active.title = "一月"
    for row in [["村", "走访", "日期"], *rows]:
        book.active.append(row)
    for number, row in enumerate(rows, 2):  # openpyxl gives an empty line no row of its own
        for column, value in enumerate(row, 1):
            book.active.cell(number, column, value)
    out = io.BytesIO()
    book.save(out)
    with clock.at(datetime(2026, 11, 20, tzinfo=UTC)):
        return read(WORKS, out.getvalue(), "w.xlsx", ReadContext(page_period=period))


def warned(result: ReadResult) -> list[tuple[str, str | None, str]]:
    return [(issue.code, issue.cell, issue.reason) for issue in result.issues]


def test_rows_below_five_blank_ones_are_left_out_with_a_word() -> None:
    result = reading([*ROWS, *BLANK * 5, ["丙村", 3, "2026-10-04"], ["丁村", 4, "2026-10-05"]])
    assert [row["village"] for row in result.rows] == ["甲村", "乙村"]
    assert warned(result) == [("W06", "A9", "")]
    said = sentence(result.issues[0])
    assert "一月" in said and "A9" in said and "this row and 1 below it" in said and "Delete the blank rows" in said


@pytest.mark.parametrize(
    "below",
    [
        [["填表人：某某"], ["丙村", 3, "2026-10-04"]],
        [["合计", 3, None]],
        [["以上由村里填写"]],
    ],
    ids=["a closing line", "a total", "a remark"],
)
def test_what_stands_below_the_blank_rows_and_is_no_data_is_not_warned_of(below: list[list[Any]]) -> None:
    assert warned(reading([*ROWS, *BLANK * 5, *below])) == []


def test_four_blank_rows_end_nothing() -> None:
    result = reading([*ROWS, *BLANK * 4, ["丙村", 3, "2026-10-04"]])
    assert (len(result.rows), warned(result)) == (3, [])


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("2026-10-31", None),
        ("2026年10月", None),
        ("2026-11-01", "period"),
        ("2026年11月", "period"),
        ("2026-11-21", ""),
    ],
)
def test_a_day_after_today_or_after_the_period_is_read_with_a_warning(typed: str, reason: str | None) -> None:
    result = reading([["甲村", 1, typed]])
    assert len(result.rows) == 1
    assert warned(result) == ([] if reason is None else [("W07", "C2", reason)])
