"""Open duties that rest on a responsibility list: told before the list is changed or a version rolled back."""

from __future__ import annotations

from sqlalchemy import func, select

from app.domain.checklists import ListKind
from app.features.checklists.models import GovernanceList
from app.features.checklists.queries.impact import Resting
from app.features.duties.models import Duty
from app.kit.db import db
from app.kit.i18n import _l

_OPEN = ("open", "draft", "submitted", "returned")


def open_duties(row: GovernanceList) -> list[Resting]:
    """The duties below the unit of the grid's responsibility list that are not confirmed, since the version holds."""
    if row.kind != ListKind.RESPONSIBILITY or row.pack is not None:
        return []
    below = getattr(Duty, f"{row.unit.level}_id")
    statement = select(func.count()).select_from(Duty).where(below == row.unit_id, Duty.state.in_(_OPEN))
    if row.decided_at is not None:
        statement = statement.where(Duty.created_at >= row.decided_at)
    return [Resting(_l("Open duties"), db.session.scalar(statement) or 0)]
