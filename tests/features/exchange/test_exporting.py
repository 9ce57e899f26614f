"""Lists and forms as plain tables: what the page shows, as it is shown, at once or as a file that waits."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import openpyxl
import pytest
from sqlalchemy import select

from app.features.exchange.models import ImportBatch, ImportRow, MadeFile
from app.features.exchange.services import files
from app.kit import clock
from app.kit.audit import AuditEntry
from app.kit.db import db


def _lines(answer: Any) -> list[list[str]]:
    assert answer.status_code == 200, answer.status_code
    return list(csv.reader(io.StringIO(answer.get_data().decode("utf-8-sig"), newline="")))


def _book(answer: Any) -> Any:
    assert answer.status_code == 200, answer.status_code
    return openpyxl.load_workbook(io.BytesIO(answer.get_data()))


def _give_number(world: Any) -> None:
    world.persons["grid_worker"].phone = "13912345678"
    db.session.commit()


@pytest.fixture
def small(app: Any) -> Iterator[Any]:
    """Settings by which a handful of rows is a large export."""
    before = {
        name: app.config.get(name)
        for name in ("EXPORT_AT_ONCE_ROWS", "EXPORT_FILE_ROWS", "MADE_FILE_MB", "JOBS_AT_ONCE")
    }
    app.config.update(EXPORT_AT_ONCE_ROWS=2, JOBS_AT_ONCE=True)
    yield app.config
    app.config.update(before)


def test_a_list_leaves_in_its_search_and_order_over_all_its_pages(world: Any, sign_in: Any) -> None:
    browser = sign_in("county_administrator")
    page = "?_flt_0_level=village&_oc_UnitView=name&_od_UnitView=desc&psize_UnitView=1"
    everything = _lines(browser.post("/exports/list/units", data={"form": "csv"}))
    searched = _lines(
        browser.post("/exports/list/units?_flt_2_name=村&_oc_UnitView=code&_od_UnitView=desc", data={"form": "csv"})
    )
    assert (
        everything[0] == ["单位名称", "级别", "编号", "上级单位", "设立时间", "撤销时间（不含当日）"]
        or len(everything[0]) == 6
    )
    assert len(searched) < len(everything)
    codes = [line[2] for line in searched[1:]]
    assert codes and codes == sorted(codes, reverse=True)
    assert "/exports/list/units?_flt_0_level=village" in browser.get("/units/list/" + page).get_data(as_text=True)


def test_a_file_says_whose_it_is_and_that_numbers_are_masked(world: Any, sign_in: Any) -> None:
    _give_number(world)
    answer = sign_in("county_administrator").post("/exports/list/persons", data={"form": "xlsx"})
    book = _book(answer)
    about = {row[0]: row[1] for row in book.worksheets[1].iter_rows(values_only=True)}
    texts = [cell for row in book.worksheets[0].iter_rows(values_only=True) for cell in row]
    assert "139****5678" in texts and "13912345678" not in texts
    assert {"导出人", "导出时间", "脱敏"} <= set(about) or len(about) >= 5
    assert str(book.worksheets[0].max_row - 1) in about.values()


def test_whole_numbers_need_the_right_and_a_reason_and_stand_in_the_trail(world: Any, sign_in: Any) -> None:
    _give_number(world)
    wanted = {"form": "csv", "whole": "1", "reason": "防汛值班联系"}
    chief = sign_in("county_administrator")
    assert chief.post("/exports/list/persons", data=wanted | {"reason": " "}).status_code == 302
    assert "13912345678" in chief.post("/exports/list/persons", data=wanted).get_data(as_text=True)
    assert sign_in("county_clerk").post("/exports/list/persons", data=wanted).status_code == 403
    entry = db.session.scalars(
        select(AuditEntry).where(AuditEntry.kind == "unmask").order_by(AuditEntry.id.desc())
    ).first()
    assert entry is not None and entry.changes["reason"] == "防汛值班联系" and entry.changes["rows"] > 0


def test_a_large_list_waits_in_the_export_centre_for_its_owner_alone(world: Any, small: Any, sign_in: Any) -> None:
    browser = sign_in("county_administrator")
    assert browser.post("/exports/list/units", data={"form": "xlsx"}).status_code == 302
    made = db.session.scalars(select(MadeFile)).one()
    assert made.filename in browser.get("/exports/").get_data(as_text=True)
    got = browser.post(f"/exports/files/{made.id}/download")
    assert _book(got).worksheets[0].max_row == made.rows + 1
    assert db.session.scalars(select(AuditEntry).where(AuditEntry.kind == "download")).one().row_id == str(made.id)
    other = sign_in("county_clerk")
    assert [other.post(f"/exports/files/{made.id}/{what}").status_code for what in ("download", "delete")] == [404, 404]
    made.expires_at = clock.now() - timedelta(seconds=1)
    db.session.commit()
    assert browser.post(f"/exports/files/{made.id}/download").status_code == 404
    assert files.purge() == 1


def test_what_is_more_than_a_file_holds_goes_into_several_and_into_no_full_account(
    world: Any, small: Any, sign_in: Any
) -> None:
    browser, small["EXPORT_FILE_ROWS"] = sign_in("county_administrator"), 2
    browser.post("/exports/list/units", data={"form": "csv"})
    made = db.session.scalars(select(MadeFile)).one()
    parts = zipfile.ZipFile(io.BytesIO(made.content))
    tables = [parts.read(name).decode("utf-8-sig").splitlines() for name in parts.namelist() if name.endswith(".csv")]
    assert len(tables) > 1 and {table[0] for table in tables} == {tables[0][0]}
    assert sum(len(table) - 1 for table in tables) == made.rows
    small["MADE_FILE_MB"] = 0
    browser.post("/exports/list/units", data={"form": "csv"})
    assert db.session.scalars(select(MadeFile)).all() == [made]


def test_a_door_leaves_as_a_plain_table_too(world: Any, sign_in: Any) -> None:
    browser = sign_in("county_administrator")
    sheet = _book(browser.post("/exports/table/roster", data={"form": "xlsx"})).worksheets[0]
    assert not sheet.merged_cells.ranges
    assert all(cell.value for cell in sheet[1]) and sheet.max_row > 2
    assert sign_in("supervisor").post("/exports/table/roster", data={"form": "xlsx"}).status_code == 403


def test_the_command_writes_a_plain_table(world: Any, app: Any, tmp_path: Any) -> None:
    from app.features.exchange.commands import exchange

    out = tmp_path / "roster.csv"
    done = app.test_cli_runner().invoke(exchange, ["export", "roster", "--plain", "csv", "--out", str(out)])
    assert done.exit_code == 0, done.output
    assert len(out.read_text(encoding="utf-8-sig").splitlines()) > 2


@pytest.mark.parametrize("language", ["ko", "zh_Hans_CN"])
def test_a_reader_of_korean_gets_a_second_line_in_the_header(world: Any, sign_in: Any, language: str) -> None:
    browser = sign_in("county_administrator")
    browser.get(f"/lang/{language}")
    header = [cell.value for cell in _book(browser.post("/exports/list/units", data={"form": "xlsx"})).worksheets[0][1]]
    assert any("\n" in label for label in header) == (language == "ko")


def test_the_county_layout_in_korean_comes_back_as_no_change(world: Any, sign_in: Any) -> None:
    browser = sign_in("county_administrator")
    browser.get("/lang/ko")
    content = browser.post("/exchange/export/roster.xlsx", data={}).get_data()
    cells = [
        cell
        for row in openpyxl.load_workbook(io.BytesIO(content)).worksheets[0].iter_rows(values_only=True)
        for cell in row
    ]
    assert "姓名\n이름" in cells
    upload = {"file": (io.BytesIO(content), "roster.xlsx")}
    browser.post("/exchange/import/roster", data=upload, content_type="multipart/form-data")
    batch = db.session.scalars(select(ImportBatch)).one()
    kinds = set(db.session.scalars(select(ImportRow.kind).where(ImportRow.batch_id == batch.id)))
    assert kinds == {"same"}
