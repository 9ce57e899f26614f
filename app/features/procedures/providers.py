"""Where procedures are read."""

from __future__ import annotations

from app.domain.checklists import ListKind
from app.domain.rights import Resource
from app.features.checklists.queries import KindPage, register_page
from app.features.checklists.queries.impact import register_impact
from app.features.procedures import queries
from app.features.procedures.resting import procedures_drawn


def register() -> None:
    """The pages of the procedure list, and the procedures that rest on a list."""
    page = KindPage("ProcedureView.index", Resource.PROCEDURES, "ProcedureView.show", queries.count_of)
    register_page(ListKind.PROCEDURE, page)
    register_impact(procedures_drawn)
