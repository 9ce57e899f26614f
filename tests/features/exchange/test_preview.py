"""From upload to confirmation: rows that wait, tabs and search, mending on the page, words settled once, the refused rows."""

from __future__ import annotations

import io
from typing import Any

import pytest
import xlsxwriter
from openpyxl import load_workbook

from app.features.exchange import queries, services
from app.features.exchange.models import ImportBatch, ImportRow, ValueMeaning
from app.features.people.models import Person
from app.kit import access
from app.kit.db import transaction

HEAD = ["村名", "子网格", "姓名", "备注", "网格职务", "任职日期", "联系电话"]
TITLE = "甲镇网格员花名册（2026年9月）"


def line(name: str, village: str = "甲东村", role: str = "网格员", since: Any = "", phone: str = "") -> list[Any]:
    return [village, "第二子网格", name, "", role, since, phone]


def workbook(*lines: list[Any], merge: tuple[int, int] | None = None) -> bytes:
    """A title, a header, rows from row 3 on (the village of the rows `merge` in one cell) and a closing note."""
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer)
    sheet = book.add_worksheet("花名册")
    sheet.merge_range(0, 0, 0, 6, TITLE)
    sheet.set_column(0, 0, 33)
    sheet.write_row(1, 0, HEAD)
    for number, values in enumerate(lines, 2):
        sheet.write_row(number, 0, values)
    if merge:
        sheet.merge_range(merge[0] - 1, 0, merge[1] - 1, 0, lines[merge[0] - 3][0])
    sheet.write(len(lines) + 2, 0, "注：如实填写。")
    book.close()
    return buffer.getvalue()


@pytest.fixture
def clerk(world: Any, sign_in: Any) -> Any:
    return sign_in("county_administrator")


@pytest.fixture
def preview(world: Any, operator: Any) -> Any:
    """`preview(*lines)` is an upload that waits."""

    def made(*lines: list[Any], **how: Any) -> ImportBatch:
        options = services.options_from("C1", None, None, None)
        return services.preview(queries.door_of("roster"), workbook(*lines, **how), "名册.xlsx", options)

    return made


def rows(batch: ImportBatch, kind: str = "") -> list[ImportRow]:
    from app.kit.db import db

    found = db.session.query(ImportRow).filter_by(batch_id=batch.id).order_by(ImportRow.number).all()
    return [row for row in found if not kind or row.kind == kind]


def codes(row: ImportRow) -> set[str]:
    return {problem["code"] for problem in row.problems}


def counted(batch: ImportBatch) -> dict[str, int]:
    return {kind: n for kind, n in batch.changes["counts"].items() if n}


def test_good_and_refused_rows_wait_in_the_order_of_the_file_with_what_was_typed(preview: Any) -> None:
    batch = preview(line("吴甲"), line("吴乙", role="飞行员", phone="13812345678"), line("吴丙"))
    assert [(row.kind, row.row) for row in rows(batch)] == [("new", "3"), ("refused", "4"), ("new", "5")]
    refused = rows(batch, "refused")[0]
    assert refused.typed_cells["phone"] == "13812345678" and codes(refused) == {"E33"}
    assert "吴乙" in refused.label and counted(batch) == {"new": 2, "refused": 1}


def test_a_row_mended_on_the_page_is_read_by_the_rules_of_the_file_and_keeps_its_other_cells(preview: Any) -> None:
    batch = preview(line("吴甲", role="飞行员", phone="13812345678"), line("吴乙"))
    row = rows(batch, "refused")[0]
    services.mend(batch, row.id, {"role": "还是不对"})
    assert row.kind == "refused" and codes(row) == {"E33"} and row.typed_cells["role"] == "还是不对"
    services.mend(batch, row.id, {"role": "网格员"})
    assert (row.kind, row.typed["phone"], counted(batch), batch.outcome) == ("new", "13812345678", {"new": 2}, "rows")
    services.confirm(batch)
    assert Person.query.filter_by(name="吴甲").one().phone == "13812345678"


def test_of_an_identity_number_in_a_refused_row_nothing_is_kept(preview: Any) -> None:
    values = line("吴甲")
    values[3] = "身份证11010519491231002X"
    row = rows(preview(values, line("吴乙")), "refused")[0]
    assert codes(row) == {"E41"} and "11010519491231002X" not in str((row.typed_cells, row.problems, row.label))
    assert "身份证" in row.typed_cells["remarks"]


def test_both_readings_of_an_ambiguous_month_are_offered_and_one_mends_it(preview: Any, clerk: Any) -> None:
    batch = preview(line("吴甲", since=2021.1))
    batch.user_id = access.actor().user_id
    row = rows(batch, "refused")[0]
    problem = row.problems[0]
    assert (problem["code"], problem["params"]["first"], problem["params"]["second"]) == ("E51", "2021-01", "2021-10")
    services.mend(batch, row.id, {"appointed_on": "2021-10"})
    assert rows(batch, "new")[0].typed["appointed_on"] == "2021-10"


