"""Two save the same thing: exactly one wins, the other gets 409 with both versions, nothing is lost in silence."""

from __future__ import annotations

from typing import Any

import pytest
from factories.apart import Apart, own_portal, together
from factories.browsing import form_to, forms_of, of
from factories.world import PASSWORD

from app.features.assessment.models import AssessmentRound, ItemScore, Sheet
from app.features.duties.models import Duty, Lead
from app.features.org.models import OrgUnit
from app.features.people.models import Person
from app.kit.db import db

PERIOD = "2026-10"


@pytest.fixture(scope="module")
def apart(world_engine: Any, tmp_path_factory: pytest.TempPathFactory) -> Apart:
    portal = own_portal(world_engine, tmp_path_factory.mktemp("second"))
    with portal.inside() as world:
        from app.features.accounts.services import add_account
        from app.features.assessment.services import load_pack_schemes
        from app.features.checklists.pack import caojing
        from app.features.duties.services import open_period
        from app.features.people.services import add_person, appoint

        load_pack_schemes(caojing()["assessment_list"]["schemes"], [world.units["C"]])
        open_period(PERIOD, units=[world.units["C1"]])
        second = add_person(world.units["C1"], "另一考核员")
        appoint(second, "evaluator", world.units["C1"])
        add_account("evaluator_b", PASSWORD, second, must_change=False)
    return portal


def a_round(apart: Apart, code: str) -> tuple[int, int, int]:
    """A new open round: its id, the ids of village C1A and of its sheet."""
    with apart.inside() as world:
        from app.features.assessment.queries import scheme_by_name
        from app.features.assessment.services import open_round

        scheme = scheme_by_name("CJ-VILLAGE-DEMO", world.units["C1"])
        round_ = open_round(code, scheme, "2026", world.units["C1"])
        unit_id = world.units["C1A"].id
        sheet = db.session.query(Sheet).filter_by(round_id=round_.id, unit_id=unit_id).one()
        return round_.id, unit_id, sheet.id


def raw_page(apart: Apart, username: str, path: str) -> tuple[Any, str]:
    browser = apart.browser(username)
    return browser, browser.get(path).text


def test_two_evaluators_type_in_one_cell_and_the_second_sees_the_first_f07(apart: Apart) -> None:
    round_id, unit_id, sheet_id = a_round(apart, "F07A")
    one, other = apart.browser("evaluator"), apart.browser("evaluator_b")
    address = f"/assessment-scores/{round_id}/cells"

    def typed(browser: Any, text: str) -> Any:
        return browser.post(address, json={"cells": [{"unit": unit_id, "item": "A1", "text": text, "was": ""}]})

    answers = together(lambda: typed(one, "3"), lambda: typed(other, "-1"))
    assert sorted(answer.status_code for answer in answers) == [200, 409], [answer.text for answer in answers]
    won, lost = sorted(answers, key=lambda answer: answer.status_code)
    problem, stored = lost.json["problems"][0], won.json["sheets"][0]["cells"]["A1"]["text"]
    assert (problem["code"], problem["theirs"]) == ("assessment.cell_conflict", stored)
    assert apart.count(ItemScore, ItemScore.sheet_id == sheet_id) == 1


def test_two_evaluators_in_two_cells_of_one_sheet_both_keep_theirs_f07(apart: Apart) -> None:
    round_id, unit_id, sheet_id = a_round(apart, "F07B")
    one, other = apart.browser("evaluator"), apart.browser("evaluator_b")

    def typed(browser: Any, item: str) -> Any:
        cell = {"unit": unit_id, "item": item, "text": "1", "was": ""}
        return browser.post(f"/assessment-scores/{round_id}/cells", json={"cells": [cell]})

    answers = together(lambda: typed(one, "A1"), lambda: typed(other, "A2"))
    assert [answer.status_code for answer in answers] == [200, 200]
    with apart.inside():
        sheet = db.session.get(Sheet, sheet_id)
        scores = db.session.query(ItemScore).filter_by(sheet_id=sheet_id).all()
        earned = sum((score.points for score in scores), start=0)
        assert len(scores) == 2 and sum(float(a["earned"]) for a in sheet.aspects.values()) == float(earned)


