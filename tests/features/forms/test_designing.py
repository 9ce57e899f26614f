"""A form is made as a draft, tried, published, changed by the next version, and retired."""

from __future__ import annotations

from decimal import Decimal

import pytest
from sqlalchemy import select

from app.domain.errors import RuleBroken
from app.features.forms import services
from app.features.forms.models import Form, FormRecord, FormVersion
from app.features.forms.queries import form_version
from app.kit import access
from app.kit.access import NotAllowed
from app.kit.db import db

ROADS = {
    "title": {"zh": "道路巡查"},
    "sections": [
        {
            "code": "main",
            "title": {"zh": "巡查"},
            "fields": [
                {"code": "place", "label": {"zh": "地点"}, "type": "text", "required": True, "is_listed": True},
                {"code": "cost", "label": {"zh": "费用"}, "type": "money", "is_listed": True},
                {"code": "why", "label": {"zh": "说明"}, "type": "long_text", "condition": "cost >= 100"},
            ],
        }
    ],
}


def codes(refusal):
    return {problem.code for problem in refusal.value.problems}


@pytest.fixture
def form(world):
    return services.new_form(world.units["C"], "", {"zh": "道路巡查"}, {"keeper_level": "village"})


def published(form, spec=ROADS, note=""):
    draft = services.draft_of(form)
    services.save_draft(draft, spec)
    return services.publish(draft, note)


def test_a_new_form_gets_a_code_from_its_title_and_an_empty_draft(form, world):
    assert form.code == "daoluxuncha"
    assert services.new_form(world.units["C"], "", {"zh": "道路巡查"}).code == "daoluxuncha2"
    with pytest.raises(RuleBroken) as refusal:
        services.new_form(world.units["C"], "daoluxuncha", {"zh": "别的"})
    assert codes(refusal) == {"form.code_taken"}
    draft = services.draft_of(form)
    assert (draft.number, draft.state, draft.is_current) == (1, "draft", False)
    assert form_version(form.code, world.units["C1A"]) is None


def test_a_draft_keeps_whatever_was_typed_and_is_published_only_when_it_is_right(form):
    draft = services.draft_of(form)
    wrong = {"sections": [{"title": "一", "fields": [{"code": "9x", "label": "数", "type": "integer", "min": "abc"}]}]}
    services.save_draft(draft, wrong)
    assert draft.spec["sections"][0]["fields"][0]["min"] == "abc"
    with pytest.raises(RuleBroken) as refusal:
        services.publish(draft)
    assert codes(refusal) >= {"form.bad_number", "form.bad_code"}
    with pytest.raises(RuleBroken):
        services.start_testing(draft)


def test_publishing_puts_the_draft_in_force_and_the_next_draft_is_a_copy(form, world):
    first = published(form, note="首版")
    assert (first.state, first.is_current, first.note, first.published_by) == ("published", True, "首版", "operator")
    assert form.slots == {"place": "text1", "cost": "number1"}
    second = services.draft_of(form)
    assert second.number == 2 and second.spec["sections"] == first.spec["sections"]
    assert services.draft_of(form) is second
    services.publish(second)
    assert form_version(form.code, world.units["C1A"]) is second and not first.is_current
    with pytest.raises(RuleBroken) as refusal:
        services.publish(second)
    assert codes(refusal) == {"form.not_open"}


def entry(form, version, world, **more):
    record = FormRecord(form=form, form_version=version, unit=world.units["C1A"], **more)
    db.session.add(record)
    db.session.flush()
    return record


def test_entries_of_a_test_are_gone_when_the_form_is_published_and_others_stay(form, world):
    draft = services.draft_of(form)
    services.save_draft(draft, ROADS)
    services.start_testing(draft)
    entry(form, draft, world, is_test=True)
    entry(form, draft, world)
    with pytest.raises(RuleBroken) as refusal:
        services.save_draft(draft, ROADS)
    assert codes(refusal) == {"form.not_a_draft"}
    services.publish(draft)
    assert [record.is_test for record in db.session.scalars(select(FormRecord))] == [False]