def test_mending_a_row_into_the_key_of_another_is_refused_as_in_the_file(preview: Any) -> None:
    batch = preview(line("吴甲"), line("吴甲", role="飞行员"), line("", role="网格员"))
    first, second = rows(batch, "refused")
    services.mend(batch, first.id, {"role": "网格员"})
    assert codes(first) == {"E61"} and first.kind == "refused"
    services.mend(batch, first.id, {"person_name": "吴乙"})
    services.mend(batch, second.id, {"person_name": "吴丙"})
    assert counted(batch) == {"new": 3}


def test_a_word_is_settled_once_for_all_its_rows_and_for_the_next_import(preview: Any, session: Any) -> None:
    lines = [line("吴甲", village="东边村村委会"), line("吴乙"), line("吴丙", village="东边村村委会")]
    batch = preview(*lines)
    (unknown,) = services.unknown_words(batch)
    assert (unknown.typed, unknown.count, "甲东村" in unknown.choices) == ("东边村村委会", 2, True)
    assert services.settle_value(batch, unknown.field, unknown.typed, "甲东村") == 2
    assert counted(batch)["new"] == 3 and services.unknown_words(batch) == []
    meaning = session.query(ValueMeaning).one()
    assert (meaning.unit.code, meaning.meaning) == ("C1", "甲东村")
    assert counted(preview(*lines))["new"] == 3
    services.withdraw(meaning)
    assert counted(preview(*lines))["refused"] == 2


def test_a_word_of_a_closed_list_is_settled_too(preview: Any) -> None:
    batch = preview(line("吴甲", role="格长助理"), line("吴乙", role="格长助理"))
    (unknown,) = services.unknown_words(batch)
    assert "网格员" in unknown.choices
    services.settle_value(batch, unknown.field, unknown.typed, "网格员")
    assert counted(batch) == {"new": 2}


def test_what_somebody_changed_after_the_preview_is_not_written_over(preview: Any, session: Any) -> None:
    services.confirm(preview(line("吴甲", phone="13812345678")))
    batch = preview(line("吴甲", phone="13800000001"), line("吴乙"))
    assert counted(batch) == {"changed": 1, "new": 1}
    with transaction():
        Person.query.filter_by(name="吴甲").one().phone = "13899999999"
    from app.domain.errors import RuleBroken

    with pytest.raises(RuleBroken) as refusal:
        services.confirm(batch)
    assert refusal.value.problems[0].code == "exchange.changed_meanwhile"
    changed = rows(batch, "changed")[0]
    assert changed.warned and "138****9999" in str(changed.cells) and batch.state == "previewed"
    assert Person.query.filter_by(name="吴甲").one().phone == "13899999999"
    assert services.confirm(batch)["changed"] == 1, "having seen it he may save it"


def test_saving_the_good_rows_leaves_out_what_changed_meanwhile_and_says_so(preview: Any, session: Any) -> None:
    services.confirm(preview(line("吴甲", phone="13812345678")))
    batch = preview(line("吴甲", phone="13800000001"), line("吴乙"))
    with transaction():
        Person.query.filter_by(name="吴甲").one().phone = "13899999999"
    assert services.confirm(batch, only_good=True)["new"] == 1
    assert codes(rows(batch, "refused")[0]) == {"exchange.changed_row"}
    assert Person.query.filter_by(name="吴甲").one().phone == "13899999999"


def test_the_refused_rows_come_back_in_the_clerk_s_own_layout_and_mended_go_in(preview: Any) -> None:
    lines = [line(f"吴{sign}", role="飞行员" if sign in "乙丁" else "网格员") for sign in "甲乙丙丁戊"]
    for values in lines[1:4]:
        values[0] = ""
    batch = preview(*lines, merge=(3, 6))
    services.confirm(batch, only_good=True)
    book = load_workbook(io.BytesIO(services.refused_file(batch)))
    sheet = book["花名册"]
    assert [sheet.cell(row, 3).value for row in range(2, 6)] == ["姓名", "吴乙", "吴丁", None]
    assert (
        sheet["A1"].value == TITLE and sheet["A5"].value == "注：如实填写。" and sheet.column_dimensions["A"].width > 30
    )
    assert sheet["A3"].value == "甲东村" and "A3:A4" in {str(one) for one in sheet.merged_cells.ranges}
    assert sheet["E3"].fill.fgColor.rgb == "FFFFC7CE" and "E33" in sheet["E3"].comment.text
    header = next(cell for cell in sheet[2] if cell.value == "错误说明")
    assert "飞行员" in sheet.cell(4, header.column).value
    for row in (3, 4):
        sheet.cell(row, 5).value = "网格员"
    out = io.BytesIO()
    book.save(out)
    options = services.options_from("C1", None, None, None)
    again = services.preview(queries.door_of("roster"), out.getvalue(), "名册.xlsx", options)
    assert counted(again) == {"new": 2} and services.confirm(again)["new"] == 2


