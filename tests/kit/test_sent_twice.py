"""A form sent twice is done once: double click, back and send again, two tabs, a proxy that repeats."""

from __future__ import annotations

import re
from typing import Any

import pytest
from factories.apart import Apart, own_portal, together
from factories.browsing import form_to, forms_of

from app.features.duties.models import Duty, Lead
from app.features.org.models import OrgUnit
from app.kit.audit import AuditEntry
from app.kit.idempotency import RequestKey, purge_request_keys

PERIOD = "2026-10"


@pytest.fixture(scope="module")
def apart(world_engine: Any, tmp_path_factory: pytest.TempPathFactory) -> Apart:
    portal = own_portal(world_engine, tmp_path_factory.mktemp("twice"))
    with portal.inside() as world:
        from app.features.duties.services import open_period

        open_period(PERIOD, units=[world.units["C1"]])
    return portal


def lead_form(browser: Any, words: str) -> dict[str, Any]:
    form = form_to(browser.get("/leads/new").text, "/leads/new")
    return {**form.values, "category": "civility", "words": words, "place": "桥头"}


def test_a_double_click_reports_one_lead_and_both_get_its_page_f06(apart: Apart) -> None:
    browser = apart.browser("sub_grid_leader")
    data = lead_form(browser, "双击")
    cookies = [apart.browser("sub_grid_leader"), apart.browser("sub_grid_leader")]
    answers = together(*(lambda b=b: b.post("/leads/new", data=data) for b in cookies))
    assert apart.count(Lead, Lead.words == "双击") == 1
    assert {answer.status_code for answer in answers} <= {200, 302}
    told = [answer for answer in answers if answer.status_code == 200]
    assert all("已经办过" in answer.text or "Done already" in answer.text for answer in told)
    again = browser.post("/leads/new", data=data)  # back, and sent once more
    first = next(answer for answer in answers if answer.status_code == 302)
    assert (again.status_code, again.location) == (302, first.location)
    assert apart.count(Lead, Lead.words == "双击") == 1


def test_two_tabs_with_one_form_and_two_forms_with_the_same_words_differ_c18(apart: Apart) -> None:
    browser = apart.browser("sub_grid_leader")
    one, other = lead_form(browser, "两页"), lead_form(browser, "两页")
    assert one["request_key"] != other["request_key"]
    for data in (one, one, other):
        assert browser.post("/leads/new", data=data).status_code == 302
    assert apart.count(Lead, Lead.words == "两页") == 2


def test_a_generated_form_sent_twice_makes_one_row_f06(apart: Apart) -> None:
    browsers = [apart.browser("county_administrator") for _ in range(2)]
    with apart.inside() as world:
        parent = world.units["C1A-G1"].id
    html = browsers[0].get("/units/add").text
    form = next(form for form in forms_of(html) if form.method == "post" and "level" in form.names)
    data = {
        **form.values,
        "level": "sub_grid",
        "code": "TWICE",
        "name": "双击网格",
        "parent": parent,
        "sort_order": "9",
    }
    answers = together(*(lambda b=b: b.post("/units/add", data=data) for b in browsers))
    assert apart.count(OrgUnit, OrgUnit.code == "TWICE") == 1
    assert all(answer.status_code in (200, 302) and "已存在" not in answer.text for answer in answers)


def test_a_month_handed_in_twice_is_handed_in_once_f06(apart: Apart) -> None:
    browsers = [apart.browser("sub_grid_leader") for _ in range(2)]
    form = form_to(browsers[0].get(f"/duties/?period={PERIOD}").text, "/duties/")
    data = {**form.values, "act": "nothing_rest"}
    answers = together(*(lambda b=b: b.post("/duties/", data=data) for b in browsers))
    assert {answer.status_code for answer in answers} <= {200, 302}, [answer.status_code for answer in answers]
    with apart.inside() as world:
        person = world.persons["sub_grid_leader"].id
    mine = apart.count(Duty, Duty.person_id == person, Duty.submitted_at.is_not(None))
    edits = apart.count(AuditEntry, AuditEntry.action == "duties.submit", AuditEntry.username == "sub_grid_leader")
    assert mine > 0 and edits == mine


def test_what_was_refused_may_be_sent_again_under_its_key_c18(apart: Apart) -> None:
    browser = apart.browser("sub_grid_leader")
    data = lead_form(browser, "")
    assert browser.post("/leads/new", data=data).status_code == 422
    assert browser.post("/leads/new", data=data | {"words": "写全了"}).status_code == 302
    assert apart.count(Lead, Lead.words == "写全了") == 1


