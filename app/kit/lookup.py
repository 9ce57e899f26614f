"""Choices of related rows: which tables may be looked up, and by which columns."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import or_, select

from app.kit import access
from app.kit.db import db

LIMIT = 20
Search = Callable[[str], Any]
Labels = Callable[[Sequence[Any]], Sequence[str]]
_tables: dict[str, tuple[type[Any], tuple[Any, ...], Search | None, Labels]] = {}


def _plain(rows: Sequence[Any]) -> Sequence[str]:
    return [str(row) for row in rows]


def register(model: type[Any], *columns: Any, search: Search | None = None, labels: Labels = _plain) -> None:
    """Allow look-ups of a model by the text of these columns; `search` may ask more of the tree, `labels` say where a row is."""
    _tables[model.__tablename__] = (model, columns, search, labels)


def choices(table: str, typed: str) -> list[tuple[int, str]] | None:
    """Up to 20 (id, label) within the actor's reach that contain what was typed; None for a table not offered."""
    if table not in _tables:
        return None
    model, columns, search, labels = _tables[table]
    statement = access.visible(select(model), model).order_by(*columns, model.id).limit(LIMIT)
    if typed:
        matches = search(typed) if search else or_(*(column.icontains(typed, autoescape=True) for column in columns))
        statement = statement.where(matches)
    rows = db.session.scalars(statement).all()
    return [(row.id, label) for row, label in zip(rows, labels(rows), strict=True)]


def name(table: str, row_id: int) -> str:
    """What a row is called, for those who may know that it exists, such as the holder of a post there."""
    model = _tables[table][0]
    with access.everything("the name of a row"):
        row = db.session.get(model, row_id)
        return "" if row is None else str(row)


def label(row: Any) -> str:
    """A row as it stands in its list of choices."""
    entry = _tables.get(row.__tablename__)
    return entry[3]([row])[0] if entry else str(row)
