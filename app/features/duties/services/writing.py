"""Writing logs: drafts, handing in, nothing to report, taking back. Late is late, never refused; a closed month is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from app.domain.errors import Problem, RuleBroken
from app.domain.formspec import answers_as_data, check_answers
from app.domain.periods import is_late
from app.domain.rights import Verb
from app.domain.transitions import Kind, next_state
from app.features.duties.models import Duty, Urge
from app.features.duties.queries.periods import closed_row
from app.features.duties.queries.work import OWED
from app.features.duties.services.opening import closed
from app.features.forms.queries import spec_of
from app.kit import access, clock
from app.kit.audit import acting
from app.kit.db import db, transaction
from app.kit.signing import kept_name


@dataclass(frozen=True)
class Entry:
    """What somebody wrote for one duty: answers as typed, or nothing to report; `version` is the one the page showed."""

    duty: Duty
    answers: Mapping[str, Any]
    nothing: bool = False
    version: int | None = None


def save_draft(entries: Sequence[Entry]) -> list[Duty]:
    """The logs as far as they are written; required fields may wait, wrong ones are refused, all or none are saved.

    Shape:  `where` of a problem is `d<duty id>-<field>`.
    Errors: duties.period_closed, conflict, answer.*, form rules, transition.not_allowed; NotAllowed.
    """
    with transaction(), acting("duties.save"):
        checked = _checked(entries, Verb.EDIT, "save", draft=True)
        for entry, answers in checked:
            entry.duty.state = next_state(Kind.DUTY, entry.duty.state, "save")
            entry.duty.answers, entry.duty.is_nothing = answers, entry.nothing
    return [entry.duty for entry in entries]


def submit(entries: Sequence[Entry]) -> list[Duty]:
    """The logs handed in, complete and right, or all of them refused; what comes after its day is marked late.

    Shape:  an entry with `nothing` is handed in as 本期无. `where` of a problem is `d<duty id>-<field>`.
    Errors: duties.period_closed, conflict, duties.nothing_but_filled, answer.*, form rules, transition.not_allowed;
            NotAllowed.
    """
    with transaction(), acting("duties.submit"):
        for entry, answers in _checked(entries, Verb.SUBMIT, "submit", draft=False):
            _hand_in(entry.duty, answers, nothing=entry.nothing)
        _settle_urges([entry.duty for entry in entries])
    return [entry.duty for entry in entries]


def nothing_this_period(duties: Sequence[Duty]) -> list[Duty]:
    """The duties handed in as 本期无. Errors: as `submit`; NotAllowed."""
    with acting("duties.nothing"):
        return submit([Entry(duty, {}, nothing=True) for duty in duties])


def submit_ready(duties: Sequence[Duty]) -> tuple[list[Duty], list[Duty]]:
    """The stored drafts that are complete handed in, and the duties that still wait, as (submitted, waiting).

    Errors: duties.period_closed; NotAllowed.
    """
    owed = [duty for duty in duties if duty.state in OWED]
    ready = [duty for duty in owed if duty.is_nothing or (any(duty.answers.values()) and not _faults(duty))]
    if ready:
        submit([Entry(duty, {} if duty.is_nothing else duty.answers, duty.is_nothing) for duty in ready])
    return ready, [duty for duty in owed if duty not in ready]


def _faults(duty: Duty) -> list[Problem]:
    return check_answers(spec_of(duty.form_version), duty.answers)[1]


def withdraw(duty: Duty) -> Duty:
    """The log as a draft again, as long as it is not confirmed.

    Errors: duties.period_closed, transition.not_allowed; NotAllowed.
    """
    access.require(Verb.SUBMIT, duty)
    with transaction(), acting("duties.withdraw"):
        require_open([duty])
        duty.state = next_state(Kind.DUTY, duty.state, "withdraw")
        duty.submitted_at = duty.submitted_by = None
        duty.is_late = False
    return duty


def require_open(duties: Sequence[Duty]) -> None:
    """Refuse when the period of one of the duties is locked; call it inside the writing transaction.

    Errors: duties.period_closed.
    """
    row = closed_row([(duty.township_id, duty.period) for duty in duties], lock=True)
    if row is not None:
        raise closed(row)


def _hand_in(duty: Duty, answers: dict[str, Any], *, nothing: bool) -> None:
    values = handed_in(duty.state, duty.due_on, answers, by=kept_name(duty, Verb.SUBMIT), nothing=nothing)
    for name, value in values.items():
        setattr(duty, name, value)


def handed_in(
    state: str, due_on: date, answers: Mapping[str, Any], *, by: str, nothing: bool = False
) -> dict[str, Any]:
    """What stands in a log that is handed in with checked answers, by column.

    Errors: transition.not_allowed.
    """
    return {
        "state": next_state(Kind.DUTY, state, "report_nothing" if nothing else "submit"),
        "answers": dict(answers),
        "is_nothing": nothing,
        "return_reason": None,
        "submitted_at": clock.now(),
        "submitted_by": by,
        "is_late": is_late(clock.today(), due_on),
    }


def _checked(entries: Sequence[Entry], verb: Verb, action: str, *, draft: bool) -> list[tuple[Entry, dict[str, Any]]]:
    """The entries with clean answers, after right, lock, version, state and form have been checked, all problems at once."""
    for entry in entries:
        access.require(verb, entry.duty)
    _refresh([entry.duty for entry in entries])
    require_open([entry.duty for entry in entries])
    problems: list[Problem] = []
    checked = []
    for entry in entries:
        answers, found = _entry_problems(entry, action, draft)
        problems += found
        checked.append((entry, answers))
    if problems:
        raise RuleBroken(problems)
    return checked


def _refresh(duties: Sequence[Duty]) -> None:
    """Read the rows as they are now and hold them, so that a version cannot move between check and write."""
    statement = select(Duty).where(Duty.id.in_([duty.id for duty in duties])).with_for_update()
    statement = statement.options(selectinload(Duty.form_version)).execution_options(populate_existing=True)
    with access.everything("the rows were allowed above; their forms belong to whoever fills them in"):
        db.session.scalars(statement.order_by(Duty.id)).all()


def _entry_problems(entry: Entry, action: str, draft: bool) -> tuple[dict[str, Any], list[Problem]]:
    duty, at = entry.duty, f"d{entry.duty.id}-"
    if entry.version is not None and entry.version != duty.version:
        return {}, [Problem("conflict", f"{at}version")]
    try:
        next_state(Kind.DUTY, duty.state, "report_nothing" if entry.nothing and not draft else action)
    except RuleBroken as refused:
        return {}, [Problem(p.code, f"{at}{p.where}", p.params) for p in refused.problems]
    if entry.nothing:
        filled = any(value not in (None, "") for value in entry.answers.values())
        return {}, [Problem("duties.nothing_but_filled", f"{at}nothing")] if filled else []
    clean, found = check_answers(spec_of(duty.form_version), entry.answers, draft=draft)
    data = {code: value for code, value in answers_as_data(clean).items() if value is not None}
    return data, [Problem(p.code, f"{at}{p.where}", p.params) for p in found]


def _settle_urges(duties: Sequence[Duty]) -> None:
    """Urges that asked for what was just handed in are done: for a log, or for a person with nothing left in the period."""
    persons = {(duty.person_id, duty.period) for duty in duties if duty.person_id is not None}
    if not persons:
        return
    people = [person for person, _period in persons]
    with access.everything("urges end by themselves when what they ask for has come"):
        db.session.flush()
        urges = db.session.scalars(select(Urge).where(Urge.person_id.in_(people), Urge.done_at.is_(None))).all()
        if not urges:
            return
        owing = set(
            db.session.execute(
                select(Duty.person_id, Duty.period).where(Duty.person_id.in_(people), Duty.state.in_(OWED))
            ).tuples()
        )
        handed_in = {duty.id for duty in duties}
        for urge in urges:
            whole = urge.duty_id is None and urge.lead_id is None and (urge.person_id, urge.period) in persons
            if urge.duty_id in handed_in or (whole and (urge.person_id, urge.period) not in owing):
                urge.done_at = clock.now()
        db.session.flush()