def test_the_page_shows_tabs_finds_rows_and_mends_them(clerk: Any, session: Any) -> None:
    content = workbook(*[line(f"吴{n}号", phone=f"138{n:08d}") for n in range(60)], line("王某", role="飞行员"))
    data = {"file": (io.BytesIO(content), "名册.xlsx"), "unit": "C1"}
    page = clerk.post("/exchange/import/roster", data=data, content_type="multipart/form-data").location
    shown = clerk.get(page).text
    assert "飞行员" in shown and "王某" in shown and "吴3号" not in shown
    new = clerk.get(f"{page}?tab=new").text
    assert "吴3号" in new and "吴59号" not in new and "138****0003" in new and "13800000003" not in new
    assert "吴59号" in clerk.get(f"{page}?tab=new&page=2").text
    assert "吴59号" in clerk.get(f"{page}?tab=new&q=吴59").text
    row = session.query(ImportRow).filter_by(kind="refused").one()
    clerk.post(f"{page}/mend/{row.id}", data={"cell-role": "网格员"})
    session.expire_all()
    assert row.kind == "new"
    assert clerk.post(f"{page}/confirm").status_code == 302
    assert Person.query.filter_by(name="王某").count() == 1


def test_a_long_file_is_read_and_saved_by_a_job(clerk: Any, session: Any, app: Any, monkeypatch: Any) -> None:
    monkeypatch.setitem(app.config, "LONG_FILE_KB", 0)
    monkeypatch.setitem(app.config, "LONG_FILE_ROWS", 1)
    data = {"file": (io.BytesIO(workbook(line("吴甲"), line("吴乙"))), "名册.xlsx"), "unit": "C1"}
    page = clerk.post("/exchange/import/roster", data=data, content_type="multipart/form-data").location
    batch = session.get(ImportBatch, int(page.rsplit("/", 1)[1]))
    session.refresh(batch)
    assert (batch.state, counted(batch)) == ("previewed", {"new": 2}) and batch.job_id
    first = batch.job_id
    clerk.post(f"{page}/confirm")
    session.refresh(batch)
    assert batch.state == "applied" and batch.job_id != first
    assert Person.query.filter(Person.name.in_(["吴甲", "吴乙"])).count() == 2


def monthly_log(**faults: str) -> bytes:
    """A month of two sub-grids as an export writes it, with other words in some cells."""
    from app.kit import excel
    from app.kit.excel import ExportMeta

    door = queries.door_of("monthly-log")
    grids = ("第一子网格", "第二子网格")
    lines = [{"village": "甲东村", "sub_grid": grid, "meetings": 1, "patrols": 4, "visits": 9} for grid in grids]
    content = excel.write(door.layout, lines, ExportMeta(owner="甲镇", period="2026-10"))
    book = load_workbook(io.BytesIO(content))
    for cell, words in faults.items():
        book.worksheets[0][cell].value = words
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_rows_that_do_not_depend_on_each_other_go_chunk_by_chunk(
    world: Any, operator: Any, session: Any, monkeypatch: Any
) -> None:
    from app.features.duties.models import Duty
    from app.features.duties.services import open_period
    from app.features.exchange.services import turns

    open_period("2026-10", units=[world.units["C1"]])
    monkeypatch.setattr(turns, "CHUNK", 1)
    door, options = queries.door_of("monthly-log"), services.options_from("C1", "2026-10", None, None)
    assert door.independent
    batch = services.preview(door, monthly_log(E6="约20"), "记录.xlsx", options)
    assert counted(batch) == {"new": 1, "refused": 1} and codes(rows(batch, "refused")[0]) == {"E22"}
    services.mend(batch, rows(batch, "refused")[0].id, {"patrols": "20"})
    assert counted(batch) == {"new": 2} and services.confirm(batch)["new"] == 2
    stored = {d.unit.name: d.answers.get("patrols") for d in session.query(Duty) if d.subject.startswith("unit:")}
    assert (stored["第一子网格"], stored["第二子网格"]) == (4, 20)
    again = services.preview(door, monthly_log(E6="20"), "记录.xlsx", options)
    assert counted(again) == {"same": 2} and {row.typed for row in rows(again)} == {None}


def test_a_name_of_a_sub_grid_is_settled_once_for_its_village_in_every_month_and_sheet(
    world: Any, operator: Any, session: Any
) -> None:
    from app.features.duties.services import open_period

    open_period("2026-10", units=[world.units["C1"]])
    options = services.options_from("C1", "2026-10", None, None)

    def read() -> ImportBatch:
        content = monthly_log(B6="塘东片", B7="塘东片")
        return services.preview(queries.door_of("monthly-log"), content, "日志.xlsx", options)

    def roster_of(village: str) -> ImportBatch:
        cells = line("吴甲", village)
        cells[1] = "塘东片"
        return services.preview(queries.door_of("roster"), workbook(cells), "名册.xlsx", options)

    batch = read()
    (unknown,) = services.unknown_words(batch)
    assert (unknown.typed, list(unknown.choices)) == ("甲东村 塘东片", ["第一子网格", "第二子网格"])
    assert services.settle_value(batch, unknown.field, unknown.typed, "第二子网格") == unknown.count
    assert counted(batch)["new"] >= 1 and services.unknown_words(read()) == []
    assert list(rows(roster_of("甲东村"), "new")[0].typed["sub_grids"]) == ["第二子网格"]
    assert codes(rows(roster_of(world.units["C1B"].name), "refused")[0]) == {"E32"}