def listed(*fields):
    asked = [{"code": code, "label": code, "type": kind, "is_listed": True} for code, kind in fields]
    return {"title": "表", "sections": [{"code": "main", "title": "表", "fields": asked}]}


def test_a_listed_field_keeps_its_slot_and_the_seventh_is_refused(form):
    published(form, listed(*[(f"t{n}", "text") for n in range(1, 7)]))
    with pytest.raises(RuleBroken) as refusal:
        published(form, listed(*[(f"t{n}", "text") for n in range(1, 8)]))
    (problem,) = refusal.value.problems
    assert (problem.code, problem.where, problem.params["limit"]) == ("form.too_many_listed", "t7", 6)


def test_a_slot_that_changes_hands_is_emptied_and_the_others_keep_their_copies(form, world):
    first = published(form, listed(*[(f"t{n}", "text") for n in range(1, 7)], ("n1", "integer")))
    record = entry(form, first, world, text1="甲", text2="乙", number1=Decimal(3))
    published(form, listed(("t2", "text"), *[(f"t{n}", "text") for n in range(3, 7)], ("t9", "text")))
    db.session.refresh(record)
    assert form.slots["t9"] == "text1" and form.slots["t2"] == "text2"
    assert (record.text1, record.text2, record.number1) == (None, "乙", Decimal(3))


def test_a_form_survives_the_way_out_and_in_again(form, world):
    published(form)
    data = services.form_as_data(form)
    loaded, changed = services.load_form(world.units["C1"], data, "NH@1")
    assert changed and loaded.pack == "NH@1" and services.form_as_data(loaded) == data
    again, changed = services.load_form(world.units["C1"], data, "NH@1")
    assert again is loaded and not changed


def test_a_retired_form_is_brought_back_and_one_of_duties_is_not_retired(form):
    published(form)
    services.draft_of(form)
    services.retire(form)
    assert form.state == "retired"
    with pytest.raises(RuleBroken) as refusal:
        services.draft_of(form)
    assert codes(refusal) == {"form.retired"}
    assert services.bring_back(form).state == "active"
    services.change_settings(form, {"purpose": "duty"})
    with pytest.raises(RuleBroken) as refusal:
        services.retire(form)
    assert codes(refusal) == {"form.of_duties"}


def test_a_withdrawn_draft_is_what_the_next_one_starts_from(form):
    draft = services.draft_of(form)
    services.save_draft(draft, ROADS)
    services.withdraw(draft)
    again = services.draft_of(form)
    assert (draft.state, again.number, again.spec["sections"]) == ("withdrawn", 2, draft.spec["sections"])


def test_only_who_may_approve_forms_publishes_and_who_may_edit_them_designs(form, world):
    draft = services.draft_of(form)
    services.save_draft(draft, ROADS)
    with access.acting_as(access.actor_of_user(world.users["evaluator"].id)):
        for act in (
            lambda: services.publish(draft),
            lambda: services.save_draft(draft, {}),
            lambda: services.retire(form),
        ):
            with pytest.raises(NotAllowed):
                act()
    with access.acting_as(access.actor_of_user(world.users["county_administrator"].id)):
        assert services.publish(draft).published_by == "county_administrator"


def test_versions_from_before_there_were_forms_get_theirs_once(world):
    version = FormVersion(
        unit=world.units["C"], code="old", title={"zh": "旧表"}, spec={**listed(("a", "text")), "code": "old"}
    )
    db.session.add(version)
    db.session.flush()
    assert services.adopt_versions() == 1 and services.adopt_versions() == 0
    form = db.session.scalars(select(Form).where(Form.code == "old")).one()
    assert version.form is form and form.purpose == "duty" and form.slots == {"a": "text1"}
