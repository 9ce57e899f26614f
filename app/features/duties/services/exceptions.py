"""A certificate outside the lists: the village asks for an exception with its reason, another person allows or refuses it."""

from __future__ import annotations

from collections.abc import Mapping

from app.domain.certificates import Decision, Risk, certificate_key, decide, exception_problems, refusal
from app.domain.errors import Problem, RuleBroken
from app.domain.periods import Period, PeriodKind
from app.domain.rights import Resource, Verb
from app.domain.transitions import Kind, next_state
from app.features.duties.models import CertificateException
from app.features.duties.queries.certificates import counted_at, place_of
from app.features.duties.queries.periods import closed_row
from app.features.duties.queries.registers import RegisterPlace
from app.features.duties.services.opening import closed
from app.kit import access, clock
from app.kit.audit import acting
from app.kit.db import db, transaction
from app.kit.signing import signature
from app.kit.two_persons import require_other

ASKED = {"certificate": 60, "requesting_body": 120, "reason": 400, "minutes_no": 60}
"""What is written of an exception, and how long it may be."""


def certificate_decision(place: RegisterPlace, period: str, name: str) -> Decision:
    """What the lists in force in the month say of a certificate the village is asked for."""
    counted = counted_at(place, period)
    found = counted.find(name)
    return found.decision if found else decide((certificate_key(name),), counted.lists)


def ask_exception(place: RegisterPlace, period: str, said: Mapping[str, str]) -> CertificateException:
    """The wish to issue one certificate that no list keeps, put before whoever decides it.

    Shape:  {certificate, requesting_body, reason, risk, minutes_no}; one wish, one certificate.
    Errors: duties.not_a_month, duties.period_closed, required, certificate.needs_none, certificate.forbidden*,
            certificate.minutes_needed; NotAllowed.
    """
    access.require_at(Verb.EDIT, Resource.DUTIES, place.unit)
    words = {name: str(said.get(name) or "").strip()[:most] for name, most in ASKED.items()}
    risk = str(said.get("risk") or "")
    problems = [Problem("required", name) for name in ("certificate", "requesting_body", "reason") if not words[name]]
    problems += [] if risk in set(Risk) else [Problem("required", "risk")]
    if problems:
        raise RuleBroken(problems)
    with transaction(), acting("duties.ask_exception"):
        _require_open_month(place.unit.township_id, period)
        decision = certificate_decision(place, period, words["certificate"])
        if problems := exception_problems(decision, risk, words["minutes_no"]):
            raise RuleBroken(problems)
        row = CertificateException(
            unit=place.unit, period=period, risk=risk, **words | {"minutes_no": words["minutes_no"] or None}
        )
        db.session.add(row)
        db.session.flush()
        row.asked_by = signature(row, Verb.EDIT)
    return row


def approve_exception(row: CertificateException) -> CertificateException:
    """The exception allowed by another person than who asked; the village may issue the certificate and count it.

    Errors: transition.not_allowed, certificate.same_person, duties.period_closed, certificate.forbidden* (a list forbids it
            by now); NotAllowed.
    """
    with transaction(), acting("duties.approve_exception"):
        _decide(row, "approve", "")
        if problem := refusal(certificate_decision(place_of(row), row.period, row.certificate), "certificate"):
            raise RuleBroken(problem)
    return row


def refuse_exception(row: CertificateException, reason: str) -> CertificateException:
    """The exception refused with a reason; it stays on record.

    Errors: transition.not_allowed, transition.reason_required, certificate.same_person, duties.period_closed; NotAllowed.
    """
    with transaction(), acting("duties.refuse_exception"):
        _decide(row, "refuse", reason)
    return row


def _decide(row: CertificateException, action: str, reason: str) -> None:
    """The wish in its next state, held until the transaction ends, so that it is decided once."""
    access.require(Verb.PUBLISH, row)
    db.session.refresh(row, with_for_update=True)
    require_other([row.asked_by], "certificate.same_person")
    _require_open_month(row.township_id, row.period)
    row.state = next_state(Kind.EXCEPTION, row.state, action, reason=reason)
    row.decided_by, row.decided_at = signature(row, Verb.PUBLISH), clock.now()
    row.decision_reason = reason.strip()[:400] or None


def _require_open_month(township_id: int | None, period: str) -> None:
    if Period.parse(period).kind is not PeriodKind.MONTH:
        raise RuleBroken(Problem("duties.not_a_month", "period", {"period": period}))
    if locked := closed_row([(township_id, period)], lock=True):
        raise closed(locked)
