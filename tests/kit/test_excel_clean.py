"""What a cell means: numbers, money, dates, telephones, words. Nothing is guessed, nothing is lost."""

from __future__ import annotations

from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kit.excel import UNCHANGED, clean
from app.kit.excel.context import ReadContext, VillageName
from app.kit.excel.titles import Facts, read_titles
from app.kit.excel.values import Bad, Noted

WAN = Facts(factor=Decimal(10000))


def code(found: Any) -> str:
    assert isinstance(found, Bad), found
    return f"{found.code}:{found.reason}" if found.reason else found.code


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        (3.0, "3"),
        ("４，５００．００", "4500.00"),
        ("4，192.50", "4192.50"),
        ("4,500.00元", "4500.00"),
        ("￥4500", "4500"),
        ("92.5分", "92.5"),
        ("4。58", "4.58"),
        ("12户", "12"),
        ("3 次", "3"),
        ("2.5倍", "2.5"),
        ("－0.5", "-0.5"),
        ("95%", "0.95"),
        ("0.45万元", "4500.00"),
        (0.1, "0.1"),
        (3.6666667, "3.6666667"),
    ],
)
def test_a_number_is_read_through_what_people_type_around_it(typed: Any, meant: str) -> None:
    assert clean.decimal(typed) == Decimal(meant)


@pytest.mark.parametrize(
    "typed", ["约20", "3左右", "多次", "十来人", "2-3", "12户（约）", "二千八", "1.2.3", "3²", "½"]
)
def test_what_is_not_a_number_is_said_to_be_none(typed: str) -> None:
    assert code(clean.decimal(typed)) == "E22"


@pytest.mark.parametrize("typed", ["", "　", "—", "–", "-", "无", " \u200b ", "/"])
def test_a_dash_or_a_blank_is_empty_and_not_zero(typed: str) -> None:
    assert clean.whole(typed) is None


def test_a_stroke_in_a_count_or_a_score_means_not_applicable() -> None:
    assert clean.count("/") == clean.points("／") == "NA"


def test_zero_is_zero() -> None:
    assert clean.count(0.0) == 0 and clean.count("０") == 0


def test_an_amount_follows_the_unit_of_the_title_unless_the_cell_has_its_own() -> None:
    assert clean.money(0.026755, WAN) == Decimal("267.55")
    assert clean.money("1.2345万元", WAN) == Decimal("12345.00")
    assert clean.money(3310, Facts()) == Decimal("3310.00")


def test_more_places_than_two_are_rounded_half_up_and_said() -> None:
    assert clean.points(3.6666667) == Noted(Decimal("3.67"), "W03", {"rounded": "3.67"})
    assert isinstance(clean.money("0.005"), Noted)


@given(st.decimals(0, 10_000_000, places=2))
def test_every_amount_of_cents_comes_back_from_a_floating_cell(value: Decimal) -> None:
    assert clean.money(float(value), Facts()) == value


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("2023.9.5", "2023-09-05"),
        ("２０２５．６．２０", "2025-06-20"),
        ("2023年9月5日", "2023-09-05"),
        ("20230905", "2023-09-05"),
        (20230905.0, "2023-09-05"),
        (45174.0, "2023-09-05"),
        ("45174", "2023-09-05"),
        (date(2023, 9, 5), "2023-09-05"),
        (datetime.combine(date(2023, 9, 5), time(8, 30)), "2023-09-05"),
        ("2024. 6. 15", "2024-06-15"),
        ("2023/9", "2023-09"),
        ("2023-09", "2023-09"),
        ("2023.10", "2023-10"),
        ("2023年9月份", "2023-09"),
        ("二〇二三年九月", "2023-09"),
        ("二○二三年十二月二十一日", "2023-12-21"),
        (2023.9, "2023-09"),
        (2023.12, "2023-12"),
        (202310.0, "2023-10"),
        ("—", None),
    ],
)
def test_a_date_is_read_however_it_is_written(typed: Any, meant: str | None) -> None:
    assert clean.day(typed) == meant


def test_the_number_2023_1_is_never_guessed() -> None:
    found = clean.day(2023.1)
    assert code(found) == "E51"
    assert found.params == {"first": "2023-01", "second": "2023-10"}


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("3月15日", "E52:date"),
        ("23.9.5", "E52:two_digits"),
        ("2023-02-30", "E23:no_such_day"),
        ("去年三月", "E22:date"),
        (12.5, "E22:date"),
        (("E13", "#REF!"), "E13"),
    ],
)
def test_what_is_no_date_says_why(typed: Any, why: str) -> None:
    assert code(clean.day(typed)) == why


def test_the_year_of_the_title_completes_a_day() -> None:
    assert clean.day("3月15日", Facts(year=2026)) == "2026-03-15"


def test_both_date_systems_give_the_same_day() -> None:
    assert clean.day(45174.0) == clean.day(45174.0 - 1462, Facts(date1904=True)) == "2023-09-05"


@given(st.dates(date(1955, 1, 1), date(2099, 12, 31)))
def test_a_serial_and_its_spellings_agree(value: date) -> None:
    serial = float((value - date(1899, 12, 30)).days)
    spelled = (
        f"{value.year}年{value.month}月{value.day}日",
        f"{value:%Y/%m/%d}",
        f"{value.year}.{value.month}.{value.day}",
    )
    assert {clean.day(found) for found in (serial, *spelled)} == {value.isoformat()}


