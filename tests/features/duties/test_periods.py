"""Opening a period gives every post its duties; closing it locks what was written."""

from __future__ import annotations

from datetime import date

import pytest

from app.domain.errors import RuleBroken
from app.domain.rights import Role
from app.features.accounts.queries import user_by_name
from app.features.duties import services
from app.features.duties.models import Duty, DutyTemplate
from app.features.duties.queries import completion, duties_below
from app.features.people.services import add_person, appoint
from app.kit import access
from app.kit.access import NotAllowed

PERIOD = "2026-10"


def acting(username):
    return access.acting_as(access.actor_of_user(user_by_name(username).id))


def below(world, unit="C1", period=PERIOD):
    return duties_below(world.units[unit], period)


def test_each_post_in_force_gets_its_duties_once(world, session):
    first = services.open_period(PERIOD, units=[world.units["C1"]])
    again = services.open_period(PERIOD, units=[world.units["C1"]])
    # chief 3, instructor 3, sub-grid leader 1 record, worker 2
    assert (first.townships, first.created, again.created, again.total) == (1, 9, 0, 9)
    assert {duty.due_on for duty in below(world)} == {date(2026, 11, 5)}
    assert {duty.township_id for duty in below(world)} == {world.units["C1"].id}
    record = next(duty for duty in below(world) if duty.subject.startswith("unit:"))
    assert (record.person.name, record.state) == (world.persons["sub_grid_leader"].name, "open")


def test_the_thirteen_tasks_are_nine_duties_on_eight_forms(world, session):
    services.load_missing_packs()
    services.load_missing_packs()
    templates = session.query(DutyTemplate).all()
    assert len(templates) == 9
    assert {t.code for t in templates if t.per == "unit"} == {"T07-T11"}


def test_a_new_post_is_caught_up_with(world, session):
    services.open_period(PERIOD, units=[world.units["C1"]])
    worker = add_person(world.units["C1A-G1-02"], "新人")
    appoint(worker, Role.GRID_WORKER, world.units["C1A-G1-02"], from_on=date(2026, 10, 20))
    assert services.open_period(PERIOD, units=[world.units["C1"]]).created == 2


def test_a_post_that_ended_before_the_period_owes_nothing(world, session):
    world.posts["grid_worker"].to_on = date(2026, 9, 30)
    session.flush()
    assert services.open_period(PERIOD, units=[world.units["C1"]]).created == 7
    assert services.open_period("2026-09", units=[world.units["C1"]]).created == 9


def test_opening_many_posts_asks_no_more_questions_than_opening_few(world, session):
    from sqlalchemy import event

    grid = world.units["C1A-G1-01"]
    people = [add_person(grid, f"员{n}") for n in range(60)]
    for person in people:
        appoint(person, Role.GRID_WORKER, grid, from_on=date(2025, 1, 1))
    services.load_missing_packs()
    session.expire_all()
    statements = []
    listener = lambda *args: statements.append(args[2])  # noqa: E731
    event.listen(session.connection().engine, "before_cursor_execute", listener)
    try:
        assert services.open_period(PERIOD, units=[world.units["C1"]]).created == 129
    finally:
        event.remove(session.connection().engine, "before_cursor_execute", listener)
    assert len([s for s in statements if not s.startswith("INSERT INTO duty ")]) < 25


@pytest.mark.parametrize("username", ["township_head", "county_administrator"])
def test_who_may_publish_opens_and_closes(world, session, username):
    with acting(username):
        assert services.open_period(PERIOD, units=[world.units["C1"]]).created == 9
        closed = services.close_period(PERIOD, units=[world.units["C1"]])
    assert [(row.state, bool(row.closed_by)) for row in closed] == [("closed", True)]


@pytest.mark.parametrize("username", ["chief_grid_leader", "evaluator", "county_clerk", "township_head_2"])
def test_others_may_not(world, session, username):
    with acting(username), pytest.raises(NotAllowed):
        services.open_period(PERIOD, units=[world.units["C1"]])


def test_a_closed_period_is_refused_until_it_is_reopened_with_a_reason(world, session):
    services.open_period(PERIOD, units=[world.units["C1"]])
    services.close_period(PERIOD, units=[world.units["C1"]])
    duty = below(world)[0]
    for act in (
        lambda: services.nothing_this_period([duty]),
        lambda: services.save_draft([services.Entry(duty, {})]),
        lambda: services.open_period(PERIOD, units=[world.units["C1"]]),
    ):
        with pytest.raises(RuleBroken) as refused:
            act()
        assert refused.value.problems[0].code == "duties.period_closed"
    with pytest.raises(RuleBroken):
        services.ask_reopen(PERIOD, " ", units=[world.units["C1"]])
    services.ask_reopen(PERIOD, "补录", units=[world.units["C1"]])
    services.allow_reopen(PERIOD, units=[world.units["C1"]])
    assert services.nothing_this_period([duty])[0].state == "nothing_to_report"


def test_completion_counts_by_village_and_month(world, session):
    services.open_period(PERIOD)
    services.nothing_this_period([d for d in below(world, "C1A") if d.template.role == "grid_worker"])
    cells = {cell.village_code: cell for cell in completion(world.units["C1"], [PERIOD])}
    assert set(cells) == {"C1A", "C1B"}
    assert (cells["C1A"].due, cells["C1A"].submitted, cells["C1A"].missing, cells["C1B"].due) == (9, 2, 7, 0)
    assert session.query(Duty).count() == 18
