"""The tree of units: which level may stand under which, paths, moves, merges and splits.

A unit keeps its code for life; what changes is where it stands and from when to when it is valid (half-open).
Posts, persons and what hangs on a unit do not belong here. Reading a tree from a file: see orgfile.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from app.domain.errors import Problem, RuleBroken, broken
from app.domain.periods import is_in_span


class Level(StrEnum):
    """The levels, from the top. Only the prefecture may be absent."""

    PREFECTURE = "prefecture"
    COUNTY = "county"
    TOWNSHIP = "township"
    VILLAGE = "village"
    TOTAL_GRID = "total_grid"
    SUB_GRID = "sub_grid"


LEVELS: tuple[Level, ...] = tuple(Level)
PARENT_LEVEL: Mapping[Level, Level | None] = dict(zip(LEVELS, (None, *LEVELS), strict=False))
ROOT_LEVELS = frozenset({Level.PREFECTURE, Level.COUNTY})


@dataclass(frozen=True)
class Unit:
    """One unit of the tree; `parent` is the code of the unit above, None at the top."""

    code: str
    name: str
    level: Level
    parent: str | None = None
    valid_from: date | None = None
    valid_to: date | None = None

    def is_valid_on(self, day: date) -> bool:
        """Whether the unit exists on that day (half-open: not on the day it ends)."""
        return is_in_span(day, self.valid_from or date.min, self.valid_to)


class Tree:
    """A forest of units, checked when it is made.

    Errors: org.duplicate_code, org.unknown_parent, org.cycle, org.wrong_level, org.duplicate_name.
    """

    def __init__(self, units: Iterable[Unit]) -> None:
        listed = tuple(units)
        self._units = {unit.code: unit for unit in listed}
        problems = tree_problems(listed)
        if problems:
            raise RuleBroken(problems)
        self._children: dict[str | None, list[str]] = {}
        for unit in listed:
            self._children.setdefault(unit.parent, []).append(unit.code)

    def __iter__(self) -> Iterator[Unit]:
        return iter(self._units.values())

    def __len__(self) -> int:
        return len(self._units)

    def __getitem__(self, code: str) -> Unit:
        """The unit of that code. Errors: org.unknown_unit."""
        if code not in self._units:
            raise broken("org.unknown_unit", "unit", unit=code)
        return self._units[code]

    def children(self, code: str | None) -> tuple[str, ...]:
        """The codes right below a unit (None: the tops), in the order of the list."""
        return tuple(self._children.get(code, ()))

    def ancestors(self, code: str) -> tuple[str, ...]:
        """The codes above a unit, the top first, without itself."""
        above: list[str] = []
        parent = self[code].parent
        while parent is not None:
            above.append(parent)
            parent = self[parent].parent
        return tuple(reversed(above))

    def path(self, code: str) -> tuple[str, ...]:
        """The codes from the top down to the unit itself."""
        return (*self.ancestors(code), code)

    def path_name(self, code: str, separator: str = "/") -> str:
        """The names from the top down, joined."""
        return separator.join(self[step].name for step in self.path(code))

    def ancestor_at(self, code: str, level: Level) -> str | None:
        """The code of the unit itself or the one above it at a level; None when there is none."""
        return next((step for step in self.path(code) if self[step].level is level), None)

    def subtree(self, code: str) -> tuple[str, ...]:
        """The unit and everything below it, each before what hangs under it."""
        found, ahead = [], [self[code].code]
        while ahead:
            step = ahead.pop()
            found.append(step)
            ahead += reversed(self.children(step))
        return tuple(found)

    def is_within(self, code: str, top: str) -> bool:
        """Whether a unit is `top` or lies below it."""
        return top in self.path(code)

    def find(self, text: str) -> str:
        """The code of the unit named by a code, or by a path of names that fits only one unit (`漕禾镇/东苇村`).

        Errors: org.unknown_unit, org.ambiguous_unit (params: units).
        """
        if text in self._units:
            return text
        names = [part.strip() for part in text.split("/")]
        fits = [u.code for u in self if [self[step].name for step in self.path(u.code)][-len(names) :] == names]
        if len(fits) > 1:
            raise broken("org.ambiguous_unit", "unit", text=text, units=tuple(fits))
        if not fits:
            raise broken("org.unknown_unit", "unit", unit=text)
        return fits[0]


def may_stand_under(level: Level, parent: Level | None) -> bool:
    """Whether a unit of `level` may hang under a unit of `parent` (None: at the top)."""
    return level in ROOT_LEVELS if parent is None else PARENT_LEVEL[level] is parent


def child_code(parent: Unit, number: int) -> str:
    """The code of the `number`-th unit made under a parent: T01 -> T01-G1 -> T01-G1-03.

    Errors: org.no_level_below (a sub-grid has nothing below it).
    """
    if parent.level is Level.SUB_GRID:
        raise broken("org.no_level_below", "parent", unit=parent.code)
    if parent.level is Level.VILLAGE:
        return f"{parent.code}-G{number}"
    return f"{parent.code}-{number:02}"


def tree_problems(units: Iterable[Unit]) -> list[Problem]:
    """Everything that keeps these units from being a tree."""
    listed = tuple(units)
    by_code = {unit.code: unit for unit in listed}
    found = [] if len(by_code) == len(listed) else [Problem("org.duplicate_code", "unit", {"code": _repeated(listed)})]
    for unit in listed:
        found += _placement_problems(unit, by_code)
    return found + _name_problems(listed)


def _repeated(units: tuple[Unit, ...]) -> str:
    seen: set[str] = set()
    return next(unit.code for unit in units if unit.code in seen or seen.add(unit.code))  # type: ignore[func-returns-value]


def _placement_problems(unit: Unit, by_code: Mapping[str, Unit]) -> list[Problem]:
    if unit.parent is not None and unit.parent not in by_code:
        return [Problem("org.unknown_parent", unit.code, {"parent": unit.parent})]
    seen, step = {unit.code}, unit.parent
    while step is not None and step in by_code:
        if step in seen:
            return [Problem("org.cycle", unit.code)]
        seen.add(step)
        step = by_code[step].parent
    parent = by_code[unit.parent].level if unit.parent else None
    if may_stand_under(unit.level, parent):
        return []
    return [Problem("org.wrong_level", unit.code, {"level": unit.level, "parent_level": parent})]


def _name_problems(units: tuple[Unit, ...]) -> list[Problem]:
    """Two units that exist at the same time under one parent must differ in name."""
    seen: set[tuple[str | None, str]] = set()
    found = []
    for unit in units:
        if unit.valid_to is None:
            if (unit.parent, unit.name) in seen:
                found.append(Problem("org.duplicate_name", unit.code, {"name": unit.name}))
            seen.add((unit.parent, unit.name))
    return found


def moved(tree: Tree, code: str, new_parent: str) -> Tree:
    """The tree with a unit, and all below it, hung under another parent.

    Errors: org.unknown_unit, org.cycle (under itself), org.wrong_level, org.duplicate_name.
    """
    if tree.is_within(new_parent, code):
        raise broken("org.cycle", "parent", unit=code)
    return Tree(replace(unit, parent=new_parent) if unit.code == code else unit for unit in tree)


def closed(tree: Tree, code: str, on: date) -> Tree:
    """The tree with a unit that ends on a day; its past stays.

    Errors: org.unknown_unit, org.already_closed, org.has_open_units (something below still exists),
            org.closed_before_start.
    """
    unit = tree[code]
    if unit.valid_to is not None:
        raise broken("org.already_closed", "unit", unit=code)
    if unit.valid_from is not None and on < unit.valid_from:
        raise broken("org.closed_before_start", "on", unit=code)
    open_below = tuple(below for below in tree.children(code) if tree[below].valid_to is None)
    if open_below:
        raise broken("org.has_open_units", "unit", unit=code, units=open_below)
    return Tree(replace(u, valid_to=on) if u.code == code else u for u in tree)


def merged(tree: Tree, sources: Iterable[str], into: str, on: date) -> Tree:
    """The tree after units were merged into one of their level: what hung below moves, the sources end on `on`.

    Errors: org.merge_levels (not of one level), org.merge_into_itself, and those of `moved` and `closed`.
    """
    for source in sources:
        if source == into:
            raise broken("org.merge_into_itself", "into", unit=into)
        if tree[source].level is not tree[into].level:
            raise broken("org.merge_levels", "into", unit=source)
        for below in tree.children(source):
            if tree[below].valid_to is None:
                tree = moved(tree, below, into)
        tree = closed(tree, source, on)
    return tree


def split(tree: Tree, source: str, parts: Iterable[Unit], allotment: Mapping[str, str], on: date) -> Tree:
    """The tree after a unit was split: new units beside it, each open unit below allotted to one, the source ends.

    Shape:  `allotment` maps the code of every open unit below to the code of a part.
    Errors: org.not_allotted, org.split_levels (a part of another level or parent), and those of `Tree`.
    """
    parts = tuple(parts)
    old = tree[source]
    if any(part.level is not old.level or part.parent != old.parent for part in parts):
        raise broken("org.split_levels", "parts", unit=source)
    below = [code for code in tree.children(source) if tree[code].valid_to is None]
    left = tuple(code for code in below if allotment.get(code) not in {part.code for part in parts})
    if left:
        raise broken("org.not_allotted", "allotment", units=left)
    rehung = [replace(unit, parent=allotment[unit.code]) if unit.code in below else unit for unit in tree]
    return closed(Tree([*rehung, *(replace(part, valid_from=part.valid_from or on) for part in parts)]), source, on)
