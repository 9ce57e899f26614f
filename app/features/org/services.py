"""Changing the org tree."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import select

from app.domain import orgtree
from app.domain.orgfile import UnitSpec, adopted, parse_units
from app.domain.orgtree import Level, Tree, Unit
from app.domain.rights import Resource, Verb
from app.features.org.models import OrgUnit
from app.kit import access
from app.kit.audit import acting
from app.kit.db import db, transaction

_before_close: list[Callable[[OrgUnit, date], None]] = []


def when_closing(act: Callable[[OrgUnit, date], None]) -> None:
    """Let a higher feature end what stands at a unit, or refuse, before the unit is closed."""
    if act not in _before_close:
        _before_close.append(act)


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

    Errors: org.wrong_level (a unit of this level cannot stand there), org.code_taken, org.duplicate_name;
            NotAllowed at the parent.
    """
    _require_place(parent)
    with transaction() as session, acting("org.add_unit"), access.everything("a new unit is placed under its parent"):
        unit = OrgUnit(
            level=level,
            code=code,
            name=name,
            parent=parent,
            aliases=aliases or [],
            sort_order=sort_order,
            valid_from=valid_from,
            households=households,
        )
        session.add(unit)
        session.flush()
    return unit


def _require_place(parent: OrgUnit | None) -> None:
    if parent is not None:
        access.require_at(Verb.EDIT, Resource.UNITS, parent)
    elif not access.actor().is_operator:
        raise access.NotAllowed(Resource.UNITS, Verb.EDIT)


# -- moving, closing, merging, splitting -----------------------------------------------------------


def move_unit(unit: OrgUnit, parent: OrgUnit) -> None:
    """Hang a unit, with all below it, under another parent; closed history keeps the tree it was written under.

    Errors: org.cycle, org.wrong_level, org.duplicate_name; NotAllowed at the unit or at the new parent.
    """
    access.require(Verb.EDIT, unit)
    access.require_at(Verb.EDIT, Resource.UNITS, parent)
    _apply("org.move_unit", lambda tree: orgtree.moved(tree, unit.code, parent.code))


def close_unit(unit: OrgUnit, on: date) -> None:
    """End a unit on a day (it does not exist on that day any more); its past stays.

    Errors: org.already_closed, org.has_open_units, org.closed_before_start; NotAllowed.
    """
    access.require(Verb.EDIT, unit)
    _apply("org.close_unit", lambda tree: orgtree.closed(tree, unit.code, on))


def merge_units(sources: Sequence[OrgUnit], into: OrgUnit, on: date) -> None:
    """Merge units into one of their level: what hung below them moves, the sources end on the day.

    Errors: org.merge_levels, org.merge_into_itself, org.duplicate_name; NotAllowed at any of them.
    """
    for unit in (*sources, into):
        access.require(Verb.EDIT, unit)
    _apply("org.merge_units", lambda tree: orgtree.merged(tree, [unit.code for unit in sources], into.code, on))


def split_unit(source: OrgUnit, parts: Sequence[tuple[str, str]], allotment: Mapping[str, str], on: date) -> None:
    """Split a unit into new ones beside it, given as (code, name); the source ends on the day.

    Shape: `allotment` maps the code of every open unit below to the code of a part.
    Errors: org.not_allotted, org.duplicate_code, org.duplicate_name; NotAllowed.
    """
    access.require(Verb.EDIT, source)
    parent = source.parent.code if source.parent else None
    units = [Unit(code, name, Level(source.level), parent) for code, name in parts]
    _apply("org.split_unit", lambda tree: orgtree.split(tree, source.code, units, allotment, on))


def _apply(action: str, change: Callable[[Tree], Tree]) -> None:
    """Save what a rule of the tree makes of the whole tree: new units, moved ones, ended ones."""
    with transaction() as session, acting(action), access.everything("the tree is checked as a whole"):
        rows = {row.code: row for row in session.scalars(select(OrgUnit)).all()}
        before = Tree(as_domain(rows.values()))
        known = {unit.code: unit for unit in before}
        after = list(change(before))
        with session.no_autoflush:  # half a tree would not pass the rules
            for unit in (unit for unit in after if unit.code not in known):
                rows[unit.code] = OrgUnit(code=unit.code, name=unit.name, level=unit.level.value)
                session.add(rows[unit.code])
                _write(rows[unit.code], unit, rows)
            session.flush()  # what is moved below a new unit needs its id
            for unit in (unit for unit in after if unit != known.get(unit.code, unit)):
                _write(rows[unit.code], unit, rows)
        session.flush()


