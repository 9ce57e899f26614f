"""Merging two reports: a draft form that asks everything once, and a draft report on it that takes their place when issued."""

from __future__ import annotations

from app.domain.errors import Problem, RuleBroken, broken
from app.domain.formspec import spec_as_data
from app.domain.periods import Period, PeriodKind
from app.domain.report_forms import union
from app.domain.reports import ONCE, IssueState
from app.domain.rights import Resource, Verb
from app.features.forms.services import draft_of, new_form, save_draft
from app.features.reports.models import ReportIssue
from app.features.reports.queries.issues import spec_of_form
from app.features.reports.queries.owed import fillers
from app.kit import access, clock
from app.kit.audit import acting
from app.kit.db import transaction
from app.kit.signing import signature


def merge_reports(first: ReportIssue, second: ReportIssue, title: str) -> ReportIssue:
    """A draft report on a new draft form with the union of both; the two run on until it is issued.

    Shape:  cycle, level and day of `first`; no approval yet: the new form needs its own.
    Errors: required, reports.merge_itself, reports.merge_apart (another unit or level), reports.no_form,
            transition.not_allowed, reports.merging_already; NotAllowed without the right to edit forms and both reports.
    """
    _check(first, second, title)
    one, other = spec_of_form(first.form), spec_of_form(second.form)
    if one is None or other is None:
        raise broken("reports.no_form", "form", form=str(first.form))
    with transaction() as session, acting("reports.merge"):
        settings = {
            "purpose": "report",
            "keeper_level": first.level,
            "fill_roles": list(dict.fromkeys([*fillers(first.form, first.level), *fillers(second.form, second.level)])),
            "cycle": None if first.cycle == ONCE else first.cycle,
            "per": "unit",
            "needs_review": first.form.needs_review or second.form.needs_review,
        }
        form = new_form(first.unit, "", {"zh": title.strip()}, settings)
        save_draft(draft_of(form), spec_as_data(union(one, other, code=form.code, title=title.strip())))
        row = ReportIssue(
            unit=first.unit,
            form=form,
            title=title.strip(),
            department=first.department,
            level=first.level,
            cycle=first.cycle,
            emergency_reason=first.emergency_reason,
            first_period=_from_now(first.cycle),
            due_day=first.due_day,
            minutes=min(600, max(first.minutes, second.minutes)),
            made_by="",
        )
        session.add(row)
        session.flush()  # a new row knows its place only then
        row.made_by = signature(row, Verb.EDIT)
        first.merged_into = second.merged_into = row
    return row


def _check(first: ReportIssue, second: ReportIssue, title: str) -> None:
    for row in (first, second):
        access.require(Verb.EDIT, row)
    access.require_at(Verb.EDIT, Resource.FORMS, first.unit)
    problems = [] if title.strip() else [Problem("required", "title")]
    if first.id == second.id or first.form_id == second.form_id:
        problems.append(Problem("reports.merge_itself"))
    if (first.unit_id, first.level) != (second.unit_id, second.level):
        problems.append(Problem("reports.merge_apart"))
    for row in (first, second):
        if row.state not in (IssueState.DRAFT, IssueState.ISSUED):
            problems.append(Problem("transition.not_allowed", "state", {"state": row.state}))
        if row.merged_into_id is not None:
            problems.append(Problem("reports.merging_already", "", {"title": row.title}))
    if problems:
        raise RuleBroken(problems)


def _from_now(cycle: str) -> str:
    """The present period: the first in which the union is asked, unless another is typed."""
    kind = PeriodKind.MONTH if cycle == ONCE else PeriodKind(cycle)
    return str(Period.containing(clock.today(), kind))
