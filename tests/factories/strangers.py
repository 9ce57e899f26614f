"""One row of every scoped table in a place that is none of the actor's business, made from the tables themselves.

A new model is covered by being mapped: the row is made of its columns, its foreign keys point at the stranger's other rows.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import JSON, Boolean, Date, Integer, String, insert, select
from sqlalchemy.sql.schema import Column, Table

from app.domain.rights import Resource
from app.kit import clock, wall
from app.kit.db import LEVELS, Exact, Instant, db

UNIT_OF: dict[Resource, str] = {
    Resource.LISTS: "county",
    Resource.PROCEDURES: "county",
    Resource.FORMS: "county",
    Resource.SCHEMES: "county",
    Resource.RULES: "county",
    Resource.RANKINGS: "county",
}


def make_strangers(units: dict[str, Any], marker: str, given: dict[str, int] | None = None) -> dict[str, int]:
    """One row in every scoped table at the units given by level; table name -> id. Every free text holds the marker.

    `given` are rows that are there already, for tables whose rows cannot be made up.
    """
    made: dict[str, int] = {"org_unit": units["sub_grid"].id, **(given or {})}
    models = wall.scoped_models()
    for table in db.metadata.sorted_tables:
        if table in models and table.name not in made:
            made[table.name] = _make(table, models[table], units, marker, made)
    db.session.commit()
    return made


def _make(table: Table, model: type[Any], units: dict[str, Any], marker: str, made: dict[str, int]) -> int:
    scope = model.__scope__
    unit = units[UNIT_OF.get(scope.resource, "sub_grid")]
    values = {c.name: _value(c, marker, made) for c in table.columns if not c.primary_key}
    if "unit_id" in values:
        values["unit_id"] = unit.id
        values.update({f"{level}_id": unit.ancestors().get(level) for level in LEVELS})
    for flag in ("is_published",):
        if flag in values:
            values[flag] = False
    values = {name: value for name, value in values.items() if value is not None}
    return int(db.session.execute(insert(table).values(values)).inserted_primary_key[0])


def _value(column: Column[Any], marker: str, made: dict[str, int]) -> Any:
    if column.foreign_keys:
        target = next(iter(column.foreign_keys)).column.table.name
        return made.get(target)
    kind = column.type
    if isinstance(kind, Exact):
        return 1
    if isinstance(kind, Instant):
        return clock.now() if not column.nullable or column.default else None
    if isinstance(kind, JSON):
        if str(column) == "form_version.spec":
            return _form(marker)
        return None if column.default else {"sections": [], "steps": []} if column.name == "spec" else {}
    if isinstance(kind, Boolean):
        return None if column.default else False
    if isinstance(kind, Date):
        return date(2026, 10, 1)
    if isinstance(kind, Integer):
        return 1 if not column.nullable else None
    if isinstance(kind, String):
        return _text(column, marker)
    return None


def _form(marker: str) -> dict[str, Any]:
    """A form that is right: whatever draws or reads forms of the actor's reads this one as well."""
    field = {"code": "number", "label": {"zh": marker}, "type": "integer"}
    section = {"code": "main", "title": {"zh": marker}, "fields": [field]}
    return {"code": "strange", "version": 1, "title": {"zh": marker}, "sections": [section]}


def _text(column: Column[Any], marker: str) -> str | None:
    known = {
        "period": "2026-10",
        "month": "2026-10",
        "role": "grid_worker",
        "level": "sub_grid",
        "kind": "responsibility",
        "category": "other",
        "list_opinion.stage": "consultation",
        "list_opinion.outcome": "agreed",
        "list_change.trigger": "law",
        "indicator.formula": "completion_rate",
        "report_issue.cycle": "month",
        "inspection_plan.kind": "special",
    }
    for name in (str(column), column.name):
        if name in known:
            return known[name]
    if column.default is not None and column.default.is_scalar:
        return None
    length = getattr(column.type, "length", None) or 100
    if length >= 20:
        return f"{marker}{column.name}"[:length]
    return None if column.nullable else "S"


def fingerprint(made: dict[str, int]) -> dict[str, Any]:
    """Every stranger row as it stands, by table."""
    found = {}
    for name, row_id in made.items():
        table = db.metadata.tables[name]
        pk = next(iter(table.primary_key.columns))
        found[name] = tuple(db.session.execute(select(table).where(pk == row_id)).one_or_none() or ())
    return found


def rows_at(units: dict[str, Any]) -> dict[str, int]:
    """How many rows of each table hang on the stranger's units."""
    ids = [unit.id for unit in units.values()]
    counted = {}
    for table in wall.scoped_models():
        if "unit_id" in table.c:
            counted[table.name] = len(db.session.execute(select(table.c.unit_id).where(table.c.unit_id.in_(ids))).all())
    return counted