def _write(row: OrgUnit, unit: Unit, rows: Mapping[str, OrgUnit]) -> None:
    if unit.valid_to and row.valid_to is None:
        for act in _before_close:
            act(row, unit.valid_to)
    row.parent = rows[unit.parent] if unit.parent else None
    row.valid_from, row.valid_to = unit.valid_from, unit.valid_to


def as_domain(rows: Any) -> list[Unit]:
    """The stored units as the rules of the tree see them."""
    listed = list(rows)
    codes = {row.id: row.code for row in listed}
    return [
        Unit(row.code, row.name, Level(row.level), codes.get(row.parent_id), row.valid_from, row.valid_to)
        for row in listed
    ]


# -- loading a county or a town --------------------------------------------------------------------


@dataclass(frozen=True)
class Loaded:
    """What loading a file did: the codes of units that are new, changed and same, by level in `counts`."""

    new: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    same: tuple[str, ...] = ()
    counts: Mapping[str, int] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """The result for a machine."""
        totals = {"new": len(self.new), "changed": len(self.changed), "same": len(self.same)}
        return totals | {"levels": dict(self.counts), "codes_new": list(self.new), "codes_changed": list(self.changed)}


def load_units(data: Mapping[str, Any], *, file_name: str) -> Loaded:
    """Units of a file made or brought in step in one transaction; loading the file again changes nothing.

    Errors: those of `parse_units`; NotAllowed where the actor may not place a unit.
    """
    with transaction() as session, acting("org.load"), access.everything("a file of units is matched with the tree"):
        rows = {row.code: row for row in session.scalars(select(OrgUnit)).all()}
        existing = as_domain(rows.values())
        specs = adopted(parse_units(_with_known_codes(data, existing), file_name=file_name), existing)
        outcome: dict[str, list[str]] = {"new": [], "changed": [], "same": []}
        order: Counter[str | None] = Counter()
        for spec in specs:
            order[spec.unit.parent] += 1
            outcome[_save_spec(spec, rows, order[spec.unit.parent])].append(spec.unit.code)
        session.flush()
    counts = Counter(spec.unit.level.value for spec in specs)
    return Loaded(tuple(outcome["new"]), tuple(outcome["changed"]), tuple(outcome["same"]), counts)


def _with_known_codes(data: Mapping[str, Any], existing: Sequence[Unit]) -> dict[str, Any]:
    """The data with the codes of tops that are already there under a name that fits only one unit."""
    known = dict(data) if isinstance(data, Mapping) else {}
    for level in ("prefecture", "county", "township"):
        fits = [unit for unit in existing if unit.level == level and unit.name == known.get(level)]
        if len(fits) == 1:
            known.setdefault(f"{level}_code", fits[0].code)
    return known


def _save_spec(spec: UnitSpec, rows: dict[str, OrgUnit], number: int) -> str:
    unit, row = spec.unit, rows.get(spec.unit.code)
    parent = rows[unit.parent] if unit.parent else None
    if row is None:
        if parent is None or parent.id is not None:
            _require_place(parent)  # below a unit of this file that was allowed, all is
        row = rows[unit.code] = OrgUnit(
            code=unit.code, name=unit.name, level=unit.level.value, parent=parent, aliases=list(spec.aliases),
            sort_order=number, valid_from=unit.valid_from,
        )  # fmt: skip
        db.session.add(row)
        return "new"
    aliases = [*row.aliases, *(alias for alias in spec.aliases if alias not in row.aliases)]
    wanted = {"name": unit.name, "aliases": aliases, "parent": parent}
    differs = [name for name, value in wanted.items() if getattr(row, name) != value]
    if differs:
        access.require(Verb.EDIT, row)
        if parent is not None and "parent" in differs:
            access.require_at(Verb.EDIT, Resource.UNITS, parent)
    for name in differs:
        setattr(row, name, wanted[name])
    return "changed" if differs else "same"
