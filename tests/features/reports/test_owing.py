"""Who owes a report: computed out of issue, unit and period, less what is handed in."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from html import unescape
from typing import Any

import pytest
from factories.browsing import send
from sqlalchemy import select

from app.domain.errors import RuleBroken
from app.features.exchange import queries
from app.features.forms.models import FormRecord
from app.features.forms.queries import form_version
from app.features.reports.queries import my_reports, standings
from app.features.reports.queries.owed import owed_of
from app.features.reports.services import halt_report
from app.kit import clock
from app.kit.db import db
from app.kit.exchange import Change, Options


def at(day: str) -> Any:
    return clock.at(datetime.fromisoformat(f"{day}T04:00").replace(tzinfo=UTC))


@pytest.fixture(autouse=True)
def march() -> Iterator[None]:
    with at("2026-03-04"):
        yield


def hand_in(issue: Any, unit: Any, period: str, on: str, state: str = "submitted") -> None:
    version = form_version(issue.form.code, unit)
    with at(on):
        row = FormRecord(
            form=issue.form,
            form_version=version,
            unit=unit,
            period=period,
            issue_id=issue.id,
            single=f"issue:{issue.id}:unit:{unit.id}:{period}",
            state=state,
            submitted_at=clock.now(),
        )
        db.session.add(row)
        db.session.commit()


def seen(found: list[Any]) -> dict[tuple[str, str], str]:
    return {(one.unit.code, str(one.period)): one.standing for one in found}


def test_each_unit_owes_each_period_until_it_hands_in(form: Any, issued: Any, world: Any) -> None:
    row = issued(form("沙袋数量"), last_period="2026-04")
    hand_in(row, world.units["C1A-G1"], "2026-01", "2026-02-05")
    hand_in(row, world.units["C1A-G1"], "2026-02", "2026-03-03", state="draft")
    hand_in(row, world.units["C1B-G1"], "2026-01", "2026-02-06")
    found = seen(owed_of(row))
    assert len(found) == 4 * 3  # four total grids, January to March
    assert {key: word for key, word in found.items() if key[0] in ("C1A-G1", "C1B-G1")} == {
        ("C1A-G1", "2026-01"): "handed_in",
        ("C1A-G1", "2026-02"): "due",
        ("C1A-G1", "2026-03"): "running",
        ("C1B-G1", "2026-01"): "late",
        ("C1B-G1", "2026-02"): "due",
        ("C1B-G1", "2026-03"): "running",
    }
    with at("2026-03-06"):
        assert seen(owed_of(row))["C1A-G1", "2026-02"] == "overdue"


def test_a_chief_sees_what_he_owes_and_nothing_of_his_neighbours(form: Any, issued: Any, world: Any, as_: Any) -> None:
    row = issued(form("沙袋数量"))
    village = issued(form("救生衣数量"), level="village", title="村月报")
    hand_in(village, world.units["C1A-G1"], "2026-02", "2026-03-03")  # his own unit stands below the village
    with as_("chief_grid_leader"):
        mine = my_reports()
        assert {one.unit.code for one in mine} == {"C1A-G1", "C1A"}
        assert {(one.issue.id, str(one.period)) for one in mine if one.is_handed_in} == {(village.id, "2026-02")}
        assert {one.unit.code for one in owed_of(row)} == {"C1A-G1"}
    with as_("township_head"):
        assert my_reports() == []
        assert {one.unit.code for one in owed_of(row)} == {"C1A-G1", "C1B-G1"}
        missing = [(one.issue.id, str(one.period), len(one.missing)) for one in standings()]
    assert (row.id, "2026-02", 2) in missing and (village.id, "2026-02", 1) in missing


def test_a_halted_report_is_owed_no_more_and_keeps_what_was_handed_in_lj_05(
    form: Any, issued: Any, world: Any, as_: Any, english: Any
) -> None:
    row = issued(form("沙袋数量"))
    hand_in(row, world.units["C1A-G1"], "2026-01", "2026-02-05")
    with as_("county_administrator_b"):
        halt_report(row, "重复填报")
    with at("2026-06-01"):
        assert {str(one.period) for one in owed_of(row)} == {"2026-01", "2026-02", "2026-03"}
        with as_("chief_grid_leader"):
            assert my_reports() == []
    page = english("county_administrator").get(f"/reports/{row.id}").text
    assert "重复填报" in page and "1 of 4 handed in" in page


def test_what_is_owed_leads_to_the_form_and_is_owed_no_more_once_handed_in_yb_12(
    form: Any, issued: Any, english: Any
) -> None:
    row = issued(form("沙袋数量"), first_period="2026-02")
    browser = english("chief_grid_leader")
    page = browser.get("/reports-due/").text
    address = unescape(re.search(rf'href="(/records/{row.form_id}/new[^"]*period=2026-02[^"]*)"', page)[1])  # type: ignore[index]
    answer = send(browser, address, address.partition("?")[0], q0="12", act="submit")
    assert answer.status_code == 302, answer.text
    record = db.session.scalars(select(FormRecord)).one()
    assert (record.issue_id, record.period, record.state) == (row.id, "2026-02", "submitted")
    assert f'href="/records/entry/{record.id}"' in browser.get("/reports-due/").text


def test_a_row_for_a_unit_that_owes_the_report_begins_and_hands_it_in_and_only_once(
    form: Any, issued: Any, world: Any, as_: Any
) -> None:
    row = issued(form("沙袋数量"))
    with as_("chief_grid_leader"):
        door = queries.door_of(f"form-{row.form.code}")
        (named,) = [known.name for known in door.context(Options()).villages if known.code == "C1A-G1"]

        def brought(period: str, sandbags: int = 12) -> Any:
            (change,) = door.save([{"number": 1, "unit": named, "period": period, "q_q0": sandbags}], Options(), False)
            return change.kind, [problem.code for problem in change.problems]

        assert brought("2026-02") == (Change.NEW, [])
        assert brought("2026-02") == (Change.SAME, [])
        assert brought("2026-02", 13) == (Change.CHANGED, [])
        assert brought("2026-05") == (Change.REFUSED, ["record.not_asked_now"])
        assert {str(one.period) for one in my_reports() if one.is_handed_in} == {"2026-02"}
    record = db.session.scalars(select(FormRecord)).one()
    assert (record.issue_id, record.answers, record.state) == (row.id, {"q0": 13}, "submitted")
    issued(row.form, title="另一张同样的表", first_period="2026-03")
    with as_("chief_grid_leader"):
        assert brought("2026-03") == (Change.REFUSED, ["record.asked_twice"])


def test_nobody_hands_in_what_is_not_asked(form: Any, issued: Any, world: Any, as_: Any) -> None:
    row, other = issued(form("沙袋数量")), issued(form("救生衣数量"))
    grid = world.units["C1A-G1"]
    hand_in(row, grid, "2026-02", "2026-03-03")
    with as_("county_administrator_b"):
        halt_report(other, "重复填报")
    for issue, unit, period in ((row, grid, "2026-05"), (row, world.units["C1A"], "2026-02"), (other, grid, "2026-02")):
        with pytest.raises(RuleBroken, match=r"reports\.not_asked"):
            hand_in(issue, unit, period, "2026-03-03")
        db.session.rollback()


def test_reports_stand_on_the_first_page_of_whoever_owes_and_of_whoever_issues(
    form: Any, issued: Any, drafted: Any, english: Any
) -> None:
    issued(form("沙袋数量"))
    drafted(form("救生衣数量"))
    assert "Reports to hand in" in english("chief_grid_leader").get("/home/").text
    assert "Reports that wait to be issued" in english("county_administrator_b").get("/home/").text
    assert "Reports that wait to be issued" not in english("county_administrator").get("/home/").text


def test_an_emergency_is_owed_at_once_yb_12(form: Any, issued: Any, as_: Any) -> None:
    issued(form("转移人数合计", cycle=None), cycle="once", first_period="2026-03", emergency_reason="台风")
    with as_("chief_grid_leader"):
        assert [one.standing for one in my_reports()] == ["due"]
