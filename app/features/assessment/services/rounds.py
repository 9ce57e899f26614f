"""Rounds: opened, checked, published, corrected. Scores are in scores.py, deductions in deductions.py."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from app.domain.errors import RuleBroken, broken
from app.domain.periods import Period
from app.domain.rights import Resource, Verb
from app.domain.scoring import RULE_VERSION
from app.domain.transitions import Kind, next_state, transition
from app.features.assessment.models import (
    AssessmentRound,
    DeductionEntry,
    ItemScore,
    RoundSnapshot,
    Scheme,
    Sheet,
)
from app.features.assessment.queries.results import latest_snapshot
from app.features.assessment.queries.rounds import missing, sheets_of
from app.features.assessment.queries.schemes import schemes_at
from app.features.assessment.services.holding import hold_round
from app.features.assessment.snapshot import digest_of, frozen
from app.features.org.models import OrgUnit
from app.features.org.queries import units_below
from app.kit import access, clock
from app.kit.audit import acting
from app.kit.db import db, transaction
from app.kit.signing import signature
from app.kit.two_persons import require_other


def open_round(
    code: str,
    scheme: Scheme,
    period: str,
    unit: OrgUnit,
    villages: Sequence[OrgUnit] | None = None,
    *,
    name: str | None = None,
) -> AssessmentRound:
    """An open round of a unit with one empty sheet for every village (or sub-grid) that exists at the end of the period.

    Errors: period.bad_text; assessment.round_exists, assessment.scheme_elsewhere (the scheme holds neither here nor above),
            assessment.no_units, assessment.unit_outside; NotAllowed at the unit.
    """
    access.require_at(Verb.EDIT, Resource.SCORES, unit)
    span = Period.parse(period)
    with transaction() as session, acting("assessment.open_round"), access.everything("sheets for all units below"):
        if session.scalar(select(AssessmentRound.id).filter_by(unit_id=unit.id, code=code)):
            raise broken("assessment.round_exists", "code", round=code)
        if scheme.id not in {known.id for known in schemes_at(unit)}:
            raise broken("assessment.scheme_elsewhere", "scheme", scheme=scheme.name, unit=unit.name)
        units = _units(scheme, span, unit, villages)
        round_ = AssessmentRound(
            code=code, name=name or _name(unit, span, scheme), scheme=scheme, period=str(span), unit=unit
        )
        round_.state = str(next_state(Kind.ROUND, "draft", "open"))
        session.add(round_)
        session.add_all(Sheet(round=round_, round_unit_id=unit.id, unit=below) for below in units)
    return round_


def _name(unit: OrgUnit, span: Period, scheme: Scheme) -> str:
    return f"{unit.name}{span} {scheme.name}"


def _units(scheme: Scheme, span: Period, unit: OrgUnit, chosen: Sequence[OrgUnit] | None) -> Sequence[OrgUnit]:
    every = units_below(unit, scheme.subject, span.last_day)
    if chosen is None:
        units: Sequence[OrgUnit] = every
    else:
        inside = {below.id for below in every}
        units = chosen
        for one in chosen:
            if one.id not in inside:
                raise broken("assessment.unit_outside", one.code, village=one.name, unit=unit.name)
    if not units:
        raise broken("assessment.no_units", "unit", unit=unit.name)
    return units


def _move(round_: AssessmentRound, action: str, reason: str | None = None) -> None:
    """Take the step if the actor holds the right it asks for."""
    hold_round(round_, to_move=True)
    row = transition(Kind.ROUND, round_.state, action)
    access.require(Verb(row.verb), round_)
    round_.state = str(next_state(Kind.ROUND, round_.state, action, reason=reason))


def check_round(round_: AssessmentRound) -> AssessmentRound:
    """The round as checked: every village that has a score is complete, or excluded with a reason.

    Errors: what `missing` lists; transition.not_allowed; NotAllowed without the right to submit scores.
    """
    with transaction(), acting("assessment.check_round"):
        _move(round_, "check")
        gaps = missing(round_)
        if gaps:
            raise RuleBroken(gaps)
        round_.checked_by, round_.checked_at = signature(round_, Verb.SUBMIT), clock.now()
    return round_


def return_round(round_: AssessmentRound, reason: str) -> AssessmentRound:
    """A checked round open again, with the reason in the trail."""
    with transaction(), acting("assessment.return_round"):
        _move(round_, "return", reason)
        round_.checked_by = round_.checked_at = None
        round_.reason = reason
    return round_


def publish_round(round_: AssessmentRound) -> RoundSnapshot:
    """The frozen result of a checked round: scheme, facts, occurrences, scores and slips, with rule version and digest.

    Errors: transition.not_allowed (not checked), assessment.two_persons (who scored or checked may not publish);
            NotAllowed without the right to publish.
    """
    with transaction() as session, acting("assessment.publish_round"):
        _move(round_, "publish")
        require_other({round_.checked_by, *_hands(round_)}, "assessment.two_persons", "round")
        with access.everything("the whole round is frozen"):
            previous = latest_snapshot(round_)
            payload = frozen(round_)
            snapshot = RoundSnapshot(
                round=round_,
                number=previous.number + 1 if previous else 1,
                rule_version=RULE_VERSION,
                published_by=signature(round_, Verb.PUBLISH),
                payload=payload,
                digest=digest_of(payload),
            )
            session.add(snapshot)
            round_.is_published, round_.published_by, round_.published_at = True, snapshot.published_by, clock.now()
            for sheet in sheets_of(round_):
                sheet.is_published = True
    return snapshot


def _hands(round_: AssessmentRound) -> set[str]:
    """The signatures of those who scored or recorded a deduction in the round."""
    with access.everything("who had a hand in the round"):
        scored = select(ItemScore.scored_by).join(ItemScore.sheet).where(Sheet.round_id == round_.id).distinct()
        recorded = select(DeductionEntry.recorded_by).join(DeductionEntry.sheet).where(Sheet.round_id == round_.id)
        return {name for name in (*db.session.scalars(scored), *db.session.scalars(recorded.distinct())) if name}


def correct_round(round_: AssessmentRound, reason: str) -> AssessmentRound:
    """A published round open for a correction. What was published stays and is shown until the next version is published.

    Errors: transition.reason_required, transition.not_allowed; NotAllowed without the right to approve scores.
    """
    with transaction(), acting("assessment.correct_round"):
        _move(round_, "correct", reason)
        round_.checked_by = round_.checked_at = None
        round_.reason = reason
    return round_
