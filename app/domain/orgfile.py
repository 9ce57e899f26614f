"""Units read from the JSON form in which a county or a town is loaded.

The form: {prefecture?, county?, township?, villages: [{code?, name, aliases?, total_grid?, sub_grids?}]}, with
`county_code` and `township_code` where the codes are fixed. Reading the file itself does not belong here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from zlib import crc32

from app.domain.errors import Problem, RuleBroken
from app.domain.orgtree import Level, Unit, child_code, tree_problems


@dataclass(frozen=True)
class UnitSpec:
    """A unit as a file describes it.

    Shape: `implied` marks a level the file left out: where the units below already stand elsewhere, it is not made.
    """

    unit: Unit
    aliases: tuple[str, ...] = ()
    implied: bool = False


def parse_units(data: Mapping[str, object], *, file_name: str) -> tuple[UnitSpec, ...]:
    """The units of a file, parents before children.

    Shape:  a missing county or township is created under the file's name; a total grid is created where a village
            names sub-grids; missing codes are made from the parent's, the top one from its name.
    Errors: org.no_villages, org.name_missing, org.bad_list, org.duplicate_alias, and those of a tree.
    """
    specs = _tops(data, file_name)
    township = specs[-1].unit
    villages = data.get("villages")
    if not isinstance(villages, Sequence) or isinstance(villages, str) or not villages:
        raise RuleBroken(Problem("org.no_villages", "villages"))
    problems: list[Problem] = []
    for number, village in enumerate(villages, 1):
        specs += _village(village, township, number, problems)
    problems += tree_problems(spec.unit for spec in specs) + _alias_problems(specs)
    if problems:
        raise RuleBroken(problems)
    return tuple(specs)


def _tops(data: Mapping[str, object], file_name: str) -> list[UnitSpec]:
    specs: list[UnitSpec] = []
    for level in (Level.PREFECTURE, Level.COUNTY, Level.TOWNSHIP):
        name = str(data.get(level) or "").strip()
        if name or level is not Level.PREFECTURE:
            above = specs[-1].unit.code if specs else None
            code = str(data.get(f"{level}_code") or _code_from_name(level, name or file_name, above))
            specs.append(UnitSpec(Unit(code, name or file_name, level, above), implied=not name))
    return specs


def _code_from_name(level: Level, name: str, above: str | None) -> str:
    """A code that is the same each time a file with this name is read."""
    number = crc32(name.encode()) % 10000
    return f"{above}-{number:04}" if above else f"{level[0].upper()}{number:04}"


def _village(data: object, township: Unit, number: int, problems: list[Problem]) -> list[UnitSpec]:
    if not isinstance(data, Mapping) or not str(data.get("name") or "").strip():
        problems.append(Problem("org.name_missing", f"villages[{number - 1}]"))
        return []
    name = str(data["name"]).strip()
    village = Unit(str(data.get("code") or child_code(township, number)), name, Level.VILLAGE, township.code)
    aliases = _texts(data, "aliases", village.code, problems)
    sub_grids = _texts(data, "sub_grids", village.code, problems)
    grid_name = str(data.get("total_grid") or "").strip()
    specs = [UnitSpec(village, aliases)]
    if grid_name or sub_grids:
        grid = Unit(child_code(village, 1), grid_name or f"{name}总网格", Level.TOTAL_GRID, village.code)
        specs.append(UnitSpec(grid))
        for n, sub_grid in enumerate(sub_grids, 1):
            specs.append(UnitSpec(Unit(child_code(grid, n), sub_grid, Level.SUB_GRID, grid.code)))
    return specs


def _texts(data: Mapping[str, object], key: str, where: str, problems: list[Problem]) -> tuple[str, ...]:
    values = data.get(key) or ()
    if isinstance(values, Sequence) and not isinstance(values, str) and all(isinstance(v, str) for v in values):
        return tuple(text for value in values if (text := value.strip()))
    problems.append(Problem("org.bad_list", where, {"key": key}))
    return ()


def _alias_problems(specs: Iterable[UnitSpec]) -> list[Problem]:
    """A name a workbook may use must mean one village only."""
    villages = [spec for spec in specs if spec.unit.level is Level.VILLAGE]
    meant = Counter(text for spec in villages for text in {spec.unit.name, *spec.aliases})
    return [
        Problem("org.duplicate_alias", spec.unit.code, {"alias": alias})
        for spec in villages
        for alias in spec.aliases
        if meant[alias] > 1
    ]


def adopted(specs: Sequence[UnitSpec], existing: Iterable[Unit]) -> tuple[UnitSpec, ...]:
    """The same units with the codes they already have, so that loading a file again changes nothing.

    Shape:  a unit is known again by its code, else by its name under the same parent; a unit whose parent is
            implied stays where it stands, and an implied unit that nothing then needs is left out.
    """
    known = {unit.code: unit for unit in existing}
    by_name = {(unit.parent, unit.level, unit.name): unit for unit in known.values()}
    implied = {spec.unit.code for spec in specs if spec.implied}
    codes: dict[str | None, str | None] = {None: None}
    placed: list[UnitSpec] = []
    for spec in specs:
        unit = replace(spec.unit, parent=codes[spec.unit.parent])
        same = known.get(unit.code) or by_name.get((unit.parent, unit.level, unit.name))
        if same is not None:
            stays = spec.unit.parent in implied or spec.unit.parent is None
            unit = replace(unit, code=same.code, parent=same.parent if stays else unit.parent)
        codes[spec.unit.code] = unit.code
        placed.append(replace(spec, unit=unit))
    return _without_idle(placed, known)


def _without_idle(specs: list[UnitSpec], known: Mapping[str, Unit]) -> tuple[UnitSpec, ...]:
    kept: list[UnitSpec] = []
    needed: set[str | None] = set()
    for spec in reversed(specs):
        if not spec.implied or (spec.unit.code in needed and spec.unit.code not in known):
            kept.append(spec)
            needed.add(spec.unit.parent)
    return tuple(reversed(kept))
