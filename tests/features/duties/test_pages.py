"""The pages of duties by HTTP: fill in, hand in, review, urge, lock."""

from __future__ import annotations

import re

import pytest
from factories.browsing import of

from app.features.duties import services
from app.features.duties.models import Duty, DutyComment, Urge

PERIOD = "2026-10"
RECORD = {
    "meetings": "1",
    "patrols": "4",
    "reception_days": "1",
    "reception_visitors": "6",
    "leads_received": "5",
    "leads_accepted": "5",
    "leads_closed": "4",
    "should_attend": "18",
    "attended": "16",
    "visits": "12",
    "main_work": "路灯1处不亮，已报",
}


@pytest.fixture
def month(world):
    services.open_period(PERIOD, units=[world.units["C1"], world.units["C2"]])
    return world


def duty_of(session, subject_role, form="monthly_record"):
    session.expire_all()
    rows = session.query(Duty).join(Duty.template).filter(Duty.period == PERIOD).order_by(Duty.id).all()
    return next(d for d in rows if d.template.role == subject_role and d.form_version.code == form)


def sent(duty, answers=None, **more):
    fields = {f"d{duty.id}-{code}": value for code, value in (answers or {}).items()}
    return {"period": PERIOD, f"d{duty.id}-version": str(duty.version), **fields, **more}


def ticked(duty, **more):
    return {"rowid": duty.id, f"version-{duty.id}": str(duty.version), "period": PERIOD, **more}


def test_a_leader_hands_in_his_month_and_the_chief_confirms_it(month, session, sign_in):
    leader, chief = sign_in("sub_grid_leader"), sign_in("chief_grid_leader")
    page = leader.get(f"/duties/?period={PERIOD}")
    record = duty_of(session, "sub_grid_leader")
    assert page.status_code == 200 and f'name="d{record.id}-meetings"' in page.text

    done = leader.post("/duties/", data=sent(record, RECORD, act="submit"))
    assert done.status_code == 302
    record = duty_of(session, "sub_grid_leader")
    assert (record.state, record.answers["attended"], record.is_late) == ("submitted", 16, True)

    assert f'value="{record.id}"' in chief.get(f"/duty-review/?period={PERIOD}").text
    assert chief.post("/duty-review/confirm", data=ticked(record)).status_code == 302
    assert duty_of(session, "sub_grid_leader").state == "confirmed"


def test_a_wrong_number_is_told_at_the_field_and_nothing_typed_is_lost(month, session, sign_in):
    record = duty_of(session, "sub_grid_leader")
    typed = RECORD | {"attended": "20", "visits": "十二户", "main_work": "很长的话"}
    answer = sign_in("sub_grid_leader").post("/duties/", data=sent(record, typed, act="submit"))
    assert answer.status_code == 422
    assert 'value="十二户"' in answer.text and "很长的话" in answer.text
    assert f'id="d{record.id}-visits-error"' in answer.text
    assert duty_of(session, "sub_grid_leader").state == "open"


def test_a_closed_month_is_refused_with_words_and_the_input_kept(month, session, sign_in):
    record = duty_of(session, "sub_grid_leader")
    services.close_period(PERIOD, units=[month.units["C1"]])
    browser = sign_in("sub_grid_leader")
    answer = browser.post("/duties/", data=sent(record, RECORD, act="submit"))
    assert answer.status_code == 422
    assert "已锁定" in answer.text or "is locked" in answer.text
    assert "路灯1处不亮，已报" in answer.text
    assert duty_of(session, "sub_grid_leader").state == "open"


def test_a_draft_may_have_gaps_and_comes_back(month, session, sign_in):
    record, browser = duty_of(session, "sub_grid_leader"), sign_in("sub_grid_leader")
    assert browser.post("/duties/", data=sent(record, {"meetings": "2"}, act="draft")).status_code == 302
    assert duty_of(session, "sub_grid_leader").state == "draft"
    assert 'value="2"' in browser.get(f"/duties/?period={PERIOD}").text


def test_a_stale_save_shows_both_and_a_second_save_goes_through(month, session, sign_in):
    record, browser = duty_of(session, "sub_grid_leader"), sign_in("sub_grid_leader")
    old = sent(record, {"meetings": "3"}, act="draft")
    browser.post("/duties/", data=sent(record, {"meetings": "2"}, act="draft"))
    answer = browser.post("/duties/", data=old)
    assert answer.status_code == 409
    assert 'value="3"' in answer.text and "2 次" in answer.text
    fresh = re.search(rf'name="d{record.id}-version" value="(\d+)"', answer.text).group(1)
    assert browser.post("/duties/", data=old | {f"d{record.id}-version": fresh}).status_code == 302
    assert duty_of(session, "sub_grid_leader").answers == {"meetings": 3}


