"""The designer page: a draft that saves itself, a preview, the impact of a version, and publishing."""

from __future__ import annotations

import json
import re

import pytest
from flask_babel import force_locale
from sqlalchemy import select

from app.domain.errors import RuleBroken
from app.domain.expressions import parse_expression
from app.features.forms import services
from app.features.forms.formulas import as_rows, in_words
from app.features.forms.models import Form, FormRecord, FormVersion
from app.features.forms.queries import as_role, impact
from app.kit import access
from app.kit.db import db
from app.kit.problems import sentence

SPEC = {
    "title": {"zh": "民情走访"},
    "sections": [
        {
            "code": "main",
            "title": {"zh": "走访"},
            "fields": [
                {"code": "kind", "label": {"zh": "方式"}, "type": "choice", "is_listed": True,
                 "choices": [{"code": "c1", "label": {"zh": "入户"}}, {"code": "c2", "label": {"zh": "电话"}}]},
                {"code": "house", "label": {"zh": "户数"}, "type": "integer", "required": True, "is_listed": True},
                {"code": "why", "label": {"zh": "缘由"}, "type": "text", "condition": "kind == 'c2' and house >= 3"},
                {"code": "costs", "label": {"zh": "开支"}, "type": "rows", "columns": [
                    {"code": "amount", "label": {"zh": "金额"}, "type": "money"}]},
                {"code": "total", "label": {"zh": "合计"}, "type": "money", "computed": "sum(costs.amount)"},
            ],
        }
    ],
    "rules": [{"check": "house <= 100", "at": "house", "message": {"zh": "太多"}, "warning": True}],
}  # fmt: skip


@pytest.fixture
def draft(world):
    form = services.new_form(world.units["C"], "visits", {"zh": "民情走访"}, {"needs_review": True})
    return services.save_draft(services.draft_of(form), SPEC)


def send(client, version, spec, revision=None):
    body = {"revision": str(version.revision) if revision is None else revision, "spec": spec}
    return client.post(
        f"/form-designer/version/{version.id}/save", data=json.dumps(body), content_type="application/json"
    )


def test_a_form_is_made_on_the_screen(world, sign_in):
    client = sign_in("county_administrator")
    page = client.get("/form-designer/new")
    assert page.status_code == 200
    sent = {"title": "宅基地巡查", "code": "", "unit": world.units["C"].id, "purpose": "register", "keeper_level": "village",
            "cycle": "month", "per": "many", "fill_roles": ["grid_worker", "sub_grid_leader"]}  # fmt: skip
    answer = client.post("/form-designer/new", data=sent)
    with access.everything("a test"):
        form = db.session.scalars(select(Form).where(Form.code == "zhaijidixuncha")).one()
        version = db.session.scalars(select(FormVersion).where(FormVersion.form_id == form.id)).one()
    assert answer.status_code == 302 and answer.location.endswith(f"/form-designer/version/{version.id}")
    assert (form.cycle, form.fill_roles, form.needs_review) == ("month", ["grid_worker", "sub_grid_leader"], False)
    assert client.get("/form-designer/code?text=民情走访").json == {"code": "minqingzoufang"}


def test_what_is_typed_is_kept_and_answered_with_problems_words_and_the_preview(draft, sign_in):
    client = sign_in("county_administrator")
    page = client.get(f"/form-designer/version/{draft.id}").text
    assert "民情走访" in page and "户数" in page
    spec = json.loads(json.dumps(SPEC))
    spec["sections"][0]["fields"][1]["min"] = "many"
    spec["sections"][0]["fields"][4]["computed"] = "__import__('os')"
    answer = send(client, draft, spec)
    assert answer.status_code == 200 and "方式" in answer.json["preview"] and "合计" not in answer.json["preview"]
    assert {problem["path"] for problem in answer.json["problems"]} == {"sections.0.fields.1", "sections.0.fields.4"}
    with access.everything("a test"):
        assert draft.spec["sections"][0]["fields"][1]["min"] == "many"


def test_a_draft_that_somebody_else_has_saved_is_not_written_over(draft, sign_in):
    client = sign_in("county_administrator")
    seen = str(draft.revision)
    assert send(client, draft, {**SPEC, "title": {"zh": "甲"}}, seen).status_code == 200
    late = send(client, draft, {**SPEC, "title": {"zh": "乙"}}, seen)
    assert late.status_code == 409 and late.json["conflict"] and late.json["revision"] != seen
    assert draft.spec["title"] == {"zh": "甲"}
    assert send(client, draft, {**SPEC, "title": {"zh": "乙"}}, late.json["revision"]).status_code == 200


def test_without_scripts_the_form_is_changed_as_text_and_a_text_that_grows_is_refused(draft, sign_in):
    client = sign_in("county_administrator")
    address = f"/form-designer/version/{draft.id}/save"
    text = "title: {zh: 改过}\nsections:\n- {code: a, title: 一, fields: [{code: n, label: 数, type: integer}]}"
    assert client.post(address, data={"spec": text, "row_version": draft.revision}).status_code == 302
    assert draft.spec["title"] == {"zh": "改过"}
    bomb = "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]"
    answer = client.post(address, data={"spec": bomb, "row_version": draft.revision})
    assert answer.status_code == 422 and "c: [*b, *b]" in answer.text


