"""The pages of people: who sees whom, what is masked, what is refused."""

from __future__ import annotations

from typing import Any

import pytest
from factories.browsing import of

from app.features.people.models import Person, Post
from app.kit.audit import AuditEntry

PHONE = "13912345678"


@pytest.fixture
def phones(world: Any, session: Any) -> Any:
    for person in world.persons.values():
        person.phone = PHONE
    session.commit()
    return world


def test_a_chief_grid_leader_sees_the_posts_of_his_grid_and_no_others(world: Any, sign_in: Any) -> None:
    page = sign_in("chief_grid_leader").get("/roster/").get_data(as_text=True)
    assert world.persons["volunteer"].name in page and world.persons["volunteer_2"].name not in page


def test_a_sub_grid_leader_sees_his_own_sub_grid_alone(world: Any, sign_in: Any) -> None:
    page = sign_in("sub_grid_leader").get("/roster/").get_data(as_text=True)
    assert world.persons["volunteer"].name in page and world.persons["chief_grid_leader"].name not in page


@pytest.mark.parametrize(
    "path",
    [
        "/person/{person}",
        "/persons/show/{person}",
        "/persons/edit/{person}",
        "/posts/show/{post}",
        "/roster/cards/{person}",
        "/roster/?unit={unit}",
        "/person/posts/{post}/substitute",
    ],
)
def test_a_stranger_s_id_is_not_there(world: Any, sign_in: Any, path: str) -> None:
    ids = {
        "person": world.persons["volunteer_2"].id,
        "post": world.posts["volunteer_2"].id,
        "unit": world.units["C2A"].id,
    }
    assert sign_in("chief_grid_leader").get(path.format(**ids)).status_code == 404


@pytest.mark.parametrize("username", ["chief_grid_leader", "county_administrator", "evaluator"])
@pytest.mark.parametrize(
    "path", ["/roster/", "/persons/list/", "/persons/show/{0}", "/person/{0}", "/lookup/person?q=试"]
)
def test_no_page_shows_a_whole_number(phones: Any, sign_in: Any, username: str, path: str) -> None:
    page = sign_in(username).get(path.format(phones.persons["volunteer"].id)).get_data(as_text=True)
    assert PHONE not in page


def test_the_edit_form_shows_the_masked_number_and_keeps_the_stored_one(
    phones: Any, sign_in: Any, session: Any
) -> None:
    person = phones.persons["volunteer"]
    browser = sign_in("county_administrator")
    form = browser.get(f"/persons/edit/{person.id}").get_data(as_text=True)
    assert "139****5678" in form and PHONE not in form
    data = of(person, name="改名", unit=person.unit_id, phone="139****5678")
    assert browser.post(f"/persons/edit/{person.id}", data=data).status_code == 302
    session.expire_all()
    assert (person.name, person.phone) == ("改名", PHONE)


def test_a_number_can_be_neither_searched_nor_sorted_by(phones: Any, sign_in: Any) -> None:
    browser = sign_in("county_administrator")
    hits = browser.get("/persons/list/?_flt_2_phone=139").get_data(as_text=True)
    assert phones.persons["volunteer"].name not in hits or "139****" in hits
    assert browser.get("/persons/list/?_oc_PersonView=phone&_od_PersonView=asc").status_code == 200


def test_a_whole_number_is_shown_once_with_a_reason_and_noted(phones: Any, sign_in: Any, session: Any) -> None:
    person = phones.persons["volunteer"]
    browser = sign_in("county_administrator")
    page = browser.post(f"/person/{person.id}/unmask", data={"reason": "核对电话"}).get_data(as_text=True)
    assert PHONE in page
    entry = session.query(AuditEntry).filter_by(kind="unmask").one()
    assert entry.changes == {"column": "phone", "reason": "核对电话"}
    assert browser.post(f"/person/{person.id}/unmask", data={"reason": " "}).status_code == 302
    assert sign_in("chief_grid_leader").post(f"/person/{person.id}/unmask", data={"reason": "x"}).status_code == 403


def test_numbers_stand_masked_in_the_trail(phones: Any, session: Any) -> None:
    trail = "".join(str(entry.changes) for entry in session.query(AuditEntry).filter_by(table_name="person"))
    assert PHONE not in trail and "139****5678" in trail


