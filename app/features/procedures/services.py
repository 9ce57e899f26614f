"""Loading procedures: those every installation has, and those of packs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import func, select

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


def load_procedure(unit: Any, data: Mapping[str, Any], pack: str | None = None) -> tuple[ProcedureDefinition, bool]:
    """A procedure of a pack at a unit, and whether it is new; one of its code that is there already is put right.

    Shape:  `data` as `parse_procedure` reads it, with `bodies` for those who take part without a post.
    Errors: those of `parse_procedure` and `check_procedure`; NotAllowed where procedures may not be edited.
    """
    access.require_at(Verb.EDIT, Resource.PROCEDURES, unit)
    known = {role.value for role in Role} | {str(body["code"]) for body in data.get("bodies") or ()}
    problems = check_procedure(parse_procedure(data), known_roles=known)
    if problems:
        raise RuleBroken(problems)
    with transaction(), acting("procedures.load"):
        mine = select(ProcedureDefinition).where(ProcedureDefinition.unit_id == unit.id)
        found = db.session.scalar(mine.where(ProcedureDefinition.code == data["code"]))
        row = found or ProcedureDefinition(unit=unit, code=data["code"], sort_order=_last_place(unit) + 1)
        row.name, row.name_en, row.source = data["name_zh"], data.get("name_en"), data.get("source", "derived")
        row.spec, row.pack = dict(data), pack
        db.session.add(row)
        db.session.flush()
    return row, found is None


def _last_place(unit: Any) -> int:
    last = select(func.max(ProcedureDefinition.sort_order)).where(ProcedureDefinition.unit_id == unit.id)
    return db.session.scalar(last) or 0


def procedure_as_data(definition: ProcedureDefinition) -> dict[str, Any]:
    """The procedure as plain data that `load_procedure` takes."""
    return dict(definition.spec)
