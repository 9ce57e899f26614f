"""What is deleted goes into the bin and comes back whole: undo, the list of deleted records, who may, what was taken."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from factories.browsing import form_to

from app.domain.errors import RuleBroken
from app.features.bonus.models import Wage
from app.features.org.models import OrgUnit
from app.features.org.services import add_unit
from app.features.people.models import Employment, Person
from app.features.people.services import add_person
from app.kit import clock
from app.kit.removed import RemovedRow, purge_bin, restore


def test_a_deleted_person_comes_back_with_one_click_and_all_his_values_f06(
    world: Any, session: Any, sign_in: Any
) -> None:
    person = add_person(world.units["C1A"], "误删", phone="13912345678")
    person_id = person.id
    browser = sign_in("county_administrator")
    page = browser.post(f"/persons/delete/{person_id}", follow_redirects=True).text
    assert session.get(Person, person_id) is None
    assert "误删" in page and "13912345678" not in page
    bin_row = session.query(RemovedRow).one()
    undo = f"/bin/{bin_row.id}/restore"
    assert browser.post(undo, data=form_to(page, undo).values).status_code == 302
    back = session.get(Person, person_id)
    assert (back.name, back.phone, back.unit_id, back.village_id) == (
        "误删",
        "13912345678",
        world.units["C1A"].id,
        world.units["C1A"].id,
    )


def test_what_hung_on_it_comes_back_with_it(world: Any, session: Any, sign_in: Any) -> None:
    from factories.small_round import pay

    employment = pay(world.persons["supervisor"], world.units["C1A"])
    employment_id = employment.id
    before = {wage.month: wage.base_allowance for wage in session.query(Wage).filter_by(employment_id=employment_id)}
    assert len(before) == 12
    sign_in("county_administrator").post(f"/employments/delete/{employment_id}")
    assert session.query(Wage).filter_by(employment_id=employment_id).count() == 0
    restore(session.query(RemovedRow).one())
    after = {wage.month: wage.base_allowance for wage in session.query(Wage).filter_by(employment_id=employment_id)}
    assert after == before and session.get(Employment, employment_id).title == employment.title


def test_a_unit_comes_back_to_its_place_on_the_tree(world: Any, session: Any, sign_in: Any) -> None:
    unit = add_unit("sub_grid", "GONE", "误删网格", world.units["C1A-G1"])
    unit_id, above = unit.id, unit.ancestors()
    sign_in("county_administrator").post(f"/units/delete/{unit_id}")
    assert session.query(OrgUnit).filter_by(code="GONE").count() == 0
    restore(session.query(RemovedRow).one())
    assert session.get(OrgUnit, unit_id).ancestors() == above


def test_the_bin_shows_and_restores_only_what_one_could_have_deleted(world: Any, session: Any, sign_in: Any) -> None:
    person = add_person(world.units["C1A-G1-01"], "甲镇的人")
    sign_in("county_administrator").post(f"/persons/delete/{person.id}")
    bin_id = session.query(RemovedRow).one().id
    assert "甲镇的人" in sign_in("chief_grid_leader").get("/bin/").text
    for stranger in ("chief_grid_leader_2", "volunteer", "evaluator", "system_administrator"):
        browser = sign_in(stranger)
        assert "甲镇的人" not in browser.get("/bin/").text
        assert browser.post(f"/bin/{bin_id}/restore").status_code in (403, 404)
    assert session.query(Person).filter_by(name="甲镇的人").count() == 0


def test_a_place_that_is_taken_is_said_in_words(world: Any, session: Any, operator: Any, sign_in: Any) -> None:
    unit = add_unit("sub_grid", "SAME", "同码网格", world.units["C1A-G1"])
    browser = sign_in("county_administrator")
    browser.post(f"/units/delete/{unit.id}")
    add_unit("sub_grid", "SAME", "另一个", world.units["C1A-G1"])
    bin_row = session.query(RemovedRow).one()
    page = browser.post(f"/bin/{bin_row.id}/restore", follow_redirects=True).text
    assert "同码网格" in page
    assert bin_row.restored_at is None and session.query(OrgUnit).filter_by(code="SAME").count() == 1


def test_nothing_is_put_back_twice(world: Any, session: Any, operator: Any, sign_in: Any) -> None:
    person = add_person(world.units["C1A"], "只一次")
    sign_in("county_administrator").post(f"/persons/delete/{person.id}")
    bin_row = session.query(RemovedRow).one()
    restore(bin_row)
    with pytest.raises(RuleBroken) as refusal:
        restore(bin_row)
    assert refusal.value.problems[0].code == "bin.restored"


def test_the_bin_is_emptied_after_half_a_year(world: Any, session: Any, operator: Any, sign_in: Any) -> None:
    person = add_person(world.units["C1A"], "旧人")
    sign_in("county_administrator").post(f"/persons/delete/{person.id}")
    assert purge_bin() == 0
    with time_machine.travel(clock.now() + timedelta(days=181), tick=False):
        assert purge_bin() == 1