def test_one_scores_while_another_checks_the_round_f07(apart: Apart) -> None:
    from factories.county43 import fill

    from app.features.assessment.queries import parts_of

    for attempt in range(4):
        round_id, unit_id, sheet_id = a_round(apart, f"F07C{attempt}")
        with apart.inside():
            round_ = db.session.get(AssessmentRound, round_id)
            full = {item.code: str(item.maximum) for item in parts_of(round_.scheme).items}
            fill(round_, [{"village": code, "scores": full} for code in ("C1A", "C1B")])
            before = of(round_)
            first = next(iter(full))
        scorer, checker = apart.browser("evaluator_b"), apart.browser("evaluator")
        cell = {"unit": unit_id, "item": first, "text": "0.5", "was": shown(apart, sheet_id, first)}
        answers = together(
            lambda s=scorer, r=round_id, c=cell: s.post(f"/assessment-scores/{r}/cells", json={"cells": [c]}),
            lambda k=checker, r=round_id, b=before: k.post(f"/assessment-rounds/{r}/check", data=b),
        )
        scored, checked = (answer.status_code for answer in answers)
        assert (scored, checked) in ((200, 409), (409, 302)), [answer.text[:300] for answer in answers]
        with apart.inside():
            state = db.session.get(AssessmentRound, round_id).state
            points = db.session.query(ItemScore).filter_by(sheet_id=sheet_id, item_code=first).one().points
        assert (state, str(points)) == (("open", "0.50") if scored == 200 else ("checked", f"{float(full[first]):.2f}"))


def shown(apart: Apart, sheet_id: int, item: str) -> str:
    with apart.inside():
        from app.features.assessment.cells import shown as cell_text

        return cell_text(db.session.query(ItemScore).filter_by(sheet_id=sheet_id, item_code=item).one())


def test_two_take_a_lead_a_step_further_and_one_is_told_f07(apart: Apart) -> None:
    with apart.inside() as world:
        from app.features.duties.services import report_lead

        lead_id = report_lead(world.units["C1A-G1-01"], "civility", "两人同办").id
        name = world.persons["sub_grid_leader"].name
    browsers = [apart.browser("sub_grid_leader") for _ in range(2)]
    path = f"/leads/{lead_id}"
    page = browsers[0].get(path).text
    calls = [("accept", {}), ("return", {"reason": "说得不清楚"})]
    sent = [(f"{path}/{act}", {**form_to(page, f"{path}/{act}").values, **more}) for act, more in calls]
    answers = together(*(lambda b=b, s=s: b.post(s[0], data=s[1]) for b, s in zip(browsers, sent, strict=True)))
    assert sorted(answer.status_code for answer in answers) == [302, 409]
    lost = next(answer for answer in answers if answer.status_code == 409)
    assert name in lost.text, "it says who was faster"
    if lost is answers[1]:
        assert "说得不清楚" in lost.text, "what was typed is there to be copied"
    with apart.inside():
        assert db.session.get(Lead, lead_id).version == 2


def test_a_log_confirmed_while_its_writer_takes_it_back_f07(apart: Apart) -> None:
    leader, chief = apart.browser("sub_grid_leader"), apart.browser("chief_grid_leader")
    form = form_to(leader.get(f"/duties/?period={PERIOD}").text, "/duties/")
    assert leader.post("/duties/", data={**form.values, "act": "nothing_rest"}).status_code == 302
    with apart.inside() as world:
        person = world.persons["sub_grid_leader"].id
        duty = db.session.query(Duty).filter_by(person_id=person, period=PERIOD).order_by(Duty.id).first()
        duty_id, back = duty.id, of(duty)
    answers = together(
        lambda: leader.post(f"/duties/{duty_id}/withdraw", data=back),
        lambda: chief.post(f"/duty-logs/{duty_id}/confirm", data=back),
    )
    codes = [answer.status_code for answer in answers]
    assert sorted(code == 409 for code in codes) == [False, True], codes
    with apart.inside():
        assert db.session.get(Duty, duty_id).state == ("draft" if codes[1] == 409 else "confirmed")


def edit_form(html: str) -> dict[str, Any]:
    return next(form for form in forms_of(html) if form.method == "post" and "row_version" in form.values).values