def test_a_forged_unit_or_person_is_refused(world: Any, sign_in: Any, session: Any) -> None:
    browser = sign_in("chief_grid_leader")
    before = session.query(Post).count(), session.query(Person).count()
    data = {"role": "volunteer", "person": world.persons["volunteer"].id, "unit": world.units["C2A-G1-01"].id}
    assert browser.post("/posts/add", data=data).status_code == 200
    data |= {"unit": world.units["C1A-G1-02"].id, "person": world.persons["volunteer_2"].id}
    assert browser.post("/posts/add", data=data).status_code == 200
    assert browser.post("/persons/add", data={"name": "外人", "unit": world.units["C2A"].id}).status_code == 200
    assert (session.query(Post).count(), session.query(Person).count()) == before


def test_a_person_cannot_be_moved_out_of_reach(world: Any, sign_in: Any, session: Any) -> None:
    person = world.persons["volunteer"]
    data = of(person, name=person.name, unit=world.units["C1B"].id)
    sign_in("chief_grid_leader").post(f"/persons/edit/{person.id}", data=data)
    session.expire_all()
    assert person.unit_id == world.units["C1A-G1-01"].id


def test_the_generated_form_refuses_what_the_rules_of_posts_refuse(world: Any, sign_in: Any, session: Any) -> None:
    browser = sign_in("county_administrator")
    data = {"role": "sub_grid_leader", "unit": world.units["C1A"].id, "person": world.persons["volunteer"].id}
    page = browser.post("/posts/add", data=data).get_data(as_text=True)
    assert "请选择相应层级的单位" in page
    data |= {"unit": world.units["C1A-G1-01"].id}
    assert "已有负责人" in browser.post("/posts/add", data=data).get_data(as_text=True)
    assert session.query(Post).filter_by(person_id=world.persons["volunteer"].id).count() == 1


def test_a_post_is_given_ended_and_stood_in_for(world: Any, sign_in: Any, session: Any) -> None:
    browser, leader = sign_in("county_administrator"), world.posts["sub_grid_leader"]
    volunteer = world.persons["volunteer"]
    data = {"role": "grid_worker", "unit": world.units["C1A-G1-02"].id, "from_on": "2026-01-01"}
    assert browser.post(f"/person/{volunteer.id}/appoint", data=data).status_code == 302
    assert session.query(Post).filter_by(person_id=volunteer.id, role="grid_worker").count() == 1
    data = {"person": volunteer.id, "from_on": "2026-11-01", "to_on": "2027-03-31", "reason": "外出学习"}
    assert browser.post(f"/person/posts/{leader.id}/substitute", data=data).status_code == 302
    substitute = session.query(Post).filter_by(acting_for_id=leader.id).one()
    assert (substitute.role, substitute.unit_id) == (leader.role, leader.unit_id)
    assert browser.post(f"/person/posts/{leader.id}/end", data=of(leader, to_on="2027-01-31")).status_code == 302
    session.expire_all()
    assert leader.to_on.isoformat() == substitute.to_on.isoformat() == "2027-01-31"


def test_the_certificates_of_a_village_print(world: Any, sign_in: Any, session: Any) -> None:
    post = world.posts["grid_worker"]
    post.is_certified, post.person.certificate_no = True, "工作证001号"
    session.commit()
    page = sign_in("chief_grid_leader").get(f"/roster/cards?unit={world.units['C1A-G1'].id}").get_data(as_text=True)
    assert "工作证001号" in page and "网格党建工作证" in page and post.person.name in page
    assert sign_in("supervisor").get("/roster/cards").status_code == 403


def test_grids_without_a_leader_are_named(world: Any, sign_in: Any) -> None:
    page = sign_in("county_administrator").get(f"/roster/?unit={world.units['C1A'].id}").get_data(as_text=True)
    assert "C1A-G1-02" in page and "空缺" in page


@pytest.mark.parametrize(
    "username", ["volunteer", "grid_worker", "village_supervision_committee", "system_administrator"]
)
def test_who_has_no_right_over_persons_opens_no_page_of_theirs(world: Any, sign_in: Any, username: str) -> None:
    browser = sign_in(username)
    assert browser.get("/persons/list/").status_code in (302, 403)
    assert browser.get(f"/person/{world.persons['volunteer'].id}").status_code in (403, 404)
