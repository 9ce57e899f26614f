"""Changing the org tree."""

from __future__ import annotations

from datetime import date
from typing import Any

from app.domain.errors import broken
from app.domain.rights import Resource, Verb
from app.features.org.models import OrgUnit
from app.kit import access
from app.kit.audit import acting
from app.kit.db import LEVELS, db, transaction


def add_unit(
    level: str,
    code: str,
    name: str,
    parent: OrgUnit | None = None,
    *,
    aliases: list[str] | None = None,
    sort_order: int = 0,
    valid_from: date | None = None,
    households: int | None = None,
) -> OrgUnit:
    """A new unit under its parent, with its ancestors written.

    Errors: org.level_order (a unit stands below a lower level), org.code_taken; NotAllowed at the parent.
    """
    if parent is not None:
        access.require_at(Verb.EDIT, Resource.UNITS, parent)
        if LEVELS.index(level) <= LEVELS.index(parent.level):
            raise broken("org.level_order", "level", level=level, parent=parent.level)
    elif not access.actor().is_operator:
        raise access.NotAllowed(Resource.UNITS, Verb.EDIT)
    with transaction() as session, acting("org.add_unit"), access.everything("a new unit is placed under its parent"):
        if session.query(OrgUnit.id).filter_by(code=code).first():
            raise broken("org.code_taken", "code", code=code)
        unit = OrgUnit(
            level=level,
            code=code,
            name=name,
            parent_id=parent.id if parent else None,
            aliases=aliases or [],
            sort_order=sort_order,
            valid_from=valid_from,
            households=households,
        )
        session.add(unit)
        session.flush()
        place(unit, parent)
    return unit


def place(unit: OrgUnit, parent: OrgUnit | None) -> None:
    """Write the ancestors of a unit that has its id: those of the parent and itself."""
    above: dict[str, Any] = dict(parent.ancestors()) if parent else {}
    above[unit.level] = unit.id
    for level in LEVELS:
        setattr(unit, f"{level}_id", above.get(level))
    db.session.flush()
