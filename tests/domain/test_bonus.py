"""Awards: wages, months, posts, budget, corrections, amounts in capitals."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from factories.rule_samples import POLICIES, configured, example_entries, example_rows
from hypothesis import given
from hypothesis import strategies as st

from app.domain.bonus import (
    Claim,
    PayStatus,
    Segment,
    Wages,
    annual_income,
    award_of,
    awards,
    check_approvable,
    chinese_amount,
    differences,
    largest_remainder,
    months_served,
    multiplier,
    parse_chinese_amount,
)
from app.domain.config import DEFAULTS
from app.domain.errors import RuleBroken
from app.domain.ranking import Band, rank_villages

D = Decimal
YEAR = range(1, 13)


def wages(amount, months=YEAR):
    return Wages({month: {"base_allowance": D(amount)} for month in months})


def claim(*segments, **facts):
    return Claim("1", "张甲", segments, **facts)


def full_year(amount, band=Band.TOP):
    return claim(Segment("一村", wages(amount), band))


def award(one, **settings):
    return award_of(one, configured(**settings))


# -- the person lines ------------------------------------------------------------------------------

FROM_APRIL = months_served(date(2025, 4, 1), None, 2025)
FROM_20_APRIL = months_served(date(2025, 4, 20), None, 2025)
TO_OCTOBER = months_served(None, date(2025, 10, 31), 2025)
MOVED = claim(
    Segment("一村", wages("4500", range(1, 7)), Band.BOTTOM), Segment("二村", wages("4500", range(7, 13)), Band.TOP)
)
PROMOTED = claim(
    Segment("一村", Wages(wages("4000", range(1, 9)).months | wages("4600", range(9, 13)).months), Band.TOP)
)
AT_ONCE = claim(Segment("一村", wages("4700"), Band.MIDDLE), Segment("二村", wages("4700"), Band.TOP, is_primary=False))


@pytest.mark.parametrize(
    "case, one, due",
    [
        ("P1", full_year("4860.00"), "12150.00"),
        ("P2", full_year("4320.50", Band.MIDDLE), "8641.00"),
        ("P3", full_year("4105.30", Band.BOTTOM), "4105.30"),
        ("P4", claim(Segment("一村", wages("4233.33", FROM_APRIL), Band.TOP)), "7937.49"),
        ("P5", claim(Segment("一村", wages("4233.33", FROM_20_APRIL), Band.TOP)), "7055.55"),
        ("P6", MOVED, "7875.00"),
        ("P7", AT_ONCE, "9400.00"),
        ("P8", PROMOTED, "10500.00"),
        ("P9", claim(Segment("一村", wages("4380.00", TO_OCTOBER), Band.TOP)), "9125.00"),
        ("P10", replace(full_year("4150.00", Band.MIDDLE), hold="hold"), "8300.00"),
        ("P11", claim(Segment("新村", wages("4300.00", range(10, 13)), Band.NOT_RANKED)), "2150.00"),
    ],
)
def test_the_person_lines_of_the_worked_example(case, one, due):
    line = award_of(one, DEFAULTS)
    assert line.award == D(due), case
    held = case == "P10"
    assert (line.status, line.payable_now) == (PayStatus.HELD, 0) if held else (PayStatus.PAYABLE, D(due))


def test_a_line_shows_its_segments():
    line = award_of(MOVED, DEFAULTS)
    assert (line.village, line.months) == ("二村", 12)
    assert [(s.village, s.months, s.average_wage, s.multiplier) for s in line.segments] == [
        ("一村", 6, D("4500.00"), D("1.0")),
        ("二村", 6, D("4500.00"), D("2.5")),
    ]


def test_posts_held_at_once_never_make_two_awards_for_a_month():
    assert award(AT_ONCE, concurrent_policy="average").award == D("10575.00")
    assert award(AT_ONCE, concurrent_policy="higher").award == D("11750.00")
    for policy in ("primary", "average", "higher"):
        assert award(AT_ONCE, concurrent_policy=policy).months == 12


def test_a_second_post_counts_only_in_the_months_it_was_held():
    second = Segment("二村", wages("4700", range(10, 13)), Band.TOP, is_primary=False)
    one = claim(Segment("一村", wages("4700"), Band.MIDDLE), second)
    assert award(one, concurrent_policy="average").award == D("4700") * (9 * 2 + 3 * D("2.25")) / 12
    assert award(one, concurrent_policy="higher").award == D("4700") * (9 * 2 + 3 * D("2.5")) / 12


def test_the_primary_post_pays_the_wage_under_every_policy():
    unpaid = Segment("二村", Wages(dict.fromkeys(YEAR, {})), Band.TOP, is_primary=False)
    one = claim(unpaid, Segment("一村", wages("4700"), Band.MIDDLE))
    assert [award(one, concurrent_policy=p).award for p in ("primary", "average", "higher")] == [
        D("9400.00"),
        D("10575.00"),
        D("11750.00"),
    ]


def test_the_wage_basis_may_be_december_instead():
    assert award(PROMOTED, wage_basis="december").award == D("11500.00")
    assert award(PROMOTED, wage_basis="month_of_notice").award == D("11500.00")
    left = claim(Segment("一村", wages("4380", range(1, 7)), Band.TOP))
    assert award(left, wage_basis="december").award == D("4380") * D("2.5") / 2


def test_only_the_parts_named_count():
    parts = {"base_allowance": D(2600), "post_allowance": D(800), "insurance_allowance": D(650)}
    parts |= {"title_allowance": D(200), "rank_allowance": D(300)}
    one = claim(Segment("一村", Wages(dict.fromkeys(YEAR, parts)), Band.TOP))
    assert award_of(one, DEFAULTS).award == D("9750.00")
    assert award(one, wage_components="base_allowance").award == D("6500.00")
    assert annual_income(parts, D("9750.00")) == D("64350.00")


# -- multipliers and gates -------------------------------------------------------------------------


def test_multipliers_follow_the_band():
    assert [multiplier(band, DEFAULTS) for band in Band] == [D("2.5"), D("2.0"), D("1.0"), D("2.0")]
    ratio = configured(bottom_mode="ratio", bottom_multiplier="0.50")
    assert multiplier(Band.BOTTOM, ratio) == 1
    assert multiplier(Band.TOP, configured(award_mode="on_top")) == D("4.5")
    assert multiplier(Band.NOT_RANKED, configured(excluded_band="none")) == 0


def test_unconfirmed_multipliers_keep_a_batch_from_approval():
    assert [problem.code for problem in check_approvable(DEFAULTS)] == ["bonus.multipliers_unconfirmed"]
    assert check_approvable(configured(multipliers_confirmed="true")) == []


@pytest.mark.parametrize(
    "gate, status, due, now",
    [("hold", "held", 8300, 0), ("none", "payable", 8300, 8300), ("zero", "none", 0, 0)],
)
def test_an_open_case_holds_pays_or_ends_an_award(gate, status, due, now):
    line = award(replace(full_year("4150", Band.MIDDLE), hold="hold"), person_gate=gate)
    assert (line.status, line.award, line.payable_now) == (status, due, now)


def test_dismissal_for_discipline_ends_the_award_unless_it_is_pro_rata():
    one = replace(claim(Segment("一村", wages("4000", range(1, 7)), Band.MIDDLE)), dismissed=True)
    assert (award_of(one, DEFAULTS).status, award_of(one, DEFAULTS).award) == (PayStatus.NONE, 0)
    assert award(one, dismissal_policy="pro_rata").award == D("4000.00")


def test_who_served_no_month_gets_nothing():
    line = award_of(claim(Segment("一村", Wages({}), Band.TOP)), DEFAULTS)
    assert (line.village, line.months, line.award, line.status) == ("一村", 0, 0, PayStatus.NONE)


@pytest.mark.parametrize("quantum, due", [("0.01", "7937.49"), ("0.1", "7937.50"), ("1", "7937.00")])
def test_money_is_rounded_once_at_the_end_of_the_line(quantum, due):
    one = claim(Segment("一村", wages("4233.33", range(4, 13)), Band.TOP))
    assert str(award(one, money_quantum=quantum).award) == due


# -- months ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "joined, left, months",
    [
        (None, None, 12),
        ((2020, 5, 1), None, 12),
        ((2025, 4, 15), None, 9),
        ((2025, 4, 16), None, 8),
        (None, (2025, 10, 15), 10),
        (None, (2025, 10, 14), 9),
        ((2025, 3, 10), (2025, 3, 20), 1),
        ((2025, 3, 16), (2025, 4, 14), 0),
        ((2026, 1, 1), None, 0),
        (None, (2024, 12, 31), 0),
    ],
)
def test_a_month_counts_when_its_fifteenth_was_served(joined, left, months):
    assert len(months_served(joined and date(*joined), left and date(*left), 2025)) == months


def test_a_late_cut_off_day_is_the_last_day_of_a_short_month():
    assert months_served(date(2025, 2, 28), date(2025, 2, 28), 2025, 31) == (2,)


dates = st.one_of(st.none(), st.dates(date(2023, 1, 1), date(2027, 12, 31)))


@given(dates, dates, st.integers(1, 31))
def test_months_served_are_0_to_12_in_a_row_and_a_handover_loses_none(joined, left, cutoff):
    months = months_served(joined, left, 2025, cutoff)
    assert months == tuple(range(months[0], months[0] + len(months))) if months else True
    if left is not None and left < date(2027, 12, 31):
        successor = months_served(date.fromordinal(left.toordinal() + 1), None, 2025, cutoff)
        predecessor = months_served(None, left, 2025, cutoff)
        assert sorted((*predecessor, *successor)) == list(YEAR)


# -- the example -----------------------------------------------------------------------------------


def village_claims(config):
    bands = {line.entry.code: line.band for line in rank_villages(example_entries(), config).lines}
    return [
        Claim(row["code"], row["name"], (Segment(row["code"], wages(row["wage_sum"]), bands[row["code"]]),))
        for row in example_rows()
    ]


@pytest.mark.parametrize("policy", POLICIES)
def test_the_total_of_the_example_under_each_policy(policy):
    settings, _, total = POLICIES[policy]
    config = configured(**settings)
    assert awards(village_claims(config), config).total == D(total)


def test_each_village_of_the_example_is_paid_its_sum():
    lines = awards(village_claims(DEFAULTS), DEFAULTS).awards
    assert [line.award for line in lines] == [D(row["bonus_sum"]) for row in example_rows()]


# -- budget ----------------------------------------------------------------------------------------

P1_TO_P3 = [full_year("4860.00"), full_year("4320.50", Band.MIDDLE), full_year("4105.30", Band.BOTTOM)]


def test_a_budget_is_shared_to_the_cent():
    result = awards(P1_TO_P3, configured(budget_limit="20000.00"))
    assert [line.award for line in result.awards] == [D("9760.49"), D("6941.59"), D("3297.92")]
    assert result.total == D("20000.00")
    assert str(result.budget_factor).startswith("0.803332")
    assert [line.before_budget for line in result.awards] == [D("12150.00"), D("8641.00"), D("4105.30")]


def test_a_budget_that_suffices_changes_nothing():
    for limit in ("24896.30", "30000", "none"):
        result = awards(P1_TO_P3, configured(budget_limit=limit))
        assert (result.total, result.budget_factor) == (D("24896.30"), None)


def test_held_awards_stay_inside_the_budget():
    held = [replace(P1_TO_P3[0], hold="hold"), *P1_TO_P3[1:]]
    result = awards(held, configured(budget_limit="20000"))
    assert result.total == 20000
    assert result.total_payable_now == D("20000") - D("9760.49")


@given(st.lists(st.integers(0, 2_000_000).map(lambda n: D(n) / 100), min_size=1, max_size=40), st.data())
def test_shares_sum_to_the_budget_and_differ_from_proportion_by_less_than_a_cent(amounts, data):
    total = sum(amounts)
    if not total:
        return
    budget = data.draw(st.integers(0, int(total * 100)).map(lambda n: D(n) / 100))
    shares = largest_remainder(amounts, budget)
    assert sum(shares) == budget
    for amount, share in zip(amounts, shares, strict=True):
        assert abs(share - amount * budget / total) < D("0.01")
        assert share >= 0


@given(
    st.lists(
        st.tuples(
            st.integers(0, 900_000).map(lambda n: D(n) / 100),
            st.sampled_from(Band),
            st.sets(st.integers(1, 12)),
            st.sampled_from(["none", "hold", "zero"]),
        ),
        max_size=15,
    ),
    st.sampled_from(["none", "20000", "1000.01"]),
)
def test_totals_are_the_sums_of_their_lines(people, limit):
    claims = [claim(Segment("一村", wages(w, months), band), hold=hold) for w, band, months, hold in people]
    result = awards(claims, configured(budget_limit=limit))
    assert result.total == sum(line.award for line in result.awards)
    assert result.total_payable_now == sum(line.payable_now for line in result.awards)
    assert limit == "none" or result.total <= D(limit)
    for line in result.awards:
        assert 0 <= line.months <= 12
        assert line.payable_now in (0, line.award)
        assert line.award == line.award.quantize(D("0.01"))


# -- corrections -----------------------------------------------------------------------------------


def test_a_correction_pays_or_takes_back_the_difference():
    before = {"甲": D("12150.00"), "乙": D("8641.00"), "丙": D("4105.30")}
    after = {"甲": D("9720.00"), "乙": D("8641.00"), "丁": D("100.00")}
    assert differences(before, after) == {"甲": D("-2430.00"), "丙": D("-4105.30"), "丁": D("100.00")}


# -- capitals --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "amount, words",
    [
        ("0", "零元整"),
        ("0.05", "伍分"),
        ("0.50", "伍角整"),
        ("10", "壹拾元整"),
        ("100.05", "壹佰元零伍分"),
        ("1005.10", "壹仟零伍元壹角整"),
        ("10200", "壹万零贰佰元整"),
        ("32833.79", "叁万贰仟捌佰叁拾叁元柒角玖分"),
        ("2920394.75", "贰佰玖拾贰万零叁佰玖拾肆元柒角伍分"),
        ("100010.05", "壹拾万零壹拾元零伍分"),
        ("100001000", "壹亿零壹仟元整"),
        ("1000100000000", "壹万零壹亿元整"),
    ],
)
def test_amounts_are_written_in_capitals(amount, words):
    assert chinese_amount(D(amount)) == words
    assert parse_chinese_amount(words) == D(amount)


@given(st.integers(0, 10**18 - 1).map(lambda n: D(n) / 100))
def test_capitals_read_back_what_was_written(amount):
    assert parse_chinese_amount(chinese_amount(amount)) == amount


def test_other_spellings_are_read_and_nonsense_is_not():
    assert parse_chinese_amount(" 人民币叁拾圆正 ") == 30
    for words in ("", "整", "元", "叁叁元整", "拾佰元整", "三十元", "叁佰", "万元整"):
        with pytest.raises(RuleBroken):
            parse_chinese_amount(words)


@given(st.text("零壹贰叁肆伍陆柒捌玖拾佰仟万亿元圆角分整", max_size=14))
def test_no_words_break_the_reading_of_capitals(words):
    try:
        assert parse_chinese_amount(words) >= 0
    except RuleBroken as refused:
        assert refused.problems[0].code == "bonus.amount_words"


@pytest.mark.parametrize("amount", ["-1", "0.005", "10000000000000000"])
def test_amounts_that_capitals_cannot_carry_are_refused(amount):
    with pytest.raises(RuleBroken) as refused:
        chinese_amount(D(amount))
    assert refused.value.problems[0].code == "bonus.amount_range"
