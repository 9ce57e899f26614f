"""Forms held as data: reading them, and checking answers."""

import json
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.errors import RuleBroken
from app.domain.formspec import (
    NOT_APPLICABLE,
    Checker,
    FieldType,
    answers_as_data,
    check_answers,
    offered_answers,
    parse_spec,
    spec_as_data,
)


def field(code, kind="integer", **more):
    return {"code": code, "label": {"zh": code}, "type": kind, **more}


FORM = {
    "code": "monthly",
    "version": 3,
    "title": {"zh": "月度工作记录", "en": "Monthly record", "ko": "월간사업기록"},
    "sections": [
        {
            "code": "T11",
            "title": {"zh": "主题党日"},
            "fields": [
                field("should_attend", required=True, min=0, max=500, default="last_value", unit_label="人"),
                field("attended", min=0),
                field("rate", "decimal", computed="attended / should_attend * 100", places=1),
                field("leads", min=0, na_allowed=True),
                field("why", "text", condition="attended < should_attend", max_length=10),
                field("kind", "choice", choices=[{"code": "a", "label": {"zh": "甲"}}, {"code": "b", "label": "乙"}]),
                field("on", "date"),
                field("held", "boolean"),
                field("cost", "decimal", max="99.5"),
                field("unit", "unit_ref"),
                field("who", "person_ref"),
                field("notes", "long_text"),
            ],
        }
    ],
    "rules": [{"check": "attended <= should_attend", "code": "form.too_many", "at": "attended", "message": "多"}],
}
SPEC = parse_spec(FORM)


def wrong(**answers):
    _, problems = check_answers(SPEC, {"should_attend": 10, **answers})
    return {(p.code, p.where) for p in problems}


def clean(**answers):
    values, problems = check_answers(SPEC, {"should_attend": 10, **answers})
    assert not problems
    return values


def test_a_form_reads_back_what_it_writes():
    data = spec_as_data(SPEC)
    assert parse_spec(json.loads(json.dumps(data))) == SPEC


def test_a_label_falls_back_to_chinese():
    assert SPEC.title.in_language("ko_KR") == "월간사업기록"
    assert SPEC.sections[0].title.in_language("en") == "主题党日"
    assert SPEC.title.in_language("zh_Hans_CN") == "月度工作记录"
    assert SPEC.field("on").type is FieldType.DATE
    with pytest.raises(KeyError):
        SPEC.field("nothing")


def with_field(**changes):
    return {**FORM, "rules": [], "sections": [{"code": "s", "title": "t", "fields": [field("a") | changes]}]}


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (with_field(type="photo"), "form.unknown_type"),
        (with_field(code="1a"), "form.bad_code"),
        (with_field(label={}), "form.label_missing"),
        (with_field(label={"fr": "x"}), "form.bad_label"),
        (with_field(colour="red"), "form.unknown_key"),
        (with_field(required="yes"), "form.bad_flag"),
        (with_field(min="many"), "form.bad_number"),
        (with_field(min=True), "form.bad_number"),
        (with_field(min=2, max=1), "form.limits_crossed"),
        (with_field(type="text", min=2), "form.limits_not_expected"),
        (with_field(type="text", max_length=0), "form.bad_number"),
        (with_field(type="choice"), "form.choices_missing"),
        (with_field(choices=["x"]), "form.choices_not_expected"),
        (with_field(type="choice", choices=["x", "x"]), "form.duplicate_choice"),
        (with_field(choices="x"), "form.not_a_list"),
        (with_field(default="today"), "form.bad_default"),
        (with_field(type="text", computed="1"), "form.computed_not_a_number"),
        (with_field(computed="1", required=True), "form.computed_required"),
        (with_field(computed="a + 1"), "form.formula_reads_unknown"),
        (with_field(condition="later > 1"), "form.formula_reads_unknown"),
        (with_field(computed="().x"), "expression.not_allowed"),
        ({**FORM, "sections": 1}, "form.not_a_list"),
        ({**FORM, "sections": [1]}, "form.not_an_object"),
        ({**FORM, "sections": []}, "form.field_count"),
        ({**FORM, "sections": FORM["sections"] * 2}, "form.duplicate_field"),
        ({**FORM, "sections": FORM["sections"] * 2}, "form.duplicate_section"),
        ({**FORM, "rules": [{"check": "attended > 0", "at": "x"}]}, "form.unknown_field"),
        ({**FORM, "rules": [{"check": "x > 0", "at": "attended"}]}, "form.formula_reads_unknown"),
        ({**FORM, "version": "two"}, "form.bad_number"),
    ],
)
def test_a_mistake_in_a_form_is_named_at_its_place(data, code):
    with pytest.raises(RuleBroken) as refused:
        parse_spec(data)
    assert code in {problem.code for problem in refused.value.problems}


