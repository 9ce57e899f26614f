"""Reading duties and logs: mine, those to review, what is owed, what was said about them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Any

from sqlalchemy import Select, select, tuple_
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from app.domain.formspec import FieldType, FormSpec
from app.domain.periods import Period
from app.domain.rights import Verb
from app.domain.transitions import DutyState
from app.features.duties.models import Duty, DutyComment, DutyTemplate, Urge
from app.features.duties.queries.holding import OWED, held_by, holders_of
from app.features.org.models import OrgUnit
from app.features.org.queries import units_below
from app.kit import access
from app.kit.audit import AuditEntry
from app.kit.db import db

HANDED_IN = (DutyState.SUBMITTED, DutyState.NOTHING_TO_REPORT, DutyState.CONFIRMED)
TO_REVIEW = (DutyState.SUBMITTED, DutyState.NOTHING_TO_REPORT)
MONTHLY_RECORD = "monthly_record"


def _whole(statement: Select[Any]) -> Select[Any]:
    parts = (Duty.template, Duty.form_version, Duty.person, Duty.unit)
    return statement.options(*(selectinload(part) for part in parts))


def _in_order(statement: Select[Any]) -> Select[Any]:
    statement = statement.join(OrgUnit, OrgUnit.id == Duty.unit_id).join(
        DutyTemplate, DutyTemplate.id == Duty.template_id
    )
    return statement.order_by(
        Duty.village_id, OrgUnit.level.desc(), OrgUnit.sort_order, OrgUnit.code, DutyTemplate.sort_order, Duty.id
    )


def my_duties(period: str) -> Sequence[Duty]:
    """The duties the actor has in a period, his own and those he stands in for, by unit and in the order of the list."""
    statement = select(Duty).where(held_by(access.actor()), Duty.period == period)
    # A handful of rows, read at each submit: one statement, not one more for each relation.
    statement = statement.options(
        contains_eager(Duty.unit), contains_eager(Duty.template), joinedload(Duty.form_version), joinedload(Duty.person)
    )
    with access.everything("one's own duties, in the order of their templates"):
        return db.session.scalars(_in_order(statement)).all()


def duties_below(unit: Any, period: str, verb: Verb = Verb.VIEW) -> Sequence[Duty]:
    """The duties at or below a unit in a period to which the actor may do `verb`, by village, unit and template."""
    statement = access.visible(select(Duty), Duty, verb)
    statement = statement.where(getattr(Duty, f"{unit.level}_id") == unit.id, Duty.period == period)
    with access.everything("limited above; units and templates only give the order"):
        return db.session.scalars(_in_order(_whole(statement))).all()


def logs_to_review(period: str, verb: Verb = Verb.VIEW) -> Sequence[Duty]:
    """Every log of a period the actor may see, whatever its state, by village, unit and template."""
    statement = access.visible(select(Duty), Duty, verb).where(Duty.period == period)
    with access.everything("limited above; units and templates only give the order"):
        return db.session.scalars(_in_order(_whole(statement))).all()


def last_answers(duties: Iterable[Duty]) -> dict[int, dict[str, Any]]:
    """By duty id, what the same post wrote on the same duty in the period before."""
    keys = {(d.template_id, d.subject, str(Period.parse(d.period).previous())): d.id for d in duties}
    if not keys:
        return {}
    columns = (Duty.template_id, Duty.subject, Duty.period)
    statement = select(*columns, Duty.answers).where(tuple_(*columns).in_(list(keys)))
    with access.everything("last month's answers of the same post"):
        rows = db.session.execute(statement).tuples().all()
    return {keys[template, subject, period]: answers for template, subject, period, answers in rows}


def who_owes(duties: Sequence[Duty]) -> list[tuple[Any, list[Duty]]]:
    """Persons with what they have to hand in today, as (person, duties), by name; a substitute stands for the holder."""
    holders = holders_of(duties)
    owed = [(person, d) for d in duties if d.state in OWED and (person := holders[d.id]) is not None]
    owed.sort(key=lambda pair: (pair[0].name, pair[0].id))
    return [(person, [d for _person, d in part]) for person, part in groupby(owed, lambda pair: pair[0])]


def comments_of(duty: Duty) -> Sequence[DutyComment]:
    """What was said about a log, the oldest first."""
    statement = select(DutyComment).where(DutyComment.duty_id == duty.id)
    return db.session.scalars(statement.order_by(DutyComment.id)).all()


def open_urges(persons: Sequence[int] | None = None, unit: Any = None) -> Sequence[Urge]:
    """Urges not yet done, of some persons or below a unit, the earliest date first."""
    statement = access.visible(select(Urge), Urge).where(Urge.done_at.is_(None))
    if persons is not None:
        statement = statement.where(Urge.person_id.in_(persons))
    if unit is not None:
        statement = statement.where(getattr(Urge, f"{unit.level}_id") == unit.id)
    statement = statement.options(selectinload(Urge.person), selectinload(Urge.duty), selectinload(Urge.lead))
    return db.session.scalars(statement.order_by(Urge.due_on, Urge.id)).all()


def history_of(duty: Duty) -> list[dict[str, Any]]:
    """What happened to a log: when, who (user name), which act, from which state to which; the oldest first."""
    statement = select(AuditEntry).where(AuditEntry.table_name == "duty", AuditEntry.row_id == str(duty.id))
    return [
        {
            "at": e.at,
            "who": e.username,
            "for": e.on_behalf_of,
            "action": e.action,
            "states": e.changes.get("state"),
            "changes": e.changes,
        }
        for e in db.session.scalars(statement.order_by(AuditEntry.id))
    ]


def references_for(spec: FormSpec, unit: Any) -> list[tuple[str, str]]:
    """The units a form's unit field may name: the sub-grids below the unit the log is about, as (code, name)."""
    if not any(asked.type is FieldType.UNIT_REF for asked in spec.fields()):
        return []
    with access.everything("the sub-grids a post looks after"):
        return [(below.code, below.name) for below in units_below(unit, "sub_grid")]
