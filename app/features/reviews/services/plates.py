"""Giving star plates and taking them down; nothing is ever deleted."""

from __future__ import annotations

from decimal import Decimal

from sqlalchemy import select

from app.domain.errors import Problem, RuleBroken, broken
from app.domain.periods import Period
from app.domain.rights import Resource, Verb
from app.features.org.models import OrgUnit
from app.features.reviews.models import StarPlate
from app.features.reviews.queries import plates
from app.kit import access, clock
from app.kit.audit import acting
from app.kit.db import db, transaction
from app.kit.signing import signature


def give_plate(village: OrgUnit, period: str, stars: int, basis: str, score: Decimal | None = None) -> StarPlate:
    """The plate of a village for a period; the one of an earlier period is history from then on.

    Errors: plate.not_a_village, plate.stars, plate.no_basis, plate.already, period.bad_text; NotAllowed without the right
            to approve records of the village.
    """
    access.require_at(Verb.APPROVE, Resource.RECORDS, village)
    found = []
    if village.level != "village":
        found.append(Problem("plate.not_a_village", ""))
    if not 1 <= stars <= plates.MOST_STARS:
        found.append(Problem("plate.stars", "stars", {"most": plates.MOST_STARS}))
    if not basis.strip():
        found.append(Problem("plate.no_basis", "basis"))
    if found:
        raise RuleBroken(found)
    with transaction(), acting("reviews.give_plate"):
        _hold(village)
        standing = plates.hanging([village.id]).get(village.id)
        if standing is not None and not Period.parse(standing.period) < Period.parse(period):
            raise broken("plate.already", "period", period=standing.period)
        row = StarPlate(
            unit=village,
            period=str(Period.parse(period)),
            stars=stars,
            score=score,
            basis=basis.strip(),
            given_on=clock.today(),
        )
        db.session.add(row)
        db.session.flush()
        row.given_by = signature(row, Verb.APPROVE)
    return row


def withdraw_plate(row: StarPlate, reason: str) -> None:
    """Take a plate down; it stays on record with the reason.

    Errors: plate.no_reason, plate.withdrawn; NotAllowed.
    """
    access.require(Verb.APPROVE, row)
    if not reason.strip():
        raise broken("plate.no_reason", "reason")
    with transaction(), acting("reviews.withdraw_plate"):
        _hold(row.unit)
        db.session.refresh(row)
        if row.withdrawn_on is not None:
            raise broken("plate.withdrawn", "")
        row.withdrawn_on, row.withdrawn_reason = clock.today(), reason.strip()[:400]
        row.withdrawn_by = signature(row, Verb.APPROVE)


def _hold(village: OrgUnit) -> None:
    """Two who give at once come one after the other."""
    with access.everything("the village itself, to be held"):
        db.session.scalars(select(OrgUnit).where(OrgUnit.id == village.id).with_for_update()).one()
