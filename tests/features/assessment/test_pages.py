"""Who sees which page of assessment, and what the acts on them do."""

from __future__ import annotations

import pytest
from factories.browsing import of
from features.assessment.test_rounds import FULL, fill

from app.domain.rights import Role
from app.features.assessment import queries, services
from app.features.assessment.services import CellInput


@pytest.fixture
def published(world, round_):
    """The round scored by the operator and published."""
    for code in ("C1A", "C1B"):
        fill(round_, world.units[code])
    services.check_round(round_)
    services.publish_round(round_)
    return round_


def sheet_of(round_, code):
    return next(sheet for sheet in queries.sheets_of(round_) if sheet.unit.code == code)


def text(answer):
    assert answer.status_code == 200, answer.status_code
    return answer.get_data(as_text=True)


def test_the_assessment_list_is_read_by_everybody_in_the_county(sign_in, schemes):
    page = text(sign_in("sub_grid_leader").get("/assessment-list/"))
    for word in ("考核项目和指标", "计分标准", "考核依据", "责任单位", "满分", "反向扣分项目"):
        assert word in page
    assert page.count("/assessment-list/") >= 2


def test_administrators_see_where_a_value_comes_from(sign_in, schemes):
    assert "source-derived" in text(sign_in("county_administrator").get("/assessment-list/"))
    assert "source-derived" not in text(sign_in("grid_worker").get("/assessment-list/"))


@pytest.mark.parametrize(
    "path", ["/schemes/list/", "/scheme-aspects/list/", "/scheme-items/list/", "/scheme-deductions/list/"]
)
def test_the_generated_lists_open_for_who_may_see_schemes(sign_in, schemes, path):
    assert sign_in("county_administrator").get(path).status_code == 200
    assert sign_in("evaluator").get(path).status_code == 200


def test_a_derived_value_is_edited_and_a_used_scheme_is_not(sign_in, world, schemes):
    scheme = schemes["CJ-VILLAGE-DEMO"]
    item = queries.parts_of(scheme).items[0]
    browser = sign_in("county_administrator")
    form = {
        "name": item.name,
        "maximum": "4",
        "standard": "改写的标准",
        "basis": item.basis,
        "responsible_office": "镇党建办",
        "cycle": "quarter",
        "sort_order": "1",
    }
    assert browser.post(f"/scheme-items/edit/{item.id}", data=of(item, **form)).status_code == 302
    assert queries.parts_of(scheme).items[0].standard == "改写的标准"
    services.open_round("V", scheme, "2026", world.units["C1"])
    answer = browser.post(
        f"/scheme-items/edit/{item.id}", data=of(item, **form | {"standard": "再改"}), follow_redirects=True
    )
    assert "已有考核轮次使用本方案" in text(answer) or "A round uses this scheme" in text(answer)
    assert queries.parts_of(scheme).items[0].standard == "改写的标准"


def test_the_name_of_an_aspect_stands_in_the_source_and_is_not_changed(sign_in, schemes):
    aspect = queries.parts_of(schemes["CJ-VILLAGE-DEMO"]).aspects[0]
    browser = sign_in("county_administrator")
    browser.post(f"/scheme-aspects/edit/{aspect.id}", data=of(aspect, name="别名", maximum="30", sort_order="1"))
    assert queries.parts_of(schemes["CJ-VILLAGE-DEMO"]).aspects[0].name == "网格日常运行"


def test_a_round_is_opened_by_form(sign_in, world, schemes):
    browser = sign_in("evaluator")
    scheme = schemes["CJ-VILLAGE-DEMO"]
    form = {"unit": world.units["C1"].id, "scheme": scheme.id, "period": "2026", "code": "V9"}
    assert browser.post("/assessment-rounds/new", data=form | {"period": "去年"}).status_code == 200
    answer = browser.post("/assessment-rounds/new", data=form)
    assert answer.status_code == 302
    assert "V9" in text(browser.get(answer.headers["Location"]))
    assert len(queries.sheets_of(queries.round_by_code("V9"))) == 2


def entry_of(entry_id):
    from app.features.assessment.models import DeductionEntry
    from app.kit.db import db

    return db.session.get(DeductionEntry, entry_id)


def test_checking_and_publishing_take_two_people(sign_in, world, round_):
    evaluator, head = sign_in("evaluator"), sign_in("township_head")
    for code in ("C1A", "C1B"):
        cells = [{"unit": world.units[code].id, "item": item, "text": typed, "was": ""} for item, typed in FULL.items()]
        assert evaluator.post(f"/assessment-scores/{round_.id}/cells", json={"cells": cells}).status_code == 200
    evaluator.post(f"/assessment-rounds/{round_.id}/check", data=of(round_))
    assert round_.state == "checked"
    assert evaluator.post(f"/assessment-rounds/{round_.id}/publish").status_code == 403
    assert "100.00" in text(head.get(f"/assessment-rounds/{round_.id}/publish"))
    head.post(f"/assessment-rounds/{round_.id}/publish", data=of(round_))
    assert round_.is_published
    answer = evaluator.post(
        f"/assessment-scores/{round_.id}/cells",
        json={"cells": [{"unit": world.units["C1A"].id, "item": "A1", "text": "1", "was": ""}]},
    )
    assert answer.json["problems"][0]["code"] == "assessment.round_closed"


