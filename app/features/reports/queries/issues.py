"""Reading reports issued: which there are, on which form, what of them is asked elsewhere as well."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import selectinload

from app.domain.errors import RuleBroken
from app.domain.formspec import FormSpec
from app.domain.reports import Issue, IssueState
from app.domain.rights import Resource, Verb
from app.features.forms.models import Form, FormVersion
from app.features.forms.queries import spec_of
from app.features.org.models import Department, OrgUnit
from app.features.reports.models import ReportIssue
from app.kit import access
from app.kit.db import db

ISSUING_LEVELS = ("prefecture", "county", "township")


def as_issue(row: ReportIssue) -> Issue:
    """The report as the rules see it."""
    return Issue(
        title=row.title,
        level=row.level,
        cycle=row.cycle,
        first_period=row.first_period,
        last_period=row.last_period,
        due_day=row.due_day,
        minutes=row.minutes,
        emergency_reason=row.emergency_reason or "",
        approving_body=row.approving_body or "",
        approval_document=row.approval_document or "",
        approved_on=row.approved_on,
    )


def versions_of_forms(form_ids: Sequence[int]) -> dict[int, FormVersion]:
    """By form, the version that is asked: the one in use, else the newest, which is still being designed."""
    statement = select(FormVersion).where(FormVersion.form_id.in_(form_ids), FormVersion.state != "withdrawn")
    with access.everything("whoever is asked a report may know what it asks"):
        found = db.session.scalars(statement.order_by(FormVersion.is_current, FormVersion.number)).all()
    return {version.form_id: version for version in found if version.form_id is not None}


def version_of(form: Form) -> FormVersion | None:
    """The version of a form that is asked; see `versions_of_forms`."""
    return versions_of_forms([form.id]).get(form.id)


def spec_of_form(form: Form) -> FormSpec | None:
    """What a form asks; None while nothing of it is there, or a draft cannot be read yet."""
    version = version_of(form)
    try:
        return None if version is None else spec_of(version)
    except RuleBroken:
        return None


def issues_in_reach(state: str = "", department: int | None = None) -> Sequence[ReportIssue]:
    """The reports the actor sees, those that wait and run first, then the newest."""
    statement = access.visible(select(ReportIssue), ReportIssue).options(
        selectinload(ReportIssue.department), selectinload(ReportIssue.unit), selectinload(ReportIssue.form)
    )
    if state:
        statement = statement.where(ReportIssue.state == state)
    if department is not None:
        statement = statement.where(ReportIssue.department_id == department)
    rows = db.session.scalars(statement.order_by(ReportIssue.id.desc()).limit(500)).all()
    order = list(IssueState)
    return sorted(rows, key=lambda row: order.index(IssueState(row.state)) if row.state in order else len(order))


def counts() -> dict[str, int]:
    """How many reports the actor sees in each state; those issued count as issued whatever became of them (`ever_issued`)."""
    columns = (ReportIssue.state, func.count(), func.count(ReportIssue.issued_at))
    rows = db.session.execute(access.visible(select(*columns), ReportIssue).group_by(ReportIssue.state)).tuples().all()
    by_state = {state: count for state, count, _issued in rows}
    return {state.value: by_state.get(state.value, 0) for state in IssueState} | {
        "ever_issued": sum(issued for _state, _count, issued in rows)
    }


def counts_by_department() -> list[tuple[Department | None, dict[str, int]]]:
    """By department, how many reports in each state; reports of no department last."""
    columns = (ReportIssue.department_id, ReportIssue.state, func.count())
    statement = access.visible(select(*columns), ReportIssue).group_by(ReportIssue.department_id, ReportIssue.state)
    sums: dict[int | None, dict[str, int]] = {}
    for department_id, state, count in db.session.execute(statement).tuples():
        sums.setdefault(department_id, {})[state] = count
    with access.everything("a report is shown with its department"):
        known = {row.id: row for row in db.session.scalars(select(Department).where(Department.id.in_(sums)))}
    pairs = [(known.get(key or 0), counted) for key, counted in sums.items()]
    return sorted(pairs, key=lambda pair: (pair[0] is None, pair[0].sort_order if pair[0] else 0))


def issuing_units() -> list[OrgUnit]:
    """The units for which the actor may draft reports: townships and what is above them, the highest first."""
    statement = access.visible(select(OrgUnit), OrgUnit).where(OrgUnit.level.in_(ISSUING_LEVELS))
    units = db.session.scalars(statement.order_by(OrgUnit.sort_order, OrgUnit.code)).all()
    may = access.where_at(Verb.EDIT, Resource.RECORDS, units)
    return sorted((unit for unit in units if unit.id in may), key=lambda unit: ISSUING_LEVELS.index(unit.level))


def forms_for_issuing() -> list[Form]:
    """The forms the actor may ask reports on: those in use that he sees and that are no logs of duties."""
    statement = select(Form).where(Form.state == "active", Form.purpose.in_(("report", "register")))
    with access.everything("limited by the units below"):
        forms = db.session.scalars(statement.order_by(Form.purpose.desc(), Form.code, Form.id)).all()
    above = {unit_id for unit in issuing_units() for unit_id in unit.ancestors().values()}
    return [form for form in forms if form.unit_id in above]


def departments_for(units: Sequence[OrgUnit]) -> Sequence[Department]:
    """The departments in use of these units and of those above them."""
    above = {unit_id for unit in units for unit_id in unit.ancestors().values()}
    statement = select(Department).where(Department.unit_id.in_(above), Department.is_active.is_(True))
    with access.everything("a township may pass on a report of a county's department"):
        return db.session.scalars(statement.order_by(Department.unit_id, Department.sort_order, Department.id)).all()


def sources_of(row: ReportIssue) -> Sequence[ReportIssue]:
    """The reports that are, or will be, merged into this one."""
    statement = access.visible(select(ReportIssue), ReportIssue).where(ReportIssue.merged_into_id == row.id)
    return db.session.scalars(statement.order_by(ReportIssue.id)).all()


def mergeable_with(row: ReportIssue) -> list[ReportIssue]:
    """The reports of the same unit that could be merged with this one."""
    states = (IssueState.DRAFT, IssueState.ISSUED)
    if row.state not in states or row.merged_into_id is not None:
        return []
    statement = access.visible(select(ReportIssue), ReportIssue).where(
        ReportIssue.unit_id == row.unit_id,
        ReportIssue.level == row.level,
        ReportIssue.id != row.id,
        ReportIssue.form_id != row.form_id,
        ReportIssue.state.in_(states),
        ReportIssue.merged_into_id.is_(None),
    )
    return list(db.session.scalars(statement.order_by(ReportIssue.title)))
