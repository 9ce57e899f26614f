"""Lists that add to a list above them (特色清单)."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from app.features.checklists.models import GovernanceList
from app.kit import access
from app.kit.db import db


def lists_above(row: GovernanceList) -> list[GovernanceList]:
    """The lists a list adds to, the nearest first, each in the version that is in force now."""
    found: list[GovernanceList] = []
    with access.everything("what holds above holds for every list that adds to it"):
        while row.extends_id is not None and len(found) < 6:
            row = _in_force(db.session.get_one(GovernanceList, row.extends_id))
            found.append(row)
    return found


def _in_force(row: GovernanceList) -> GovernanceList:
    statement = select(GovernanceList).where(
        GovernanceList.unit_id == row.unit_id, GovernanceList.code == row.code, GovernanceList.is_published
    )
    return db.session.scalars(statement).first() or row


def extended_by(row: GovernanceList) -> Sequence[GovernanceList]:
    """The lists in reach of the actor that add to a list, whatever version of it they were made from."""
    versions = select(GovernanceList.id).where(GovernanceList.unit_id == row.unit_id, GovernanceList.code == row.code)
    statement = access.visible(select(GovernanceList), GovernanceList)
    statement = statement.where(GovernanceList.extends_id.in_(versions), GovernanceList.is_published)
    return db.session.scalars(statement.order_by(GovernanceList.unit_id, GovernanceList.code)).all()
