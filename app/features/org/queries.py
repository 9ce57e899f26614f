"""Reading the org tree."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, or_, select
from sqlalchemy.orm import aliased
from sqlalchemy.orm.util import identity_key

from app.features.org.models import OrgUnit
from app.kit import access, clock
from app.kit.db import LEVELS, db

_CHUNK = 5000


def ancestors_of(unit_ids: Collection[int]) -> dict[int, dict[str, int]]:
    """By unit, the ids by level of the units above it, itself included.

    A unit the session holds answers for itself, because it may be about to be written; the others are read in one go.
    """
    held = (db.session.identity_map.get(identity_key(OrgUnit, unit_id)) for unit_id in unit_ids)
    found = {unit.id: unit.ancestors() for unit in held if unit is not None}
    missing = sorted(set(unit_ids) - found.keys())
    columns = [getattr(OrgUnit, f"{level}_id") for level in LEVELS]
    for start in range(0, len(missing), _CHUNK):
        chunk = OrgUnit.id.in_(missing[start : start + _CHUNK])
        for unit_id, *above in db.session.execute(select(OrgUnit.id, *columns).where(chunk)):
            found[unit_id] = {level: one for level, one in zip(LEVELS, above, strict=True) if one is not None}
    return found


def current(statement: Select[tuple[OrgUnit]], on: date | None = None) -> Select[tuple[OrgUnit]]:
    """The statement limited to units that exist on a day (today)."""
    day = on or clock.today()
    return statement.where(
        or_(OrgUnit.valid_from.is_(None), OrgUnit.valid_from <= day),
        or_(OrgUnit.valid_to.is_(None), OrgUnit.valid_to > day),
    )


def unit_by_code(code: str) -> OrgUnit | None:
    """The unit with this code, within reach."""
    return db.session.scalar(select(OrgUnit).where(OrgUnit.code == code))


def units_below(unit: OrgUnit, level: str, on: date | None = None) -> Sequence[OrgUnit]:
    """The units of a level at or below a unit, in tree order, existing on a day."""
    statement = select(OrgUnit).where(OrgUnit.level == level, getattr(OrgUnit, f"{unit.level}_id") == unit.id)
    return db.session.scalars(current(statement, on).order_by(OrgUnit.sort_order, OrgUnit.code)).all()


def top_units() -> Sequence[OrgUnit]:
    """The units within reach that have nothing above them, in order."""
    statement = select(OrgUnit).where(OrgUnit.parent_id.is_(None))
    return db.session.scalars(current(statement).order_by(OrgUnit.sort_order, OrgUnit.code)).all()


def units_at(level: str) -> Sequence[OrgUnit]:
    """Every unit of a level within reach, in order."""
    statement = select(OrgUnit).where(OrgUnit.level == level)
    return db.session.scalars(current(statement).order_by(OrgUnit.sort_order, OrgUnit.code)).all()


def all_units(on: date | None = None) -> Sequence[OrgUnit]:
    """Every unit within reach that exists on a day, in order among its siblings."""
    return db.session.scalars(current(select(OrgUnit), on).order_by(OrgUnit.sort_order, OrgUnit.code)).all()


def in_tree_order(units: Iterable[OrgUnit]) -> list[tuple[OrgUnit, int]]:
    """The units parents first, each with its depth; a unit whose parent is not among them is a top."""
    listed = list(units)
    ids = {unit.id for unit in listed}
    below: dict[int | None, list[OrgUnit]] = {}
    for unit in listed:
        below.setdefault(unit.parent_id if unit.parent_id in ids else None, []).append(unit)
    ordered: list[tuple[OrgUnit, int]] = []
    ahead = [(unit, 0) for unit in reversed(below.get(None, []))]
    while ahead:
        unit, depth = ahead.pop()
        ordered.append((unit, depth))
        ahead += [(child, depth + 1) for child in reversed(below.get(unit.id, []))]
    return ordered


def resolve_unit(text: str) -> OrgUnit | None:
    """The unit a clerk means by a code, or by a unique path of names such as `漕禾镇/东苇村`; None when unclear."""
    found = unit_by_code(text)
    if found:
        return found
    names = [part.strip() for part in text.replace("／", "/").split("/") if part.strip()]
    if not names:
        return None
    with access.everything("a path of names is matched upwards"):
        matches = [u for u in db.session.scalars(select(OrgUnit).where(OrgUnit.name == names[-1])) if _fits(u, names)]
    return matches[0] if len(matches) == 1 and access.can(access.Verb.VIEW, matches[0]) else None


def _fits(unit: OrgUnit, names: list[str]) -> bool:
    above: OrgUnit | None = unit
    for name in reversed(names):
        while above is not None and above.name != name:
            above = above.parent
        if above is None:
            return False
        above = above.parent
    return True


def path_names(units: Iterable[OrgUnit]) -> dict[int, str]:
    """`县 > 镇 > 村 > 网格` of several units by id, in one statement; the names above are no secret to whoever sees the unit."""
    listed = list(units)
    ids = {above for unit in listed for above in unit.ancestors().values()}
    with access.everything("a unit is shown with the names above it"):
        names = dict(db.session.execute(select(OrgUnit.id, OrgUnit.name).where(OrgUnit.id.in_(ids))).tuples().all())
    return {unit.id: " > ".join(names[above] for above in unit.ancestors().values()) for unit in listed}


def children_of(unit: OrgUnit | None) -> Sequence[OrgUnit]:
    """The units right below a unit, within reach; without one, the highest within reach."""
    if unit is not None:
        statement = select(OrgUnit).where(OrgUnit.parent_id == unit.id)
        return db.session.scalars(current(statement).order_by(OrgUnit.sort_order, OrgUnit.code)).all()
    levels = [post.level for post in access.actor().posts]
    tops = {post.unit_id for post in access.actor().posts if LEVELS.index(post.level) == min(map(LEVELS.index, levels))}
    statement = select(OrgUnit).where(OrgUnit.id.in_(tops))
    return db.session.scalars(statement.order_by(OrgUnit.code)).all() if tops else top_units()


def line_above(unit: OrgUnit) -> list[OrgUnit]:
    """The units from the top down to this one, as far as the actor sees them."""
    ids = list(unit.ancestors().values())
    units = db.session.scalars(select(OrgUnit).where(OrgUnit.id.in_(ids)))
    return sorted(units, key=lambda one: LEVELS.index(one.level))


def siblings_of(unit: OrgUnit) -> Sequence[OrgUnit]:
    """The units beside a unit, itself included, that exist today, within reach."""
    statement = select(OrgUnit).where(OrgUnit.parent_id == unit.parent_id, OrgUnit.level == unit.level)
    return db.session.scalars(current(statement).order_by(OrgUnit.sort_order, OrgUnit.code)).all()


def level_counts(units: Iterable[OrgUnit]) -> dict[str, int]:
    """How many units there are of each level, from the top, those that are there."""
    counted = Counter(unit.level for unit in units)
    return {level: counted[level] for level in LEVELS if counted[level]}


def search(typed: str) -> ColumnElement[bool]:
    """The condition for units that are meant by words: the last in the name or code, each earlier one in a name above.

    A single word also finds what lies in a village of that name, so that `东苇` leads to its grids.
    """
    *above, last = typed.split() or [""]
    own = or_(OrgUnit.name.icontains(last, autoescape=True), OrgUnit.code.icontains(last, autoescape=True))
    if not above:
        own = or_(own, OrgUnit.village_id.in_(_named(last)))
    return and_(own, *(_below_any(word) for word in above))


def _named(word: str) -> Any:
    other = aliased(OrgUnit)
    return select(other.id).where(other.name.icontains(word, autoescape=True))


def _below_any(word: str) -> ColumnElement[bool]:
    return or_(*(getattr(OrgUnit, f"{level}_id").in_(_named(word)) for level in LEVELS))


def labels(units: Sequence[OrgUnit]) -> list[str]:
    """Each unit as it is chosen from a list: its name, then where it lies."""
    paths = path_names(units)
    return [
        f"{unit.name}（{'·'.join(paths[unit.id].split(' > ')[:-1][-3:])}）" if unit.parent_id else unit.name
        for unit in units
    ]