def test_a_formula_is_told_in_words_and_taken_apart_into_rows(draft):
    said = {
        path: in_words(formula, draft.spec)
        for path, formula in (("c", "kind == 'c2' and house >= 3"), ("s", "sum(costs.amount)"))
    }
    assert "户数" in said["c"] and "电话" in said["c"] and "金额" in said["s"] and "开支" in said["s"]
    assert as_rows("kind == 'c2' and house >= 3")["parts"][1] == {
        "field": "house",
        "sign": ">=",
        "value": "3",
        "is_field": False,
    }
    assert as_rows("house > kind")["parts"][0]["is_field"] and as_rows("house * 2 > 3") is None
    assert in_words("import os", draft.spec) == ""


@pytest.mark.parametrize(
    ("formula", "said"),
    [("open(a)", "可选函数以外的函数"), ("a.b", "点号"), ("a ** 2", "加、减、乘、除以外"), ("[a]", "一串值"), ("lambda: a", "以外的内容")],
)  # fmt: skip
def test_a_refused_formula_says_in_chinese_what_cannot_stand_in_it(app, formula, said):
    with app.test_request_context(), force_locale("zh_Hans_CN"), pytest.raises(RuleBroken) as refused:
        parse_expression(formula)
    with app.test_request_context(), force_locale("zh_Hans_CN"):
        words = sentence(refused.value.problems[0])
    assert said in words and not re.search("[A-Z]", words)


def test_the_impact_tells_fields_open_records_and_what_the_list_loses(draft, world, sign_in):
    services.publish(draft)
    for state in ("draft", "submitted", "returned"):
        db.session.add(FormRecord(form=draft.form, form_version=draft, unit=world.units["C1A"], state=state))
    db.session.flush()
    second = services.draft_of(draft.form)
    spec = json.loads(json.dumps(second.spec))
    fields = spec["sections"][0]["fields"]
    fields[1] |= {"max": "10", "is_listed": False}
    fields.append({"code": "note", "label": {"zh": "备注"}, "type": "long_text"})
    services.save_draft(second, spec)
    found = impact(second)
    assert [(version.number, count, open_) for version, count, open_ in found.records] == [(1, 3, 2)]
    assert {(change.code, change.what) for change in found.changes} == {
        ("house", "tightened"),
        ("house", "resettled"),
        ("note", "added"),
    }
    assert list(found.unlisted) == ["house"] and not found.problems
    page = sign_in("county_administrator").get(f"/form-designer/version/{second.id}/impact").text
    assert "备注" in page and "户数" in page


def test_publishing_is_refused_where_the_form_is_wrong_and_signed_where_it_is_right(draft, sign_in):
    client = sign_in("county_administrator")
    services.save_draft(draft, {**SPEC, "rules": [{"check": "nothing > 1", "at": "house"}]})
    address = f"/form-designer/version/{draft.id}/publish"
    client.post(address, data={"note": "", "row_version": draft.revision})
    assert draft.state == "draft"
    services.save_draft(draft, SPEC)
    client.post(f"/form-designer/version/{draft.id}/testing", data={"row_version": draft.revision})
    assert draft.state == "testing"
    client.post(address, data={"note": "首版", "row_version": draft.revision})
    assert (draft.state, draft.note, draft.published_by) == ("published", "首版", "county_administrator")
    assert client.get(f"/form-designer/{draft.form_id}").status_code == 200
    assert client.get(f"/form-designer/version/{draft.id}").status_code == 404


def test_the_pages_are_open_to_whoever_may_edit_forms_and_closed_to_others(draft, world, sign_in):
    evaluator = sign_in("evaluator")
    assert evaluator.get("/form-designer/").status_code == 200
    assert evaluator.get(f"/form-designer/version/{draft.id}").status_code in (403, 404)
    assert send(evaluator, draft, SPEC).status_code in (403, 404)
    assert sign_in("grid_worker").get("/form-designer/").status_code == 403


def test_a_role_sees_what_it_may_fill_in_and_why_not(draft, world):
    form = draft.form
    services.change_settings(
        form, {"fill_roles": ["chief_grid_leader"], "keeper_level": "total_grid", "cycle": "month"}
    )
    leader = as_role(form, "chief_grid_leader")
    assert leader.fills and leader.count == 1 and leader.period and leader.reviews
    assert (as_role(form, "grid_worker").fills, as_role(form, "grid_worker").why) == (False, "not_asked")
    assert as_role(form, "evaluator").reads


def test_what_the_portal_should_know_and_does_not_is_asked_with_the_reason(world, sign_in, session):
    unit, why = world.units["C1A"], "系统里还没有这项数据"
    field = {"code": "n", "label": {"zh": "户数"}, "type": "integer", "known": "unit.households"}
    section = {"code": "main", "title": {"zh": "内容"}, "fields": [field]}
    spec = {"code": "homes", "version": 1, "title": {"zh": "户数"}, "sections": [section]}
    form = services.publish_form(spec, world.units["C"], settings={"keeper_level": "village"}).form
    address, browser = f"/records/{form.id}/new?unit={unit.id}", sign_in("county_administrator")
    for households in (None, 12):
        unit.households = households
        session.commit()
        page = browser.get(address).text
        assert (why in page, 'value="12" readonly' in page) == (households is None, households == 12)
