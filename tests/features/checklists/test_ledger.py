"""The ledger of responsibilities: on the page and in the workbook, by the same rules."""

from __future__ import annotations

from typing import Any

import pytest
from factories.browsing import form_to, send

from app.features.checklists.excel import RESPONSIBILITY_LIST
from app.features.checklists.models import LedgerEntry
from app.features.checklists.queries import ledger_context, ledger_of, ledger_rows
from app.features.checklists.services import load_lists, save_ledger
from app.kit import access, excel
from app.kit.exchange import Change, Options, counts


@pytest.fixture
def grid(world: Any) -> Any:
    load_lists()
    return world.units["C1A-G1"]


def place(grid: Any) -> Options:
    return Options(unit=grid, period="2026")


def address(grid: Any) -> str:
    return f"/responsibility-ledger/{grid.id}/2026"


def test_a_new_ledger_has_a_line_for_each_of_21_items_with_who_holds_the_role(grid: Any, world: Any) -> None:
    ledger = ledger_of(grid, "2026")
    assert len(ledger.lines) == 21
    holders = {line.item.role: line.values["holders"] for line in ledger.lines}
    assert holders["supervisor"] == [world.persons["supervisor"].name]
    assert holders["chief_grid_leader"] == [world.persons["chief_grid_leader"].name]
    assert ledger.lines[0].values["time_limit"] == "每半年"


def test_exporting_and_importing_without_an_edit_changes_nothing(grid: Any) -> None:
    rows, _meta = ledger_rows(place(grid))
    assert counts(save_ledger(rows, place(grid), True))["same"] == 21
    save_ledger([rows[3] | {"state": "done", "done_on": "2026-03", "remarks": "已印发"}], place(grid), False)
    rows, _meta = ledger_rows(place(grid))
    assert counts(save_ledger(rows, place(grid), False)) == {"new": 0, "changed": 0, "same": 21, "refused": 0}


def test_the_workbook_itself_comes_back_unchanged(grid: Any) -> None:
    first = {"item_code": "R03", "state": "in_progress", "done_count": 3, "remarks": "第四季度未到"}
    save_ledger([first, {"item_code": "R01", "state": "done", "done_on": "2026-06-18"}], place(grid), False)
    rows, meta = ledger_rows(place(grid))
    content = excel.write(RESPONSIBILITY_LIST, rows, meta)
    result = excel.read(RESPONSIBILITY_LIST, content, "台账.xlsx", ledger_context(place(grid)))
    assert (result.outcome, len(result.rows), result.period) == ("rows", 21, "2026"), result.issues
    given = Options(unit=grid, period="2026", extra=result.extras)
    assert counts(save_ledger(result.rows, given, True))["same"] == 21


def test_a_file_says_what_it_would_change_and_saves_nothing_when_dry(grid: Any, session: Any) -> None:
    rows = [{"item_code": "R01", "state": "done", "done_on": "2026-06-18"}]
    (change,) = save_ledger(rows, place(grid), True)
    assert change.kind is Change.NEW and "2026-06-18" in [new for _old, new in change.cells.values()]
    assert session.query(LedgerEntry).count() == 0
    save_ledger(rows, place(grid), False)
    (change,) = save_ledger([rows[0] | {"done_on": "2026-06-20"}], place(grid), True)
    assert change.kind is Change.CHANGED and list(change.cells.values()) == [("2026-06-18", "2026-06-20")]


def test_what_a_file_does_not_name_is_kept(grid: Any) -> None:
    save_ledger([{"item_code": "R01", "state": "done", "remarks": "见记录"}], place(grid), False)
    save_ledger([{"item_code": "R01", "state": "in_progress"}], place(grid), False)
    values = ledger_of(grid, "2026").lines[0].values
    assert (values["state"], values["remarks"]) == ("in_progress", "见记录")


def test_a_holder_must_hold_the_role_in_that_grid(grid: Any, world: Any) -> None:
    stranger = world.persons["chief_grid_leader_2"].name
    (change,) = save_ledger([{"item_code": "R04", "holders": (stranger,)}], place(grid), True)
    assert change.kind is Change.REFUSED
    assert change.problems[0].code == "ledger.holder_not_in_role" and change.problems[0].params["name"] == stranger
    context = ledger_context(place(grid))
    assert stranger not in context.holders[("甲东村", "chief_grid_leader")]  # type: ignore[index]


def test_an_unknown_item_and_a_wrong_role_are_refused(grid: Any) -> None:
    rows = [{"item_code": "R99", "title": "无此项"}, {"item_code": "R01", "role": "grid_worker"}]
    assert [change.problems[0].code for change in save_ledger(rows, place(grid), True)] == [
        "ledger.unknown_item",
        "ledger.role_differs",
    ]


def test_the_grid_is_that_of_the_village_the_file_states(grid: Any, world: Any) -> None:
    from app.domain.errors import RuleBroken

    by_title = Options(unit=world.units["C1"], period="2026", extra={"village": "甲东村"})
    save_ledger([{"item_code": "R01", "state": "done"}], by_title, False)
    assert ledger_of(grid, "2026").done == 1
    with pytest.raises(RuleBroken) as refusal:
        save_ledger([], Options(unit=world.units["C1B-G1"], period="2026", extra={"village": "甲东村"}), True)
    assert refusal.value.problems[0].code == "ledger.other_grid"
    with pytest.raises(RuleBroken) as refusal:
        save_ledger([], Options(unit=world.units["C1"], period="2026"), True)
    assert refusal.value.problems[0].code == "ledger.grid_unclear"


