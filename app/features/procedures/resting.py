"""Procedures that rest on a list: told before the list is changed or a version rolled back."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, func, select

from app.domain.checklists import ListKind
from app.features.checklists.models import GovernanceList
from app.features.checklists.queries import items_of_list
from app.features.checklists.queries.impact import Resting
from app.features.procedures.models import ProcedureDefinition
from app.features.procedures.queries import of_list
from app.kit.db import db
from app.kit.i18n import _l


def procedures_drawn(row: GovernanceList) -> list[Resting]:
    """The procedures of a procedure list, or those the items of another list say they are handled by, since it holds."""
    counted = select(func.count()).select_from(ProcedureDefinition)
    statement = of_list(counted, row) if row.kind == ListKind.PROCEDURE else _named(counted, row)
    if row.decided_at is not None:
        statement = statement.where(ProcedureDefinition.created_at >= row.decided_at)
    return [Resting(_l("Procedures drawn"), db.session.scalar(statement) or 0)]


def _named(counted: Select[Any], row: GovernanceList) -> Select[Any]:
    codes = {str(code) for item in items_of_list(row) for code in (item.facets or {}).get("procedures") or ()}
    return counted.where(ProcedureDefinition.unit_id == row.unit_id, ProcedureDefinition.code.in_(codes))