def test_empty_is_not_zero_and_na_is_an_answer():
    values = clean(attended="", leads="/")
    assert values["attended"] is None
    assert values["rate"] is None
    assert values["leads"] == NOT_APPLICABLE
    assert ("answer.not_a_number", "attended") in wrong(attended="/")


def test_numbers_may_be_typed_full_width():
    values = clean(
        attended="　１0 ", cost="１，0００．５".replace("，0００", ""), on="２０２６年１０月５日", notes="５²"
    )
    assert values["attended"] == 10
    assert values["cost"] == Decimal("1.50")
    assert values["on"] == date(2026, 10, 5)
    assert values["notes"] == "５²"


def test_a_computed_field_follows_its_inputs_and_ignores_what_is_typed():
    assert clean(attended=9, rate=3)["rate"] == Decimal("90.0")
    assert ("expression.division_by_zero", "rate") in wrong(should_attend=0, attended=1)


def test_a_field_whose_condition_is_not_met_is_not_asked():
    assert clean(attended=9, why="请假1人")["why"] == "请假1人"
    assert clean(attended=10, why="请假1人")["why"] is None


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        ({"should_attend": None}, "answer.required"),
        ({"should_attend": 501}, "answer.above_max"),
        ({"attended": -1}, "answer.below_min"),
        ({"attended": "1.5"}, "answer.not_whole"),
        ({"attended": "五"}, "answer.not_a_number"),
        ({"attended": True}, "answer.not_a_number"),
        ({"attended": float("nan")}, "answer.not_a_number"),
        ({"attended": "5²"}, "answer.not_a_number"),
        ({"cost": "99.51"}, "answer.above_max"),
        ({"attended": 1, "why": "x" * 11}, "answer.too_long"),
        ({"notes": "a\x00"}, "answer.bad_text"),
        ({"notes": "\ud800"}, "answer.bad_text"),
        ({"notes": ["a"]}, "answer.bad_text"),
        ({"kind": "c"}, "answer.bad_choice"),
        ({"on": "2026-02-30"}, "answer.bad_date"),
        ({"on": "soon"}, "answer.bad_date"),
        ({"held": "perhaps"}, "answer.bad_flag"),
        ({"unit": "a b"}, "answer.bad_reference"),
        ({"who": -4}, "answer.bad_reference"),
        ({"other": 1}, "answer.unknown_field"),
        ({"attended": 11}, "form.too_many"),
    ],
)
def test_a_wrong_answer_is_named_at_its_field(answer, code):
    assert code in {found for found, _ in wrong(**answer)}


def test_choices_flags_and_references_are_read_as_people_write_them():
    values = clean(kind="乙", held="是", unit="T01-G1", who="17")
    assert (values["kind"], values["held"], values["unit"], values["who"]) == ("b", True, "T01-G1", 17)


def test_a_draft_may_be_unfinished():
    values, problems = check_answers(SPEC, {"attended": 3}, draft=True)
    assert problems == []
    assert values["attended"] == 3
    assert check_answers(SPEC, {"attended": 12, "should_attend": 3}, draft=True)[1] == []


def test_last_values_are_offered_where_the_form_says_so():
    assert offered_answers(SPEC, {"should_attend": 18, "attended": 16}) == {"should_attend": 18}


anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.decimals()
    | st.dates()
    | st.datetimes()
    | st.text(max_size=12)
    | st.sampled_from(["NA", "/", "１２", "1,000", "a", "乙", "2026.1.5", "是", "", " "]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=2), inner, max_size=2),
    max_leaves=3,
)
answers = st.dictionaries(st.sampled_from([f.code for f in SPEC.fields()]) | st.text(max_size=3), anything)


@given(answers, st.booleans())
def test_any_answers_come_out_clean_or_with_problems_and_clean_stays_clean(given_answers, draft):
    values, problems = check_answers(SPEC, given_answers, draft=draft)
    assert set(values) == {f.code for f in SPEC.fields()}
    if not problems:
        assert check_answers(SPEC, values, draft=draft) == (values, [])
        stored = json.loads(json.dumps(answers_as_data(values)))
        assert check_answers(SPEC, stored, draft=draft) == (values, [])


@given(st.recursive(anything, lambda inner: st.dictionaries(st.sampled_from(["code", "sections", "fields"]), inner)))
def test_any_data_is_a_form_or_problems(data):
    try:
        spec = parse_spec(data)
    except RuleBroken as refused:
        assert refused.problems
    else:
        assert parse_spec(spec_as_data(spec)) == spec


