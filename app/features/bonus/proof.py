"""Whether an approved award batch still is what was approved: the check of `flask audit verify`."""

from __future__ import annotations

from sqlalchemy import select

from app.domain.errors import UNREADABLE
from app.features.bonus.models import BonusBatch
from app.features.bonus.queries.batches import SETTLED
from app.features.bonus.services import is_recomputable
from app.kit import access
from app.kit.db import db


def frozen_faults() -> list[str]:
    """The approved batches whose awards do not come out again from what they froze."""
    with access.everything("a check of all that was approved"):
        batches = db.session.scalars(select(BonusBatch).where(BonusBatch.state.in_(SETTLED)).order_by(BonusBatch.id))
        faulty = [batch.id for batch in batches.all() if not _holds(batch)]
    return [f"bonus_batch {number}: the awards do not follow from its inputs and its digest" for number in faulty]


def _holds(batch: BonusBatch) -> bool:
    try:
        return is_recomputable(batch)
    except UNREADABLE:
        return False
