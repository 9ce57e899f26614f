"""Rows as tuples through the driver, in chunks: what kit/bulk.py and the trail write with, and nothing else.

SQLite takes them by `executemany`; PostgreSQL by COPY, above a few thousand rows that may stand there already through a
temporary table.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import islice
from typing import Any

from sqlalchemy import JSON, Connection, Table, func, select, text

CHUNK = 5000
_NOTHING = object()
COPY_FROM = 200
"""Rows from which on PostgreSQL takes them by COPY."""


def new_ids(connection: Connection, table: Table, count: int) -> Sequence[int]:
    """Ids for new rows, ours until the transaction ends: of SQLite's under its one write lock, of PostgreSQL's sequence."""
    if connection.dialect.name == "sqlite":
        last = connection.execute(select(func.coalesce(func.max(table.c.id), 0))).scalar_one()
        return range(last + 1, last + 1 + count)
    sequence = connection.execute(text("SELECT pg_get_serial_sequence(:name, 'id')"), {"name": table.name}).scalar_one()
    statement = text("SELECT nextval(CAST(:name AS regclass)) FROM generate_series(1, :count)")
    return list(connection.execute(statement, {"name": sequence, "count": count}).scalars())


def insert_many(
    connection: Connection,
    table: Table,
    names: Sequence[str],
    values: Iterable[Sequence[Any]],
    count: int,
    ready: Container[str] = (),
) -> None:
    """New rows, each as its values in the order of the names; the columns that are `ready` go as they are."""
    lines = bound(connection, table, names, values, ready)
    if connection.dialect.name == "postgresql" and count >= COPY_FROM:
        _copy(connection, table.name, names, lines)
        return
    statement = f"INSERT INTO {table.name} ({', '.join(map(_quoted, names))}) VALUES ({_marks(connection, names)})"
    for some in _chunks(lines):
        connection.exec_driver_sql(statement, some)


def upsert_many(
    connection: Connection,
    table: Table,
    names: Sequence[str],
    values: Iterable[Sequence[Any]],
    count: int,
    version: str | None = None,
) -> int:
    """How many rows were written over by their ids; with `version` only those still at the version before are."""
    lines = bound(connection, table, names, values)
    columns = ", ".join(map(_quoted, names))
    sets = ", ".join(f"{_quoted(name)} = excluded.{_quoted(name)}" for name in names if name != "id")
    conflict = f"ON CONFLICT (id) DO UPDATE SET {sets}"
    if version:
        conflict += f" WHERE {table.name}.{version} = excluded.{version} - 1"
    if connection.dialect.name == "postgresql" and count >= COPY_FROM:
        connection.exec_driver_sql(f"CREATE TEMPORARY TABLE coming (LIKE {table.name}) ON COMMIT DROP")
        _copy(connection, "coming", names, lines)
        sql = f"INSERT INTO {table.name} ({columns}) SELECT {columns} FROM coming {conflict}"
        written = connection.exec_driver_sql(sql).rowcount
        connection.exec_driver_sql("DROP TABLE coming")
        return written
    statement = f"INSERT INTO {table.name} ({columns}) VALUES ({_marks(connection, names)}) {conflict}"
    return sum(connection.exec_driver_sql(statement, some).rowcount for some in _chunks(lines))


def _quoted(name: str) -> str:
    return f'"{name}"'


def _marks(connection: Connection, names: Sequence[str]) -> str:
    return ", ".join(["?" if connection.dialect.name == "sqlite" else "%s"] * len(names))


def _chunks(values: Iterable[Any]) -> Iterator[list[Any]]:
    left = iter(values)
    while some := list(islice(left, CHUNK)):
        yield some


def bound(
    connection: Connection,
    table: Table,
    names: Sequence[str],
    values: Iterable[Sequence[Any]],
    ready: Container[str] = (),
) -> Iterator[tuple[Any, ...]]:
    """The values as the driver takes them, column by column; only those are touched whose type says so, and that are not `ready`."""
    steps = [one for one in _steps(table, tuple(names), connection.dialect) if names[one[0]] not in ready]
    for some in _chunks(values):
        columns: list[Any] = list(zip(*some, strict=True))
        for place, process in steps:
            columns[place] = each(process, columns[place])
        yield from zip(*columns, strict=True)


def each(process: Callable[[Any], Any], values: Iterable[Any]) -> list[Any]:
    """Each value processed; where the same object stands in row after row, once."""
    last, done, found = _NOTHING, None, []
    for value in values:
        if value is not last:
            last, done = value, process(value)
        found.append(done)
    return found


@lru_cache(maxsize=64)
def _steps(table: Table, names: tuple[str, ...], dialect: Any) -> list[tuple[int, Callable[[Any], Any]]]:
    found = []
    for at, name in enumerate(names):
        kind = table.c[name].type
        process = kind.dialect_impl(dialect).bind_processor(dialect)
        if process is not None:
            found.append((at, _null_stays(process) if isinstance(kind, JSON) else process))
    return found


def _null_stays(process: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Nothing is NULL, not the word null of JSON."""
    return lambda value: None if value is None else process(value)


def texts_of(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> dict[str, list[str | None]]:
    """The JSON columns of rows as the text that is stored, for whoever needs it more than once."""
    names = [column.name for column in table.columns if isinstance(column.type, JSON)]
    steps = _steps(table, tuple(names), connection.dialect)
    return {names[at]: each(process, [one[names[at]] for one in rows]) for at, process in steps}


def _copy(connection: Connection, target: str, names: Sequence[str], values: Iterator[tuple[Any, ...]]) -> None:
    driver: Any = connection.connection.driver_connection
    with driver.cursor() as cursor, cursor.copy(f"COPY {target} ({', '.join(map(_quoted, names))}) FROM STDIN") as copy:
        for one in values:
            copy.write_row(one)


__all__ = ["bound", "each", "insert_many", "new_ids", "texts_of", "upsert_many"]
