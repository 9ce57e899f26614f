"""Whether what was published still is what was published: the check of `flask audit verify`."""

from __future__ import annotations

from sqlalchemy import select

from app.domain.errors import UNREADABLE
from app.features.assessment.models import RoundSnapshot
from app.features.assessment.snapshot import recomputed
from app.kit import access
from app.kit.db import db


def frozen_faults() -> list[str]:
    """The snapshots whose digest or results do not come out again, in words for the operator, the first first."""
    with access.everything("a check of all that was published"):
        snapshots = db.session.scalars(select(RoundSnapshot).order_by(RoundSnapshot.id)).all()
        return [f"round_snapshot {one.id}: {_why(one)}" for one in snapshots if not _holds(one)]


def _holds(snapshot: RoundSnapshot) -> bool:
    try:
        return recomputed(snapshot)
    except UNREADABLE:
        return False


def _why(snapshot: RoundSnapshot) -> str:
    return f"version {snapshot.number} of round {snapshot.round_id} is not what was published"
