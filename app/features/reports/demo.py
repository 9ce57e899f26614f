"""The reports of the demonstration: seven issued, those of two departments halted, a draft that waits; plans and meetings."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import select

from app.domain.periods import Period
from app.domain.rights import Role
from app.features.accounts.queries import user_by_name
from app.features.forms.models import Form, FormRecord
from app.features.forms.services import Entry, publish_form, save_records
from app.features.org.models import Department
from app.features.org.queries import unit_by_code, units_below
from app.features.people.models import Post
from app.features.people.queries import post_facts, posts_at
from app.features.reports.models import InspectionPlan, MeetingPlan, ReportIssue
from app.features.reports.queries.owed import periods_of
from app.features.reports.services import Draft, draft_report, halt_report, issue_report
from app.kit import access, clock, seed
from app.kit.audit import acting
from app.kit.db import db, transaction

MAKES, ISSUES = "fuguan", "xianguan"
APPROVED, ISSUED, HALTED = date(2026, 9, 18), date(2026, 9, 28), date(2026, 10, 12)
Facts = dict[str, Any]


def load_demo_reports() -> None:
    """The reports of the county, each made by one administrator and issued by the other."""
    found = seed.read("demo/reports.yaml")
    county = unit_by_code(found["unit"])
    if county is None or db.session.scalar(select(ReportIssue.id).where(ReportIssue.unit_id == county.id).limit(1)):
        return
    departments = _departments(county)
    _tell_households()
    with _as(MAKES, ISSUED):
        forms = {entry["code"]: _form(county, entry) for entry in found["forms"]}
    for entry in found["issues"]:
        _issue(county, entry, forms[entry["form"]], departments[entry["department"]])
    with _as(MAKES, ISSUED), transaction() as session, acting("portal.demo"):
        for model, name in ((InspectionPlan, "inspections"), (MeetingPlan, "meetings")):
            session.add_all(model(unit=county, **_facts(entry, departments)) for entry in found[name])


def _tell_households() -> None:
    """How many households the grids of the town have, so that no report has to ask for it."""
    town = unit_by_code(seed.read("demo/org_town.json")["township_code"])
    with transaction(), acting("portal.demo"):
        for place, grid in enumerate(units_below(town, "total_grid")):  # type: ignore[arg-type]
            grid.households = 280 + 37 * place % 190


def load_demo_answers() -> None:
    """What the leaders of the town's grids handed in: most of October, nothing yet of November."""
    town = unit_by_code(seed.read("demo/org_town.json")["township_code"])
    if town is None or db.session.scalar(select(FormRecord.id).where(FormRecord.issue_id.is_not(None)).limit(1)):
        return
    chiefs = posts_at(town, Role.CHIEF_GRID_LEADER)
    issues = db.session.scalars(select(ReportIssue).where(ReportIssue.state == "issued").order_by(ReportIssue.id))
    for issue in issues.all():
        for period, gap in (("2026Q3", 7), ("2026-10", 4)):
            if period in map(str, periods_of(issue)):
                _hand_in(issue, period, [post for place, post in enumerate(chiefs) if (place + 1) % gap])


def _hand_in(issue: ReportIssue, period: str, chiefs: Sequence[Post]) -> None:
    due = Period.parse(period).due_on(issue.due_day)
    for place, post in enumerate(chiefs):
        late = 3 if place % 6 == 5 else -(place % 3)
        facts = post_facts(post.person.id)
        who = access.Actor(user_id=None, username=post.person.name[:64], person_id=post.person.id, posts=facts)
        with clock.at(datetime.combine(due + timedelta(days=late), time(4), UTC)), access.acting_as(who):
            answers = _answers(issue.form.code, place)
            save_records([Entry(issue.form, post.unit, answers, period, issue_id=issue.id)], submit=True)


def _answers(form: str, place: int) -> dict[str, str]:
    """Made-up figures that differ from grid to grid."""
    many = [str((place * step + start) % most) for step, start, most in ((7, 9, 23), (3, 1, 4), (5, 2, 3))]
    known = {
        "mz_low_income": ("visited", "added", "removed"),
        "ny_harvest": ("reaped", "stored", "machines"),
        "yj_safety": ("patrols",),
        "sf_disputes": ("found",),
        "wj_hygiene": ("actions", "joined"),
        "rs_work": ("left", "back", "trained"),
        "yj_typhoon": ("moved", "collapsed", "loss"),
    }
    typed = dict(zip(known[form], many, strict=False))
    more = {"yj_safety": {"hazards": "0", "settled": "0"}, "sf_disputes": {"settled": "0"}}
    return typed | more.get(form, {})


def _departments(county: Any) -> dict[str, Department]:
    rows = db.session.scalars(select(Department).where(Department.unit_id == county.id))
    return {row.code: row for row in rows}


def _form(county: Any, entry: Facts) -> Form:
    section = {"code": "main", "title": entry["title"], "fields": entry["fields"]}
    spec = {"code": entry["code"], "title": entry["title"], "sections": [section], "rules": entry.get("rules", [])}
    settings = {
        "purpose": "report",
        "keeper_level": "total_grid",
        "fill_roles": ["chief_grid_leader"],
        "cycle": entry["cycle"],
        "per": "unit",
    }
    form = publish_form(spec, county, settings=settings).form
    assert form is not None, entry["code"]
    return form


def _issue(county: Any, entry: Facts, form: Form, department: Department) -> None:
    with _as(MAKES, APPROVED):
        row = draft_report(county, _draft(entry, form, department))
    if entry.get("draft"):
        return
    with _as(ISSUES, ISSUED):
        issue_report(row)
    if entry.get("halted"):
        with _as(ISSUES, HALTED):
            halt_report(row, entry["halted"])


def _draft(entry: Facts, form: Form, department: Department) -> Draft:
    return Draft(
        form=form,
        title=form.title["zh"],
        level="total_grid",
        cycle=entry["cycle"],
        first_period=str(entry["first_period"]),
        last_period=str(entry.get("last_period", "")),
        minutes=entry["minutes"],
        emergency_reason=entry.get("emergency", ""),
        approving_body="县减轻基层负担办公室",
        approval_document=entry["document"],
        approved_on=APPROVED,
        department=department,
    )


def _facts(entry: Facts, departments: dict[str, Department]) -> Facts:
    return entry | {"department": departments[entry["department"]]}


@contextmanager
def _as(username: str, day: date) -> Iterator[None]:
    user = user_by_name(username)
    assert user is not None, username
    with clock.at(datetime.combine(day, time(4), UTC)), access.acting_as(access.actor_of_user(user.id)):
        yield


STEPS = [("reports", load_demo_reports), ("reports handed in", load_demo_answers)]
