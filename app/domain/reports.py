"""Reports asked of villages and grids: what an issue must say, which periods it asks, what two forms ask in common.

Who issues a report, who owes it and who handed it in do not belong here; how much all forms together ask: see burden.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from app.domain.errors import Problem, RuleBroken
from app.domain.formspec import Field, FieldType, FormSpec, Section
from app.domain.periods import Period, PeriodKind

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


# -- what a form asks ------------------------------------------------------------------------------


def asked_fields(spec: FormSpec) -> tuple[Field, ...]:
    """The fields somebody has to fill in: columns of repeating rows one by one; not what is computed or filled in by itself."""
    single = (part for field in spec.fields() for part in (field.columns or (field,)))
    return tuple(field for field in single if not field.computed and not field.known)


_BRACKETS = re.compile(r"[（(\[【〔].*?[)）\]】〕]")
_SIGNS = re.compile(r"[\W_]+")
_MACHINE_CODE = re.compile(r"(field|f|q|column|c|new)_?[0-9]+", re.IGNORECASE)


def normalised(label: str) -> str:
    """A label without brackets, signs and blanks, so that 走访户数（户） and 走访 户数 are the same.

    Example:
        >>> normalised("走访 户数（户）：")
        '走访户数'
    """
    return _SIGNS.sub("", _BRACKETS.sub("", label)).lower() or _SIGNS.sub("", label).lower()


def same_question(one: Field, other: Field) -> bool:
    """Whether two fields ask for the same: the same words, the same thing the portal knows, or the same code somebody gave."""
    if one.known and one.known == other.known:
        return True
    if normalised(one.label.zh) == normalised(other.label.zh):
        return True
    return one.code == other.code and not _MACHINE_CODE.fullmatch(one.code) and one.type == other.type


@dataclass(frozen=True)
class Overlap:
    """One question of one or both of two forms; `second` is None where only the first asks it, and the other way round."""

    first: Field | None
    second: Field | None


def overlap(one: FormSpec, other: FormSpec) -> tuple[Overlap, ...]:
    """Field by field what two forms ask: first those of `one`, each with its counterpart, then what only `other` asks."""
    left = list(other.fields())
    pairs = []
    for field in one.fields():
        twin = next((candidate for candidate in left if _may_stand_for(field, candidate)), None)
        if twin is not None:
            left.remove(twin)
        pairs.append(Overlap(field, twin))
    return (*pairs, *(Overlap(None, field) for field in left))


def _may_stand_for(field: Field, other: Field) -> bool:
    """One field is kept for both when it is called the same, its answers are of the same kind, and come the same way."""
    alike = (field.type, field.columns, bool(field.computed)) == (other.type, other.columns, bool(other.computed))
    named = normalised(field.label.zh) == normalised(other.label.zh)
    return alike and (named or bool(field.known and field.known == other.known))


# -- merging two forms -----------------------------------------------------------------------------


def union(one: FormSpec, other: FormSpec, *, code: str, title: str) -> FormSpec:
    """One form that asks everything two forms ask, each question once.

    Shape:  sections and fields of `one` as they are; behind them the sections of `other` with what `one` does not ask.
            Codes that would stand twice are written anew, and formulas follow; a rule whose words or fields are those of a
            rule of `one` is left out.
    """
    kept = {pair.second.code: pair.first.code for pair in overlap(one, other) if pair.first and pair.second}
    names = {**kept, **_fresh_codes(one, other, kept)}
    taken = {section.code for section in one.sections}
    sections = [_rest_of(section, kept, names, taken) for section in other.sections]
    rules = [replace(rule, check=_renamed(rule.check, names), at=names.get(rule.at, rule.at)) for rule in other.rules]
    checks = {rule.check for rule in one.rules}
    return FormSpec(
        code=code,
        version=1,
        title=replace(one.title, zh=title, en="", ko=""),
        sections=(*one.sections, *(section for section in sections if section.fields)),
        rules=(*one.rules, *(rule for rule in rules if rule.check not in checks)),
    )


def _fresh_codes(one: FormSpec, other: FormSpec, kept: Mapping[str, str]) -> dict[str, str]:
    taken = {field.code for section in (*one.sections, *other.sections) for field in section.fields}
    own = {field.code for section in one.sections for field in section.fields}
    fresh: dict[str, str] = {}
    for field in (field for section in other.sections for field in section.fields):
        if field.code in own and field.code not in kept:
            fresh[field.code] = _next_code(field.code, taken)
            taken.add(fresh[field.code])
    return fresh


def _next_code(code: str, taken: set[str]) -> str:
    number = 2
    while f"{code[:45]}_{number}" in taken:
        number += 1
    return f"{code[:45]}_{number}"


def _rest_of(section: Section, kept: Mapping[str, str], names: Mapping[str, str], taken: set[str]) -> Section:
    fields = [
        replace(
            field,
            code=names.get(field.code, field.code),
            condition=_renamed(field.condition, names),
            computed=_renamed(field.computed, names),
        )
        for field in section.fields
        if field.code not in kept
    ]
    asks = any(field.type is not FieldType.HEADING for field in fields)
    code = _next_code(section.code, taken) if section.code in taken else section.code
    taken.add(code)
    return replace(section, code=code, fields=tuple(fields) if asks else ())


_WORDS = re.compile(r"""'[^']*'|"[^"]*"|[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z0-9_]+)?""")


def _renamed(formula: str, names: Mapping[str, str]) -> str:
    """A formula whose fields are called by their new codes; quoted words and columns stay."""

    def name(found: re.Match[str]) -> str:
        word = found[0]
        if word[0] in "'\"":
            return word
        head, dot, column = word.partition(".")
        return names.get(head, head) + dot + column

    return _WORDS.sub(name, formula) if formula else ""


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
