"""From one state to the next: every workflow of the portal as rows of one table.

A row says: a thing of this kind, in this state, may take this action, which asks for this verb of the rights table
and leads to that state. Who holds the verb is decided by the rights table, and "two different persons" by the service.
A deadline is a date, not a state: late and overdue are read from dates and do not belong here.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from app.domain.errors import broken
from app.domain.periods import PeriodState


class Kind(StrEnum):
    """What moves."""

    DUTY = "duty"  # a duty of one post for one period, with the record it asks for
    LEAD = "lead"
    ROUND = "round"
    SHEET = "sheet"
    RANKING = "ranking"
    BONUS = "bonus"
    PERIOD = "period"
    RECORD = "record"  # a filled-in form
    EXCEPTION = "exception"  # a certificate outside the lists, wanted in a single case


class DutyState(StrEnum):
    OPEN = "open"
    DRAFT = "draft"
    SUBMITTED = "submitted"
    NOTHING_TO_REPORT = "nothing_to_report"  # handed in as 本期无; confirmed or returned like any other
    RETURNED = "returned"
    CONFIRMED = "confirmed"


class LeadState(StrEnum):
    REPORTED = "reported"
    ACCEPTED = "accepted"
    RETURNED = "returned"
    MERGED = "merged"
    VERIFIED = "verified"
    SUBMITTED = "submitted"
    DISCUSSED = "discussed"
    ASSIGNED = "assigned"
    IN_PROGRESS = "in_progress"
    CLOSED = "closed"


class RoundState(StrEnum):
    DRAFT = "draft"
    OPEN = "open"
    CHECKED = "checked"
    PUBLISHED = "published"


class SheetState(StrEnum):
    DRAFT = "draft"
    SUBMITTED = "submitted"
    CONFIRMED = "confirmed"
    PUBLISHED = "published"
    CORRECTED = "corrected"


class RankingState(StrEnum):
    COMPUTED = "computed"
    PUBLISHED = "published"
    DISCARDED = "discarded"
    SUPERSEDED = "superseded"


class BonusState(StrEnum):
    DRAFT = "draft"
    COMPUTED = "computed"
    APPROVED = "approved"
    EXPORTED = "exported"
    PAID = "paid"


class RecordState(StrEnum):
    DRAFT = "draft"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    CONFIRMED = "confirmed"


class ExceptionState(StrEnum):
    ASKED = "asked"
    APPROVED = "approved"
    REFUSED = "refused"


@dataclass(frozen=True)
class Transition:
    """One row: where an action leads, the verb it asks for, and whether it must be explained."""

    state: str
    action: str
    to: str
    verb: str
    needs_reason: bool = False


def _rows(*rows: tuple[str, str, str, str]) -> tuple[Transition, ...]:
    """Rows written as (states, action, target, verb); several states are separated by a space, `!` asks a reason."""
    return tuple(
        Transition(state, action.rstrip("!"), to, verb, action.endswith("!"))
        for states, action, to, verb in rows
        for state in states.split()
    )


# The first row of each kind starts in the state in which a new thing is born.
TABLE: dict[Kind, tuple[Transition, ...]] = {
    Kind.DUTY: _rows(
        ("open draft", "save", "draft", "edit"),
        ("returned", "save", "returned", "edit"),  # the reason stays in sight until it is handed in again
        ("open draft returned", "submit", "submitted", "submit"),
        ("open draft returned", "report_nothing", "nothing_to_report", "submit"),
        ("submitted nothing_to_report", "withdraw", "draft", "submit"),
        ("submitted nothing_to_report", "confirm", "confirmed", "confirm"),
        ("submitted nothing_to_report confirmed", "return!", "returned", "confirm"),
    ),
    Kind.LEAD: _rows(
        ("reported", "accept", "accepted", "confirm"),
        ("reported accepted", "return!", "returned", "confirm"),
        ("reported accepted", "merge!", "merged", "confirm"),
        ("returned", "report", "reported", "submit"),
        ("accepted", "verify", "verified", "confirm"),
        ("verified", "submit", "submitted", "edit"),
        ("verified", "close", "closed", "edit"),  # settled on the spot, nothing to discuss
        ("submitted", "discuss", "discussed", "edit"),
        ("submitted discussed", "assign", "assigned", "edit"),  # an urgent lead does not wait for the meeting
        ("assigned", "start", "in_progress", "edit"),
        ("assigned in_progress", "close", "closed", "edit"),
        ("closed", "reopen!", "in_progress", "confirm"),  # the person who reported is not satisfied
    ),
    Kind.ROUND: _rows(
        ("draft", "open", "open", "edit"),
        ("open", "check", "checked", "submit"),
        ("checked", "return!", "open", "approve"),
        ("checked", "publish", "published", "publish"),
        ("published", "correct!", "open", "approve"),  # the published snapshot stays; a new version is prepared
    ),
    Kind.SHEET: _rows(
        ("draft", "save", "draft", "edit"),
        ("draft", "submit", "submitted", "submit"),
        ("submitted", "confirm", "confirmed", "approve"),
        ("submitted confirmed", "return!", "draft", "approve"),
        ("confirmed corrected", "publish", "published", "publish"),
        ("published", "correct!", "corrected", "approve"),
    ),
    Kind.RANKING: _rows(
        ("computed", "publish", "published", "publish"),
        ("computed", "discard", "discarded", "edit"),
        ("published", "supersede!", "superseded", "publish"),
    ),
    Kind.BONUS: _rows(
        ("draft computed", "compute", "computed", "edit"),
        ("computed", "approve", "approved", "approve"),
        ("computed", "return!", "draft", "approve"),
        ("approved", "return!", "computed", "approve"),
        ("approved exported", "export", "exported", "export"),
        ("exported", "pay", "paid", "approve"),
    ),
    Kind.PERIOD: _rows(
        ("open", "close", "closed", "publish"),
        ("closed", "reopen!", "open", "publish"),
    ),
    Kind.RECORD: _rows(
        ("draft", "save", "draft", "edit"),
        ("returned", "save", "returned", "edit"),
        ("draft returned", "submit", "submitted", "submit"),
        ("submitted", "correct", "submitted", "submit"),  # where nobody reviews what is handed in
        ("submitted", "withdraw", "draft", "submit"),
        ("submitted", "confirm", "confirmed", "confirm"),
        ("submitted confirmed", "return!", "returned", "confirm"),
    ),
    Kind.EXCEPTION: _rows(
        ("asked", "approve", "approved", "publish"),
        ("asked", "refuse!", "refused", "publish"),
    ),
}
STATES: dict[Kind, type[StrEnum]] = {
    Kind.DUTY: DutyState,
    Kind.LEAD: LeadState,
    Kind.ROUND: RoundState,
    Kind.SHEET: SheetState,
    Kind.RANKING: RankingState,
    Kind.BONUS: BonusState,
    Kind.PERIOD: PeriodState,
    Kind.RECORD: RecordState,
    Kind.EXCEPTION: ExceptionState,
}
_INDEX = {(kind, row.state, row.action): row for kind, rows in TABLE.items() for row in rows}


def initial_state(kind: str) -> str:
    """The state in which a new thing of this kind is born."""
    return STATES[Kind(kind)](TABLE[Kind(kind)][0].state)


def allowed_actions(kind: str, state: str) -> tuple[str, ...]:
    """The actions open to a thing of this kind in this state, in the order of the table."""
    return tuple(row.action for row in TABLE[Kind(kind)] if row.state == state)


def transition(kind: str, state: str, action: str) -> Transition:
    """The row of the table for this move.

    Errors: transition.not_allowed (params: kind, state, action, allowed).
    """
    row = _INDEX.get((Kind(kind), str(state), str(action)))
    if row is None:
        allowed = allowed_actions(kind, state)
        raise broken("transition.not_allowed", "state", kind=kind, state=state, action=action, allowed=allowed)
    return row


def next_state(kind: str, state: str, action: str, *, reason: str | None = None) -> str:
    """The state after the action.

    Shape:  a member of the state enumeration of the kind.
    Errors: transition.not_allowed, transition.reason_required (the action must be explained).
    Example:
        >>> next_state("duty", "draft", "submit").value
        'submitted'
    """
    row = transition(kind, state, action)
    if row.needs_reason and not (reason or "").strip():
        raise broken("transition.reason_required", "reason", kind=kind, action=action)
    return STATES[Kind(kind)](row.to)