def test_the_chief_grid_leader_sees_his_own_village_after_publication(sign_in, world, published):
    leader = sign_in("chief_grid_leader")
    own, other = sheet_of(published, "C1A"), sheet_of(published, "C1B")
    page = text(leader.get(f"/assessment-rounds/{published.id}"))
    assert "甲东村" in page and "甲西村" not in page
    assert "100.00" in text(leader.get(f"/score-sheets/{own.id}"))
    assert leader.get(f"/score-sheets/{other.id}").status_code == 404


def test_nobody_outside_the_work_sees_an_unpublished_round(sign_in, round_):
    for name in ("chief_grid_leader", "supervisor", "sub_grid_leader"):
        browser = sign_in(name)
        assert browser.get(f"/assessment-rounds/{round_.id}").status_code == 404
        assert round_.name not in text(browser.get("/assessment-rounds/"))
        assert browser.get(f"/assessment-scores/{round_.id}").status_code == 404


def test_who_sees_published_results_keeps_seeing_them_during_a_correction(sign_in, world, published):
    services.correct_round(published, "复核")
    services.save_scores(published, [CellInput(world.units["C1A"].id, "A1", "1")])
    sheet = sheet_of(published, "C1A")
    supervisor = text(sign_in("supervisor").get(f"/score-sheets/{sheet.id}?live=1"))
    assert "100.00" in supervisor and "97.00" not in supervisor
    assert "97.00" in text(sign_in("evaluator").get(f"/score-sheets/{sheet.id}?live=1"))
    assert "97.00" not in text(sign_in("supervisor").get(f"/assessment-rounds/{published.id}"))


def test_a_deduction_is_recorded_edited_and_waived_on_its_page(sign_in, world, round_):
    fill(round_, world.units["C1A"])
    sheet = sheet_of(round_, "C1A")
    evaluator, head, path = sign_in("evaluator"), sign_in("township_head"), f"/score-sheets/{sheet.id}/deductions"
    form = {
        "item_code": "X5",
        "level": "",
        "happened_on": "2026-05-06",
        "count": "1",
        "note": "县级通报",
        "clause": "通报第3号",
    }
    assert "被通报批评" in text(evaluator.post(path, data=form))  # the level is missing: told, and what was typed stays
    assert sheet.raw == 0
    assert evaluator.post(path, data=form | {"level": "county"}).status_code == 302
    assert sheet.raw == 2
    assert evaluator.post(path, data=form | {"level": "county", "happened_on": "2025-05-06"}).status_code == 200
    entry = queries.current_slip(sheet)["deductions"][0]["id"]
    evaluator.post(
        f"{path}/{entry}/edit", data=of(entry_of(entry), count="2", happened_on="2026-05-06", reason="又一次")
    )
    assert sheet.raw == 4
    assert evaluator.post(f"{path}/{entry}/waive", data={"reason": "x"}).status_code == 403
    head.post(f"{path}/{entry}/waive", data=of(entry_of(entry), reason="容错"))
    assert sheet.raw == 0
    assert sign_in("evaluator_2").post(f"{path}/{entry}/edit", data={"count": "9", "reason": "x"}).status_code == 404


def test_the_committee_has_a_page_for_its_items(sign_in, world, round_):
    sheet = sheet_of(round_, "C1A")
    committee = sign_in("village_supervision_committee")
    page = text(committee.get("/deductions/"))
    assert "X9" in page and 'value="X3"' not in page and "甲西村" not in page
    form = {
        "sheet": sheet.id,
        "item_code": "X9",
        "level": "",
        "happened_on": "2026-05-06",
        "count": "1",
        "note": "决议未公开",
    }
    assert committee.post("/deductions/", data=form).status_code == 302
    assert sheet.raw == 1
    assert committee.post("/deductions/", data=form | {"item_code": "X3"}).status_code == 200
    assert sheet.raw == 1
    assert committee.get(f"/score-sheets/{sheet.id}").status_code == 403


def test_a_village_is_taken_out_with_a_reason(sign_in, world, round_):
    sheet = sheet_of(round_, "C1B")
    evaluator = sign_in("evaluator")
    evaluator.post(f"/score-sheets/{sheet.id}/exclude", data=of(sheet, reason=""))
    assert sheet.excluded_reason is None
    evaluator.post(f"/score-sheets/{sheet.id}/exclude", data=of(sheet, reason="年内合并"))
    assert sheet.status == "excluded"
    evaluator.post(f"/score-sheets/{sheet.id}/include", data=of(sheet))
    assert sheet.status == "not_scored"


def test_somebody_with_a_post_in_the_village_may_not_record_there(sign_in, world, round_):
    appoint_in(world, "evaluator", "C1A-G1-01")
    page = text(sign_in("evaluator").get(f"/score-sheets/{sheet_of(round_, 'C1A').id}/deductions"))
    assert 'name="item_code"' not in page


def appoint_in(world, name, code):
    from app.features.people.services import appoint

    return appoint(world.persons[name], Role.GRID_WORKER, world.units[code])
