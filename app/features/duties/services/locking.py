"""A period is locked by one person, and opened again by two: one asks with a reason, another allows it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import select

from app.domain.errors import broken
from app.domain.periods import Period, PeriodState
from app.domain.rights import Verb
from app.domain.transitions import Kind, next_state
from app.features.duties.models import DutyPeriod
from app.features.duties.services.opening import townships_for
from app.kit import access, clock
from app.kit.audit import acting
from app.kit.db import db, transaction
from app.kit.signing import kept_name, signature
from app.kit.two_persons import require_other


def close_period(period: str, *, units: Sequence[Any] | None = None) -> list[DutyPeriod]:
    """The period locked in each township where it is open; what is missing stays missing.

    Errors: period.*, duties.no_township, duties.period_not_open; NotAllowed without the right to publish.
    """
    with transaction(), acting("duties.close"):
        rows = _rows_where(lambda row: row.state == PeriodState.OPEN, period, units, "duties.period_not_open")
        for row in rows:
            row.state = next_state(Kind.PERIOD, row.state, "close")
            row.closed_at, row.closed_by = clock.now(), kept_name(row, Verb.PUBLISH)
            row.reopen_asked_at = row.reopen_asked_by = row.reopen_refused_by = row.reopen_refusal = None
    return rows


def ask_reopen(period: str, reason: str, *, units: Sequence[Any] | None = None) -> list[DutyPeriod]:
    """The locked periods with the wish to open them again and its reason; they stay locked until another person allows it.

    Errors: period.*, duties.no_township, duties.period_not_closed, duties.reopen_waits (somebody has asked already),
            transition.reason_required; NotAllowed without the right to publish.
    """
    with transaction(), acting("duties.ask_reopen"):
        locked = _rows_where(lambda row: row.state == PeriodState.CLOSED, period, units, "duties.period_not_closed")
        rows = [row for row in locked if not waits(row)]
        if not rows:
            raise broken("duties.reopen_waits", "period", period=period)
        for row in rows:
            next_state(Kind.PERIOD, row.state, "reopen", reason=reason)
            row.reopen_asked_at, row.reopen_asked_by = clock.now(), signature(row, Verb.PUBLISH)
            row.reopen_reason, row.reopen_refused_by, row.reopen_refusal = reason.strip()[:400], None, None
    return rows


def allow_reopen(period: str, *, units: Sequence[Any] | None = None) -> list[DutyPeriod]:
    """The period open again in each township where somebody else has asked for it.

    Errors: period.*, duties.no_township, duties.nobody_asked, duties.same_person (who asked, or whoever stands in for
            him); NotAllowed without the right to publish.
    """
    with transaction(), acting("duties.reopen"):
        rows = _rows_where(waits, period, units, "duties.nobody_asked")
        require_other([row.reopen_asked_by for row in rows], "duties.same_person", "period")
        for row in rows:
            row.state = next_state(Kind.PERIOD, row.state, "reopen", reason=row.reopen_reason)
            row.reopened_at, row.reopened_by = clock.now(), kept_name(row, Verb.PUBLISH)
            row.closed_at = row.closed_by = None
    return rows


def refuse_reopen(period: str, reason: str, *, units: Sequence[Any] | None = None) -> list[DutyPeriod]:
    """The wish refused with a reason that stands on the page, or taken back by whoever asked; the period stays locked.

    Errors: period.*, duties.no_township, duties.nobody_asked, reason_required; NotAllowed without the right to publish.
    """
    if not reason.strip():
        raise broken("reason_required", "reason")
    with transaction(), acting("duties.refuse_reopen"):
        rows = _rows_where(waits, period, units, "duties.nobody_asked")
        for row in rows:
            row.reopen_asked_at = row.reopen_asked_by = None
            row.reopen_refused_by, row.reopen_refusal = kept_name(row, Verb.PUBLISH), reason.strip()[:400]
    return rows


def waits(row: DutyPeriod) -> bool:
    """True when somebody has asked to reopen the period and nobody has decided yet."""
    return row.state == PeriodState.CLOSED and row.reopen_asked_at is not None


def _rows_where(
    wanted: Callable[[DutyPeriod], bool], period: str, units: Sequence[Any] | None, none_code: str
) -> list[DutyPeriod]:
    """The rows of a period to act on, held until the transaction ends."""
    townships = townships_for(units)
    statement = select(DutyPeriod).where(
        DutyPeriod.period == str(Period.parse(period)), DutyPeriod.unit_id.in_([unit.id for unit in townships])
    )
    statement = statement.with_for_update().execution_options(populate_existing=True)
    rows = [row for row in db.session.scalars(statement.order_by(DutyPeriod.id)) if wanted(row)]
    if not rows:
        raise broken(none_code, "period", period=period)
    for row in rows:
        access.require(Verb.PUBLISH, row)
    return rows


__all__ = ["allow_reopen", "ask_reopen", "close_period", "refuse_reopen", "waits"]
