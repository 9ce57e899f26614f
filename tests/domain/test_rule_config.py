"""The configuration of ranking and bonus as data."""

import json

import pytest
from factories.rule_samples import configured
from hypothesis import given
from hypothesis import strategies as st

from app.domain.config import (
    BY_NAME,
    DEFAULTS,
    KEYS,
    SECTIONS,
    as_data,
    from_data,
    parse_setting,
    with_settings,
    written,
)
from app.domain.errors import RuleBroken

STATED = [
    "ranking_scope",
    "ranking_group",
    "excluded_band",
    "merger_weight_by",
    "split_policy",
    "recusal",
    "correction_mode",
    "top_ratio",
    "bottom_ratio",
    "cut_rule",
    "top_rounding",
    "bottom_rounding",
    "top_tie_policy",
    "bottom_tie_policy",
    "tie_breakers",
    "min_months_ranked",
    "missing_score_policy",
    "rounding",
    "places",
    "total_cap",
    "floor_total",
    "min_applicable",
    "same_fact_rule",
    "veto_items_allowed",
    "period_weights",
    "missing_period_policy",
    "top_multiplier",
    "middle_multiplier",
    "bottom_multiplier",
    "multipliers_confirmed",
    "award_mode",
    "bottom_mode",
    "dismissal_policy",
    "multi_village_policy",
    "wage_basis",
    "wage_components",
    "month_cutoff_day",
    "concurrent_policy",
    "person_gate",
    "money_quantum",
    "budget_limit",
    "publicity_days",
    "notice_requires_approval",
]


def refusal(name, text):
    with pytest.raises(RuleBroken) as refused:
        parse_setting(name, text)
    return [problem.code for problem in refused.value.problems]


def test_every_stated_key_exists_once():
    assert sorted(STATED) == sorted(key.name for key in KEYS)
    assert SECTIONS == ("ranking", "score", "periods", "bonus")


def test_the_ratios_the_top_multiplier_and_the_veto_come_from_the_text_hc_15_hc_16():
    figures = [str(DEFAULTS[name]) for name in ("top_ratio", "bottom_ratio", "top_multiplier")]
    assert figures == ["0.25", "0.10", "2.5"]
    stated = {key.name for key in KEYS if key.source == "text"}
    assert stated == {"top_ratio", "bottom_ratio", "top_multiplier", "veto_items_allowed"}


def test_every_option_on_offer_can_be_chosen():
    for key in KEYS:
        for option in key.options:
            parse_setting(key.name, option)


def test_the_configuration_survives_being_kept_as_json():
    data = json.loads(json.dumps(as_data(DEFAULTS)))
    assert from_data(data) == DEFAULTS
    assert list(data) == [key.name for key in KEYS]
    other = configured(
        tie_breakers="none", floor_total="none", budget_limit="20000.00", wage_components="base_allowance"
    )
    assert from_data(json.loads(json.dumps(as_data(other)))) == other


@given(st.sampled_from(KEYS))
def test_what_is_written_reads_back(key):
    value = DEFAULTS[key.name]
    assert parse_setting(key.name, written(value)) == value


def test_none_is_no_value_or_a_choice_of_that_name():
    assert parse_setting("budget_limit", "none") is None
    assert parse_setting("tie_breakers", "none") == ()
    assert parse_setting("dismissal_policy", "none") == "none"
    assert refusal("top_ratio", "none") == ["rules.value_required"]
    assert refusal("wage_components", "") == ["rules.value_required"]


@pytest.mark.parametrize(
    "name, text, code",
    [
        ("top_policy", "expand", "rules.unknown_key"),
        ("top_tie_policy", "widen", "rules.not_an_option"),
        ("veto_items_allowed", "true", "rules.not_an_option"),
        ("wage_components", "performance_award", "rules.not_an_option"),
        ("wage_components", "aspect_A_desc", "rules.not_an_option"),
        ("tie_breakers", "luck", "rules.not_an_option"),
        ("top_ratio", "1.01", "rules.out_of_range"),
        ("top_ratio", "-0.1", "rules.out_of_range"),
        ("top_ratio", "25%", "rules.not_a_number"),
        ("middle_multiplier", "1,5", "rules.not_a_number"),
        ("middle_multiplier", "NaN", "rules.not_a_number"),
        ("budget_limit", "1e9", "rules.not_a_number"),
        ("month_cutoff_day", "15.5", "rules.not_a_number"),
        ("month_cutoff_day", "0", "rules.out_of_range"),
        ("period_weights", "daily:0.30,half_year:0.30,year_end:0.30", "rules.weights_sum"),
        ("period_weights", "daily:0.60,monthly:0.40", "rules.not_an_option"),
    ],
)
def test_a_bad_setting_is_refused(name, text, code):
    assert refusal(name, text) == [code]


def test_a_refusal_names_what_is_possible():
    with pytest.raises(RuleBroken) as refused:
        parse_setting("cut_rule", "half")
    assert refused.value.problems[0].params["options"] == "quota, rank_number"


def test_all_bad_settings_are_told_at_once():
    with pytest.raises(RuleBroken) as refused:
        with_settings(DEFAULTS, {"top_ratio": "2", "cut_rule": "x", "places": "2"})
    assert [problem.where for problem in refused.value.problems] == ["top_ratio", "cut_rule"]
    with pytest.raises(RuleBroken) as overlap:
        configured(top_ratio="0.6", bottom_ratio="0.5")
    assert overlap.value.problems[0].code == "rules.ratios_overlap"


def test_thousands_full_width_digits_and_repeated_parts_are_understood():
    assert parse_setting("budget_limit", "20,000.00") == 20000
    assert parse_setting("month_cutoff_day", "２０") == 20
    assert parse_setting("wage_components", "base_allowance，base_allowance,post_allowance") == (
        "base_allowance",
        "post_allowance",
    )


@given(st.sampled_from(sorted(BY_NAME)), st.text(max_size=20))
def test_no_text_breaks_the_reading_of_a_setting(name, text):
    try:
        parse_setting(name, text)
    except RuleBroken as refused:
        assert all(problem.where == name for problem in refused.problems)