WIDE = {
    "code": "spending",
    "version": 1,
    "title": "支出登记",
    "sections": [
        {
            "code": "main",
            "title": "支出",
            "fields": [
                field("about", "heading"),
                field("month", "month", is_listed=True),
                field("paper", "text", pattern="*〔####〕#号"),
                field("share", "percentage", max=100),
                field("means", "choices", choices=[{"code": "a", "label": "现金"}, {"code": "b", "label": "转账"}]),
                field("item", "list_item", list_kind="power"),
                field("files", "attachment"),
                field(
                    "costs",
                    "rows",
                    max_rows=3,
                    columns=[
                        field("what", "text", required=True),
                        field("amount", "money", min=0),
                        field("tax", "money", computed="amount * share / 100"),
                        field("why", "text", condition="amount > 1000"),
                    ],
                ),
                field("total", "money", computed="sum(costs.amount)", is_listed=True),
                field("currency", "text", default={"value": "人民币"}),
            ],
        }
    ],
    "rules": [
        {"check": "total <= 5000", "code": "form.above", "at": "total", "message": "超过五千", "warning": True},
        {"check": "count(costs) >= 1", "code": "form.none", "at": "costs", "message": "至少一行"},
    ],
}
SPENDING = parse_spec(WIDE)


def test_repeating_rows_are_computed_and_checked_row_by_row():
    sent = {
        "share": "10％",
        "costs": [
            {"what": "灯", "amount": "1,200.5元", "why": "坏了"},
            {"what": "", "amount": ""},
            {"what": "", "amount": "-1", "why": "不问"},
        ],
    }
    values, problems = check_answers(SPENDING, sent)
    assert values["costs"][0] == {
        "what": "灯",
        "amount": Decimal("1200.50"),
        "tax": Decimal("120.05"),
        "why": "坏了",
    }
    assert values["total"] == Decimal("1200.50")
    assert {(p.code, p.where) for p in problems} == {
        ("answer.required", "costs[2].what"),
        ("answer.below_min", "costs[2].amount"),
    }
    many = [{"what": "x"}] * 4
    assert check_answers(SPENDING, {"costs": many})[1][0].code == "answer.too_many_rows"
    assert check_answers(SPENDING, {"costs": "x"})[1][0].code == "answer.bad_rows"


def test_months_masks_choices_and_attachments_are_read():
    values, problems = check_answers(
        SPENDING,
        {"month": "2026年6月", "paper": "县办发〔2026〕3号", "means": "转账、现金", "files": "7,7,9", "item": "NH-01"},
        draft=True,
    )
    assert not problems
    assert (values["month"], values["means"], values["files"], values["item"]) == (
        "2026-06",
        ("a", "b"),
        (7, 9),
        "NH-01",
    )
    _, problems = check_answers(SPENDING, {"month": "2026-13", "paper": "x", "means": ["z"], "files": [0]}, draft=True)
    assert {p.code for p in problems} == {
        "answer.bad_month",
        "answer.bad_pattern",
        "answer.bad_choice",
        "answer.bad_attachment",
    }


def test_a_rule_may_warn_instead_of_refusing():
    checker = Checker(SPENDING)
    values, problems = checker.check({"costs": [{"what": "桥", "amount": 9000}]})
    assert not problems
    assert [p.code for p in checker.warnings(values)] == ["form.above"]


def test_what_was_checked_is_stored_and_read_back_the_same():
    sent = {"month": "2026-06", "means": ["b"], "costs": [{"what": "灯", "amount": "3"}], "share": "7.5"}
    values, problems = check_answers(SPENDING, sent)
    assert not problems
    assert check_answers(SPENDING, json.loads(json.dumps(answers_as_data(values)))) == (values, [])
    assert parse_spec(json.loads(json.dumps(spec_as_data(SPENDING)))) == SPENDING
    assert offered_answers(SPENDING, {}) == {"currency": "人民币"}


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (with_field(type="rows"), "form.columns_missing"),
        (with_field(columns=[field("b")]), "form.columns_not_expected"),
        (with_field(type="rows", columns=[field("b", "rows", columns=[field("c")])]), "form.not_in_rows"),
        (with_field(type="rows", columns=[field("a")]), "form.duplicate_field"),
        (with_field(type="rows", columns=[field("b", computed="z + 1")]), "form.formula_reads_unknown"),
        (with_field(type="list_item"), "form.list_kind_missing"),
        (with_field(type="heading", required=True), "form.heading_asks_nothing"),
        (with_field(type="heading"), "form.field_count"),
        (with_field(type="attachment", is_listed=True), "form.cannot_be_listed"),
        (with_field(pattern="##"), "form.pattern_not_expected"),
        (with_field(default={"value": "x"}), "form.default_refused"),
        (with_field(type="money", computed="sum(nothing.x)"), "form.formula_reads_unknown"),
    ],
)
def test_a_mistake_of_the_newer_kinds_is_named(data, code):
    with pytest.raises(RuleBroken) as refused:
        parse_spec(data)
    assert code in {problem.code for problem in refused.value.problems}
