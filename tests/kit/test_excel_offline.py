"""A sheet for work without a network: what is open, what is checked, what comes back masked, and forms as sheets."""

from __future__ import annotations

import io
from dataclasses import replace
from decimal import Decimal
from typing import Any

import openpyxl

from app.domain.formspec import parse_spec
from app.features.exchange.services.offline_comparing import Came, SheetFound, compare_sheet
from app.features.exchange.services.offline_sheets import keyed, read_own
from app.kit.excel import clean
from app.kit.excel.context import ReadContext
from app.kit.excel.formsheet import form_sheet
from app.kit.excel.offline import Limit, Page, open_offline, write_offline
from app.kit.excel.sheet import Column, ExportMeta, Row, Sheet
from app.kit.exchange import Change, RowChange
from app.kit.offline import OfflineSheet

CARDS = Sheet(
    code="cards",
    name="名片",
    title="名片",
    columns=(
        Column("name", ("姓名",), clean.name, required=True),
        Column("phone", ("联系电话",), clean.phone),
        Column("visits", ("走访户数",), clean.count, summed=True, format="0"),
    ),
    key=("name",),
)
ROWS: list[Row] = [{"name": "张甲", "phone": "138****0001", "visits": 2}, {"name": "=李乙", "visits": "NA"}]


def cards(rows: list[Row] = ROWS) -> OfflineSheet:
    page = Page(
        "名片",
        CARDS,
        ReadContext(),
        ExportMeta(),
        rows,
        frozenset({"phone", "visits"}),
        required=frozenset({"visits"}),
        limits={"visits": Limit(Decimal(0), Decimal(99), whole=True, not_applicable=True)},
    )

    def save(changed: Any, _dry_run: bool) -> list[RowChange]:
        return [RowChange(Change.CHANGED, row["name"]) for row in changed]

    return OfflineSheet("cards", "名片", page, "1", save, ("phone", "visits"))


def written(sheet: OfflineSheet) -> bytes:
    return write_offline([keyed(sheet, "stamp")], {"stamp": "stamp"}, ["单位：甲镇"])


def compared(data: bytes, sheet: OfflineSheet, base: OfflineSheet | None = None) -> SheetFound:
    base = base or sheet
    was, now = read_own([base], "stamp", written(base)), read_own([sheet], "stamp", written(sheet))
    came = Came("cards", was["cards"], now["cards"], "1", "stamp")
    return compare_sheet(sheet, came, open_offline(data, "x.xlsx"))


def test_only_entry_cells_are_open_numbers_are_checked_and_totals_are_formulas() -> None:
    book = openpyxl.load_workbook(io.BytesIO(written(cards())))
    paper = book["名片"]
    cells = {cell.value: cell for row in paper.iter_rows() for cell in row if cell.value is not None}
    assert paper.protection.sheet and not paper.protection.password
    assert not paper.protection.autoFilter and not paper.protection.sort and not paper.protection.insertRows
    assert cells["张甲"].protection.locked and not cells["138****0001"].protection.locked
    assert (cells["=李乙"].data_type, "走访户数 *" in cells, paper.freeze_panes) == ("s", True, "B3")
    assert [cell.value for cell in paper["C"]][-1] == "=SUM(C3:C4)"
    assert paper.auto_filter.ref == "A2:C4" and paper.column_dimensions["D"].hidden
    (check,) = paper.data_validations.dataValidation
    assert check.formula1 == 'OR(C3="/",AND(ISNUMBER(C3),C3>=0,C3<=99,C3=INT(C3)))' and str(check.sqref) == "C3:C4"
    assert book["_meta"].sheet_state == "veryHidden" and book.sheetnames[0] == "填表说明"


def test_masked_numbers_that_come_back_as_they_went_stay_whatever_they_mask() -> None:
    assert compared(written(cards()), cards()).rows == []
    moved = cards([{**ROWS[0], "phone": "139****0002"}, ROWS[1]])
    assert [row.kind for row in compared(written(cards()), moved, cards()).rows] == ["theirs"]
    typed = openpyxl.load_workbook(io.BytesIO(written(cards())))
    typed["名片"]["B3"].value = "13700000003"
    buffer = io.BytesIO()
    typed.save(buffer)
    (mine,) = compared(buffer.getvalue(), cards()).rows
    assert (mine.kind, mine.mine["phone"], mine.cells["phone"]["words"]) == (
        "changed",
        "13700000003",
        ["***", "***", "13700000003"],
    )
    assert [row.kind for row in compared(buffer.getvalue(), moved, cards()).rows] == ["conflict"]


def test_a_form_of_any_fields_is_a_sheet_and_its_answers_come_back_as_they_are() -> None:
    spec = parse_spec(
        {
            "code": "all_kinds",
            "title": "各种题型",
            "sections": [
                {
                    "code": "one",
                    "title": "甲/乙",
                    "fields": [
                        {"code": "number", "label": "次数", "type": "integer", "required": True, "na_allowed": True},
                        {"code": "hours", "label": "时长", "type": "decimal", "places": 1, "max": 24},
                        {"code": "when", "label": "日期", "type": "date"},
                        {
                            "code": "kind",
                            "label": "种类",
                            "type": "choice",
                            "choices": [{"code": "a", "label": "甲种"}],
                        },
                    ],
                },
                {
                    "code": "two",
                    "title": "其他",
                    "fields": [
                        {"code": "done", "label": "完成", "type": "boolean"},
                        {"code": "words", "label": "次数", "type": "long_text"},
                        {"code": "grid", "label": "网格", "type": "unit_ref"},
                        {"code": "twice", "label": "两倍", "type": "integer", "computed": "number * 2"},
                    ],
                },
            ],
        }
    )
    who = (Column("holder", ("责任人",), clean.text, required=True),)
    made = form_sheet(spec, who, ("holder",), title="表", subtitle="{label}", references={"G-1": "第一子网格"})
    assert made.required == {"number"} and "twice" not in made.entry and made.limits["hours"].high == 24
    answers = {
        "number": "NA",
        "hours": "1.5",
        "when": "2026-10-05",
        "kind": "a",
        "done": False,
        "words": "=1+1",
        "grid": "G-1",
    }
    page = Page(
        "表",
        made.sheet,
        ReadContext(page_period="2026-10"),
        ExportMeta(period="2026-10"),
        [{"holder": "张甲", **answers}],
        made.entry,
    )
    sheet = OfflineSheet(
        "form",
        "表",
        page,
        "1",
        lambda rows, dry: [],
        tuple(field.code for field in spec.fields() if field.code in made.entry),
    )
    rows = read_own([sheet], "s", write_offline([keyed(sheet, "s")], {}, ()))["form"]["rows"]
    (row,) = rows.values()
    assert row["cells"] == {**answers, "hours": Decimal("1.5")}
    empty = replace(sheet, page=replace(page, rows=[{"holder": "张甲"}]))
    (row,) = read_own([empty], "s", write_offline([keyed(empty, "s")], {}, ()))["form"]["rows"].values()
    assert set(row["cells"].values()) == {None}
