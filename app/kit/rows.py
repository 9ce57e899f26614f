"""Rows as data: what a table holds of a row, as JSON that can be turned back exactly, and what hangs on the row."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import JSON, Column, Connection, Date, DateTime, LargeBinary, Table, inspect, select

from app.kit.audit import plain
from app.kit.db import Base, Exact, Instant

CHUNK = 5000
"""Ids in one statement: SQLite and PostgreSQL both take 32,766 values."""


def stored(connection: Connection, table: Table, ids: Iterable[Any]) -> Iterator[Mapping[str, Any]]:
    """The rows with these ids as they stand in the table now, past the session, by column name."""
    wanted = sorted(ids)
    for start in range(0, len(wanted), CHUNK):
        statement = select(table).where(table.c.id.in_(wanted[start : start + CHUNK])).order_by(table.c.id)
        yield from (dict(one) for one in connection.execute(statement).mappings())


def with_dependents(connection: Connection, table: Table, ids: Sequence[Any]) -> Iterator[tuple[Table, dict[str, Any]]]:
    """The rows, then what the database would delete with them, parents before children, as (table, values)."""
    yield from _below(connection, table, table.c.id, ids)


def _below(
    connection: Connection, table: Table, column: Column[Any], ids: Sequence[Any]
) -> Iterator[tuple[Table, dict[str, Any]]]:
    found = [
        dict(one) for one in connection.execute(select(table).where(column.in_(ids)).order_by(table.c.id)).mappings()
    ]
    if not found:
        return
    yield from ((table, values) for values in found)
    for other in Base.metadata.sorted_tables:
        for key in other.foreign_keys:
            if key.column.table is table and key.ondelete == "CASCADE":
                yield from _below(connection, other, key.parent, [values["id"] for values in found])


def as_data(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values of a row as JSON. Errors: TypeError for what cannot be kept."""
    data = {name: value.hex() if isinstance(value, bytes) else plain(value) for name, value in values.items()}
    json.dumps(data)  # whatever cannot be kept must not be deleted or overwritten
    return data


def model_of(table_name: str) -> type[Any]:
    """The class mapped to a table. Errors: KeyError."""
    return {mapper.local_table.name: mapper.class_ for mapper in Base.registry.mappers}[table_name]  # type: ignore[attr-defined]


def values_for(model: type[Any], data: Mapping[str, Any]) -> dict[str, Any]:
    """Values by attribute out of `as_data`, in the types of the columns; columns that are no more are left out."""
    found = {}
    for attribute in inspect(model).column_attrs:
        column = attribute.columns[0]
        if column.name in data:
            found[attribute.key] = typed(column, data[column.name])
    return found


def typed(column: Any, value: Any) -> Any:
    """A value out of JSON in the type of its column."""
    if value is None or isinstance(column.type, JSON):
        return value
    if isinstance(column.type, Exact):
        return Decimal(value)
    if isinstance(column.type, (Instant, DateTime)):
        return datetime.fromisoformat(value)
    if isinstance(column.type, LargeBinary):
        return bytes.fromhex(value)
    return date.fromisoformat(value) if isinstance(column.type, Date) else value