def test_a_routine_month_takes_one_post_and_at_most_forty_clicks(month, session, sign_in):
    """Thirty duties: fifteen with last values, ten ticked as nothing, the rest in one click."""
    from datetime import date

    from app.domain.rights import Role
    from app.features.people.services import appoint

    person, grid = month.persons["grid_worker"], month.units["C1A-G1-01"]
    for _ in range(14):
        appoint(person, Role.GRID_WORKER, grid, from_on=date(2025, 1, 1))
    for period in ("2026-09", PERIOD):
        services.open_period(period, units=[month.units["C1"]])
    browser = sign_in("grid_worker")
    page = browser.get(f"/duties/?period={PERIOD}").text
    mine = list(session.query(Duty).filter_by(period=PERIOD, person_id=person.id))
    assert len(mine) == 30 and page.count('class="entry-form') == 1
    ticks = {f"d{duty.id}-nothing": "1" for duty in mine[:10]}
    data = {"period": PERIOD, "act": "nothing_rest", **ticks}
    data |= {f"d{d.id}-version": str(d.version) for d in mine}
    data |= {f"d{d.id}-patrols": "4" for d in mine[10:] if d.form_version.code == "worker_patrol"}
    clicks = len(ticks) + 1 + 1 + 1  # the ticks, last values everywhere, the button, the question
    assert browser.post("/duties/", data=data).status_code == 302
    session.expire_all()
    states = {d.state for d in session.query(Duty).filter_by(period=PERIOD, person_id=person.id)}
    assert states == {"submitted", "nothing_to_report"} and clicks <= 40


def test_last_month_s_values_are_offered(month, session, sign_in):
    services.open_period("2026-09", units=[month.units["C1"]])
    session.expire_all()
    last = session.query(Duty).filter(Duty.period == "2026-09", Duty.subject.like("unit:%")).one()
    services.submit([services.Entry(last, RECORD)])
    page = sign_in("sub_grid_leader").get(f"/duties/?period={PERIOD}").text
    assert 'data-last="12"' in page
    assert 'data-last="6"' not in page  # visitors are counted anew each month
    assert 'value="12"' in sign_in("sub_grid_leader").get(f"/duties/?period={PERIOD}&fill=last").text


def test_nothing_ticked_beside_figures_is_a_question(month, session, sign_in):
    record = duty_of(session, "sub_grid_leader")
    data = sent(record, {"meetings": "1"}, act="submit") | {f"d{record.id}-nothing": "1"}
    assert sign_in("sub_grid_leader").post("/duties/", data=data).status_code == 422
    assert duty_of(session, "sub_grid_leader").state == "open"


def test_a_returned_log_comes_back_with_its_reason_on_top(month, session, sign_in):
    record = duty_of(session, "sub_grid_leader")
    services.submit([services.Entry(record, RECORD)])
    chief = sign_in("chief_grid_leader")
    refused = chief.post("/duty-review/return", data=ticked(record, reason=" "))
    assert refused.status_code == 422
    chief.post("/duty-review/return", data=ticked(record, reason="走访户数请核对"))
    page = sign_in("sub_grid_leader").get(f"/duties/?period={PERIOD}").text
    assert "走访户数请核对" in page and 'value="12"' in page
    again = sent(duty_of(session, "sub_grid_leader"), RECORD | {"visits": "11"}, act="submit")
    assert sign_in("sub_grid_leader").post("/duties/", data=again).status_code == 302
    assert duty_of(session, "sub_grid_leader").return_reason is None


def test_nobody_confirms_his_own_log(month, session, sign_in):
    own = duty_of(session, "chief_grid_leader", "total_grid_patrol")
    services.nothing_this_period([own])
    sign_in("chief_grid_leader").post("/duty-review/confirm", data=ticked(own))
    assert duty_of(session, "chief_grid_leader", "total_grid_patrol").state == "nothing_to_report"


def test_the_supervisor_urges_and_comments_and_it_stands_first(month, session, sign_in):
    record, supervisor = duty_of(session, "sub_grid_leader"), sign_in("supervisor")
    assert "试" in supervisor.get(f"/duty-villages/?period={PERIOD}").text
    urge = {"rowid": record.id, "period": PERIOD, "words": "请尽快填报", "due_on": "2099-01-05"}
    assert supervisor.post("/duty-villages/urge", data=urge).status_code == 302
    assert supervisor.post("/duty-villages/urge", data=urge | {"due_on": "2000-01-01"}).status_code == 422
    page = sign_in("sub_grid_leader").get(f"/duties/?period={PERIOD}").text
    assert page.index("请尽快填报") < page.index(f"d{record.id}-card")
    services.submit([services.Entry(record, RECORD)])
    session.expire_all()
    assert session.query(Urge).one().done_at is not None
    assert supervisor.post(f"/duty-logs/{record.id}/comment", data={"words": "很实在"}).status_code == 302
    assert session.query(DutyComment).one().words == "很实在"


