"""Who owes a report: computed out of issues, units and periods, less the records handed in; nothing of it is stored."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from types import SimpleNamespace
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from app.domain.periods import Period, is_late
from app.domain.reports import ONCE, IssueState, periods_asked
from app.domain.rights import Resource, Role, Verb
from app.features.forms.models import Form, FormRecord
from app.features.forms.queries.filling import HANDED_IN
from app.features.forms.queries.places import places_for
from app.features.org.models import OrgUnit
from app.features.org.queries import units_below
from app.features.reports.models import ReportIssue
from app.features.reports.queries.issues import as_issue
from app.kit import access, clock, roles
from app.kit.clock import SHANGHAI
from app.kit.db import LEVELS, db

MOST_PERIODS = 12  # of a report that runs for years the latest are shown
FILLERS: Mapping[str, tuple[Role, ...]] = {
    "village": (Role.CHIEF_GRID_LEADER, Role.SUPERVISION_COMMITTEE),
    "total_grid": (Role.CHIEF_GRID_LEADER,),
    "sub_grid": (Role.SUB_GRID_LEADER,),
}
"""Who fills in a report of a level where its form names nobody."""


@dataclass(frozen=True)
class Owed:
    """One report of one unit and period. `state` is that of the record, empty where none was begun."""

    issue: ReportIssue
    unit: OrgUnit
    period: Period
    due_on: date
    record_id: int | None = None
    state: str = ""
    late: bool = False

    @property
    def is_handed_in(self) -> bool:
        """Whether it is with whoever asked."""
        return self.state in HANDED_IN

    @property
    def standing(self) -> str:
        """handed_in, late (handed in after its day), overdue, due (its period is over), running or returned."""
        if self.is_handed_in:
            return "late" if self.late else "handed_in"
        if self.due_on < clock.today():
            return "overdue"
        if self.state == "returned":
            return "returned"
        return "due" if self.issue.cycle == ONCE or self.period.end <= clock.today() else "running"


def fillers(form: Form, level: str) -> tuple[str, ...]:
    """The roles that fill in a report on a form."""
    return tuple(form.fill_roles) or tuple(role.value for role in FILLERS.get(level, ()))


def periods_of(issue: ReportIssue) -> tuple[Period, ...]:
    """The latest periods a report has asked, oldest first; none while it is a draft or was never issued."""
    if issue.issued_at is None:
        return ()
    ended = issue.ended_at.astimezone(SHANGHAI).date() if issue.ended_at else None
    return periods_asked(as_issue(issue), clock.today(), ended_on=ended)[-MOST_PERIODS:]


def is_asked(issue: ReportIssue | None, record: Any) -> bool:
    """True when a record of a form, unit and period answers a report that runs; a form without a cycle has no period."""
    if issue is None or issue.state != IssueState.ISSUED or issue.form_id != record.form_id:
        return False
    below = getattr(record, f"{issue.unit.level}_id") == issue.unit_id
    there = below and getattr(record, f"{issue.level}_id") is not None
    return there and (record.period is None or record.period in map(str, periods_of(issue)))


def asking(form: Form, places: Sequence[tuple[Any, str | None]]) -> dict[tuple[int, str | None], list[int]]:
    """By unit and period the reports that run on a form and are asked there; whoever brings records in need not see them."""
    running = select(ReportIssue).where(ReportIssue.form_id == form.id, ReportIssue.state == IssueState.ISSUED)
    with access.everything("whether a report is asked of a unit the actor fills in for"):
        issues = db.session.scalars(running.order_by(ReportIssue.id)).all()
        found: dict[tuple[int, str | None], list[int]] = {}
        for unit, period in {(unit.id, period): (unit, period) for unit, period in places}.values():
            above = unit.ancestors()
            record = SimpleNamespace(
                form_id=form.id, period=period, **{f"{level}_id": above.get(level) for level in LEVELS}
            )
            found[unit.id, period] = [issue.id for issue in issues if is_asked(issue, record)]
    return found


def units_asked(issue: ReportIssue) -> list[OrgUnit]:
    """The units of its level that are asked and that the actor may see records of, in tree order."""
    with access.everything("limited below to what the actor may see"):
        units = units_below(issue.unit, issue.level)
    seen = access.where_at(Verb.VIEW, Resource.RECORDS, units) | set(_own_units(issue))
    return [unit for unit in units if unit.id in seen]


def _own_units(issue: ReportIssue) -> list[int]:
    """The units for which the actor fills in this report, by the posts he holds himself or stands in for."""
    wanted = fillers(issue.form, issue.level)
    return [
        post.ancestors[issue.level]
        for post in access.actor().posts
        if (post.role in wanted or roles.base_of(post.role) in wanted)
        and issue.level in post.ancestors
        and issue.unit_id in post.ancestors.values()
    ]


def owed_of(issue: ReportIssue, units: Sequence[OrgUnit] | None = None) -> list[Owed]:
    """What was asked of the units (those the actor may see) in every period, handed in or not; oldest period first."""
    asked, units = periods_of(issue), units_asked(issue) if units is None else units
    if not asked or not units:
        return []
    records = _records(issue, [unit.id for unit in units])
    return [_owed(issue, unit, period, records) for period in asked for unit in units]


def _records(issue: ReportIssue, unit_ids: Collection[int]) -> dict[tuple[int, str | None], Any]:
    """By unit and period its record; one that a unit below it wrote counts too, one handed in before one that is not."""
    place = getattr(FormRecord, f"{issue.level}_id")
    columns = (place, FormRecord.period, FormRecord.id, FormRecord.state, FormRecord.submitted_at)
    statement = select(*columns).where(
        FormRecord.issue_id == issue.id, place.in_(unit_ids), FormRecord.is_test.is_(False)
    )
    with access.everything("whether a unit of the actor's has handed in, whoever of it did"):
        rows = db.session.execute(statement.order_by(FormRecord.id.desc())).all()
    in_order = sorted(rows, key=lambda row: row.state in HANDED_IN)
    once = issue.first_period if issue.cycle == ONCE else None  # a form without a cycle leaves the period open
    return {(row[0], once or row.period): row for row in in_order}


def _owed(
    issue: ReportIssue, unit: OrgUnit, period: Period, records: Mapping[tuple[int, int, str | None], Any]
) -> Owed:
    due = period.due_on(issue.due_day)
    row = records.get((unit.id, str(period)))
    if row is None:
        return Owed(issue, unit, period, due)
    on = row.submitted_at.astimezone(SHANGHAI).date() if row.submitted_at else None
    return Owed(issue, unit, period, due, row.id, row.state, on is not None and is_late(on, due))


def running_issues() -> Sequence[ReportIssue]:
    """The reports the actor sees that are issued and run."""
    statement = access.visible(select(ReportIssue), ReportIssue).options(selectinload(ReportIssue.form))
    statement = statement.where(ReportIssue.state == IssueState.ISSUED)
    return db.session.scalars(statement.order_by(ReportIssue.id)).all()


def my_reports() -> list[Owed]:
    """What the actor has to hand in himself, and what of it he has handed in, the earliest day first."""
    own = [(issue, set(_own_units(issue))) for issue in running_issues()]
    ids = {unit_id for _issue, mine in own for unit_id in mine}
    if not ids:
        return []
    with access.everything("the units of one's own posts"):
        units = db.session.scalars(select(OrgUnit).where(OrgUnit.id.in_(ids)).order_by(OrgUnit.code)).all()
    found = [one for issue, mine in own for one in owed_of(issue, [unit for unit in units if unit.id in mine])]
    return sorted(found, key=lambda one: (one.due_on, one.issue.id, one.unit.code))


def writing_unit(one: Owed) -> OrgUnit:
    """Where the actor writes the record: the unit that is asked, or his own below it where his post does not reach up."""
    places = places_for(one.issue.form)
    fitting = [unit for unit in places if unit.ancestors().get(one.issue.level) == one.unit.id]
    return one.unit if one.unit in fitting or not fitting else fitting[0]


@dataclass(frozen=True)
class Standing:
    """How far one report is in one period, over the units the actor sees."""

    issue: ReportIssue
    period: Period
    due_on: date
    asked: int
    handed_in: int
    late: int
    missing: list[OrgUnit]


def standings() -> list[Standing]:
    """Who still owes what: each running report in its latest period that is over (an emergency at once), where somebody owes."""
    found = []
    for issue in running_issues():
        units = units_asked(issue)
        if {unit.id for unit in units} <= set(_own_units(issue)):
            continue  # what he owes himself stands among his own
        asked = owed_of(issue, units)
        over = {one.period for one in asked if issue.cycle == ONCE or one.period.end <= clock.today()}
        for period in sorted(over)[-2:]:
            found.append(_standing(issue, period, [one for one in asked if one.period == period]))
    return sorted((one for one in found if one.missing), key=lambda one: (one.due_on, one.issue.id))


def _standing(issue: ReportIssue, period: Period, asked: Sequence[Owed]) -> Standing:
    handed_in = [one for one in asked if one.is_handed_in]
    missing = [one.unit for one in asked if not one.is_handed_in]
    late = sum(one.late for one in handed_in)
    return Standing(issue, period, period.due_on(issue.due_day), len(asked), len(handed_in), late, missing)
