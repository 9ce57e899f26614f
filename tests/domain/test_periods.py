"""Periods: their text, their days, their order."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.errors import RuleBroken
from app.domain.periods import (
    MONTHS_IN,
    Period,
    PeriodKind,
    is_in_span,
    is_late,
    month_range,
    months_between,
    spans_overlap,
)

days = st.dates(min_value=date(1901, 1, 1), max_value=date(2998, 12, 31))
periods = st.builds(Period.containing, days, st.sampled_from(PeriodKind))


@given(periods)
def test_a_period_reads_back_what_it_writes(period):
    assert Period.parse(str(period)) == period


@pytest.mark.parametrize(
    "text", ["2026-13", "2026-1", "2026Q5", "2026H3", "26", "", "2026-10-01", "2026年10月", "٢٠٢٦"]
)
def test_other_texts_are_refused(text):
    with pytest.raises(RuleBroken) as refused:
        Period.parse(text)
    assert refused.value.problems[0].code == "period.bad_text"


@pytest.mark.parametrize("bad", [(1899, 1), (3000, 1), (2026, 0), (2026, 13)])
def test_years_and_numbers_have_limits(bad):
    with pytest.raises(RuleBroken):
        Period.month(*bad)


@given(periods)
def test_periods_follow_each_other_without_gap(period):
    assert period.next().start == period.end
    assert period.next().previous() == period
    assert period.last_day + timedelta(days=1) == period.end
    assert not period.overlaps(period.next())


@given(periods)
def test_the_months_of_a_period_fill_it(period):
    months = period.months()
    assert len(months) == MONTHS_IN[period.kind]
    assert (months[0].start, months[-1].end) == (period.start, period.end)
    assert months == month_range(period, period)
    assert months_between(period.start, period.end) == len(months)


@given(periods, days)
def test_containing_means_from_the_first_day_to_before_the_end(period, day):
    assert period.contains(day) == (period.start <= day <= period.last_day)
    assert period.contains(period)
    assert Period.containing(day, period.kind).contains(day)


@given(st.lists(periods, max_size=6))
def test_order_is_by_start_and_the_shorter_comes_first(some):
    ordered = sorted(some)
    assert [p.start for p in ordered] == sorted(p.start for p in some)
    assert Period.parse("2026-01") < Period.parse("2026Q1") < Period.parse("2026H1") < Period.parse("2026")


@given(periods, periods)
def test_overlap_is_mutual_and_agrees_with_the_shared_days(one, other):
    shared = max(one.start, other.start) < min(one.end, other.end)
    assert one.overlaps(other) == other.overlaps(one) == shared
    assert spans_overlap(one.start, one.end, other.start, other.end) == shared


def test_a_month_is_due_on_the_fifth_of_the_next():
    assert Period.parse("2026-10").due_on(5) == date(2026, 11, 5)
    assert Period.parse("2026Q4").due_on(5) == date(2027, 1, 5)
    assert Period.parse("2026-01").due_on(31) == date(2026, 2, 28)


@pytest.mark.parametrize("day", [0, 32])
def test_a_due_day_outside_a_month_is_refused(day):
    with pytest.raises(RuleBroken):
        Period.parse("2026-10").due_on(day)


def test_late_begins_the_day_after():
    assert not is_late(date(2026, 11, 5), date(2026, 11, 5))
    assert is_late(date(2026, 11, 6), date(2026, 11, 5))


def test_an_open_end_never_ends():
    assert is_in_span(date(2026, 1, 1), date(2026, 1, 1), None)
    assert not is_in_span(date(2026, 2, 1), date(2026, 1, 1), date(2026, 2, 1))
    assert spans_overlap(date(2026, 1, 1), None, date(2030, 1, 1), None)
    assert not spans_overlap(date(2026, 1, 1), date(2026, 2, 1), date(2026, 2, 1), None)


def test_months_between_counts_whole_months_only():
    assert months_between(date(2026, 1, 31), date(2026, 2, 28)) == 0
    assert months_between(date(2026, 7, 1), date(2026, 1, 1)) == 0
    assert month_range(Period.parse("2026-07"), Period.parse("2026-06")) == ()
