"""What holds for units whenever they are saved: the level order, the place on the tree, one name among siblings."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import and_, bindparam, func, inspect, select, update
from sqlalchemy.orm.attributes import set_committed_value

from app.domain.errors import Problem, RuleBroken
from app.domain.orgtree import LEVELS, Level, may_stand_under
from app.features.org.models import Department, OrgUnit
from app.kit import access, audit, saving, undoing
from app.kit.db import db

StillOpen = Callable[[], Any]
_followers: list[tuple[type[Any], StillOpen]] = []


def follow(model: type[Any], still_open: StillOpen) -> None:
    """Let the open rows of a model go along when a unit moves; what is closed keeps the tree it was written under."""
    if all(known is not model for known, _ in _followers):
        _followers.append((model, still_open))


def before(units: Sequence[OrgUnit]) -> None:
    """Check new and changed units and write the ancestors of those that are new or moved, all but their own id.

    Errors: org.wrong_level, org.cycle, org.code_taken, org.duplicate_name, org.ends_before_start.
    """
    with access.everything("a unit is placed under its parent"):
        problems = [problem for unit in units for problem in _problems(unit)]
        if problems:
            raise RuleBroken(problems)
        for unit in units:
            if unit.id is None or saving.changed(unit, "parent_id", "parent"):
                _place(unit, _parent(unit))


def _parent(unit: OrgUnit) -> OrgUnit | None:
    if unit.parent is not None:
        return unit.parent
    return db.session.get(OrgUnit, unit.parent_id) if unit.parent_id else None


def _problems(unit: OrgUnit) -> list[Problem]:
    parent = _parent(unit)
    found = []
    if not may_stand_under(Level(unit.level), Level(parent.level) if parent else None):
        found.append(Problem("org.wrong_level", "level", {"level": unit.level}))
    if parent is not None and unit.id is not None and unit.id in parent.ancestors().values():
        found.append(Problem("org.cycle", "parent", {"unit": unit.code}))
    if unit.valid_from and unit.valid_to and unit.valid_to < unit.valid_from:
        found.append(Problem("org.closed_before_start", "valid_to", {"unit": unit.code}))
    if saving.changed(unit, "code") and _taken(unit, OrgUnit.code == unit.code):
        found.append(Problem("org.code_taken", "code", {"code": unit.code}))
    if saving.changed(unit, "name", "parent_id", "parent") and _name_taken(unit, parent):
        found.append(Problem("org.duplicate_name", "name", {"name": unit.name}))
    return found


def _taken(unit: OrgUnit, *conditions: Any) -> bool:
    statement = select(OrgUnit.id).where(*conditions)
    if unit.id is not None:
        statement = statement.where(OrgUnit.id != unit.id)
    return db.session.scalar(statement.limit(1)) is not None


def _name_taken(unit: OrgUnit, parent: OrgUnit | None) -> bool:
    if parent is None or parent.id is None or unit.valid_to is not None:
        return False
    return _taken(unit, OrgUnit.parent_id == parent.id, OrgUnit.name == unit.name, OrgUnit.valid_to.is_(None))


def _place(unit: OrgUnit, parent: OrgUnit | None) -> None:
    above = dict(parent.ancestors()) if parent else {}
    for level in LEVELS[: LEVELS.index(Level(unit.level))]:
        setattr(unit, f"{level}_id", above.get(level))
    if unit.id is not None:
        _carry_along(unit)


def _carry_along(unit: OrgUnit) -> None:
    """Write the new ancestors with everything that hangs below a moved unit, in one statement for each table.

    When a move is taken back, all that stands under the place left goes along, what has been closed since included.
    """
    upper = LEVELS[: LEVELS.index(Level(unit.level))]
    values = {f"{level}_id": getattr(unit, f"{level}_id") for level in upper}
    own = f"{unit.level}_id"
    if not values:
        return
    for model, still_open in [(OrgUnit, lambda: OrgUnit.id != unit.id), *_followers]:
        goes = _under_the_place_left(model, unit) if undoing.taking_back() and model is not OrgUnit else still_open()
        conditions = (getattr(model, own) == unit.id, goes)
        moved = db.session.scalar(select(func.count()).select_from(model).where(*conditions))
        if moved:
            db.session.execute(update(model).where(*conditions).values(values))
            audit.record("move", model.__tablename__, f"below {unit.code}", {**values, "rows": moved})


def before_departments(departments: Sequence[Department]) -> None:
    """Errors: org.department_level: departments belong to a prefecture, a county or a township."""
    with access.everything("a department is placed at its unit"):
        levels = [unit.level for row in departments if (unit := row.unit or db.session.get(OrgUnit, row.unit_id))]
    if any(level in (Level.VILLAGE, Level.TOTAL_GRID, Level.SUB_GRID) for level in levels):
        raise RuleBroken(Problem("org.department_level", "unit"))


def _under_the_place_left(model: type[Any], unit: OrgUnit) -> Any:
    left = {}
    for level in LEVELS[: LEVELS.index(Level(unit.level))]:
        history = inspect(unit).attrs[f"{level}_id"].history
        left[level] = (history.deleted or history.unchanged)[0]
    return and_(*(getattr(model, f"{level}_id") == place for level, place in left.items()))


def after(units: Sequence[OrgUnit]) -> None:
    """Complete the ancestors of new units: their own id, and those of parents that were new with them."""
    fresh = sorted(
        (unit for unit in units if getattr(unit, f"{unit.level}_id") != unit.id),
        key=lambda unit: LEVELS.index(Level(unit.level)),
    )
    values = [_complete(unit) for unit in fresh]
    if values:
        table = OrgUnit.__table__
        columns = {f"{level}_id": bindparam(f"{level}_id") for level in LEVELS}
        db.session.connection().execute(update(table).where(table.c.id == bindparam("unit")).values(columns), values)


def _complete(unit: OrgUnit) -> dict[str, Any]:
    above = {**(unit.parent.ancestors() if unit.parent else {}), unit.level: unit.id}
    values = {f"{level}_id": above.get(level) for level in LEVELS}
    for name, value in values.items():
        set_committed_value(unit, name, value)
    return values | {"unit": unit.id}
