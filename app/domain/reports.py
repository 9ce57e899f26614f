"""Reports asked of villages and grids: what an issue must say, and which periods it asks.

Who issues a report, who owes it and who handed it in do not belong here; what its form asks: see report_forms; how much all
forms together ask: see burden.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from app.domain.errors import Problem, RuleBroken
from app.domain.formspec import Field, FormSpec
from app.domain.periods import Period, PeriodKind
from app.domain.report_forms import asked_fields, normalised

ONCE = "once"
CYCLES = (*(kind.value for kind in PeriodKind), ONCE)
LEVELS_ASKED = ("village", "total_grid", "sub_grid")


class IssueState(StrEnum):
    """Where a report stands. Halted and merged ones stay on record."""

    DRAFT = "draft"
    ISSUED = "issued"
    HALTED = "halted"
    MERGED = "merged"


@dataclass(frozen=True)
class BaseDatum:
    """Something the township or the portal knows already, so that no village is asked for it.

    Shape: a label that holds one of `words` asks for it, unless it also holds one of `unless` (流动人口走访次数 asks for
           visits). `known` is what the portal fills in by itself, if it can.
    """

    code: str
    words: tuple[str, ...]
    unless: tuple[str, ...] = ()
    known: str = ""


@dataclass(frozen=True)
class Issue:
    """What is said of a report when it is asked: see `check_issue`."""

    title: str
    level: str
    cycle: str
    first_period: str
    last_period: str | None = None
    due_day: int = 5
    minutes: int = 10
    emergency_reason: str = ""
    approving_body: str = ""
    approval_document: str = ""
    approved_on: date | None = None


# -- what an issue must say ------------------------------------------------------------------------


def check_issue(
    issue: Issue, spec: FormSpec, base_data: Iterable[BaseDatum], form_cycle: str | None = None
) -> list[Problem]:
    """Why a report may not be drafted as it stands; empty when it may.

    Shape:  `form_cycle` is the cycle the form itself is bound to, if any: the report must have the same.
    Errors as problems: required, reports.level, reports.cycle, reports.other_cycle, reports.emergency_reason,
            reports.period, reports.periods_reversed, reports.due_day, reports.minutes, reports.base_data.
    Source: 罗江 and 延边: monthly, quarterly, yearly; base data the township can fill in is not asked of villages.
    """
    found = [] if issue.title.strip() else [Problem("required", "title")]
    if issue.level not in LEVELS_ASKED:
        found.append(Problem("reports.level", "level"))
    if not 1 <= issue.due_day <= 31:
        found.append(Problem("reports.due_day", "due_day"))
    if not 1 <= issue.minutes <= 600:
        found.append(Problem("reports.minutes", "minutes"))
    if form_cycle and issue.cycle != form_cycle and issue.cycle in CYCLES:
        found.append(Problem("reports.other_cycle", "cycle"))
    if issue.cycle == ONCE and not issue.emergency_reason.strip():
        found.append(Problem("reports.emergency_reason", "emergency_reason"))
    return [*found, *_periods_wrong(issue), *base_data_problems(spec, base_data)]


def _periods_wrong(issue: Issue) -> list[Problem]:
    if issue.cycle not in CYCLES:
        return [Problem("reports.cycle", "cycle")]
    first, last = (_read(text, issue.cycle) for text in (issue.first_period, issue.last_period or ""))
    found = [] if first else [Problem("reports.period", "first_period", {"cycle": issue.cycle})]
    if issue.last_period and not last:
        found.append(Problem("reports.period", "last_period", {"cycle": issue.cycle}))
    if first and last and last < first:
        found.append(Problem("reports.periods_reversed", "last_period"))
    return found


def _read(text: str, cycle: str) -> Period | None:
    """The period, if it is one of the cycle; an emergency names the month in which it is asked."""
    try:
        period = Period.parse(text)
    except RuleBroken:
        return None
    return period if period.kind.value == ("month" if cycle == ONCE else cycle) else None


def approval_problems(issue: Issue) -> list[Problem]:
    """What of the approval is missing: body, document and date, without which nothing is issued.

    Source: 罗江: forms need prior approval, unapproved forms are stopped.
    """
    said = {
        "approving_body": issue.approving_body.strip(),
        "approval_document": issue.approval_document.strip(),
        "approved_on": issue.approved_on,
    }
    return [Problem("reports.not_approved", name) for name, value in said.items() if not value]


def base_data_problems(spec: FormSpec, base_data: Iterable[BaseDatum]) -> list[Problem]:
    """A problem for every field that asks for what the township or the portal knows.

    What the portal fills in by itself is not asked, and no problem. Errors as problems: reports.base_data (params: field).
    """
    data = tuple(base_data)
    asked = [field for field in asked_fields(spec) if any(_asks_for(field, datum) for datum in data)]
    return [Problem("reports.base_data", "form", {"field": field.label.zh}) for field in asked]


def _asks_for(field: Field, datum: BaseDatum) -> bool:
    label = normalised(field.label.zh)
    return any(word in label for word in datum.words) and not any(word in label for word in datum.unless)


# -- which periods are asked -----------------------------------------------------------------------


def periods_asked(issue: Issue, today: date, *, ended_on: date | None = None) -> tuple[Period, ...]:
    """The periods a report asks until today, oldest first: a period is asked from its first day on.

    Shape:  an emergency asks its one month. After the report ended no period is asked that begins later.
    Example:
        >>> asked = periods_asked(Issue("t", "village", "quarter", "2026Q1"), date(2026, 7, 1))
        >>> [str(period) for period in asked]
        ['2026Q1', '2026Q2', '2026Q3']
    """
    first, last = _read(issue.first_period, issue.cycle), _read(issue.last_period or "", issue.cycle)
    if first is None:
        return ()
    if issue.cycle == ONCE:
        last = first
    until = today if ended_on is None else min(today, ended_on)
    asked, period = [], first
    while period.start <= until and (last is None or period <= last):
        asked.append(period)
        period = period.next()
    return tuple(asked)


def months_in_force(issue: Issue, *, ended_on: date | None = None) -> tuple[date, date | None]:
    """From which day to which day (half-open, None: open) the report weighs on those it is asked of."""
    first, last = _read(issue.first_period, issue.cycle), _read(issue.last_period or "", issue.cycle)
    if first is None:
        return date.min, date.min
    end = first.end if issue.cycle == ONCE else last.end if last else None
    ends = [day for day in (end, ended_on) if day is not None]
    return first.start, min(ends) if ends else None
