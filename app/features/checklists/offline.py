"""The ledger of responsibilities in the offline workbook of a village or a total grid."""

from __future__ import annotations

from typing import Any

from app.domain.errors import RuleBroken
from app.domain.periods import Period
from app.domain.rights import Resource, Verb
from app.features.checklists.excel import SHEETS
from app.features.org.queries import units_below
from app.kit import access
from app.kit.exchange import Options
from app.kit.i18n import _l
from app.kit.offline import Entry, OfflineSheet, OfflineSource, of_door

LEDGER = SHEETS[0]
ENTRY = Entry(("holders", "state", "done_on", "remarks"), beside=("done_count",))
NEAR = ("village", "total_grid")


def sheets(unit: Any, period: str) -> list[OfflineSheet]:
    """The ledger of the year of each total grid the actor may keep there; only near the ground, a township has dozens."""
    if unit.level not in NEAR:
        return []
    year = str(Period.parse(period).start.year)
    grids = [unit] if unit.level == "total_grid" else units_below(unit, "total_grid")
    found = []
    for grid in grids:
        if any(access.can_at(verb, Resource.DUTIES, grid) for verb in (Verb.EDIT, Verb.IMPORT)):
            found += _ledger(grid, year, many=len(grids) > 1)
    return found


def _ledger(grid: Any, year: str, *, many: bool) -> list[OfflineSheet]:
    """The ledger as a sheet; none where no list is in force that year."""
    name = f"责任清单台账 {grid.name}" if many else "责任清单台账"
    try:
        return [of_door(LEDGER, Options(grid, year), ENTRY, code=f"ledger-{grid.code}", name=name)]
    except RuleBroken:
        return []


OFFLINE = [OfflineSource("ledger", _l("Ledger of responsibilities"), sheets, order=20)]
