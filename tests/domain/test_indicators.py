"""Every figure the sources print is what the formula makes of its two counts, and shown as the table says."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.indicators import FORMULAS, check_counts, complement, shown, value_of


def reckoned(formula: str, first: str, second: str | None = None) -> str:
    value = value_of(formula, Decimal(first), None if second is None else Decimal(second))
    assert value is not None
    return shown(formula, value)


def test_165_to_119_is_a_reduction_of_27_88_percent_hc_07() -> None:
    assert reckoned("reduction_rate", "165", "119") == "27.88%"


def test_62_certificates_to_4_are_reduced_by_93_55_percent_lj_02() -> None:
    assert reckoned("reduction_rate", "62", "4") == "93.55%"


def test_3801_of_3806_is_99_87_percent_and_not_the_99_that_is_printed_ly_15() -> None:
    assert reckoned("completion_rate", "3801", "3806") == "99.87%"


def test_51_petitions_after_198_are_a_change_with_its_sign_ly_21() -> None:
    assert reckoned("petition_change", "51", "198") == "−74.24%"


def test_a_printed_change_of_59_4_percent_comes_out_with_its_sign_jy_18() -> None:
    assert reckoned("petition_change", "406", "1000") == "−59.40%"


def test_cases_that_grew_are_shown_with_a_plus_lj_13() -> None:
    assert reckoned("case_change", "176", "100") == "+76.00%"


@pytest.mark.parametrize(
    ("formula", "first", "second", "expected"),
    [
        pytest.param("good_rating_rate", "107989", "108000", "99.99%", id="js_16"),
        pytest.param("satisfaction", "995", "1000", "99.50%", id="cd_19"),
        pytest.param("material_reduction", "1000", "258", "74.20%", id="js_05"),
        pytest.param("step_optimisation", "1000", "557", "44.30%", id="js_06"),
        pytest.param("time_compression", "1000", "119", "88.10%", id="js_07"),
        pytest.param("immediate_rate", "57", "100", "57.00%", id="hc_24"),
        pytest.param("online_share", "387", "1000", "38.70%", id="hc_24_online"),
    ],
)
def test_the_rates_of_the_sources_come_out(formula: str, first: str, second: str, expected: str) -> None:
    assert reckoned(formula, first, second) == expected


def test_reduced_to_19_5_percent_means_reduced_by_80_5_hc_24() -> None:
    value = value_of("time_share", Decimal("19.5"), Decimal(100))
    assert value == Decimal("19.50")
    assert complement("time_share", value) == Decimal("80.50")
    assert {code for code in FORMULAS if complement(code, Decimal(1)) is not None} == {"time_share"}


def test_certificates_a_village_has_one_place_and_no_percent_cd_06() -> None:
    assert reckoned("certificates_per_village", "510", "340") == "1.5"


def test_a_plain_count_needs_no_second_js_08() -> None:
    assert reckoned("count", "42") == "42"
    assert check_counts("count", Decimal(42), None) == []


@given(st.sampled_from(sorted(FORMULAS)), st.decimals(-99, 999, places=2), st.none() | st.decimals(-99, 999, places=2))
def test_counts_that_pass_the_check_never_break_the_formula(
    formula: str, first: Decimal, second: Decimal | None
) -> None:
    if check_counts(formula, first, second):
        return
    value = value_of(formula, first, second)
    if value is not None:
        assert shown(formula, value)
        left = complement(formula, value)
        assert left is None or 0 <= left <= 100
