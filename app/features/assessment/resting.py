"""Sheets that are half scored when the assessment list is about to change."""

from __future__ import annotations

from sqlalchemy import func, select

from app.domain.checklists import ListKind
from app.features.assessment.models import Sheet
from app.features.checklists.models import GovernanceList
from app.features.checklists.queries.impact import Resting
from app.kit.db import db
from app.kit.i18n import _l


def sheets_half_scored(row: GovernanceList) -> list[Resting]:
    """The sheets below the unit of the grid's assessment list that are scored in part and not published, since it holds."""
    if row.kind != ListKind.ASSESSMENT or row.pack is not None:
        return []
    below = getattr(Sheet, f"{row.unit.level}_id")
    statement = (
        select(func.count())
        .select_from(Sheet)
        .where(below == row.unit_id, Sheet.status == "incomplete", Sheet.is_published.is_(False))
    )
    if row.decided_at is not None:
        statement = statement.where(Sheet.created_at >= row.decided_at)
    return [Resting(_l("Sheets scored in part"), db.session.scalar(statement) or 0)]
