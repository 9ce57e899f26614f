"""The workbook of a form: out and in again without a change, changed and new rows, lines, refusals at their cells."""

from __future__ import annotations

import io
from dataclasses import replace

import openpyxl
import pytest
from factories.patrol import FORM, SETTINGS, as_, patrol_entry, patrol_form

from app.domain.rights import Verb
from app.features.exchange import queries, services
from app.features.forms.models import FormRecord
from app.features.forms.services import publish_form, save_records
from app.kit.exchange import Change, Options

MONTH = "2026-10"


@pytest.fixture
def form(world):
    return patrol_form(world)


@pytest.fixture
def record(world, form):
    with as_(world, "grid_worker"):
        (made,) = save_records([patrol_entry(world, form, period=MONTH)], submit=True)
    made.answers = {**made.answers, "who": world.persons["grid_worker"].id}
    return made


def exported(code="form-patrol", options=None):
    return services.export(queries.door_of(code), options or Options())


def read(content, code="form-patrol", options=None):
    door = queries.door_of(code)
    result, options = services.read(door, content, "巡查.xlsx", options or Options())
    return door, result, options


def changed(content, cells):
    """The workbook with other values in some cells: (sheet, address) -> value."""
    book = openpyxl.load_workbook(io.BytesIO(content))
    for (sheet, cell), value in cells.items():
        book[sheet][cell] = value
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def headers(content, sheet):
    book = openpyxl.load_workbook(io.BytesIO(content))
    for line in book[sheet].iter_rows(max_row=4):
        if line[0].value == "序号":
            return line[0].row, {cell.value: cell.column_letter for cell in line}
    raise AssertionError("no header")


def test_an_export_imported_again_changes_nothing_whoever_does_it(world, record):
    for username in ("county_clerk",):
        with as_(world, username):
            door, result, options = read(exported())
            assert result.outcome == "rows", [issue.to_json() for issue in result.issues]
            assert [change.kind for change in services.compare(door, result, options)] == [Change.SAME]


def test_changed_cells_and_lines_show_what_they_change_and_what_is_computed_otherwise(world, form):
    with as_(world, "grid_worker"):
        save_records([patrol_entry(world, form, period=MONTH)], submit=False)
    with as_(world, "county_clerk"):
        content = exported()
        row, at = headers(content, "巡查记录")
        line, of = headers(content, "明细")
        cells = {
            ("巡查记录", f"{at['费用（元）']}{row + 1}"): 20,
            ("巡查记录", f"{at['合计（元）']}{row + 1}"): 99,
            ("明细", f"{of['金额（元）']}{line + 2}"): 5,
        }
        door, result, options = read(changed(content, cells))
        assert result.outcome == "rows", [issue.to_json() for issue in result.issues]
        (change,) = services.compare(door, result, options)
    assert change.kind == Change.CHANGED
    assert set(change.cells) == {"费用（元）", "明细", "合计（元）"}
    assert [problem.code for problem in change.problems] == ["record.computed_differs"]


def test_a_new_row_with_lines_becomes_a_record_handed_in(world, form, session):
    with as_(world, "grid_worker"):
        template = services.template(queries.door_of("form-patrol"), Options())
        row, at = headers(template, "巡查记录")
        line, of = headers(template, "明细")
        place = world.units["C1A-G1-01"]
        cells = {
            ("巡查记录", f"{at['序号']}{row + 1}"): 1,
            ("巡查记录", f"{at['单位']}{row + 1}"): place.code,
            ("巡查记录", f"{at['期间']}{row + 1}"): "2026年10月",
            ("巡查记录", f"{at['类别']}{row + 1}"): "flood",
            ("明细", f"{of['序号']}{line + 1}"): 1,
            ("明细", f"{of['名称']}{line + 1}"): "桶",
            ("明细", f"{of['金额（元）']}{line + 1}"): 4,
        }
        door, result, options = read(changed(template, cells))
        assert result.outcome == "rows", [issue.to_json() for issue in result.issues]
        batch = services.take_in(door, b"x", "巡查.xlsx", options, result)
        services.confirm(batch, at_once=True)
    (record,) = session.query(FormRecord).all()
    assert (record.state, record.period, record.unit) == ("submitted", MONTH, place)
    assert record.answers["parts"] == [{"name": "桶", "amount": "4.00"}]
    assert record.answers["total"] == "4.00"


def test_what_is_wrong_is_told_at_its_cell_also_in_a_line(world, form):
    with as_(world, "grid_worker"):
        door = queries.door_of("form-patrol")
        unit = door.context(Options()).villages[0].name
        rows = [{"sheet": "巡查记录", "row": 4, "number": 1, "unit": unit, "q_kind": None, "q_cost": None}]
        lines = [{"row": 8, "number": 1, "q_name": None, "q_amount": 3}]
        (change,) = door.save(rows, Options(extra={"lines-parts": lines, "lines-parts-refused": []}), True)
    found = {problem.code: problem for problem in change.problems}
    assert found["answer.required"].where == "q_kind"
    assert {"sheet": "明细", "row": 8, "header": "名称"}.items() <= found["record.line"].params.items()


def test_a_line_that_could_not_be_read_keeps_its_record_out(world, form):
    with as_(world, "grid_worker"):
        door = queries.door_of("form-patrol")
        unit = door.context(Options()).villages[0].name
        rows = [{"number": 1, "unit": unit, "q_kind": "flood"}]
        extra = {"lines-parts": [{"row": 5, "number": 1, "q_name": "桶"}], "lines-parts-refused": [1.0]}
        (change,) = door.save(rows, Options(extra=extra), True)
    assert [problem.code for problem in change.problems] == ["record.lines_unread"]


