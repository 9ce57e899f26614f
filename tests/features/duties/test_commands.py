"""`flask duties …` does what the pages do."""

from __future__ import annotations

import json

import pytest

from app.features.duties import services
from app.features.duties.models import Duty
from app.features.duties.queries import monthly_totals, my_todo
from app.kit import access, clock

PERIOD = "2026-10"
ZEROS = dict.fromkeys(
    (
        "meetings",
        "patrols",
        "reception_days",
        "reception_visitors",
        "leads_received",
        "leads_accepted",
        "leads_closed",
        "should_attend",
        "attended",
    ),
    0,
)


@pytest.fixture
def run(app, world):
    runner = app.test_cli_runner()

    def command(*words):
        done = runner.invoke(args=["duties", *words])
        assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
        return done

    return command


def test_a_month_from_opening_to_locking(run, world, session):
    assert json.loads(run("open", PERIOD, "--json").output)["created"] == 18
    record = session.query(Duty).filter(Duty.subject.like("unit:%"), Duty.township_id == world.units["C1"].id).one()
    services.save_draft([services.Entry(record, ZEROS | {"visits": 3})])
    submitted = json.loads(run("submit", "C1A", PERIOD, "--json").output)
    assert submitted == {"period": PERIOD, "submitted": 1, "waiting": 8}
    confirmed = run("confirm", "C1A", PERIOD, "--as", "chief_grid_leader", "--json")
    assert json.loads(confirmed.output)["confirmed"] == 1
    assert json.loads(run("close", PERIOD, "--unit", "C1", "--json").output)["closed"] == ["C1"]
    assert run("close", PERIOD, "--unit", "C1").exit_code == 2
    totals = {row.village_code: row for row in monthly_totals(world.units["C1"], [PERIOD])}
    assert (totals["C1A"].records, totals["C1A"].sums["visits"], totals["C1B"].sums) == (1, 3, {})


def test_under_the_rights_of_the_account_named(run, world):
    assert run("open", PERIOD, "--unit", "C1", "--as", "chief_grid_leader").exit_code == 2
    assert run("open", PERIOD, "--unit", "C1", "--as", "township_head").exit_code == 0
    assert run("open", "十月", "--unit", "C1").exit_code == 2
    assert run("open", PERIOD, "--unit", "无").exit_code == 2


def test_the_first_page_says_what_waits(run, world, session):
    run("open", PERIOD)
    session.expire_all()
    leader = access.actor_of_user(world.users["sub_grid_leader"].id)
    with access.acting_as(leader):
        lines = my_todo(leader, clock.today())
    assert [(line.endpoint, line.count, line.args) for line in lines] == [
        ("MyPeriodView.my_period", 1, {"period": PERIOD})
    ]
    assert lines[0].due_on.isoformat() == "2026-11-05"
