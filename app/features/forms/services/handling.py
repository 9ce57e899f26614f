"""What becomes of records that are written: taken back, confirmed, returned, removed. Two persons, and a reason."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from app.domain.errors import broken
from app.domain.rights import Verb
from app.domain.transitions import Kind, RecordState, next_state
from app.features.forms.locks import require_unlocked
from app.features.forms.models import FormRecord
from app.kit import access, clock
from app.kit.audit import acting
from app.kit.db import transaction
from app.kit.signing import signature
from app.kit.two_persons import require_other


def withdraw_record(record: FormRecord) -> FormRecord:
    """The record as a draft again, as long as nobody has confirmed it.

    Errors: transition.not_allowed, what locks the period; NotAllowed.
    """
    access.require(Verb.SUBMIT, record)
    with transaction(), acting("forms.withdraw_record"):
        _require_open([record])
        record.state = next_state(Kind.RECORD, record.state, "withdraw")
        record.submitted_at = record.submitted_by = None
    return record


def review_records(
    records: Sequence[FormRecord], action: Literal["confirm", "return"], reason: str = ""
) -> list[FormRecord]:
    """The records confirmed, or returned with a reason to whoever filled them in; all of them or none.

    Errors: record.no_review, record.own (nobody decides what he handed in himself), transition.reason_required,
            transition.not_allowed, what locks the period; NotAllowed.
    """
    for record in records:
        access.require(Verb.CONFIRM, record)
    with transaction(), acting(f"forms.{action}_records"):
        _require_open(records)
        require_other([record.submitted_by for record in records], "record.own")
        for record in records:
            if action == "confirm" and not record.form.needs_review:
                raise broken("record.no_review")
            record.state = next_state(Kind.RECORD, record.state, action, reason=reason)
            record.reviewed_at, record.reviewed_by = clock.now(), signature(record, Verb.CONFIRM)
            record.return_reason = reason.strip()[:400] if action == "return" else None
    return [*records]


def remove_draft(record: FormRecord) -> None:
    """Take away a draft that was never handed in, with its files.

    Errors: record.not_a_draft, what locks the period; NotAllowed.
    """
    access.require(Verb.EDIT, record)
    with transaction() as session, acting("forms.remove_draft"):
        _require_open([record])
        if record.state != RecordState.DRAFT:
            raise broken("record.not_a_draft")
        session.delete(record)


def _require_open(records: Sequence[FormRecord]) -> None:
    require_unlocked([(record.unit, record.period) for record in records if record.period])
