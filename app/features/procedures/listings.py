"""Procedures as a list to take along."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, select

from app.domain.procedures import parse_procedure
from app.domain.rights import Resource
from app.features.checklists.models import GovernanceList
from app.features.checklists.words import SOURCES
from app.features.procedures.models import ProcedureDefinition
from app.kit.i18n import _l, language
from app.kit.listing import Args, ListColumn, Listing


def _procedures(args: Args) -> Select[Any]:
    """Those of one procedure list; without one all of them."""
    statement = select(ProcedureDefinition)
    if args.get("list", "").isdecimal():
        unit = select(GovernanceList.unit_id).where(GovernanceList.id == int(args["list"])).scalar_subquery()
        statement = statement.where(ProcedureDefinition.unit_id == unit)
    return statement.order_by(ProcedureDefinition.unit_id, ProcedureDefinition.sort_order, ProcedureDefinition.code)


def _steps(row: ProcedureDefinition) -> list[str]:
    return [step.name.in_language(language()) for step in parse_procedure(row.spec).steps]


LISTINGS = [
    Listing(
        code="procedures",
        title=_l("Procedures"),
        resource=Resource.PROCEDURES,
        model=ProcedureDefinition,
        columns=(
            ListColumn("unit.name", _l("Unit")),
            ListColumn("code", _l("Code")),
            ListColumn("name", _l("Procedure")),
            ListColumn("steps", _l("Steps"), value=_steps),
            ListColumn("source", _l("Source"), words=lambda source: SOURCES.get(source, source)),
        ),
        statement=_procedures,
        related=("unit",),
        page="FourListsView.index",
    )
]
