"""Choices of related rows: which tables may be looked up, and by which columns."""

from __future__ import annotations

from typing import Any

from sqlalchemy import or_, select

from app.kit import access
from app.kit.db import db

LIMIT = 20
_tables: dict[str, tuple[type[Any], tuple[Any, ...]]] = {}


def register(model: type[Any], *columns: Any) -> None:
    """Allow look-ups of a model by the text of these columns."""
    _tables[model.__tablename__] = (model, columns)


def choices(table: str, typed: str) -> list[tuple[int, str]] | None:
    """Up to 20 (id, label) within the actor's reach that contain what was typed; None for a table not offered."""
    if table not in _tables:
        return None
    model, columns = _tables[table]
    statement = access.visible(select(model), model).order_by(*columns, model.id).limit(LIMIT)
    if typed:
        statement = statement.where(or_(*(column.icontains(typed, autoescape=True) for column in columns)))
    return [(row.id, str(row)) for row in db.session.scalars(statement)]
