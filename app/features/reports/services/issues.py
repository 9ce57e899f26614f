"""Issuing reports: one person makes a draft, another issues it; halted and merged ones stay on record."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from app.domain.errors import Problem, RuleBroken, broken
from app.domain.reports import ONCE, Issue, IssueState, approval_problems, check_issue
from app.domain.rights import Resource, Verb
from app.features.forms.models import Form
from app.features.org.models import Department, OrgUnit
from app.features.reports.models import ReportIssue
from app.features.reports.queries.issues import ISSUING_LEVELS, as_issue, sources_of, spec_of_form, version_of
from app.features.reports.queries.limits import base_data, limits_at
from app.kit import access, clock
from app.kit.audit import acting
from app.kit.db import transaction
from app.kit.signing import signature
from app.kit.two_persons import require_other


@dataclass(frozen=True)
class Draft:
    """What is typed of a report; see domain/reports.Issue for what each means."""

    form: Form
    title: str
    level: str
    cycle: str
    first_period: str
    last_period: str = ""
    due_day: int = 5
    minutes: int = 10
    emergency_reason: str = ""
    approving_body: str = ""
    approval_document: str = ""
    approved_on: date | None = None
    department: Department | None = None

    def values(self) -> dict[str, Any]:
        """The columns of the row; an emergency has no last period, and only an emergency a reason."""
        once = self.cycle == ONCE
        return {
            "form": self.form,
            "title": self.title.strip(),
            "level": self.level,
            "cycle": self.cycle,
            "first_period": self.first_period.strip(),
            "last_period": None if once else self.last_period.strip() or None,
            "due_day": self.due_day,
            "minutes": self.minutes,
            "emergency_reason": self.emergency_reason.strip() or None if once else None,
            "approving_body": self.approving_body.strip() or None,
            "approval_document": self.approval_document.strip() or None,
            "approved_on": self.approved_on,
            "department": self.department,
        }


def draft_report(unit: OrgUnit, draft: Draft) -> ReportIssue:
    """A new draft of a report that a unit asks of those below it; another person issues it.

    Errors: reports.not_from_here (villages and grids ask nothing), reports.no_form, those of `check_issue`; NotAllowed
            without the right to edit records at the unit.
    """
    access.require_at(Verb.EDIT, Resource.RECORDS, unit)
    _check(unit, draft)
    with transaction() as session, acting("reports.draft"):
        row = ReportIssue(unit=unit, made_by="", state=IssueState.DRAFT.value, **draft.values())
        session.add(row)
        session.flush()  # a new row knows its place only then
        row.made_by = signature(row, Verb.EDIT)
    return row


def change_draft(row: ReportIssue, draft: Draft) -> ReportIssue:
    """The draft with other values; whoever changed it last counts as who made it.

    Errors: transition.not_allowed once it is issued; as `draft_report`.
    """
    access.require(Verb.EDIT, row)
    _require_state(row, IssueState.DRAFT)
    _check(row.unit, draft)
    with transaction(), acting("reports.change"):
        for name, value in draft.values().items():
            setattr(row, name, value)
        row.made_by = signature(row, Verb.EDIT)
    return row


def _check(unit: OrgUnit, draft: Draft) -> None:
    if unit.level not in ISSUING_LEVELS:
        raise broken("reports.not_from_here", "unit")
    if draft.form.unit_id not in unit.ancestors().values():
        raise broken("reports.no_form", "form", form=str(draft.form))
    values = draft.values()
    said = Issue(**{name: values[name] or "" for name in _TEXTS}, **{name: values[name] for name in _OTHERS})
    _refuse(_problems(unit, draft.form, said))


_TEXTS = ("title", "level", "cycle", "first_period", "emergency_reason", "approving_body", "approval_document")
_OTHERS = ("last_period", "due_day", "minutes", "approved_on")


def _problems(unit: OrgUnit, form: Form, said: Issue) -> list[Problem]:
    spec = spec_of_form(form)
    if spec is None:
        return [Problem("reports.no_form", "form", {"form": str(form)})]
    return check_issue(said, spec, base_data(limits_at(unit)), form.cycle)


def issue_report(row: ReportIssue) -> ReportIssue:
    """The report issued: from its first period on every unit of its level owes it. What is merged into it ends now.

    Errors: reports.not_approved for each of body, document and date that is missing, reports.form_not_published,
            reports.same_person, transition.not_allowed, those of `check_issue`; NotAllowed without the right to approve.
    """
    access.require(Verb.APPROVE, row)
    with transaction() as session, acting("reports.issue"):
        session.refresh(row, with_for_update=True)  # two may issue at the same time
        _require_state(row, IssueState.DRAFT)
        version = version_of(row.form)
        said = as_issue(row)
        problems = [*approval_problems(said), *_problems(row.unit, row.form, said)]
        if version is not None and not version.is_current:
            problems.append(Problem("reports.form_not_published", "form", {"form": str(row.form)}))
        _refuse(problems)
        require_other([row.made_by], "reports.same_person", "made_by")
        row.state, row.issued_at, row.issued_by = IssueState.ISSUED.value, clock.now(), signature(row, Verb.APPROVE)
        for source in sources_of(row):
            _end(source, IssueState.MERGED, None)
    return row


def halt_report(row: ReportIssue, reason: str) -> ReportIssue:
    """The report halted, with the reason: nothing more is asked, and it stays on record with what was handed in.

    A draft may be halted as well: an unapproved form that was stopped. What was to be merged into it goes on by itself.
    Errors: reason_required, transition.not_allowed; NotAllowed without the right to approve.
    """
    access.require(Verb.APPROVE, row)
    if not reason.strip():
        raise broken("reason_required", "reason")
    with transaction() as session, acting("reports.halt"):
        session.refresh(row, with_for_update=True)
        _require_state(row, IssueState.DRAFT, IssueState.ISSUED)
        for source in sources_of(row):
            if source.state in (IssueState.DRAFT, IssueState.ISSUED):
                source.merged_into = None
        _end(row, IssueState.HALTED, reason.strip()[:400])
    return row


def _end(row: ReportIssue, state: IssueState, reason: str | None) -> None:
    row.state, row.ended_at, row.ended_by, row.ended_reason = state.value, clock.now(), signature(row), reason


def _require_state(row: ReportIssue, *states: IssueState) -> None:
    if row.state not in states:
        raise broken("transition.not_allowed", "state", state=row.state)


def _refuse(problems: list[Problem]) -> None:
    if problems:
        raise RuleBroken(problems)