def test_whoever_saves_second_chooses_field_by_field_and_his_input_is_kept_c17(apart: Apart) -> None:
    with apart.inside() as world:
        path = f"/persons/edit/{world.persons['volunteer'].id}"
        faster = world.persons["county_administrator"].name
    first, first_page = raw_page(apart, "county_administrator", path)
    second, second_page = raw_page(apart, "chief_grid_leader", path)
    mine = {**edit_form(second_page), "name": "乙改", "remarks": "乙写的话"}
    assert first.post(path, data={**edit_form(first_page), "name": "甲改"}).status_code == 302
    answer = second.post(path, data=mine)
    assert answer.status_code == 409
    assert faster in answer.text and "甲改" in answer.text and "乙改" in answer.text
    merge = next(form for form in forms_of(answer.text) if "asked" in form.values).values
    assert merge["asked"].split(",") == ["name", "remarks"]
    assert "choose-name" not in merge, "both changed the name: he must say"
    assert merge["choose-remarks"] == "mine", "nobody else touched the remarks"
    undecided = second.post(path, data=merge)
    assert undecided.status_code == 409 and "乙写的话" in undecided.text
    assert second.post(path, data={**merge, "choose-name": "theirs"}).status_code == 302
    with apart.inside() as world:
        person = world.persons["volunteer"]
        assert (person.name, person.remarks) == ("甲改", "乙写的话")


def test_two_threads_save_one_generated_form_and_one_wins_f07(apart: Apart) -> None:
    with apart.inside() as world:
        path = f"/units/edit/{world.units['C1B'].id}"
    browsers = [apart.browser("county_administrator") for _ in range(2)]
    values = edit_form(browsers[0].get(path).text)
    sent = [{**values, "request_key": f"{name}-0123456789abcdef", "households": name} for name in ("101", "202")]
    answers = together(*(lambda b=b, d=d: b.post(path, data=d) for b, d in zip(browsers, sent, strict=True)))
    assert sorted(answer.status_code for answer in answers) == [302, 409]
    with apart.inside() as world:
        winner = 101 if answers[0].status_code == 302 else 202
        assert world.units["C1B"].households == winner


def test_a_form_that_does_not_say_its_version_is_refused_c17(apart: Apart) -> None:
    with apart.inside() as world:
        person_id, unit_id = world.persons["volunteer"].id, world.persons["volunteer"].unit_id
    browser = apart.browser("county_administrator")
    answer = browser.post(f"/persons/edit/{person_id}", data={"name": "不带版本", "unit": unit_id})
    assert answer.status_code == 409 and "不带版本" in answer.text
    assert apart.count(Person, Person.name == "不带版本") == 0


def test_keys_nobody_asked_for_change_nothing_and_are_logged_c14(apart: Apart, caplog: Any) -> None:
    with apart.inside() as world:
        unit, other = world.units["C1B"], world.units["C2A"]
        path, before = f"/units/edit/{unit.id}", (unit.id, unit.village_id, unit.parent_id)
        forged = {"id": other.id, "village_id": other.id, "county_id": other.id, "is_published": "y", "state": "x"}
        version, other_name = unit.id, other.name
    browser = apart.browser("county_administrator")
    values = edit_form(browser.get(path).text)
    with caplog.at_level("WARNING"):
        assert browser.post(path, data={**values, **forged, "sort_order": "7"}).status_code == 302
    with apart.inside() as world:
        unit = db.session.get(OrgUnit, version)
        assert (unit.id, unit.village_id, unit.parent_id) == before and unit.sort_order == 7
        assert world.units["C2A"].name == other_name
    assert "village_id" in caplog.text and "is_published" in caplog.text


def test_a_page_says_what_was_typed_when_the_post_is_gone_f08(apart: Apart) -> None:
    browser = apart.browser("grid_worker")
    page = browser.get("/leads/new").text
    data = {**form_to(page, "/leads/new").values, "category": "civility", "words": "写了很久的一段话", "place": "村口"}
    with apart.inside() as world:
        from datetime import timedelta

        from app.kit import clock
        from app.kit.db import transaction

        with transaction():
            world.posts["grid_worker"].to_on = clock.today() - timedelta(days=1)
    answer = browser.post("/leads/new", data=data)
    assert answer.status_code in (401, 403, 409, 440), answer.status_code
    assert "写了很久的一段话" in answer.text and "村口" in answer.text
    assert apart.count(Lead, Lead.words == "写了很久的一段话") == 0


def test_a_list_offers_to_change_only_the_rows_one_may_change_f08(apart: Apart) -> None:
    with apart.inside() as world:
        mine, theirs = world.persons["volunteer"].id, world.persons["township_head"].id
    page = apart.browser("chief_grid_leader").get("/persons/list/?psize_PersonView=100").text
    assert f"/persons/edit/{mine}" in page and f"/persons/delete/{mine}" in page
    assert f"/persons/edit/{theirs}" not in page and f"/persons/delete/{theirs}" not in page
