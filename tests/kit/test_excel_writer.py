"""What we write reads back the same, holds no formula of anybody's making, and adds up."""

from __future__ import annotations

import io
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.kit import seed
from app.kit.excel import ExportMeta, mark_errors, open_workbook, read, sentence, template, write
from app.kit.excel.sentences import SENTENCES
from app.kit.excel.writer import write_csv
from tests.kit import workbook_samples as samples


def clean_samples() -> list[Any]:
    paths = samples.expectations("clean")
    found = [(path, json.loads(path.read_text(encoding="utf-8"))) for path in paths]
    return [pytest.param(expected, id=path.stem) for path, expected in found if expected["layout"] in samples.LAYOUTS]


def known(expected: dict[str, Any]) -> Any:
    county = "43" in expected["file"] or expected["layout"] == "e"
    return samples.context("org_county43.json" if county else "org_town.json", expected.get("period"))


def meta(expected: dict[str, Any]) -> ExportMeta:
    day = "2026-10-28" if expected["layout"] == "a" else "2025-12-29"
    labels = seed.read("reference/headers.yaml")
    return ExportMeta(
        "漕禾镇", expected.get("period") or "", village=expected.get("village", ""), exported_at=day, labels=labels
    )


def content(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What rows say; an empty cell of a column we add says no more than the file without it."""
    return [
        {name: value for name, value in row.items() if name not in ("sheet", "row") and value != ""} for row in rows
    ]


def export(expected: dict[str, Any]) -> tuple[Any, bytes]:
    result = samples.read_sample(expected)
    layout = samples.LAYOUTS[expected["layout"]]
    detail = result.extras.get("deduction_detail", ())
    scheme = known(expected).scheme
    return result, write(layout, result.rows, meta(expected), variant=result.layout, scheme=scheme, detail=detail)


@pytest.mark.parametrize("expected", clean_samples())
def test_an_exported_file_reads_back_without_a_change(expected: dict[str, Any]) -> None:
    result, data = export(expected)
    again = read(samples.LAYOUTS[expected["layout"]], data, "again.xlsx", known(expected))
    assert (again.outcome, again.layout) == ("rows", result.layout)
    assert [(i.code, i.cell) for i in again.issues] == [(i.code, i.cell) for i in result.issues if i.code == "W-PL1"]
    assert content(again.rows) == content(result.rows)
    assert again.period == result.period
    assert content(again.extras.get("deduction_detail", [])) == content(result.extras.get("deduction_detail", []))
    assert again.meta["layout"] == result.layout


@pytest.mark.parametrize("expected", clean_samples())
def test_a_template_is_recognised_and_holds_no_fault(expected: dict[str, Any]) -> None:
    layout = samples.LAYOUTS[expected["layout"]]
    data = template(layout, known(expected), meta(expected), variant=expected["layout"])
    again = read(layout, data, "template.xlsx", known(expected))
    assert again.outcome == "rows" and again.layout == expected["layout"]


def test_totals_are_formulas_that_hold_their_value() -> None:
    from openpyxl import load_workbook

    expected = json.loads((samples.SAMPLES / "expected/clean/e_payroll_43.json").read_text("utf-8"))
    _result, data = export(expected)
    formulas = load_workbook(io.BytesIO(data))["发放表"]
    values = load_workbook(io.BytesIO(data), data_only=True)["发放表"]
    total = next(row for row in range(1, formulas.max_row + 1) if formulas.cell(row, 1).value == "合  计")
    assert str(formulas.cell(total, 15).value).startswith("=SUMIF(")
    assert Decimal(str(values.cell(total, 15).value)) == Decimal("2920394.75")
    assert values.cell(total + 1, 1).value == "大写：贰佰玖拾贰万零叁佰玖拾肆元柒角伍分"
    assert formulas.page_setup.orientation == "landscape" and formulas.print_title_rows == "$3:$4"


RISKY = st.text(st.sampled_from("=+-@＝＋－＠|\t'\"<&网格中1 A"), min_size=1, max_size=12)


@settings(max_examples=15, deadline=None)
@given(st.lists(RISKY, min_size=1, max_size=8))
def test_no_text_becomes_a_formula_and_every_text_comes_back(remarks: list[str]) -> None:
    from openpyxl import load_workbook

    rows = [
        {"village": "东苇村", "sub_grids": (), "role": "volunteer", "person_name": f"甲{number}", "remarks": text}
        for number, text in enumerate(remarks)
    ]
    data = write(samples.ROSTER, rows, {"owner": "=镇", "exported_at": "2026-10-28"})
    cells = [cell for row in load_workbook(io.BytesIO(data))["花名册"].iter_rows() for cell in row]
    assert all(cell.data_type != "f" for cell in cells)
    again = [row.get("remarks") for row in read(samples.ROSTER, data, "x.xlsx", samples.context()).rows]
    for before, after in zip(remarks, again, strict=True):
        assert after is None or after == before.strip()
    text_file = write_csv(samples.ROSTER, rows, {"owner": "镇", "exported_at": "2026-10-28"})
    in_text = [row.get("remarks") for row in read(samples.ROSTER, text_file, "x.csv", samples.context()).rows]
    assert in_text == again


def test_a_text_file_has_an_apostrophe_before_what_would_be_a_formula() -> None:
    row = {"village": "东苇村", "sub_grids": (), "role": "volunteer", "person_name": "甲", "remarks": "=1+1"}
    assert "'=1+1" in write_csv(samples.ROSTER, [row]).decode("utf-8-sig")


def test_hidden_row_keys_travel_with_their_rows() -> None:
    row = {"village": "东苇村", "sub_grids": (), "role": "volunteer", "person_name": "甲", "row_key": "p17"}
    data = write(samples.ROSTER, [row], {"exported_at": "2026-10-28"})
    assert read(samples.ROSTER, data, "x.xlsx", samples.context()).rows[0]["row_key"] == "p17"


def test_a_file_of_another_form_is_not_taken() -> None:
    row = {"village": "东苇村", "sub_grid": "第一子网格", "month": "2026-10"}
    data = write(samples.MONTHLY_LOG, [row], {"period": "2026-10"})
    assert read(samples.ROSTER, data, "x.xlsx", samples.context()).outcome in ("refused", "rejected")


def test_a_long_export_is_streamed_and_reads_back() -> None:
    rows = [
        {"village": "东苇村", "sub_grids": (), "role": "volunteer", "person_name": f"甲{n}", "phone": f"1000{n:07d}",
         "certified": False}
        for n in range(20_001)
    ]  # fmt: skip
    again = read(samples.ROSTER, write(samples.ROSTER, rows, {}), "x.xlsx", samples.context())
    assert again.outcome == "rows" and content(again.rows) == rows


def faulty_samples() -> list[Any]:
    found = []
    for path in (*samples.expectations("broken"), *samples.expectations("messy")):
        expected = json.loads(path.read_text(encoding="utf-8"))
        if expected["layout"] in samples.LAYOUTS and not path.name.startswith("file_"):
            found.append(pytest.param(expected, id=path.stem))
    return found


@pytest.mark.parametrize("expected", faulty_samples())
def test_the_file_comes_back_with_its_faults_marked_and_says_the_same_again(expected: dict[str, Any]) -> None:
    from openpyxl import load_workbook

    path = samples.SAMPLES / expected["file"]
    result = samples.read_sample(expected)
    data = mark_errors(path.read_bytes(), path.name, result)
    marked = [cell for sheet in load_workbook(io.BytesIO(data)) for row in sheet.iter_rows() for cell in row]
    assert sum(cell.comment is not None for cell in marked) == len({(i.sheet, i.cell) for i in result.issues if i.cell})
    assert any(str(cell.value).startswith("错误说明") for cell in marked) == bool(result.issues)
    page = expected.get("context", {}).get("page_period") or expected.get("period")
    county = "43" in path.name or expected["layout"] == "e"
    context = samples.context("org_county43.json" if county else "org_town.json", page)
    again = read(samples.LAYOUTS[expected["layout"]], data, Path(path.name).stem + ".xlsx", context)
    assert {(i.code, i.cell) for i in again.issues} == {(i.code, i.cell) for i in result.issues}
    assert len(again.rows) == len(result.rows)


def test_every_code_that_can_be_found_has_a_sentence_naming_the_value() -> None:
    for path in (*samples.expectations("broken"), *samples.expectations("messy")):
        expected = json.loads(path.read_text(encoding="utf-8"))
        if expected["layout"] not in samples.LAYOUTS:
            continue
        for issue in samples.read_sample(expected).issues:
            assert f"{issue.code}:{issue.reason}" in SENTENCES or issue.code in SENTENCES
            assert issue.cell is None or issue.cell in sentence(issue)


def test_opening_needs_no_spreadsheet_library_in_this_process() -> None:
    import subprocess
    import sys

    script = "import sys, app.kit.excel as e; e.read; print([m for m in ('openpyxl','python_calamine','xlsxwriter') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_book_is_opened_from_a_path_as_well() -> None:
    path = samples.SAMPLES / "clean" / "b_responsibility_21.xlsx"
    assert open_workbook(path, path.name).grids[0].name == "责任清单"
