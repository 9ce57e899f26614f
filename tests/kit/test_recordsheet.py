"""Any form and any right answers to it go through its workbook and come back the same."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

from factories.specs import answers_to, specs
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.domain.formspec import Checker, FieldType, FormSpec, answers_as_data
from app.kit import excel
from app.kit.excel.context import ReadContext, VillageName
from app.kit.excel.recordsheet import field_of, is_taken, record_book

CONTEXT = ReadContext(villages=(VillageName("V01", "东苇村"), VillageName("V02", "南汀村")))
FEW = settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))


def in_row(spec: FormSpec, clean: Mapping[str, Any]) -> dict[str, Any]:
    row = {"number": 1, "row_key": "7", "unit": "东苇村", "period": "2026-10"}
    for asked in spec.fields():
        answer = clean.get(asked.code)
        if asked.type is FieldType.ROWS:
            answer = [{field_of(code): value for code, value in line.items()} for line in answer or ()]
        row[field_of(asked.code)] = answer
    return row


def as_answers(spec: FormSpec, row: Mapping[str, Any], extras: Mapping[str, Any]) -> dict[str, Any]:
    book, found = record_book(spec, "month"), {}
    for asked in spec.fields():
        if asked.type is FieldType.ROWS:
            lines = extras[book.lines[asked.code].code]
            open_columns = [column for column in asked.columns if not column.computed]
            found[asked.code] = [{c.code: line.get(field_of(c.code)) for c in open_columns} for line in lines]
        elif is_taken(asked):
            found[asked.code] = row[field_of(asked.code)]
    return found


@FEW
@given(specs())
def test_the_template_of_any_form_is_read_back_with_a_column_for_each_field(spec: FormSpec) -> None:
    from app.kit.excel.mapping import find_header
    from app.kit.excel.opening import open_workbook

    book = record_book(spec, "month")
    opened = open_workbook(excel.template(book.layout, CONTEXT), "模板.xlsx")
    grids = {grid.name: grid for grid in opened.grids}
    for sheet in (book.sheet, *book.lines.values()):
        match = find_header(sheet, grids[sheet.name])
        assert match is not None
        assert set(match.columns) == set(sheet.by_field)
        assert list(match.columns.values()) == sorted(match.columns.values())


@FEW
@given(st.data())
def test_right_answers_survive_export_and_import(data: Any) -> None:
    spec = data.draw(specs())
    checker = Checker(spec)
    clean, problems = checker.check(data.draw(answers_to(spec)), draft=True)
    if problems:
        return
    stored = answers_as_data(clean)
    book = record_book(spec, "month")
    content = excel.write(book.layout, [in_row(spec, stored)], {})
    result = excel.read(book.layout, content, "表.xlsx", CONTEXT)
    assert result.outcome == "rows", [issue.to_json() for issue in result.issues]
    (row,) = result.rows
    assert (row["number"], row["row_key"], row["unit"], row["period"]) == (1, "7", "东苇村", "2026-10")
    back, problems = checker.check(as_answers(spec, row, result.extras), draft=True)
    assert problems == []
    assert back == clean


def test_no_answer_becomes_a_formula() -> None:
    import openpyxl

    spec = data_spec()
    said = ["=1+1", "+cmd|' /C calc'!A0", "@SUM(1)", "-2+3", "<r>=1</r>", "无", "/"]
    rows = [in_row(spec, {"words": text}) | {"number": n} for n, text in enumerate(said, 1)]
    book = record_book(spec, None)
    content = excel.write(book.layout, rows, {})
    sheet = openpyxl.load_workbook(io.BytesIO(content)).worksheets[0]
    assert not [cell for line in sheet.iter_rows() for cell in line if cell.data_type == "f"]
    read = excel.read(book.layout, content, "表.xlsx", CONTEXT)
    assert [row["q_words"] for row in read.rows] == said


def data_spec() -> FormSpec:
    from app.domain.formspec import parse_spec

    fields = [{"code": "words", "label": {"zh": "合计"}, "type": "text"}]
    sections = [{"code": "s", "title": {"zh": "基本情况"}, "fields": fields}]
    return parse_spec({"code": "words", "version": 1, "title": {"zh": "{台账} 2026年"}, "sections": sections})


def test_a_word_of_the_form_counts_before_the_signs_of_an_empty_cell() -> None:
    from app.domain.formspec import parse_spec
    from app.kit.excel.formcells import reader_of

    labels = ["无", "联系、走访", "联系", "走访", "/"]
    choices = [{"code": f"c{n}", "label": {"zh": label}} for n, label in enumerate(labels)]
    fields = [
        {"code": "one", "label": {"zh": "一项"}, "type": "choice", "choices": choices, "na_allowed": True},
        {"code": "many", "label": {"zh": "多项"}, "type": "choices", "choices": choices},
        {"code": "share", "label": {"zh": "比例"}, "type": "percentage"},
    ]
    sections = [{"code": "s", "title": {"zh": "情况"}, "fields": fields}]
    spec = parse_spec({"code": "words", "version": 1, "title": {"zh": "表"}, "sections": sections})
    one, many, share = (reader_of(asked) for asked in spec.fields())
    assert [one(text, None) for text in ("无", "/", "不适用", "—", "c2")] == ["c0", "c4", "NA", None, "c2"]
    assert many("走访、联系、走访", None) == ["c1", "c3"] and many("联系，走访", None) == ["c2", "c3"]
    assert many("联系、串门", None).code == "E22"
    assert [share(value, None) for value in ("95%", 95.0, 1e15)][:2] == [95, 95] and share(1e15, None).code == "E23"
