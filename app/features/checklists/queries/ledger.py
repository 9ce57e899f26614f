"""The ledger of responsibilities: how each item was carried out in a total grid in a year."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, or_, select

from app.domain.checklists import ListKind
from app.domain.errors import broken
from app.domain.periods import Period, PeriodKind
from app.domain.rights import GRID_ROLES, Resource, Role, Verb
from app.features.checklists.models import GovernanceList, LedgerEntry, ListItem
from app.features.org.models import OrgUnit
from app.features.org.queries import units_at, units_below
from app.features.people.models import Person, Post
from app.kit import access, clock, excel, roles
from app.kit.db import db
from app.kit.exchange import Options
from app.kit.versions import digest

FIELDS = ("requirement", "time_limit", "holders", "state", "done_count", "done_on", "remarks")
TYPED = ("holders", "state", "done_count", "done_on", "remarks")  # what the page lets a keeper write
# What the workbooks of the offices write for a cycle; the words on screen are those of the reader's language.
TIME_LIMITS = {
    "week": "每周",
    "month": "每月",
    "quarter": "每季度",
    "half_year": "每半年",
    "year": "每年",
    "as_needed": "及时",
}
_ROLES_HELD = tuple(role for role in GRID_ROLES if role is not Role.VOLUNTEER)


def stamp_of(values: Mapping[str, Any]) -> str:
    """A digest over what a keeper types in a line, typed or stored."""
    return digest([str(values.get(name) or "") for name in TYPED])


@dataclass(frozen=True)
class Line:
    """One responsibility in the ledger: the stored entry or, where there is none, what the list and the posts say."""

    item: ListItem
    entry: LedgerEntry | None
    values: Mapping[str, Any]

    @property
    def stamp(self) -> str:
        """The version of the line as a form carries it."""
        return stamp_of(self.values)

    @property
    def in_words(self) -> str:
        """What stands in the line, for whoever typed something else meanwhile."""
        shown = (self.values[name] for name in TYPED)
        return " / ".join("、".join(v) if isinstance(v, list) else str(v or "—") for v in shown)

    @property
    def is_done(self) -> bool:
        """True when the responsibility is carried out."""
        return self.values["state"] == "done"


@dataclass(frozen=True)
class Ledger:
    """The ledger of a total grid for a year, in the order of the list."""

    grid: OrgUnit
    period: str
    list: GovernanceList
    lines: tuple[Line, ...]

    @property
    def done(self) -> int:
        """How many responsibilities are carried out."""
        return sum(line.is_done for line in self.lines)


def year_of(period: str | None) -> Period:
    """The year a ledger is kept for.

    Errors: ledger.no_year, and those of a period that cannot be read.
    """
    found = Period.parse(period) if period else None
    if found is None or found.kind is not PeriodKind.YEAR:
        raise broken("ledger.no_year", "period")
    return found


def list_in_force(grid: OrgUnit, year: Period) -> GovernanceList:
    """The published responsibility list that holds at a grid in a year: the nearest above it, the newest number.

    Errors: ledger.no_list.
    """
    above = list(grid.ancestors().values())
    statement = select(GovernanceList).where(
        GovernanceList.kind == ListKind.RESPONSIBILITY.value,
        GovernanceList.pack.is_(None),
        GovernanceList.unit_id.in_(above),
        GovernanceList.is_published.is_(True),
        or_(GovernanceList.effective_from.is_(None), GovernanceList.effective_from < year.end),
        or_(GovernanceList.effective_to.is_(None), GovernanceList.effective_to > year.start),
    )
    with access.everything("the list in force at a grid is read above it"):
        found = db.session.scalars(statement).all()
    if not found:
        raise broken("ledger.no_list", "unit", grid=grid.name)
    return max(found, key=lambda row: (above.index(row.unit_id), row.number))


def holders_in(grid: OrgUnit, year: Period) -> dict[str, list[str]]:
    """Who held each grid role in a total grid on some day of a year: {role: names}; the supervisor stands at its village."""
    place = or_(
        Post.total_grid_id == grid.id,
        (Post.unit_id == grid.village_id) & Post.role.in_(roles.codes_of(Role.SUPERVISOR)),
    )
    return {role: names for (_village, role), names in _holders(place, year).items()}


def _holders(place: Any, year: Period) -> dict[tuple[int, str], list[str]]:
    statement = (
        select(Post.village_id, Post.role, Person.name)
        .join(Post.person)
        .join(Post.unit)
        .where(
            place,
            Post.role.in_(roles.codes_of(*_ROLES_HELD)),
            or_(Post.from_on.is_(None), Post.from_on < year.end),
            or_(Post.to_on.is_(None), Post.to_on >= year.start),
        )
        .order_by(OrgUnit.sort_order, OrgUnit.code, Post.id)
    )
    found: dict[tuple[int, str], list[str]] = {}
    with access.everything("who holds a role in a grid, the supervisor above it included"):
        for village_id, code, name in db.session.execute(statement).tuples():
            names = found.setdefault((village_id or 0, roles.base_of(code)), [])
            if name not in names:
                names.append(name)
    return found


def ledger_of(grid: OrgUnit, period: str | None) -> Ledger:
    """The ledger of a total grid for a year, a line for every item of the list in force.

    Errors: ledger.no_year, ledger.no_list; NotAllowed without the right to see duties there.
    """
    year = year_of(period)
    access.require_at(Verb.VIEW, Resource.DUTIES, grid)
    governance_list = list_in_force(grid, year)
    with access.everything("the items of the list in force and the entries of a grid whose duties one may see"):
        items = db.session.scalars(
            select(ListItem).where(ListItem.list_id == governance_list.id).order_by(ListItem.sort_order, ListItem.code)
        ).all()
        statement = select(LedgerEntry).where(LedgerEntry.unit_id == grid.id, LedgerEntry.period == str(year))
        entries = {entry.item_id: entry for entry in db.session.scalars(statement)}
    holders = holders_in(grid, year)
    lines = (_line(item, entries.get(item.id), holders) for item in items)
    return Ledger(grid, str(year), governance_list, tuple(lines))


def _line(item: ListItem, entry: LedgerEntry | None, holders: Mapping[str, list[str]]) -> Line:
    if entry is not None:
        return Line(item, entry, {name: getattr(entry, name) for name in FIELDS} | {"holders": list(entry.holders)})
    values: dict[str, Any] = dict.fromkeys(FIELDS)
    values |= {"requirement": item.requirement, "time_limit": TIME_LIMITS.get(item.cycle or "")}
    return Line(item, None, values | {"holders": list(holders.get(item.role or "", ()))})


@dataclass(frozen=True)
class Progress:
    """A total grid and how far its ledger of the year is."""

    grid: OrgUnit
    done: int
    under_way: int


def progress_of_year(period: str) -> list[Progress]:
    """Every total grid whose duties the actor may see, with its finished and running responsibilities of a year."""
    year = year_of(period)
    statement = select(LedgerEntry.unit_id, LedgerEntry.state, func.count()).where(LedgerEntry.period == str(year))
    statement = access.visible(statement, LedgerEntry).group_by(LedgerEntry.unit_id, LedgerEntry.state)
    counted = {(unit_id, state): count for unit_id, state, count in db.session.execute(statement).tuples()}
    return [
        Progress(grid, counted.get((grid.id, "done"), 0), counted.get((grid.id, "in_progress"), 0))
        for grid in grids_in_reach()
    ]


def grids_in_reach() -> list[OrgUnit]:
    """The total grids whose duties the actor may see."""
    return [grid for grid in units_at("total_grid") if access.can_at(Verb.VIEW, Resource.DUTIES, grid)]


def may_keep(grid: OrgUnit) -> bool:
    """True when the actor may write in the ledger of a grid."""
    return access.can_at(Verb.EDIT, Resource.DUTIES, grid)


# -- the workbook ----------------------------------------------------------------------------------


def grid_of(options: Options) -> OrgUnit:
    """The total grid a workbook is about: the unit chosen, or the village its title states.

    Errors: ledger.grid_unclear, ledger.other_grid.
    """
    stated = options.extra.get("village")
    chosen = _grids_at(options.unit) if options.unit is not None else list(units_at("total_grid"))
    fits = [grid for grid in chosen if stated is None or _village_name(grid) == stated]
    if stated is not None and chosen and not fits:
        raise broken("ledger.other_grid", "unit", stated=stated, unit=options.unit.name if options.unit else "")
    if len(fits) != 1:
        raise broken("ledger.grid_unclear", "unit")
    return fits[0]


def _grids_at(unit: OrgUnit) -> list[OrgUnit]:
    return [unit] if unit.level == "total_grid" else list(units_below(unit, "total_grid"))


def _village_name(grid: OrgUnit) -> str:
    return grid.parent.name if grid.parent else ""


def ledger_rows(options: Options) -> tuple[list[dict[str, Any]], excel.ExportMeta]:
    """The rows of layout (b) of a total grid and year, and what the workbook states about itself.

    Errors: ledger.grid_unclear, ledger.no_year, ledger.no_list; NotAllowed.
    """
    ledger = ledger_of(grid_of(options), options.period)
    rows = [
        {"item_code": line.item.code, "role": line.item.role, "title": line.item.title}
        | {name: value for name, value in line.values.items() if value not in (None, [])}
        for line in ledger.lines
    ]
    village = _village_name(ledger.grid)
    meta = excel.ExportMeta(
        owner=ledger.grid.name,
        period=ledger.period,
        village=village,
        org_code=ledger.grid.code,
        list_version=f"{ledger.list.code}-{ledger.list.number}",
        exported_at=clock.now().astimezone(clock.SHANGHAI).isoformat(timespec="minutes"),
    )
    return rows, meta


def ledger_context(options: Options) -> excel.ReadContext:
    """What the reader of layout (b) must know: villages with their total grids, who holds which role, the titles."""
    grids = _grids_at(options.unit) if options.unit is not None else list(units_at("total_grid"))
    period = options.period or str(clock.today().year)
    villages = {grid.parent.id: grid.parent for grid in grids if grid.parent}
    return excel.ReadContext(
        villages=tuple(
            excel.VillageName(
                village.code,
                village.name,
                tuple(village.aliases),
                next((grid.name for grid in grids if grid.parent is village), ""),
            )
            for village in villages.values()
        ),
        page_period=options.period,
        holders=_holders_by_village(villages, year_of(period)) if options.period else None,
        titles=_titles_in_force(grids, year_of(period)),
    )


def _holders_by_village(villages: Mapping[int, OrgUnit], year: Period) -> dict[tuple[str, str], Collection[str]]:
    found = _holders(Post.village_id.in_(list(villages)), year)
    return {(villages[village_id].name, role): names for (village_id, role), names in found.items()}


def _titles_in_force(grids: Sequence[OrgUnit], year: Period) -> dict[str, str]:
    if not grids:
        return {}
    governance_list = list_in_force(grids[0], year)
    statement = select(ListItem.code, ListItem.title).where(ListItem.list_id == governance_list.id)
    with access.everything("the titles of the list in force"):
        return dict(db.session.execute(statement).tuples().all())
