"""The monthly log of a workbook and the leaders' page write the same records."""

from __future__ import annotations

from datetime import date

import pytest

from app.domain.rights import Role
from app.features.accounts.queries import user_by_name
from app.features.duties import services
from app.features.duties.models import Duty
from app.features.people.services import add_person, appoint
from app.kit import access
from app.kit.exchange import Change, Options, counts

PERIOD = "2026-10"
FULL = {
    "meetings": 1,
    "patrols": 4,
    "reception_days": 1,
    "reception_visitors": 6,
    "leads_received": "NA",
    "leads_accepted": "NA",
    "leads_closed": "NA",
    "should_attend": 18,
    "attended": 16,
    "visits": 12,
    "main_work": "=路灯1处不亮",
}


@pytest.fixture
def month(world):
    second = world.units["C1A-G1-02"]
    appoint(add_person(second, "第二网格长"), Role.SUB_GRID_LEADER, second, from_on=date(2025, 1, 1))
    services.open_period(PERIOD, units=[world.units["C1"]])
    return world


def row(sub_grid="第一子网格", **answers):
    return {"village": "甲东村", "sub_grid": sub_grid, "month": PERIOD, "sheet": "汇总", "row": 5, **answers}


def save(world, *rows, dry=False, unit="C1"):
    return services.save_monthly_logs(list(rows), Options(world.units[unit], PERIOD), dry)


def record(session, sub_grid="第一子网格"):
    session.expire_all()
    rows = session.query(Duty).filter(Duty.subject.like("unit:%"), Duty.period == PERIOD).all()
    return next(r for r in rows if r.unit.name == sub_grid and r.unit.code.startswith("C1A"))


def test_a_dry_run_writes_nothing_and_says_what_would_change(month, session):
    changes = save(month, row(**FULL), dry=True)
    assert [(c.kind, c.label, c.row) for c in changes] == [(Change.NEW, "甲东村 第一子网格 2026-10", 5)]
    assert changes[0].cells["attended"] == ("", "16")
    assert record(session).state == "open"


def test_a_complete_row_is_handed_in_and_a_row_with_gaps_is_a_draft(month, session):
    gaps = {code: value for code, value in FULL.items() if code != "meetings"}
    save(month, row(**FULL), row("第二子网格", **gaps))
    assert (record(session).state, record(session).is_late) == ("submitted", True)
    assert (record(session, "第二子网格").state, "meetings" in record(session, "第二子网格").answers) == (
        "draft",
        False,
    )


def test_what_goes_out_comes_back_without_a_change(month, session):
    save(month, row(**FULL), row("第二子网格", meetings=0))
    rows, meta = services.monthly_log_rows(Options(month.units["C1"], PERIOD))
    assert [r["reporter"] for r in rows] == [month.persons["sub_grid_leader"].name, "第二网格长"]
    assert (meta.period, rows[1]["meetings"], "patrols" in rows[1]) == (PERIOD, 0, False)
    services.confirm([record(session)])
    assert counts(save(month, *rows)) == {"new": 0, "changed": 0, "same": 2, "refused": 0}
    assert record(session).state == "confirmed"


def test_a_confirmed_record_that_differs_is_refused(month, session):
    save(month, row(**FULL))
    services.confirm([record(session)])
    refused = save(month, row(**FULL | {"visits": 13}))[0]
    assert (refused.kind, refused.problems[0].code, refused.cells["visits"]) == (Change.REFUSED, "E62", ("12", "13"))
    assert record(session).answers["visits"] == 12


def test_empty_is_not_nought(month, session):
    save(month, row(meetings=0))
    assert record(session).answers == {"meetings": 0}
    change = save(month, row())[0]
    assert (change.kind, change.cells) == (Change.CHANGED, {"meetings": ("0", "")})


def test_a_closed_month_takes_no_row(month, session):
    services.close_period(PERIOD, units=[month.units["C1"]])
    change = save(month, row(**FULL))[0]
    assert (change.kind, change.problems[0].code) == (Change.REFUSED, "duties.period_closed")


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        (row(**FULL | {"attended": 19}), "form.attended_above_expected"),
        (row(**FULL) | {"village": "无此村"}, "E31"),
        (row("第九子网格", **FULL), "E32"),
        (row(**FULL) | {"month": "2026"}, "duties.not_a_month"),
    ],
)
def test_a_wrong_row_is_refused_and_the_others_are_not(month, session, wrong, code):
    changes = save(month, wrong, row("第二子网格", **FULL))
    assert [(c.kind, [p.code for p in c.problems]) for c in changes] == [(Change.REFUSED, [code]), (Change.NEW, [])]
    assert record(session, "第二子网格").state == "submitted"


def test_a_clerk_of_the_county_may_import_and_a_leader_may_not(month, session):
    for username, kind in (("county_clerk", Change.NEW), ("chief_grid_leader", Change.REFUSED)):
        with access.acting_as(access.actor_of_user(user_by_name(username).id)):
            change = save(month, row(**FULL), dry=True, unit="C1A")[0]
        assert change.kind is kind


def test_a_month_that_was_never_opened_takes_records_of_the_past(month, session):
    change = services.save_monthly_logs(
        [row(**FULL) | {"month": "2025-03"}], Options(month.units["C1"], "2025-03"), False
    )[0]
    assert change.kind is Change.NEW
    old = session.query(Duty).filter_by(period="2025-03").one()
    assert (old.state, old.person.name) == ("submitted", month.persons["sub_grid_leader"].name)
    assert services.open_period("2025-03", units=[month.units["C1"]]).total == 10


def test_the_reader_knows_the_villages_and_their_sub_grids(month):
    context = services.monthly_log_context(Options(month.units["C1"], PERIOD))
    assert [v.name for v in context.villages] == ["甲东村", "甲西村"]
    assert (context.village("甲东村村委会").sub_grids, context.page_period) == (("第一子网格", "第二子网格"), PERIOD)