@pytest.mark.parametrize("word", ["至今", "现任", " 至 今 "])
def test_still_in_post_is_an_open_end(word: str) -> None:
    assert clean.end_day(word) == "open"


@pytest.mark.parametrize("typed", ["1.00E+10", 1.39e10, 4.40103199e17, 13800138000.5])
def test_a_telephone_that_lost_its_digits_is_refused(typed: Any) -> None:
    assert code(clean.phone(typed)) == "E41:phone"


def test_telephones_are_text_and_a_masked_one_means_unchanged() -> None:
    assert clean.phone(10000000107.0) == "10000000107"
    assert clean.phone("1390000０001") == "13900000001"
    assert clean.phone("0512-1234567；138") == "0512-1234567;138"
    assert clean.phone("138****1234") is UNCHANGED


def test_an_identity_number_is_checked_and_never_kept() -> None:
    assert clean.identity("**************1000") is None
    assert code(clean.identity(9.99999199001011e17)) == "E41:identity"
    assert code(clean.identity("9.99999E+17")) == "E41:identity"


@pytest.mark.parametrize(
    ("typed", "meant"), [("√", True), ("Y", True), (1.0, True), ("×", False), ("", False), (0.0, False)]
)
def test_yes_and_no_in_every_spelling(typed: Any, meant: bool) -> None:
    assert clean.boolean(typed) is meant


def test_names_lose_their_spaces_but_not_their_dots() -> None:
    assert clean.name("张　三") == "张三"
    assert clean.name("阿依古丽·买买提") == "阿依古丽·买买提"
    assert clean.names("吴玉海，沈伟良； 郎 金/何某") == ("吴玉海", "沈伟良", "郎金", "何某")


TOWN = ReadContext(
    villages=(
        VillageName("1", "南汀村", ("南汀",), "南汀村总网格", ("第一子网格", "第二子网格")),
        VillageName("2", "云汀社区"),
        VillageName("3", "邻镇村", allowed=False),
    ),
    learned={"南亭村": "南汀村"},
)


@pytest.mark.parametrize("typed", ["南汀村村委会", "南汀村（居）", "南汀", "南亭村", "南汀村村民委员会"])
def test_an_alias_is_taken_with_a_warning(typed: str) -> None:
    assert clean.village(typed, Facts(context=TOWN)) == Noted("南汀村", "W04", {"matched": "南汀村"})


def test_the_official_name_needs_no_warning_even_with_spaces() -> None:
    assert clean.village("南 汀村", Facts(context=TOWN)) == "南汀村"


def test_a_village_out_of_reach_and_an_unknown_one_are_told_apart() -> None:
    assert code(clean.village("邻镇村", Facts(context=TOWN))) == "E71"
    unknown = clean.village("南丁村", Facts(context=TOWN))
    assert code(unknown) == "E31" and "南汀村" in unknown.params["nearest"]


def test_sub_grids_are_known_by_number_in_any_writing() -> None:
    assert TOWN.sub_grid("南汀村", "第1子网格") == TOWN.sub_grid("南汀村", "一网格") == "第一子网格"
    assert TOWN.sub_grid("南汀村", "第九子网格") is None


@pytest.mark.parametrize(
    ("title", "kind", "period"),
    [
        ("填报单位：某村（盖章）   ２０２６年１０月", "month", "2026-10"),
        ("二〇二六年十月", "month", "2026-10"),
        ("2026.10", "month", "2026-10"),
        ("2026年第三季度", "quarter", "2026Q3"),
        ("2026年上半年考核", "half_year", "2026H1"),
        ("漕禾镇2025年度网格工作考核评分表", "year", "2025"),
    ],
)
def test_a_title_states_its_period(title: str, kind: str, period: str) -> None:
    assert read_titles([(0, 0, title)], (kind,), ReadContext(), False).period == period


def test_a_title_without_a_year_states_none() -> None:
    facts = read_titles([(1, 0, "10月份   单位：件")], ("month",), ReadContext(), False)
    assert facts.period is None and facts.yearless is not None


@pytest.mark.parametrize(
    ("lines", "names", "period"),
    [
        (["填报日期：2026年10月28日", "2026年9月"], (), "2026-09"),
        (["2026年度网格月度工作记录表", "9月份"], (), "2026-09"),
        (["九月份"], ("9月", "工作记录（2026年9月）.xlsx"), "2026-09"),
        (["填报时间：2026-10-28"], ("汇总", "2026年9月.xlsx"), "2026-09"),
        (["2026年10月28日"], (), "2026-10"),
        (["填报日期：2026年10月28日"], (), "2026-10"),
        (["2026年1-6月"], (), None),
        (["２０２６年度９月份"], (), "2026-09"),
    ],
)
def test_of_several_statements_of_the_period_the_surest_counts(
    lines: list[str], names: tuple[str, ...], period: str | None
) -> None:
    places = [(row, 0, line) for row, line in enumerate(lines)]
    assert read_titles(places, ("month",), ReadContext(), False, names).period == period
