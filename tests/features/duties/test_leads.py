"""Leads: three fields to report, and each step with whoever takes it."""

from __future__ import annotations

from datetime import date

import pytest
from factories.browsing import of

from app.domain.errors import RuleBroken
from app.features.accounts.queries import user_by_name
from app.features.duties import services
from app.features.duties.models import Lead
from app.features.duties.queries import my_todo
from app.kit import access, clock
from app.kit.access import NotAllowed


def acting(username):
    return access.acting_as(access.actor_of_user(user_by_name(username).id))


def reported(world, category="civility", words="楼道堆放杂物"):
    with acting("volunteer"):
        return services.report_lead(world.units["C1A-G1-01"], category, words, "村东")


def waiting(username):
    with acting(username):
        return {str(line.endpoint): line.count for line in my_todo(access.actor(), clock.today())}


def test_three_fields_by_http_and_nothing_typed_is_lost(world, session, sign_in):
    browser = sign_in("volunteer")
    assert browser.get("/leads/new").status_code == 200
    refused = browser.post("/leads/new", data={"category": "", "place": "桥头", "words": "栏杆松动"})
    assert refused.status_code == 422 and "桥头" in refused.text and "栏杆松动" in refused.text
    done = browser.post("/leads/new", data={"category": "civility", "place": "桥头", "words": "栏杆松动"})
    lead = session.query(Lead).one()
    assert done.headers["Location"].endswith(f"/leads/{lead.id}")
    assert (lead.reporter_id, lead.state, lead.is_urgent) == (world.persons["volunteer"].id, "reported", False)
    assert browser.get(f"/leads/{lead.id}").status_code == 200


def test_the_whole_course(world, session, sign_in):
    lead = reported(world)
    leader, chief = sign_in("sub_grid_leader"), sign_in("chief_grid_leader")
    steps = [
        (leader, "accept", {}),
        (leader, "verify", {"finding": "属实"}),
        (leader, "submit", {}),
        (chief, "discuss", {"solution": "联系物业清理"}),
        (chief, "assign", {"responsible": world.persons["sub_grid_leader"].id, "due_on": "2099-01-01"}),
        (leader, "start", {}),
        (leader, "close", {"result": "已清理"}),
    ]
    for browser, action, data in steps:
        assert f"/leads/{lead.id}/{action}" in browser.get(f"/leads/{lead.id}").text
        assert browser.post(f"/leads/{lead.id}/{action}", data=of(lead, **data)).status_code == 302, action
    session.expire_all()
    assert (lead.state, lead.result, lead.closed_on) == ("closed", "已清理", clock.today())
    page = sign_in("volunteer").get(f"/leads/{lead.id}").text
    assert "联系物业清理" in page and "已清理" in page


def test_an_urgent_lead_is_with_the_chief_at_once(world, session):
    lead = reported(world, "safety_stability", "护栏松动")
    assert waiting("chief_grid_leader")["LeadView.leads"] == 1
    with acting("sub_grid_leader"):
        services.accept_lead(lead)
        services.verify_lead(lead, "属实")
    assert lead.state == "submitted"


def test_an_ordinary_lead_waits_for_the_sub_grid_leader(world, session):
    reported(world)
    assert "LeadView.leads" not in waiting("chief_grid_leader")
    assert waiting("sub_grid_leader")["LeadView.leads"] == 1


@pytest.mark.parametrize("username", ["volunteer", "grid_worker", "supervisor"])
def test_who_reports_or_looks_on_does_not_handle(world, session, username):
    lead = reported(world)
    with acting(username), pytest.raises(NotAllowed):
        services.accept_lead(lead)


def test_a_reporter_cannot_close_his_own_lead(world, session):
    lead = reported(world)
    with acting("sub_grid_leader"):
        services.accept_lead(lead)
        services.verify_lead(lead, "属实")
    with acting("volunteer"), pytest.raises(NotAllowed):
        services.close_lead(lead, "自己办了")


def test_a_sub_grid_leader_does_not_assign(world, session):
    lead = reported(world, "safety_stability")
    with acting("sub_grid_leader"):
        services.accept_lead(lead)
        services.verify_lead(lead, "属实")
        with pytest.raises(NotAllowed):
            services.assign_lead(lead, world.persons["sub_grid_leader"], date(2099, 1, 1))


def test_a_returned_lead_has_a_reason_and_can_be_reported_again(world, session):
    lead = reported(world)
    with acting("sub_grid_leader"):
        with pytest.raises(RuleBroken):
            services.return_lead(lead, " ")
        services.return_lead(lead, "请写明楼号")
    with acting("volunteer"):
        services.report_again(lead, "3号楼一层堆放杂物")
    assert (lead.state, lead.words) == ("reported", "3号楼一层堆放杂物")


def test_a_lead_is_merged_only_within_its_total_grid(world, session):
    first, second = reported(world), reported(world)
    with access.acting_as(access.OPERATOR):
        elsewhere = services.report_lead(world.units["C1B-G1-01"], "civility", "别处")
        with pytest.raises(RuleBroken):
            services.merge_lead(first, elsewhere, "同一事项")
        services.merge_lead(second, first, "同一事项")
    assert (second.state, second.merged_into_id) == ("merged", first.id)


def test_the_supervisor_urges_whoever_has_it(world, session, sign_in):
    lead = reported(world)
    browser = sign_in("supervisor")
    data = {"words": "请尽快受理", "due_on": "2099-01-01"}
    assert browser.post(f"/leads/{lead.id}/urge", data=of(lead, **data)).status_code == 302
    assert "请尽快受理" in sign_in("sub_grid_leader").get("/duties/").text


def test_a_stranger_s_lead_is_not_there(world, session, sign_in):
    lead = reported(world)
    for username in ("sub_grid_leader_2", "volunteer_2", "chief_grid_leader_2", "supervisor_2"):
        browser = sign_in(username)
        assert browser.get(f"/leads/{lead.id}").status_code == 404
        assert browser.post(f"/leads/{lead.id}/accept").status_code == 404
    assert sign_in("grid_worker").get(f"/leads/{lead.id}").status_code == 404
    assert sign_in("chief_grid_leader").post(f"/leads/{lead.id}/explode", data=of(lead)).status_code in (404, 422)
