"""What all forms together ask of the posts below a unit: reports, monthly duties, registers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from functools import partial

from sqlalchemy import func, or_, select

from app.domain.burden import Ask, AskedTwice, asked_twice
from app.domain.periods import Period, months_later, spans_overlap
from app.domain.report_forms import asked_fields
from app.domain.reports import IssueState, months_in_force
from app.domain.rights import Resource, Verb
from app.features.duties.models import Duty, DutyTemplate
from app.features.forms.models import Form
from app.features.forms.queries import current_forms, spec_of
from app.features.org.models import OrgUnit
from app.features.reports.models import ReportIssue
from app.features.reports.queries.issues import ISSUING_LEVELS, as_issue, sources_of, spec_of_form, versions_of_forms
from app.features.reports.queries.owed import fillers
from app.kit import access, clock
from app.kit.clock import SHANGHAI
from app.kit.db import db

everybody = partial(access.everything, "what is asked of everybody below concerns all of them")


def units_of_meter() -> list[OrgUnit]:
    """The units whose meter the actor may read: townships and above in his reach, the highest first."""
    statement = access.visible(select(OrgUnit), OrgUnit).where(OrgUnit.level.in_(ISSUING_LEVELS))
    units = db.session.scalars(statement.order_by(OrgUnit.sort_order, OrgUnit.code)).all()
    may = access.where_at(Verb.VIEW, Resource.RECORDS, units)
    return sorted((unit for unit in units if unit.id in may), key=lambda unit: ISSUING_LEVELS.index(unit.level))


def asks_at(unit: OrgUnit) -> list[Ask]:
    """Every form that weighs on the posts of a unit: of its own, and of the units above it; reports that ended as well."""
    with everybody():
        return [*_reports(unit), *_duties(unit), *_registers(unit)]


def _reports(unit: OrgUnit) -> list[Ask]:
    statement = select(ReportIssue).where(
        ReportIssue.unit_id.in_(unit.ancestors().values()), ReportIssue.issued_at.is_not(None)
    )
    rows = db.session.scalars(statement.order_by(ReportIssue.id)).all()
    targets = {row.merged_into_id for row in rows if row.state == IssueState.MERGED}
    versions = versions_of_forms([row.form_id for row in rows])
    asks = []
    for row in rows:
        ended_on = row.ended_at.astimezone(SHANGHAI).date() if row.ended_at else None
        start, end = months_in_force(as_issue(row), ended_on=ended_on)
        issued_on = row.issued_at.astimezone(SHANGHAI).date() if row.issued_at else start
        version = versions.get(row.form_id)
        if version is None:
            continue
        asks.append(
            Ask(
                name=row.title,
                source="report",
                roles=fillers(row.form, row.level),
                cycle=row.cycle,
                fields=asked_fields(spec_of(version)),
                start=max(start, issued_on),
                end=end,
                minutes=row.minutes,
                owner=str(row.department or row.unit),
                ended=row.state if row.state in (IssueState.HALTED, IssueState.MERGED) else "",
                is_union=row.id in targets,
                number=row.id,
            )
        )
    return asks


def _duties(unit: OrgUnit) -> list[Ask]:
    above = unit.ancestors()
    statement = select(DutyTemplate).where(DutyTemplate.unit_id.in_(above.values())).order_by(DutyTemplate.sort_order)
    templates = db.session.scalars(statement).all()
    versions = current_forms(unit, {template.form_code for template in templates})
    spans = _spans([template.id for template in templates], unit)
    return [
        Ask(
            name=str(template),
            source="duty",
            roles=(template.role,),
            cycle=template.cycle,
            fields=asked_fields(spec_of(versions[template.form_code])),
            start=spans[template.id][0],
            end=None if template.is_active else spans[template.id][1],
            number=template.id,
        )
        for template in templates
        if template.form_code in versions and template.id in spans
    ]


def _spans(template_ids: Sequence[int], unit: OrgUnit) -> dict[int, tuple[date, date]]:
    """From when to when each duty was asked below a unit, out of the periods that were opened."""
    columns = (Duty.template_id, func.min(Duty.period), func.max(Duty.period))
    statement = select(*columns).where(Duty.template_id.in_(template_ids), getattr(Duty, f"{unit.level}_id") == unit.id)
    rows = db.session.execute(statement.group_by(Duty.template_id)).tuples().all()
    return {template: (Period.parse(first).start, Period.parse(last).end) for template, first, last in rows}


def _registers(unit: OrgUnit) -> list[Ask]:
    statement = select(Form).where(
        Form.unit_id.in_(unit.ancestors().values()),
        Form.purpose.in_(("register", "review")),
        or_(Form.cycle.is_not(None), Form.purpose == "register"),
        Form.state == "active",
    )
    forms = db.session.scalars(statement.order_by(Form.id)).all()
    versions = versions_of_forms([form.id for form in forms])
    return [
        Ask(
            name=str(form),
            source="register",
            roles=fillers(form, form.keeper_level),
            cycle=form.cycle,
            fields=asked_fields(spec_of(versions[form.id])),
            start=form.created_at.astimezone(SHANGHAI).date().replace(day=1),
            number=form.id,
        )
        for form in forms
        if form.id in versions and versions[form.id].is_current
    ]


def months_shown(last: date | None = None, count: int = 12) -> list[date]:
    """The first days of the latest months, the present one last."""
    today = last or clock.today()
    return [months_later(today, step) for step in range(1 - count, 1)]


def day_of(month: date) -> date:
    """The day on which a month is measured: its last, in the present month today."""
    last = months_later(month, 1) - timedelta(days=1)
    return min(last, clock.today())


def duplicates(row: ReportIssue) -> list[AskedTwice]:
    """What of a report other forms in force ask as well; not those it takes the place of, nor other reports on its form."""
    spec = spec_of_form(row.form)
    if spec is None:
        return []
    start, end = months_in_force(as_issue(row))
    mine = {row.id, *(source.id for source in sources_of(row))}
    others = [
        ask
        for ask in asks_at(row.unit)
        if not _is_own(ask, row, mine) and spans_overlap(ask.start, ask.end, start, end)
    ]
    return asked_twice(asked_fields(spec), others)


def _is_own(ask: Ask, row: ReportIssue, mine: set[int]) -> bool:
    if ask.source == "report":
        return ask.number in mine or bool(ask.ended)
    return ask.source == "register" and ask.number == row.form_id
