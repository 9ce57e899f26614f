"""Forms are data in versions; a drawn form keeps what was typed."""

from __future__ import annotations

import pytest

from app.domain.errors import Problem
from app.domain.formspec import parse_spec
from app.features.forms.queries import form_version, spec_of, versions_of
from app.features.forms.records import Shown, answers_in_words, record_form, typed_answers
from app.features.forms.services import publish_form
from app.kit.access import NotAllowed

FORM = {
    "code": "visits",
    "version": 1,
    "title": {"zh": "走访", "en": "Visits"},
    "sections": [
        {
            "code": "main",
            "title": {"zh": "走访"},
            "fields": [
                {
                    "code": "count",
                    "label": {"zh": "户数", "en": "Households"},
                    "type": "integer",
                    "required": True,
                    "min": 0,
                    "default": "last_value",
                    "na_allowed": True,
                    "unit_label": {"zh": "户"},
                },
                {"code": "story", "label": {"zh": "情况"}, "type": "long_text", "condition": "count > 0"},
                {"code": "kind", "label": {"zh": "方式"}, "type": "choice", "choices": ["home", "call"]},
            ],
        }
    ],
}


def other_title(title):
    return {**FORM, "title": {"zh": title}}


def test_the_nearest_owner_up_the_tree_wins(world):
    publish_form(FORM, world.units["C"])
    publish_form(other_title("甲镇走访"), world.units["C1"])
    assert form_version("visits", world.units["C1A-G1-01"]).name == "甲镇走访"
    assert form_version("visits", world.units["C2A"]).name == "走访"
    assert form_version("unknown", world.units["C2A"]) is None


def test_a_change_is_a_new_version_and_the_same_form_is_none(world):
    first = publish_form(FORM, world.units["C"])
    assert publish_form(FORM, world.units["C"]) is first
    second = publish_form(other_title("走访情况"), world.units["C"])
    assert [(v.number, v.is_current) for v in versions_of("visits", world.units["C"])] == [(2, True), (1, False)]
    assert (spec_of(second).version, spec_of(first).title.zh) == (2, "走访")


def test_only_whoever_edits_forms_publishes(world):
    from app.features.accounts.queries import user_by_name
    from app.kit import access

    with access.acting_as(access.actor_of_user(user_by_name("chief_grid_leader").id)), pytest.raises(NotAllowed):
        publish_form(FORM, world.units["C1A-G1"])


def test_what_was_typed_stands_in_the_input_with_its_error(app):
    spec = parse_spec(FORM)
    with app.test_request_context("/"):
        typed = typed_answers(spec, {"d7-count": " 三户 ", "d7-kind": "home"}, "d7-")
        problems = [Problem("answer.not_a_number", "count")]
        form = record_form(spec, typed, "d7-", Shown(last={"count": 12}, problems=problems))
        count, _story, kind = form.fields
    assert (count.name, count.value, count.offered, count.unit, len(count.errors)) == (
        "d7-count",
        "三户",
        "12",
        "户",
        1,
    )
    assert '["compare", ["above"], ["name", "count"], ["number", "0"]]' in form.live
    assert (kind.value, kind.choices) == ("home", (("home", "home"), ("call", "call")))
    assert form.has_offer


def test_not_applicable_is_an_answer_and_nothing_is_not(app):
    spec = parse_spec(FORM)
    with app.test_request_context("/"):
        assert typed_answers(spec, {"count-na": "1", "count": "5"}) == {"count": "NA", "story": None, "kind": None}
        assert record_form(spec, {"count": "NA"}).fields[0].is_na
        assert [answer for _label, answer in answers_in_words(spec, {"count": 0})[0][1]] == ["0 户", "—", "—"]


def test_somebody_else_s_save_is_shown_beside_mine(app):
    with app.test_request_context("/"):
        form = record_form(parse_spec(FORM), {"count": 3}, shown=Shown(stored={"count": 5, "kind": "home"}))
    assert [view.stored for view in form.fields] == ["5 户", "", "home"]
