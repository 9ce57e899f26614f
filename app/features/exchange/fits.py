"""Which mappings of workbooks an office has: its own and those of the offices above it, never those beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select

from app.domain.rights import Verb
from app.features.exchange import queries
from app.features.exchange.models import ImportBatch, SheetMapping
from app.kit import access
from app.kit.access import NotAllowed
from app.kit.db import db
from app.kit.excel.fit import Fit, meanings_of
from app.kit.exchange import Door

ACTIVE, EARLIER, RETIRED = "active", "earlier", "retired"


def fit_of(mapping: SheetMapping) -> Fit:
    """How the mapping says that a workbook is read."""
    return Fit.from_json(mapping.definition["fit"])


def meanings_in(extra: Mapping[str, Any]) -> Mapping[str, Mapping[str, str]]:
    """What the mapping a file was read by says words mean, field by field; nothing for a file read without one."""
    mapping = db.session.get(SheetMapping, extra["mapping"]) if extra.get("mapping") else None
    return meanings_of(fit_of(mapping)) if mapping is not None else {}


def offices_for(unit: Any) -> list[int]:
    """The units whose mappings serve somebody who stands at the unit: itself and those above; without a unit his posts'."""
    if unit is not None:
        return list(unit.ancestors().values())
    return [one for post in access.actor().posts for one in post.ancestors.values()]


def mappings_for(door: Door, unit: Any) -> Sequence[SheetMapping]:
    """The mappings in use for a door at a unit, those of the nearest office first, then the newest."""
    units = offices_for(unit)
    wanted = select(SheetMapping).where(
        SheetMapping.sheet == door.code, SheetMapping.state == ACTIVE, SheetMapping.unit_id.in_(units)
    )
    near = {unit_id: place for place, unit_id in enumerate(units)}
    found = db.session.scalars(wanted.order_by(SheetMapping.id.desc())).all()
    return sorted(found, key=lambda mapping: -near[mapping.unit_id])


def my_versions(door: Door) -> list[SheetMapping]:
    """Every version of every mapping of a door the actor may use or change, by name, the newest version first."""
    wanted = select(SheetMapping).where(SheetMapping.sheet == door.code)
    found = db.session.scalars(wanted.order_by(SheetMapping.unit_id, SheetMapping.name, SheetMapping.version.desc()))
    mine = set(offices_for(None))
    return [mapping for mapping in found if mapping.unit_id in mine or may_change(mapping)]


def mapping_of_mine(mapping_id: int) -> SheetMapping:
    """A mapping the actor may use: of an office he stands at or below, or imports for; hidden otherwise."""
    mapping = db.session.get(SheetMapping, mapping_id)
    if mapping is None or not (mapping.unit_id in offices_for(None) or may_change(mapping)):
        raise NotAllowed("import", Verb.VIEW, hidden=True)
    return mapping


def own_workbook(door: Door, chosen: str) -> SheetMapping:
    """The mapping of this door that was chosen on a page; hidden when it is another's or another sheet's."""
    mapping = mapping_of_mine(int(chosen)) if chosen.isdecimal() and len(chosen) < 10 else None
    if mapping is None or mapping.sheet != door.code:
        raise NotAllowed("import", Verb.VIEW, hidden=True)
    return mapping


def may_change(mapping: SheetMapping) -> bool:
    """True when the actor imports this sheet for the office of the mapping."""
    with access.everything("an office is asked who imports for it"):
        unit = mapping.unit
    found = queries.door(mapping.sheet)
    return found is not None and access.can_at(Verb.IMPORT, found.resource, unit)


def mapping_of(batch: ImportBatch) -> SheetMapping | None:
    """The mapping a waiting file was read by."""
    return db.session.get(SheetMapping, batch.mapping_id) if batch.mapping_id else None


def unit_name(mapping: SheetMapping) -> str:
    """The office of a mapping; its name is no secret to whoever may use the mapping."""
    with access.everything("a mapping is shown with its office"):
        return str(mapping.unit.name)