def test_the_number_of_a_line_must_be_that_of_a_record(world, form, record):
    with as_(world, "county_clerk"):
        content = exported()
        line, of = headers(content, "明细")
        _door, result, _options = read(changed(content, {("明细", f"{of['序号']}{line + 1}"): 8}))
    assert [(issue.code, issue.sheet, issue.reason) for issue in result.issues] == [("E32", "明细", "line")]


def test_a_form_concerns_only_its_own_county_and_the_later_of_two_names_its_unit(world, form):
    publish_form(FORM, world.units["C1"], settings=SETTINGS)
    with as_(world, "grid_worker"):
        assert {door.code for door in queries.doors_open_for(Verb.IMPORT)} == {"form-patrol", "form-patrol@C1"}
        assert queries.door("form-patrol@C1") is not None
    with as_(world, "grid_worker_2"):
        assert {door.code for door in queries.doors_open_for(Verb.IMPORT)} == {"form-patrol"}
        assert queries.door("form-patrol@C1") is None


def test_an_export_takes_the_filter_of_the_list_and_streams(world, form, record, monkeypatch):
    from app.features.exchange import tables
    from app.features.forms.queries import workbooks

    monkeypatch.setattr(workbooks, "CHUNK", 1)
    with as_(world, "grid_worker"):
        save_records([patrol_entry(world, form, answers={"kind": "flood"}, period="2026-11")], submit=True)
    with as_(world, "county_clerk"):
        door = queries.door_of("form-patrol")
        assert [row["q_kind"] for row in door.rows(Options())[0]] == ["fire", "flood"]
        wanted = replace(Options(), extra={"filter": {"q_kind": "flood"}})
        table = tables.of_door(door, wanted)
        assert table.count == len(list(table.rows)) == 1
        assert len(door.rows(Options(period=MONTH))[0]) == 1
    with as_(world, "grid_worker_2"):
        assert len(door.rows(Options())[0]) == 0


def test_a_form_of_one_record_a_unit_is_filled_in_without_a_network(world, session):
    from app.features.forms import offline

    fields = [
        {"code": "visits", "label": {"zh": "走访户数"}, "type": "integer", "required": True, "min": "0"},
        {"code": "twice", "label": {"zh": "两倍"}, "type": "integer", "computed": "visits * 2"},
    ]
    sections = [{"code": "s", "title": {"zh": "走访"}, "fields": fields}]
    spec = {"code": "visits", "version": 1, "title": {"zh": "走访情况"}, "sections": sections}
    publish_form(spec, world.units["C"], settings={"cycle": "month", "per": "unit", "keeper_level": "sub_grid"})
    with as_(world, "grid_worker"):
        (sheet,) = offline.sheets(world.units["C1A-G1-01"], MONTH)
        assert offline.sheets(world.units["C1A-G1-01"], "2026") == []
        (row,) = sheet.page.rows
        (change,) = sheet.save([{**row, "q_visits": 12}], False)
        assert change.kind == Change.NEW, change.problems
        (sheet,) = offline.sheets(world.units["C1A-G1-01"], MONTH)
        (row,) = sheet.page.rows
        assert (row["q_visits"], row["q_twice"]) == (12, 24)
        assert [change.kind for change in sheet.save([row], True)] == [Change.SAME]
    (record,) = session.query(FormRecord).all()
    assert record.state == "submitted"


def test_new_rows_of_an_offline_workbook_become_records_and_come_twice_only_once(world, form, record, session):
    from app.features.exchange.services import offline, offline_saving

    asked = {"fill_roles": ["sub_grid_leader"], "cycle": "month"}
    county = publish_form(
        {**FORM, "code": "rounds", "title": {"zh": "巡查登记"}}, world.units["C"], settings=asked
    ).form
    with as_(world, "sub_grid_leader"):
        unit = world.units["C1A-G1-01"]
        (was,) = save_records([patrol_entry(world, county, period=MONTH)], submit=False)
        content = offline.make(unit, MONTH).content
        row, at = headers(content, "巡查登记")
        new = {at["类别 *"]: "flood"}
        cells = {("巡查登记", f"{column}{row + 2}"): value for column, value in new.items()}
        cells |= {("巡查登记", f"{at['费用（元）']}{row + 1}"): 20, ("巡查登记", f"{at['类别 *']}{row + 5}"): "fire"}
        back = changed(content, cells)
        batch = offline.compare(back, "离线.xlsx")
        found = {sheet["name"]: sheet for sheet in batch.result["shown"]["sheets"]}["巡查登记"]
        assert (found["problems"], found["rows"]) == ([], {"changed": 1, "new": 2})
        save_records([patrol_entry(world, county, period=MONTH, answers={"cost": "7"})], submit=False)
        assert offline_saving.apply(batch)["new"] == 2
        records = session.query(FormRecord).filter_by(form_id=county.id).order_by(FormRecord.id).all()
        assert [(one.state, one.answers["kind"]) for one in records[2:]] == [
            ("submitted", "flood"),
            ("submitted", "fire"),
        ]
        assert (was.state, was.answers["cost"]) == ("draft", "20.00")

        again = offline.compare(back, "离线.xlsx")  # the same file once more
        assert offline.rows_of(again) == []
        records[2].answers = {**records[2].answers, "kind": "fire"}
        session.commit()
        (conflict,) = offline.rows_of(offline.compare(back, "离线.xlsx"))
        assert (conflict.kind, [*conflict.cells]) == ("conflict", ["q_kind"])

        copied = changed(
            back, {("巡查登记", f"{at['记录号']}{row + 5}"): None, ("巡查登记", f"{at['类别 *']}{row + 5}"): "flood"}
        )
        refused = [one for one in offline.rows_of(offline.compare(copied, "离线.xlsx")) if one.kind == "refused"]
        assert [problem["code"] for one in refused for problem in one.problems]
