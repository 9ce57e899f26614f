"""Star plates of villages: which hangs now, and all there were."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import func, or_, select

from app.domain.rights import Resource, Verb
from app.features.org.models import OrgUnit
from app.features.org.queries import current
from app.features.reviews.models import StarPlate
from app.kit import access
from app.kit.db import db

MOST_STARS = 5


@dataclass(frozen=True)
class VillageStars:
    """A village with the plate that hangs there, if any."""

    village: OrgUnit
    plate: StarPlate | None


def villages_shown() -> list[OrgUnit]:
    """The villages in the actor's reach, and the ones his posts lie in."""
    own = {village for post in access.actor().posts if (village := post.ancestors.get("village"))}
    statement = select(OrgUnit).where(OrgUnit.level == "village")
    statement = statement.where(or_(access.where(OrgUnit, Verb.VIEW), OrgUnit.id.in_(own)))
    with access.everything("a plate hangs for everybody of the village to see"):
        return list(
            db.session.scalars(current(statement).order_by(OrgUnit.township_id, OrgUnit.sort_order, OrgUnit.code))
        )


def hanging(villages: Collection[int]) -> dict[int, StarPlate]:
    """The plate that hangs at each of the villages: its newest, if that was not taken down; an older one never comes back."""
    statement = select(StarPlate).where(StarPlate.unit_id.in_(villages))
    with access.everything("a plate hangs for everybody of the village to see"):
        rows = db.session.scalars(statement.order_by(StarPlate.period, StarPlate.id)).all()
    newest = {row.unit_id: row for row in rows}
    return {unit_id: row for unit_id, row in newest.items() if row.withdrawn_on is None}


def villages_with_stars(villages: list[OrgUnit]) -> list[VillageStars]:
    """Each village with its plate, in the order of the tree: there is no ranking here."""
    plates = hanging([village.id for village in villages])
    return [VillageStars(village, plates.get(village.id)) for village in villages]


def plates_of(village: OrgUnit) -> list[StarPlate]:
    """All plates a village ever had, the newest first."""
    statement = select(StarPlate).where(StarPlate.unit_id == village.id)
    with access.everything("a plate hangs for everybody of the village to see"):
        return list(db.session.scalars(statement.order_by(StarPlate.period.desc(), StarPlate.id.desc())))


def shares_by_period(unit: OrgUnit, least: int) -> list[tuple[str, int, int]]:
    """How many villages below a unit had at least so many stars, by the period of the plate, among how many villages.

    Shape: (period, villages with the stars, villages); a plate that was taken down does not count. The oldest first.
    """
    below = getattr(OrgUnit, f"{unit.level}_id") == unit.id
    counted = (
        select(StarPlate.period, func.count(func.distinct(StarPlate.unit_id)))
        .where(
            getattr(StarPlate, f"{unit.level}_id") == unit.id,
            StarPlate.stars >= least,
            StarPlate.withdrawn_on.is_(None),
        )
        .group_by(StarPlate.period)
        .order_by(StarPlate.period)
    )
    with access.everything("a share of all villages"):
        villages = len(db.session.scalars(current(select(OrgUnit).where(OrgUnit.level == "village", below))).all())
        return [(period, many, villages) for period, many in db.session.execute(counted).tuples()]


def may_give(village: OrgUnit) -> bool:
    """True when the actor gives and takes down plates there."""
    return access.can_at(Verb.APPROVE, Resource.RECORDS, village)
