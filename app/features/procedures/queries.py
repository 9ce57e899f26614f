"""Reading procedures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, select

from app.domain.procedures import Procedure, parse_procedure
from app.domain.rights import Resource, Verb
from app.features.checklists.models import GovernanceList
from app.features.procedures.models import ProcedureDefinition
from app.kit import access
from app.kit.db import db
from app.kit.i18n import chosen
from app.kit.names import roles


@dataclass(frozen=True)
class Shown:
    """A procedure as its page shows it: the definition, its steps, and what else the source says of it."""

    definition: ProcedureDefinition
    procedure: Procedure

    @property
    def facts(self) -> Mapping[str, Any]:
        """The data it was made of."""
        return self.definition.spec

    @property
    def label(self) -> str:
        """Its name in the reader's language."""
        return chosen({"zh": self.definition.name, "en": self.definition.name_en or ""})

    def actor_names(self) -> dict[str, str]:
        """The names of roles and bodies that its steps name, in the reader's language."""
        return roles() | {body["code"]: _named(body) for body in self.facts.get("bodies", ())}


def _named(data: Mapping[str, Any]) -> str:
    return chosen({language: data.get(f"name_{language}") or "" for language in ("zh", "en", "ko")})


def procedures_of(governance_list: GovernanceList) -> list[Shown]:
    """The procedures of the unit whose procedure list this is, in order: those that came with it, of no other pack."""
    return _shown(of_list(select(ProcedureDefinition), governance_list))


def all_procedures() -> list[Shown]:
    """Every procedure the actor may see, pack by pack."""
    return _shown(select(ProcedureDefinition))


def shown_procedure(procedure_id: int) -> Shown:
    """One of them. Errors: NotAllowed."""
    row = access.find(ProcedureDefinition, procedure_id)
    return Shown(row, parse_procedure(row.spec))


def _shown(statement: Select[tuple[ProcedureDefinition]]) -> list[Shown]:
    order = (ProcedureDefinition.unit_id, ProcedureDefinition.sort_order, ProcedureDefinition.code)
    rows = db.session.scalars(access.visible(statement, ProcedureDefinition).order_by(*order)).all()
    return [Shown(row, parse_procedure(row.spec)) for row in rows]


def of_list(statement: Select[Any], governance_list: GovernanceList) -> Select[Any]:
    """Procedures of the unit of a procedure list, and of the same pack whichever its version."""
    mine = statement.where(ProcedureDefinition.unit_id == governance_list.unit_id)
    if governance_list.pack is None:
        return mine.where(ProcedureDefinition.pack.is_(None))
    code = governance_list.pack.split("@")[0]
    return mine.where(ProcedureDefinition.pack.startswith(f"{code}@", autoescape=True))


def procedure_of(governance_list: GovernanceList, code: str) -> Shown:
    """One of these procedures.

    Errors: NotAllowed, hidden, when there is none of this code.
    """
    found = next((shown for shown in procedures_of(governance_list) if shown.definition.code == code), None)
    if found is None:
        raise access.NotAllowed(Resource.PROCEDURES, Verb.VIEW, hidden=True)
    return found


def count_of(governance_list: GovernanceList) -> int:
    """How many procedures there are at the unit of a procedure list."""
    statement = of_list(select(func.count()).select_from(ProcedureDefinition), governance_list)
    return db.session.scalar(access.visible(statement, ProcedureDefinition)) or 0
