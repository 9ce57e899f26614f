"""The villages and grids that rows of a roster name."""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlalchemy import select

from app.domain.rights import Resource, Verb
from app.features.org.models import OrgUnit
from app.features.org.queries import current
from app.kit import access
from app.kit.db import db
from app.kit.excel import ReadContext, VillageName
from app.kit.exchange import Options


@dataclass
class Village:
    """A village with its grids, as rows name them."""

    unit: OrgUnit
    may_import: bool
    total_grids: list[OrgUnit] = field(default_factory=list)
    sub_grids: list[OrgUnit] = field(default_factory=list)


def villages_under(unit: OrgUnit | None, verb: Verb) -> list[Village]:
    """The villages at, above or below a unit (None: all within reach) with their grids, in tree order."""
    with access.everything("names in a workbook are matched with the tree"):
        statement = current(select(OrgUnit)).where(OrgUnit.level.in_(("village", "total_grid", "sub_grid")))
        if unit is not None:
            level, top = (unit.level, unit.id) if unit.village_id is None else ("village", unit.village_id)
            statement = statement.where(getattr(OrgUnit, f"{level}_id") == top)
        units = db.session.scalars(statement.order_by(OrgUnit.sort_order, OrgUnit.code)).all()
    who = access.actor()
    found = {
        u.id: Village(u, _holds_at(verb, u, who)) for u in units if u.level == "village" and access.can(Verb.VIEW, u)
    }
    for grid in units:
        village = found.get(grid.village_id or 0)
        if village is not None and grid.level != "village":
            (village.total_grids if grid.level == "total_grid" else village.sub_grids).append(grid)
    return list(found.values())


def _holds_at(verb: Verb, unit: OrgUnit, who: access.Actor) -> bool:
    try:
        access.require_at(verb, Resource.PERSONS, unit, who)
    except access.NotAllowed:
        return False
    return True


def roster_context(options: Options) -> ReadContext:
    """What the reader of a roster must know: the villages with their aliases and grids."""
    known = sorted(villages_under(options.unit, Verb.IMPORT), key=lambda village: village.may_import)
    return ReadContext(villages=tuple(_as_name(village) for village in known), page_period=options.period)


def _as_name(village: Village) -> VillageName:
    return VillageName(
        village.unit.code,
        village.unit.name,
        tuple(village.unit.aliases),
        village.total_grids[0].name if village.total_grids else "",
        tuple(grid.name for grid in village.sub_grids),
        village.may_import,
    )