def test_a_ledger_is_kept_by_year(grid: Any) -> None:
    from app.domain.errors import RuleBroken

    for period in (None, "2026-10"):
        with pytest.raises(RuleBroken):
            ledger_of(grid, period)


def test_the_chief_grid_leader_fills_it_in_on_the_page(grid: Any, session: Any, sign_in: Any, world: Any) -> None:
    browser = sign_in("chief_grid_leader")
    assert browser.get("/responsibility-ledger/?year=2026").status_code == 302
    page = browser.get(address(grid) + "?edit=1").get_data(as_text=True)
    assert 'name="R21-state"' in page
    form = {"R04-state": "done", "R04-done_on": "2026-03-15", "R04-holders": world.persons["chief_grid_leader"].name}
    assert send(browser, address(grid) + "?edit=1", address(grid) + "/save", **form).status_code == 302
    entry = session.query(LedgerEntry).one()
    assert (entry.item.code, entry.state, entry.done_on, entry.period) == ("R04", "done", "2026-03-15", "2026")
    assert entry.total_grid_id == grid.id


def test_what_cannot_be_read_is_said_at_its_field_and_nothing_is_lost(grid: Any, session: Any, sign_in: Any) -> None:
    form = {"R04-state": "done", "R04-done_on": "三月", "R05-remarks": "补齐一人", "R04-done_count": "两次"}
    answer = send(sign_in("chief_grid_leader"), address(grid) + "?edit=1", address(grid) + "/save", **form)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert 'id="R04-done_on-error"' in page and 'id="R04-done_count-error"' in page and "补齐一人" in page
    form = {"R04-state": "done", "R04-holders": "查无此人"}
    answer = send(sign_in("chief_grid_leader"), address(grid) + "?edit=1", address(grid) + "/save", **form)
    assert answer.status_code == 422 and 'id="R04-holders-error"' in answer.get_data(as_text=True)
    assert session.query(LedgerEntry).count() == 0


def test_who_may_only_look_cannot_save(grid: Any, session: Any, sign_in: Any) -> None:
    form = {"R04-state": "done"}
    for username in ("supervisor", "evaluator", "county_administrator", "county_clerk", "volunteer"):
        assert sign_in(username).post(address(grid) + "/save", data=form).status_code == 403
    assert sign_in("supervisor").get(address(grid)).status_code == 200
    assert session.query(LedgerEntry).count() == 0


def test_another_township_is_not_there(grid: Any, session: Any, sign_in: Any) -> None:
    browser = sign_in("chief_grid_leader_2")
    assert browser.get(address(grid)).status_code == 404
    assert browser.post(address(grid) + "/save", data={"R04-state": "done"}).status_code == 404
    assert session.query(LedgerEntry).count() == 0


def test_the_office_brings_a_workbook_in_for_its_county_alone(grid: Any, world: Any) -> None:
    clerk = access.actor_of_user(world.users["county_clerk"].id)
    with access.acting_as(clerk):
        assert save_ledger([{"item_code": "R01", "state": "done"}], place(grid), False)[0].kind is Change.NEW
    leader = access.actor_of_user(world.users["chief_grid_leader_2"].id)
    with access.acting_as(leader), pytest.raises(access.NotAllowed):
        save_ledger([{"item_code": "R01", "state": "not_done"}], place(grid), False)


def test_the_overview_of_ledgers_counts_what_is_done(grid: Any, sign_in: Any) -> None:
    save_ledger([{"item_code": "R01", "state": "done"}, {"item_code": "R02", "state": "done"}], place(grid), False)
    page = sign_in("evaluator").get("/responsibility-ledger/?year=2026").get_data(as_text=True)
    line = page[page.index("甲东村总网格") :].split("</tr>")[0]
    assert ">2</td>" in line and "乙东村总网格" not in page


def test_two_keepers_of_one_ledger_lose_nothing_c17(grid: Any, session: Any, sign_in: Any) -> None:
    browser, place = sign_in("chief_grid_leader"), address(grid) + "/save"
    page = form_to(browser.get(address(grid) + "?edit=1").text, place).values  # opened by both
    assert browser.post(place, data={**page, "R04-remarks": "甲写的"}).status_code == 302
    lost = browser.post(place, data={**page, "request_key": "", "R04-remarks": "乙写的", "R05-remarks": "乙另写"})
    assert lost.status_code == 409
    assert "甲写的" in lost.text and "乙写的" in lost.text and "乙另写" in lost.text
    elsewhere = browser.post(place, data={**page, "request_key": "", "R05-remarks": "乙另写"})
    assert elsewhere.status_code == 302, "a line he left as it stood keeps what the other wrote"
    kept = {entry.item.code: entry.remarks for entry in session.query(LedgerEntry)}
    assert kept["R04"] == "甲写的" and kept["R05"] == "乙另写"
