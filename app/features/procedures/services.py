"""Loading the procedures of the pack."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from app.domain.errors import RuleBroken
from app.domain.procedures import check_procedure, parse_procedure
from app.domain.rights import Resource, Role, Verb
from app.features.checklists.pack import caojing
from app.features.checklists.queries import top_units
from app.features.procedures.models import ProcedureDefinition
from app.kit import access
from app.kit.audit import acting
from app.kit.db import db, transaction


def load_procedures() -> int:
    """The three procedures at every top unit; how many were made, 0 when all are there. What exists is left as it is.

    Errors: those of `parse_procedure` and `check_procedure`; NotAllowed where procedures may not be edited.
    """
    _check_pack()
    with transaction(), acting("procedures.load"):
        return sum(_load_at(unit) for unit in top_units())


def _procedures() -> list[Mapping[str, Any]]:
    return list(caojing()["procedure_list"]["procedures"])


def _check_pack() -> None:
    known = {role.value for role in Role} | {body["code"] for body in caojing()["bodies"]}
    problems = [
        problem for data in _procedures() for problem in check_procedure(parse_procedure(data), known_roles=known)
    ]
    if problems:
        raise RuleBroken(problems)


def _load_at(unit: Any) -> int:
    access.require_at(Verb.EDIT, Resource.PROCEDURES, unit)
    known = set(db.session.scalars(select(ProcedureDefinition.code).where(ProcedureDefinition.unit_id == unit.id)))
    made = [
        ProcedureDefinition(
            unit=unit,
            code=data["code"],
            name=data["name_zh"],
            name_en=data["name_en"],
            sort_order=order,
            spec={**data, "bodies": caojing()["bodies"]},
            source=data["source"],
        )
        for order, data in enumerate(_procedures(), start=1)
        if data["code"] not in known
    ]
    db.session.add_all(made)
    db.session.flush()
    return len(made)
