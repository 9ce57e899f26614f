"""Charts of records: counted within the reader's reach, kept by whoever edits forms, pinned to first pages."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest

from app.domain.errors import RuleBroken
from app.features.forms import services
from app.features.forms.models import FormChart
from app.features.forms.queries.tallies import Asked, tally
from app.features.forms.services import Entry, publish_form, save_records
from app.kit import access

SPEC = {
    "code": "spending",
    "version": 1,
    "title": {"zh": "支出登记"},
    "sections": [
        {
            "code": "main",
            "title": {"zh": "支出"},
            "fields": [
                {"code": "kind", "label": {"zh": "类别"}, "type": "choice", "is_listed": True,
                 "choices": [{"code": "road", "label": "道路"}, {"code": "light", "label": "路灯"}]},
                {"code": "means", "label": {"zh": "方式"}, "type": "choices", "choices": ["cash", "bank"], "is_listed": True},
                {"code": "amount", "label": {"zh": "金额"}, "type": "money", "unit_label": "元", "is_listed": True},
                {"code": "day", "label": {"zh": "日期"}, "type": "date", "is_listed": True},
                {"code": "note", "label": {"zh": "说明"}, "type": "text"},
            ],
        }
    ],
}  # fmt: skip
ROWS = [("C1A", "road", "cash、bank", "10.5", "2026-06-01"), ("C1A", "road", "bank", "2", "2026-06-30"),
        ("C1B", "light", "bank", "7.25", "2026-07-01"), ("C2A", None, None, None, None)]  # fmt: skip


@pytest.fixture
def form(world):
    form = publish_form(SPEC, world.units["C"], settings={"keeper_level": "village"}).form
    entries = [
        Entry(form, world.units[unit], {"kind": kind, "means": means, "amount": amount, "day": day})
        for unit, kind, means, amount, day in ROWS
    ]
    save_records(entries, submit=True)
    services.start_testing(services.draft_of(form))
    save_records([Entry(form, world.units["C1A"], {"kind": "light"}, is_test=True)], submit=True)
    return form


def figures(form, dimension, **more):
    return {group.key: group.value for group in tally(Asked(form, dimension, **more)).groups}


def test_records_are_counted_and_added_up_by_what_is_listed(form, world):
    assert figures(form, "kind") == {"road": 2, "light": 1, "": 1}
    assert figures(form, "means") == {"bank": 3, "cash": 1, "": 1}
    assert figures(form, "kind", aggregate="sum", measure="amount")["road"] == Decimal("12.5")
    assert figures(form, "kind", aggregate="average", measure="amount")["road"] == Decimal("6.25")
    assert figures(form, "day") == {"2026-06": 2, "2026-07": 1, "": 1}
    assert figures(form, "village", filters={"min_amount": "5"}) == {
        str(world.units["C1A"].id): 1,
        str(world.units["C1B"].id): 1,
    }
    for wrong in (("note", {}), ("kind", {"aggregate": "sum", "measure": "note"})):
        with pytest.raises(ValueError):
            figures(form, wrong[0], **wrong[1])


def test_a_chart_shows_its_reader_what_he_may_see_and_leads_to_the_rows(form, world, session, sign_in):
    chart = services.save_chart(
        form,
        {"title": "各类支出", "kind": "pie", "dimension": "kind", "aggregate": "sum", "measure": "amount",
         "pinned_roles": ["supervisor"]},
    )  # fmt: skip
    session.commit()
    mine = sign_in("county_administrator").get(f"/charts/form.records.json?chart={chart.id}").get_json()
    assert sorted((p["name"], p["value"]) for p in mine["series"][0]["data"])[-1] == ("道路", 12.5)
    page = sign_in("county_administrator").get(f"/form-charts/{form.id}").get_data(as_text=True)
    assert "各类支出" in page and f"/records/{form.id}/?q_kind=road" in page and "金额（" in page
    theirs = sign_in("supervisor_2")
    assert "道路" not in theirs.get(f"/charts/form.records.json?chart={chart.id}").get_data(as_text=True)
    assert "各类支出" in sign_in("supervisor").get("/home/").get_data(as_text=True)
    assert "各类支出" not in sign_in("evaluator").get("/home/").get_data(as_text=True)


def test_only_who_edits_forms_builds_charts_and_mistakes_are_named(form, world, session, sign_in):
    sent = {"title": "x", "kind": "pie", "dimension": "kind", "aggregate": "average", "measure": "amount"}
    with pytest.raises(RuleBroken) as refused:
        services.save_chart(form, {**sent, "title": " ", "dimension": "note"})
    assert {p.code for p in refused.value.problems} == {
        "chart.title_missing",
        "chart.bad_choice",
        "chart.parts_of_average",
    }
    session.commit()
    assert sign_in("evaluator").post(f"/form-charts/{form.id}/save", data=sent).status_code in (403, 404)
    browser = sign_in("county_administrator")
    answer = browser.post(f"/form-charts/{form.id}/save", data=sent)
    assert answer.status_code == 422 and 'value="x"' in answer.get_data(as_text=True)
    browser.post(f"/form-charts/{form.id}/save", data={**sent, "kind": "bar"})
    with access.everything("test"):
        (chart,) = session.query(FormChart).all()
    assert json.loads(json.dumps(chart.filters)) == {}
    browser.post(f"/form-charts/{form.id}/{chart.id}/remove")
    with access.everything("test"):
        assert session.query(FormChart).count() == 0
