"""What holds for plans of inspections and meetings, and for records that answer a report, whichever door they came through."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import SimpleNamespace
from typing import Any

from sqlalchemy import select

from app.domain.errors import Problem, RuleBroken
from app.domain.inspections import KINDS, Inspection, Meeting, check_inspection, check_meeting
from app.features.forms.models import FormRecord
from app.features.org.models import Department, OrgUnit
from app.features.reports.models import InspectionPlan, MeetingPlan, ReportIssue
from app.features.reports.queries.issues import ISSUING_LEVELS
from app.features.reports.queries.limits import limits_at
from app.features.reports.queries.owed import is_asked
from app.kit import access, saving
from app.kit.db import db

_SAID = {InspectionPlan: ("kind", "year", "department", "department_id", "state", "consent_document", "unit_id")}
_SAID[MeetingPlan] = ("held_on", "matter", "exception_reason", "state", "unit_id")


def before_inspections(rows: Sequence[InspectionPlan]) -> None:
    """Errors: reports.not_from_here, those of `check_inspection`."""
    with access.everything("a plan is compared with the others of the year"):
        _refuse([problem for row in rows if _concerns(row) for problem in _inspection_problems(row)])


def _inspection_problems(row: InspectionPlan) -> list[Problem]:
    department = row.department or db.session.get(Department, row.department_id)
    if department is None:
        return [Problem("required", "department")]
    if row.kind not in KINDS or row.year is None:
        return [Problem("required", "kind")]
    plan = _inspection(row, department.id)
    others = select(InspectionPlan).where(
        InspectionPlan.department_id == department.id,
        InspectionPlan.year == row.year,
        InspectionPlan.state != "cancelled",
    )
    with db.session.no_autoflush:
        stored = db.session.scalars(others).all()
    new = [one for one in db.session.new if isinstance(one, InspectionPlan) and one is not row]
    held = [one for one in (*stored, *new) if one is not row and one.state != "cancelled"]
    twins = [_inspection(one, one.department_id or one.department.id) for one in held]
    return [*_wrong_level(row), *check_inspection(plan, twins)]


def _inspection(row: InspectionPlan, department: int) -> Inspection:
    said = (row.approval_document or "", row.consent_document or "")
    return Inspection(department, row.year, row.kind, *said, number=id(row))


def before_meetings(rows: Sequence[MeetingPlan]) -> None:
    """Errors: reports.not_from_here, those of `check_meeting`."""
    with access.everything("a meeting is compared with the others of the year"):
        _refuse([problem for row in rows if _concerns(row) for problem in _meeting_problems(row)])


def _meeting_problems(row: MeetingPlan) -> list[Problem]:
    if row.held_on is None or not (row.matter or "").strip():
        return []  # the form and the columns say so
    unit = _unit(row)
    others = select(MeetingPlan).where(MeetingPlan.unit_id == unit.id, MeetingPlan.state != "cancelled")
    with db.session.no_autoflush:
        stored = db.session.scalars(others).all()
    known = [Meeting(one.held_on, one.matter, id(one)) for one in stored if one is not row and one.state != "cancelled"]
    weekdays = limits_at(unit).free_weekdays
    return [
        *_wrong_level(row),
        *check_meeting(
            Meeting(row.held_on, row.matter, id(row)),
            known,
            free_weekdays=weekdays,
            exception_reason=row.exception_reason or "",
        ),
    ]


def after_records(rows: Sequence[FormRecord]) -> None:
    """A new record that names a report answers what is asked now. Errors: reports.not_asked."""
    _check_asked([row for row in rows if row.issue_id is not None and saving.changed(row, "issue_id")])


def records_in_bulk(rows: Sequence[Mapping[str, Any]]) -> None:
    """The same for records written in bulk. Errors: reports.not_asked."""
    named = [row for row in rows if row.get("issue_id") is not None]
    with access.everything("which of the records are new"):
        ids = [row["id"] for row in named if row.get("id") is not None]
        known = set(db.session.scalars(select(FormRecord.id).where(FormRecord.id.in_(ids))))
    _check_asked([SimpleNamespace(**row) for row in named if row.get("id") not in known])


def _check_asked(records: Sequence[Any]) -> None:
    if not records:
        return
    with access.everything("whether the reports that records name are asked there"):
        found = select(ReportIssue).where(ReportIssue.id.in_({record.issue_id for record in records}))
        issues = {issue.id: issue for issue in db.session.scalars(found)}
    if any(not is_asked(issues.get(record.issue_id), record) for record in records):
        raise RuleBroken(Problem("reports.not_asked", "period"))


def _concerns(row: Any) -> bool:
    """A cancelled plan is no plan, and one of which nothing that counts has changed stays as it was."""
    return row.state != "cancelled" and (row.id is None or saving.changed(row, *_SAID[type(row)]))


def _unit(row: Any) -> OrgUnit:
    return row.unit or db.session.get_one(OrgUnit, row.unit_id)  # type: ignore[no-any-return]


def _wrong_level(row: Any) -> list[Problem]:
    return [] if _unit(row).level in ISSUING_LEVELS else [Problem("reports.not_from_here", "unit")]


def _refuse(problems: Sequence[Problem]) -> None:
    if problems:
        raise RuleBroken(problems)