@pytest.mark.parametrize("username", ["grid_worker", "volunteer", "evaluator", "sub_grid_leader"])
def test_only_the_supervisor_comments_and_urges(month, session, sign_in, username):
    record = duty_of(session, "sub_grid_leader")
    browser = sign_in(username)
    for path, data in (
        (f"/duty-logs/{record.id}/comment", {"words": "x"}),
        ("/duty-villages/urge", {"rowid": record.id, "words": "x", "due_on": "2099-01-01"}),
    ):
        assert browser.post(path, data=data).status_code in (403, 404)


def test_a_stranger_s_log_is_not_there(month, session, sign_in):
    record = duty_of(session, "sub_grid_leader")
    stranger, chief_2 = sign_in("sub_grid_leader_2"), sign_in("chief_grid_leader_2")
    assert stranger.get(f"/duty-logs/{record.id}").status_code == 404
    assert stranger.post(f"/duties/{record.id}/withdraw").status_code == 404
    assert chief_2.post("/duty-review/confirm", data={"rowid": record.id}).status_code == 404
    assert chief_2.post(f"/duty-logs/{record.id}/return", data={"reason": "x"}).status_code == 404
    before = record.version
    stranger.post("/duties/", data=sent(record, RECORD, act="submit"))
    assert duty_of(session, "sub_grid_leader").version == before


def test_a_handed_in_log_can_be_taken_back_until_it_is_confirmed(month, session, sign_in):
    record, browser = duty_of(session, "sub_grid_leader"), sign_in("sub_grid_leader")
    services.submit([services.Entry(record, RECORD)])
    assert browser.post(f"/duties/{record.id}/withdraw", data=of(record)).status_code == 302
    assert duty_of(session, "sub_grid_leader").state == "draft"


def test_the_log_page_shows_form_version_and_history(month, session, sign_in):
    record = duty_of(session, "sub_grid_leader")
    services.submit([services.Entry(record, RECORD)])
    page = sign_in("sub_grid_leader").get(f"/duty-logs/{record.id}").text
    assert "v1" in page and "timeline-what" in page and "16 人" in page


def test_the_township_opens_locks_and_reopens(world, session, sign_in):
    head, town = sign_in("township_head"), world.units["C1"].id
    assert head.post(f"/duty-periods/{town}/open", data={"period": PERIOD}).status_code == 302
    assert head.post(f"/duty-periods/{town}/open", data={"period": "十月"}).status_code == 422
    assert head.post(f"/duty-periods/{town}/close", data={"period": PERIOD}).status_code == 302
    assert head.post(f"/duty-periods/{town}/reopen", data={"period": PERIOD, "reason": ""}).status_code == 422
    assert head.post(f"/duty-periods/{town}/reopen", data={"period": PERIOD, "reason": "补录"}).status_code == 302
    page = head.get("/duty-periods/").text
    assert "补录" in page and "0 / 9" in page
    assert sign_in("township_head_2").post(f"/duty-periods/{town}/close", data={"period": PERIOD}).status_code == 404
    assert sign_in("evaluator").post(f"/duty-periods/{town}/close", data={"period": PERIOD}).status_code == 403


@pytest.mark.parametrize(
    "path", ["/duty-review/", "/duty-villages/", "/duty-periods/", "/duty-templates/list/", "/leads/", "/duties/"]
)
@pytest.mark.parametrize(
    "username", ["county_administrator", "supervisor", "chief_grid_leader", "grid_worker", "volunteer"]
)
def test_pages_open_or_are_refused_but_never_break(month, sign_in, path, username):
    assert sign_in(username).get(path).status_code in (200, 302, 403)


def test_a_log_that_changed_after_the_list_was_opened_is_not_confirmed_with_the_rest_c17(month, session, sign_in):
    leader, chief = sign_in("sub_grid_leader"), sign_in("chief_grid_leader")
    record = duty_of(session, "sub_grid_leader")
    leader.post("/duties/", data=sent(record, RECORD, act="submit"))
    seen = ticked(duty_of(session, "sub_grid_leader"))
    leader.post(f"/duties/{record.id}/withdraw", data=of(duty_of(session, "sub_grid_leader")))
    again = sent(duty_of(session, "sub_grid_leader"), {**RECORD, "visits": "99"}, act="submit")
    leader.post("/duties/", data=again)
    answer = chief.post("/duty-review/confirm", data=seen)
    assert answer.status_code == 409 and "99" in answer.text
    assert duty_of(session, "sub_grid_leader").state == "submitted"
