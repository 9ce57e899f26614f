"""Somebody stands in for a post: the duties, the right to write them and the names, from the first to the last day."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from factories.browsing import of

from app.domain.errors import RuleBroken
from app.domain.rights import Resource, Verb
from app.features.accounts.queries import user_by_name
from app.features.duties import queries, services
from app.features.duties.models import Duty
from app.features.people.models import Post
from app.features.people.services import end_post, end_substitute, substitute
from app.kit import access, clock
from app.kit.audit import AuditEntry

PERIOD = "2026-10"
BEFORE, FIRST, WITHIN, LAST, AFTER = (date(2026, 10, day) for day in (9, 10, 15, 20, 21))
ANSWERS = {
    "meetings": 1,
    "patrols": 1,
    "reception_days": 1,
    "reception_visitors": 1,
    "leads_received": 1,
    "leads_accepted": 1,
    "leads_closed": 1,
    "should_attend": 1,
    "attended": 1,
    "visits": 1,
}


def on(day: date, hour: int = 4) -> Any:
    """The clock at a day; four in the morning in UTC is noon in Shanghai."""
    return clock.at(datetime(day.year, day.month, day.day, hour, tzinfo=UTC))


def acting(username: str) -> Any:
    """Act as an account, with its posts of today."""
    user = user_by_name(username)
    assert user is not None
    return access.acting_as(access.actor_of_user(user.id))


@pytest.fixture
def month(world: Any) -> Any:
    """October opened, and the volunteer standing in for the sub-grid leader from the 10th to the 20th."""
    with on(date(2026, 10, 1)):
        services.open_period(PERIOD, units=[world.units["C1"]])
    with on(BEFORE):
        substitute(world.posts["sub_grid_leader"], world.persons["volunteer"], FIRST, LAST, reason="外出学习")
    return world


def owed_by(username: str) -> set[str]:
    """The duties an account has to hand in today, by subject."""
    with acting(username):
        return {duty.subject for duty in queries.my_duties(PERIOD) if duty.state == "open"}


@pytest.mark.parametrize(
    ("day", "is_in"), [(BEFORE, False), (FIRST, True), (WITHIN, True), (LAST, True), (AFTER, False)]
)
def test_the_rights_of_a_substitute_hold_between_his_dates_alone(month: Any, day: date, is_in: bool) -> None:
    grid = month.units["C1A-G1-01"]
    with on(day), acting("volunteer"):
        assert access.can_at(Verb.CONFIRM, Resource.LEADS, grid) is is_in
        assert access.can_at(Verb.EDIT, Resource.DUTIES, grid) is is_in


@pytest.mark.parametrize(
    ("day", "is_in"), [(BEFORE, False), (FIRST, True), (WITHIN, True), (LAST, True), (AFTER, False)]
)
def test_what_the_post_owes_is_with_the_substitute_and_goes_back_by_itself(month: Any, day: date, is_in: bool) -> None:
    with on(day):
        leader, standing_in = owed_by("sub_grid_leader"), owed_by("volunteer")
    assert bool(standing_in) is is_in and bool(leader) is not is_in


def test_neither_opening_again_nor_a_nightly_step_moves_a_duty(month: Any, session: Any) -> None:
    with on(WITHIN):
        assert services.open_period(PERIOD, units=[month.units["C1"]]).reassigned == 0
    person = month.persons["sub_grid_leader"].id
    assert session.query(Duty).filter_by(person_id=person).count() > 0
    assert session.query(Duty).filter_by(person_id=month.persons["volunteer"].id).count() == 0


def test_the_log_of_a_substitute_shows_both_names(month: Any, session: Any, sign_in: Any) -> None:
    record = session.query(Duty).filter(Duty.subject.like("unit:%")).one()
    names = {name: month.persons[name].name for name in ("volunteer", "sub_grid_leader")}
    both = f"{names['volunteer']}（代{names['sub_grid_leader']}）"
    with on(WITHIN):
        with acting("volunteer"):
            services.submit([services.Entry(record, ANSWERS)])
        assert record.submitted_by == both
        entry = session.query(AuditEntry).filter_by(table_name="duty", action="duties.submit").one()
        assert (entry.username, entry.on_behalf_of) == ("volunteer", names["sub_grid_leader"])
        chief = sign_in("chief_grid_leader")
        assert both in chief.get(f"/duty-logs/{record.id}").text
        assert both in chief.get(f"/duty-review/?period={PERIOD}").text


def test_what_one_writes_under_a_post_of_his_own_is_for_nobody(month: Any, session: Any) -> None:
    with on(WITHIN), acting("sub_grid_leader"):
        record = session.query(Duty).filter(Duty.subject.like("unit:%")).one()
        services.save_draft([services.Entry(record, ANSWERS)])
    entry = session.query(AuditEntry).filter_by(table_name="duty", action="duties.save").one()
    assert (entry.username, entry.on_behalf_of) == ("sub_grid_leader", None)


def test_a_stand_in_for_a_worker_reaches_his_work_but_not_his_pay(world: Any, session: Any) -> None:
    with on(date(2026, 10, 1)):
        services.open_period(PERIOD, units=[world.units["C1"]])
        substitute(world.posts["grid_worker"], world.persons["volunteer"], FIRST, LAST, reason="病假")
    worker = world.persons["grid_worker"]
    duty = session.query(Duty).filter_by(person_id=worker.id).first()
    with on(WITHIN), acting("volunteer"):
        assert access.can(Verb.SUBMIT, duty) and duty in session.query(Duty).all()
        assert not access.can(Verb.VIEW, worker)
    with on(AFTER), acting("volunteer"):
        assert not access.can(Verb.VIEW, duty) and duty not in session.query(Duty).all()


def test_nobody_confirms_the_log_of_somebody_he_stands_in_for_c16(month: Any, session: Any) -> None:
    record = session.query(Duty).filter(Duty.subject.like("unit:%")).one()
    with on(WITHIN):
        substitute(month.posts["chief_grid_leader"], month.persons["grid_worker"], FIRST, LAST, reason="培训")
        end_substitute(session.query(Post).filter_by(acting_for_id=month.posts["sub_grid_leader"].id).one())
        substitute(month.posts["sub_grid_leader"], month.persons["grid_worker"], WITHIN, LAST, reason="病假")
        with acting("grid_worker"):
            services.submit([services.Entry(record, ANSWERS)])
            assert [outcome.problem.code for outcome in services.confirm([record])] == ["duties.own_log"]
        with acting("chief_grid_leader"):
            assert services.confirm([record])[0].problem is None


def test_a_substitution_ended_early_ends_at_once(month: Any, session: Any, sign_in: Any) -> None:
    acting_post = session.query(Post).filter_by(acting_for_id=month.posts["sub_grid_leader"].id).one()
    with on(WITHIN):
        assert owed_by("volunteer")
        browser = sign_in("county_administrator")
        assert browser.post(f"/person/posts/{acting_post.id}/substitute/end", data=of(acting_post)).status_code == 302
        assert not owed_by("volunteer") and owed_by("sub_grid_leader")
        assert acting_post.to_on == date(2026, 10, 14)


def test_a_post_that_ends_ends_who_stands_in(month: Any) -> None:
    with on(WITHIN):
        end_post(month.posts["sub_grid_leader"], WITHIN)
    with on(date(2026, 10, 16)), acting("volunteer"):
        assert not access.can_at(Verb.EDIT, Resource.DUTIES, month.units["C1A-G1-01"])


def test_an_acting_post_counts_only_while_the_post_itself_is_in_force(month: Any, session: Any) -> None:
    from sqlalchemy import update

    statement = update(Post).where(Post.id == month.posts["sub_grid_leader"].id).values(to_on=BEFORE)
    session.execute(statement)  # past all rules, as nobody can on the pages
    with on(WITHIN), acting("volunteer"):
        assert not access.can_at(Verb.EDIT, Resource.DUTIES, month.units["C1A-G1-01"])


@pytest.mark.parametrize(
    ("person", "first", "last", "reason", "code"),
    [
        ("sub_grid_leader", FIRST, LAST, "病假", "people.same_person"),
        ("grid_worker", FIRST, date(2027, 12, 31), "病假", "people.substitute_too_long"),
        ("grid_worker", LAST, FIRST, "病假", "people.dates_reversed"),
        ("grid_worker", WITHIN, LAST, "病假", "people.substitute_taken"),
        ("grid_worker", date(2026, 11, 1), date(2026, 11, 5), " ", "reason_required"),
        ("audit_administrator", date(2026, 11, 1), date(2026, 11, 5), "病假", "people.role_excluded"),
    ],
)
def test_a_substitution_that_does_not_fit_is_refused(
    month: Any, person: str, first: date, last: date, reason: str, code: str
) -> None:
    with on(BEFORE), pytest.raises(RuleBroken) as refusal:
        substitute(month.posts["sub_grid_leader"], month.persons[person], first, last, reason=reason)
    assert code in [problem.code for problem in refusal.value.problems]


def test_nobody_stands_in_for_a_substitute(month: Any, session: Any) -> None:
    acting_post = session.query(Post).filter_by(acting_for_id=month.posts["sub_grid_leader"].id).one()
    with on(BEFORE), pytest.raises(RuleBroken, match="substitute_of_substitute"):
        substitute(acting_post, month.persons["grid_worker"], FIRST, LAST, reason="病假")


def test_the_substitute_stands_on_the_pages_of_the_post(month: Any, sign_in: Any) -> None:
    post = month.posts["sub_grid_leader"]
    with on(WITHIN):
        browser = sign_in("county_administrator")
        page = browser.get(f"/person/posts/{post.id}/substitute").text
        assert "外出学习" in page and month.persons["volunteer"].name in page and "2026-10-20" in page
        assert month.persons["volunteer"].name in browser.get(f"/person/{post.person_id}").text
        assert sign_in("evaluator").get(f"/person/posts/{post.id}/substitute").status_code == 403
        assert sign_in("chief_grid_leader_2").get(f"/person/posts/{post.id}/substitute").status_code == 404
