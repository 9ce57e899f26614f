"""What waits for somebody: lines for the first page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import func, or_, select

from app.domain.periods import PeriodState
from app.domain.rights import Resource, Verb
from app.domain.transitions import LeadState
from app.features.duties.models import Duty, DutyPeriod, Lead, Urge
from app.features.duties.queries.certificates import exceptions_waiting
from app.features.duties.queries.holding import OWED, held_by, persons_of
from app.features.duties.queries.work import TO_REVIEW
from app.kit import access
from app.kit.db import db
from app.kit.i18n import _l
from app.kit.two_persons import is_other


@dataclass(frozen=True)
class TodoLine:
    """One kind of thing that waits. `urgency` is overdue, soon or calm; `endpoint` and `args` lead to the page."""

    label: Any
    count: int
    due_on: date | None
    endpoint: str
    args: Mapping[str, Any] = field(default_factory=dict)
    urgency: str = "calm"


def my_todo(actor: access.Actor, today: date) -> list[TodoLine]:
    """What waits for the actor in duties and leads, the most pressing first; lines with nothing are left out."""
    lines = [
        *_urges(actor, today),
        *_duties(actor, today),
        *_reviews(actor),
        *_missing(actor, today),
        *_leads(actor, today),
        *_reopening(actor),
        *_exceptions(actor),
    ]
    rank = {"overdue": 0, "soon": 1, "calm": 2}
    return sorted((line for line in lines if line.count), key=lambda line: rank[line.urgency])


def _urgency(due_on: date | None, today: date) -> str:
    if due_on is None or (due_on - today).days > 3:
        return "calm"
    return "overdue" if due_on < today else "soon"


def _urges(actor: access.Actor, today: date) -> list[TodoLine]:
    if actor.person_id is None:
        return []
    statement = select(func.count(), func.min(Urge.due_on)).where(
        Urge.person_id.in_(persons_of(actor)), Urge.done_at.is_(None)
    )
    with access.everything("one's own urges"):
        count, first = db.session.execute(statement).one()
    urgency = "overdue" if first and first < today else "soon"
    return [TodoLine(_l("Urged by the supervisor"), count, first, "MyPeriodView.my_period", {}, urgency)]


def _open_periods() -> Any:
    return (
        select(DutyPeriod.id)
        .where(
            DutyPeriod.township_id == Duty.township_id,
            DutyPeriod.period == Duty.period,
            DutyPeriod.state == PeriodState.OPEN,
        )
        .exists()
    )


def _duties(actor: access.Actor, today: date) -> list[TodoLine]:
    if actor.person_id is None:
        return []
    statement = (
        select(Duty.period, func.count(), func.min(Duty.due_on))
        .where(held_by(actor), Duty.state.in_(OWED), _open_periods())
        .group_by(Duty.period)
        .order_by(Duty.period)
    )
    with access.everything("one's own duties"):
        rows = db.session.execute(statement).tuples().all()
    label = _l("Duties of the month to hand in")
    return [
        TodoLine(label, count, due, "MyPeriodView.my_period", {"period": period}, _urgency(due, today))
        for period, count, due in rows
    ]


def first_owed_period() -> str | None:
    """The earliest open period in which the actor still owes something."""
    statement = select(func.min(Duty.period)).where(held_by(access.actor()), Duty.state.in_(OWED), _open_periods())
    with access.everything("one's own duties"):
        return db.session.scalar(statement)


def _reviews(actor: access.Actor) -> list[TodoLine]:
    if not actor.holds(Resource.DUTIES, Verb.CONFIRM) or actor.is_operator:
        return []
    statement = access.visible(select(Duty.period, func.count()), Duty, Verb.CONFIRM).where(
        Duty.state.in_(TO_REVIEW), or_(Duty.person_id.is_(None), Duty.person_id.not_in(persons_of(actor)))
    )
    with access.everything("limited above; which periods are open"):
        rows = db.session.execute(statement.where(_open_periods()).group_by(Duty.period)).tuples().all()
    label = _l("Logs to confirm")
    return [TodoLine(label, count, None, "ReviewView.review", {"period": period}) for period, count in rows]


def _missing(actor: access.Actor, today: date) -> list[TodoLine]:
    """What a supervisor may urge: logs past their day, by period."""
    if not actor.holds(Resource.DUTIES, Verb.URGE) or actor.is_operator:
        return []
    statement = access.visible(select(Duty.period, func.count(), func.min(Duty.due_on)), Duty, Verb.URGE).where(
        Duty.state.in_(OWED), Duty.due_on < today
    )
    with access.everything("limited above; which periods are open"):
        rows = db.session.execute(statement.where(_open_periods()).group_by(Duty.period)).tuples().all()
    label = _l("Missing past their day in my villages")
    return [
        TodoLine(label, count, due, "VillageView.village", {"period": period}, "soon") for period, count, due in rows
    ]


def _reopening(actor: access.Actor) -> list[TodoLine]:
    """Locked months that somebody else has asked to open again."""
    if not actor.holds(Resource.DUTIES, Verb.PUBLISH) or actor.is_operator:
        return []
    asked = access.visible(select(DutyPeriod), DutyPeriod, Verb.PUBLISH).where(
        DutyPeriod.state == PeriodState.CLOSED, DutyPeriod.reopen_asked_at.is_not(None)
    )
    rows = [row for row in db.session.scalars(asked) if is_other([row.reopen_asked_by])]
    args = {"unit": rows[0].unit_id} if rows else {}
    return [TodoLine(_l("Locked months to open again or not"), len(rows), None, "PeriodView.periods", args, "soon")]


def _exceptions(actor: access.Actor) -> list[TodoLine]:
    """Certificates outside the lists that somebody else has asked to issue."""
    if not actor.holds(Resource.DUTIES, Verb.PUBLISH) or actor.is_operator:
        return []
    rows = exceptions_waiting()
    args = {"period": rows[0].period} if rows else {}
    label = _l("Certificates to allow by exception or not")
    return [TodoLine(label, len(rows), None, "CertificateExceptionView.month", args, "soon")]


def _leads(actor: access.Actor, today: date) -> list[TodoLine]:
    lines = []
    if actor.holds(Resource.LEADS, Verb.CONFIRM) and not actor.is_operator:
        taking = (LeadState.REPORTED, LeadState.ACCEPTED)
        mine = access.visible(select(func.count(), func.count().filter(Lead.is_urgent.is_(True))), Lead, Verb.CONFIRM)
        units = [post.unit_id for post in actor.posts]
        # a chief is not asked to take what the sub-grid leader takes, unless it is urgent
        mine = mine.where(Lead.state.in_(taking), Lead.unit_id.in_(units) | Lead.is_urgent.is_(True))
        count, urgent = db.session.execute(mine).one()
        lines.append(
            TodoLine(_l("Leads to take and verify"), count, None, "LeadView.leads", {}, "overdue" if urgent else "soon")
        )
        grids = [post.unit_id for post in actor.posts if post.level == "total_grid"]
        handed = access.visible(select(func.count()), Lead, Verb.CONFIRM).where(
            Lead.state.in_((LeadState.SUBMITTED, LeadState.DISCUSSED)), Lead.total_grid_id.in_(grids)
        )
        waiting = db.session.scalar(handed) or 0
        lines.append(TodoLine(_l("Leads to discuss and assign"), waiting, None, "LeadView.leads", {}, "soon"))
    if actor.person_id is not None:
        lines.append(_assigned(actor, today))
    return lines


def _assigned(actor: access.Actor, today: date) -> TodoLine:
    statement = select(func.count(), func.min(Lead.due_on)).where(
        Lead.responsible_id.in_(persons_of(actor)), Lead.state.in_((LeadState.ASSIGNED, LeadState.IN_PROGRESS))
    )
    with access.everything("the leads somebody is responsible for"):
        count, first = db.session.execute(statement).one()
    return TodoLine(_l("Leads I am responsible for"), count, first, "LeadView.leads", {}, _urgency(first, today))