def test_a_key_belongs_to_one_account_and_one_address_c18(apart: Apart) -> None:
    browser, other = apart.browser("sub_grid_leader"), apart.browser("sub_grid_leader_2")
    data = lead_form(browser, "同一把钥匙")
    assert browser.post("/leads/new", data=data).status_code == 302
    with apart.inside() as world:
        unit = world.units["C2A-G1-01"].id
    assert other.post("/leads/new", data=data | {"unit": unit}).status_code == 302
    assert apart.count(Lead, Lead.words == "同一把钥匙") == 2


def test_a_script_gets_the_answer_of_its_first_request_c18(apart: Apart) -> None:
    with apart.inside() as world:
        from app.features.assessment.queries import scheme_by_name
        from app.features.assessment.services import load_pack_schemes, open_round
        from app.features.checklists.pack import caojing

        load_pack_schemes(caojing()["assessment_list"]["schemes"], [world.units["C"]])
        scheme = scheme_by_name("CJ-VILLAGE-DEMO", world.units["C1"])
        round_id = open_round("TWICE", scheme, "2026", world.units["C1"]).id
        unit = world.units["C1A"].id
    browser = apart.browser("evaluator")
    body = {"cells": [{"unit": unit, "item": "A1", "text": "3", "was": ""}]}
    headers = {"X-Request-Key": "0123456789abcdef-grid"}
    address = f"/assessment-scores/{round_id}/cells"
    first = browser.post(address, json=body, headers=headers)
    assert first.status_code == 200, first.text
    again = browser.post(address, json=body, headers=headers)
    assert (again.status_code, again.json) == (200, first.json)
    assert browser.post(address, json=body).status_code == 409, "without the key it is another evaluator's cell"


def test_keys_are_forgotten_after_two_days_c18(apart: Apart) -> None:
    import time_machine

    from app.kit import clock

    assert apart.count(RequestKey) > 0
    tomorrow = clock.now().timestamp() + 3600 * 30
    with apart.inside():
        assert purge_request_keys() == 0
    with time_machine.travel(tomorrow + 3600 * 24, tick=False), apart.inside():
        assert purge_request_keys() > 0
    assert apart.count(RequestKey) == 0


def test_the_page_for_what_is_done_already_leads_back_c18(apart: Apart) -> None:
    browser = apart.browser("sub_grid_leader")
    data = lead_form(browser, "未记回答")
    assert browser.post("/leads/new", data=data).status_code == 302
    with apart.inside():
        from sqlalchemy import update

        from app.kit.db import transaction

        with transaction() as session:
            session.execute(update(RequestKey).values(status=None, location=None))
    answer = browser.post("/leads/new", data=data, headers={"Referer": "http://localhost/leads/new"})
    assert answer.status_code == 200 and re.search(r'href="http://localhost/leads/new"', answer.text)
    assert apart.count(Lead, Lead.words == "未记回答") == 1


def test_an_import_confirmed_twice_is_saved_once_f06(apart: Apart) -> None:
    import io

    import xlsxwriter

    from app.features.people.models import Person

    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer)
    sheet = book.add_worksheet("花名册")
    sheet.write_row(0, 0, ["村名", "子网格", "姓名", "备注", "网格职务", "任职日期", "联系电话"])
    sheet.write_row(1, 0, ["甲东村", "第二子网格", "双击新人", "", "网格员", "", "13812345678"])
    book.close()
    browsers = [apart.browser("county_administrator") for _ in range(2)]
    file = {"file": (io.BytesIO(buffer.getvalue()), "名册.xlsx"), "unit": "C1"}
    staged = browsers[0].post("/exchange/import/roster", data=file, content_type="multipart/form-data").location
    confirm = f"{staged}/confirm"
    data = form_to(browsers[0].get(staged).text, confirm).values
    answers = together(*(lambda b=b: b.post(confirm, data=data) for b in browsers))
    assert {answer.status_code for answer in answers} <= {200, 302}
    assert apart.count(Person, Person.name == "双击新人") == 1
    again = browsers[0].post(confirm, data=data)
    assert (again.status_code, again.location) == (302, staged)


def test_a_ranking_published_twice_is_published_once_f06(apart: Apart) -> None:
    with apart.inside() as world:
        from factories.small_round import publish_small_round

        round_ = publish_small_round(world, "V2025")
        code = f"{round_.unit.code}/{round_.code}"
    page = apart.browser("evaluator").post("/rankings/run", data={"round": code}).location
    heads = [apart.browser("township_head") for _ in range(2)]
    data = form_to(heads[0].get(page).text, f"{page}/publish").values
    answers = together(*(lambda b=b: b.post(f"{page}/publish", data=data) for b in heads))
    assert {answer.status_code for answer in answers} <= {200, 302}
    acts = apart.count(AuditEntry, AuditEntry.action == "ranking.publish", AuditEntry.table_name == "ranking_run")
    assert acts == 1
    again = heads[1].post(f"{page}/publish", data=data)
    assert (again.status_code, again.location) == (302, page)
