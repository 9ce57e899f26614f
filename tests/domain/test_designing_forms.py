"""A form that is being made, and the way of any form through YAML."""

from __future__ import annotations

import pytest
import yaml
from factories.specs import answers_to, spec_data, specs
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.formspec import (
    answers_as_data,
    as_draft,
    check_answers,
    parse_spec,
    placed_problems,
    redline,
    right_part,
    spec_as_data,
)


@given(specs())
@settings(max_examples=60)
def test_any_form_survives_the_way_through_yaml(spec):
    text = yaml.safe_dump(spec_as_data(spec), allow_unicode=True, sort_keys=False)
    assert parse_spec(yaml.safe_load(text)) == spec


@given(specs())
@settings(max_examples=40)
def test_a_right_form_survives_the_designer(spec):
    draft = as_draft(spec_as_data(spec))
    assert parse_spec(draft) == spec == right_part(draft)
    assert placed_problems(draft) == [] and redline(spec, spec) == []


@given(st.data(), specs())
@settings(max_examples=40)
def test_answers_within_the_limits_of_a_form_are_taken_and_checked_again_unchanged(data, spec):
    clean, problems = check_answers(spec, data.draw(answers_to(spec)))
    assert {p.code for p in problems} <= {"answer.below_min", "answer.above_max", "answer.required"}
    if not problems:
        assert check_answers(spec, answers_as_data(clean)) == (clean, [])


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "code",
                    "label",
                    "type",
                    "fields",
                    "sections",
                    "rules",
                    "columns",
                    "choices",
                    "condition",
                    "parts",
                    "min",
                    "default",
                ]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(spec_data(), JUNK)
@settings(max_examples=60)
def test_a_draft_full_of_nonsense_is_kept_refused_or_told_about_and_never_fails(data, junk):
    from app.domain.errors import RuleBroken

    for key in ("sections", "rules", "title"):
        try:
            draft = as_draft({**data, key: junk})
        except RuleBroken:
            continue
        assert as_draft(draft) == draft
        placed_problems(draft)
        right_part(draft)


@pytest.mark.parametrize(
    "formula",
    [
        "__import__('os').system('rm -rf /')",
        "().__class__.__bases__",
        "[x for x in (1,)]",
        "lambda: 1",
        "9**9**9**9",
        "a" * 400,
        "(" * 200 + "1" + ")" * 200,
        "open('/etc/passwd')",
        "f'{1}'",
        "x := 1",
    ],
)
def test_a_hostile_formula_is_refused_at_its_field(formula):
    fields = [
        {"code": "n", "label": "数", "type": "integer"},
        {"code": "a", "label": "甲", "type": "integer", "computed": formula},
        {"code": "b", "label": "乙", "type": "text", "condition": formula},
    ]
    draft = as_draft({"code": "x", "title": "表", "sections": [{"code": "s", "title": "一", "fields": fields}],
                      "rules": [{"check": formula, "at": "n"}]})  # fmt: skip
    places = {path for path, problem in placed_problems(draft) if problem.code.startswith("expression.")}
    assert places == {"sections.0.fields.1", "sections.0.fields.2", "rules.0"}
    assert [field.code for field in right_part(draft).fields()] == ["n"]


def test_chosen_conditions_become_a_formula_by_the_kind_of_their_field():
    fields = [
        {"code": "n", "label": "数", "type": "integer"},
        {"code": "kind", "label": "类", "type": "choice", "choices": ["a", "b"]},
        {"code": "done", "label": "成", "type": "boolean"},
        {"code": "most", "label": "多", "type": "integer"},
        {"code": "why", "label": "因", "type": "text", "condition": {"any": False, "parts": [
            {"field": "n", "sign": ">=", "value": "3"},
            {"field": "kind", "sign": "==", "value": "a"},
            {"field": "done", "sign": "==", "value": "True"},
            {"field": "n", "sign": "<", "value": "most", "is_field": True},
        ]}},
    ]  # fmt: skip
    draft = as_draft({"code": "x", "title": "表", "sections": [{"code": "s", "title": "一", "fields": fields}]})
    condition = draft["sections"][0]["fields"][4]["condition"]
    assert condition == "n >= 3 and kind == 'a' and done == True and n < most"
    assert placed_problems(draft) == []


def test_the_redline_says_what_is_added_removed_retyped_and_tightened():
    def form(*fields):
        return parse_spec(
            {"code": "x", "title": "表", "sections": [{"code": "s", "title": "一", "fields": list(fields)}]}
        )

    old = form(
        {"code": "a", "label": "甲", "type": "integer", "max": "10"},
        {"code": "b", "label": "乙", "type": "text"},
        {"code": "c", "label": "丙", "type": "text"},
        {"code": "d", "label": "丁", "type": "choice", "choices": ["x", "y"]},
    )
    new = form(
        {"code": "a", "label": "甲", "type": "integer", "max": "5", "required": True},
        {"code": "b", "label": "乙", "type": "integer"},
        {"code": "d", "label": "丁丁", "type": "choice", "choices": ["x", "y", "z"]},
        {"code": "e", "label": "戊", "type": "date"},
    )
    found = {(change.code, change.what) for change in redline(old, new)}
    assert found == {
        ("a", "tightened"), ("b", "retyped"), ("c", "removed"), ("d", "loosened"), ("d", "reworded"), ("e", "added"),
    }  # fmt: skip
    (tightened,) = [change for change in redline(old, new) if change.what == "tightened"]
    assert {change.setting for change in tightened.changes} == {"required", "max"}
