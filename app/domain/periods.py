"""Periods of work: a month, a quarter, a half-year or a year, and the day something is due.

A period runs from `start` up to, but not including, `end`; so does every span of dates here. Working days and
holidays do not belong here, nor the months a person served (see the bonus rules).
"""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import total_ordering

from app.domain.errors import broken

FIRST_YEAR, LAST_YEAR = 1900, 2999


class PeriodKind(StrEnum):
    """How long a period is."""

    MONTH = "month"
    QUARTER = "quarter"
    HALF_YEAR = "half_year"
    YEAR = "year"


class PeriodState(StrEnum):
    """Whether records of a period may still be written."""

    OPEN = "open"
    CLOSED = "closed"


MONTHS_IN = {PeriodKind.MONTH: 1, PeriodKind.QUARTER: 3, PeriodKind.HALF_YEAR: 6, PeriodKind.YEAR: 12}
_FORMS = {
    PeriodKind.MONTH: re.compile(r"([0-9]{4})-(0[1-9]|1[0-2])"),
    PeriodKind.QUARTER: re.compile(r"([0-9]{4})Q([1-4])"),
    PeriodKind.HALF_YEAR: re.compile(r"([0-9]{4})H([12])"),
    PeriodKind.YEAR: re.compile(r"([0-9]{4})()"),
}


@total_ordering
@dataclass(frozen=True)
class Period:
    """One month, quarter, half-year or year.

    Shape:  `number` counts from 1 within the year (always 1 for a year). Ordered by start, the shorter first.
    Errors: period.out_of_range.
    Example:
        >>> str(Period.parse("2026H1").next())
        '2026H2'
    """

    kind: PeriodKind
    year: int
    number: int = 1

    def __post_init__(self) -> None:
        if not (FIRST_YEAR <= self.year <= LAST_YEAR and 1 <= self.number <= 12 // MONTHS_IN[self.kind]):
            raise broken("period.out_of_range", "period", year=self.year, number=self.number)

    @classmethod
    def parse(cls, text: str) -> Period:
        """The period written as `2026-10`, `2026Q3`, `2026H1` or `2026`.

        Errors: period.bad_text, period.out_of_range.
        """
        for kind, form in _FORMS.items():
            if found := form.fullmatch(text.strip()):
                return cls(kind, int(found[1]), int(found[2] or 1))
        raise broken("period.bad_text", "period", text=text)

    @classmethod
    def month(cls, year: int, month: int) -> Period:
        """The month `month` (1-12) of `year`."""
        return cls(PeriodKind.MONTH, year, month)

    @classmethod
    def containing(cls, day: date, kind: PeriodKind = PeriodKind.MONTH) -> Period:
        """The period of the given kind in which `day` lies."""
        return cls(kind, day.year, (day.month - 1) // MONTHS_IN[kind] + 1)

    def __str__(self) -> str:
        if self.kind is PeriodKind.MONTH:
            return f"{self.year}-{self.number:02}"
        if self.kind is PeriodKind.YEAR:
            return str(self.year)
        return f"{self.year}{'Q' if self.kind is PeriodKind.QUARTER else 'H'}{self.number}"

    def __lt__(self, other: Period) -> bool:
        return (self.start, MONTHS_IN[self.kind]) < (other.start, MONTHS_IN[other.kind])

    @property
    def start(self) -> date:
        """The first day."""
        return date(self.year, (self.number - 1) * MONTHS_IN[self.kind] + 1, 1)

    @property
    def end(self) -> date:
        """The day after the last one: the period is half-open."""
        return months_later(self.start, MONTHS_IN[self.kind])

    @property
    def last_day(self) -> date:
        """The last day that still belongs to the period."""
        return self.end - timedelta(days=1)

    def months(self) -> tuple[Period, ...]:
        """The calendar months of the period, in order (a month holds itself)."""
        first = self.start.month
        return tuple(Period.month(self.year, first + step) for step in range(MONTHS_IN[self.kind]))

    def next(self) -> Period:
        """The period of the same kind that follows. Errors: period.out_of_range."""
        return Period.containing(self.end, self.kind)

    def previous(self) -> Period:
        """The period of the same kind before this one. Errors: period.out_of_range."""
        return Period.containing(self.start - timedelta(days=1), self.kind)

    def contains(self, what: date | Period) -> bool:
        """Whether a day, or the whole of another period, lies inside."""
        if isinstance(what, Period):
            return self.start <= what.start and what.end <= self.end
        return self.start <= what < self.end

    def overlaps(self, other: Period) -> bool:
        """Whether the two share at least one day."""
        return self.start < other.end and other.start < self.end

    def due_on(self, due_day: int) -> date:
        """The day `due_day` of the month after the period, or that month's last day when it is shorter.

        Errors: period.bad_due_day (outside 1-31).
        Example:
            >>> Period.parse("2026-12").due_on(5).isoformat()
            '2027-01-05'
        """
        if not 1 <= due_day <= 31:
            raise broken("period.bad_due_day", "due_day", due_day=due_day)
        after = self.end
        return after.replace(day=min(due_day, monthrange(after.year, after.month)[1]))


def months_later(first: date, months: int) -> date:
    """The first day of the month that lies `months` after the month of `first` (negative: before)."""
    year, month = divmod(first.year * 12 + first.month - 1 + months, 12)
    return date(year, month + 1, 1)


def months_between(start: date, end: date) -> int:
    """How many whole months fit between `start` and `end` (half-open); 0 when there is none.

    Example:
        >>> months_between(date(2026, 1, 1), date(2026, 7, 1))
        6
    """
    months = (end.year - start.year) * 12 + end.month - start.month
    return max(0, months - (end.day < start.day))


def month_range(first: Period, last: Period) -> tuple[Period, ...]:
    """Every month from the start of `first` to the end of `last`; empty when `last` ends before.

    Source: a round may span any whole number of months.
    """
    count = months_between(first.start, last.end)
    return tuple(Period.containing(months_later(first.start, step)) for step in range(count))


def spans_overlap(start: date, end: date | None, other_start: date, other_end: date | None) -> bool:
    """Whether two half-open spans of dates share a day; an end of None is open."""
    return (other_end is None or start < other_end) and (end is None or other_start < end)


def is_in_span(day: date, start: date, end: date | None) -> bool:
    """Whether `day` lies in a half-open span of dates; an end of None is open."""
    return start <= day and (end is None or day < end)


def is_late(submitted_on: date, due_on: date) -> bool:
    """Whether something handed in on `submitted_on` missed its day. Late is late, never refused."""
    return submitted_on > due_on
