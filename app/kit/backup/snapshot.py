"""The database as of one instant in one SQLite file, whatever server it comes from, and out of such a file again.

So a backup needs no client tools of the server, and the archive of one kind of database restores into the other.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import JSON, Boolean, Connection, Engine, MetaData, Table, text

CHUNK = 2000
REVISION = "alembic_version"


def take(engine: Engine, file: Path) -> None:
    """Copy the database to a new SQLite file; others go on reading and writing meanwhile."""
    if engine.dialect.name == "sqlite":
        with closing(sqlite3.connect(str(engine.url.database))) as source, closing(sqlite3.connect(file)) as target:
            # In one step: in WAL mode it holds nobody up, whereas a paged copy begins anew at every write of others.
            source.backup(target, pages=-1)
        return
    with engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection, connection.begin():
        connection.execute(text("SET TRANSACTION READ ONLY"))
        _copy_out(connection, file)


def put(file: Path, engine: Engine) -> None:
    """Fill a database whose schema stands at the revision of the file; what its tables held is replaced, in one transaction."""
    if engine.dialect.name == "sqlite":
        _into_sqlite(file, Path(str(engine.url.database)))
    else:
        with engine.begin() as connection:
            _into_postgresql(file, connection)


def replace(file: Path, engine: Engine) -> None:
    """Make a SQLite database page by page the same as a file that came from SQLite, triggers and indexes included."""
    with closing(sqlite3.connect(file)) as source, closing(sqlite3.connect(str(engine.url.database))) as target:
        source.backup(target, pages=-1)
        target.execute("PRAGMA journal_mode=WAL")


def counts(file: Path) -> dict[str, int]:
    """Rows per table."""
    with closing(sqlite3.connect(file)) as source:
        return {name: source.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in tables(source)}


def revision(file: Path) -> str | None:
    """The revision of the schema in the file; None for an empty one."""
    with closing(sqlite3.connect(file)) as source:
        if REVISION not in tables(source):
            return None
        row = source.execute(f"SELECT version_num FROM {REVISION}").fetchone()
        return str(row[0]) if row else None


def chain_head(file: Path) -> dict[str, Any]:
    """The last seal of the audit chain; number 0 where there is none."""
    with closing(sqlite3.connect(file)) as source:
        if "audit_seal" in tables(source):
            row = source.execute("SELECT number, digest FROM audit_seal ORDER BY number DESC LIMIT 1").fetchone()
            if row:
                return {"number": row[0], "digest": row[1]}
    return {"number": 0, "digest": ""}


def problems(file: Path) -> list[str]:
    """What SQLite itself finds wrong with the file: broken pages, references to nothing."""
    with closing(sqlite3.connect(file)) as source:
        found = [row[0] for row in source.execute("PRAGMA integrity_check") if row[0] != "ok"]
        return found + [f"{row[0]} refers to nothing in {row[2]}" for row in source.execute("PRAGMA foreign_key_check")]


def tables(source: sqlite3.Connection) -> list[str]:
    """The tables of the file."""
    rows = source.execute(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name"
    )
    return [row[0] for row in rows]


# -- out of PostgreSQL -------------------------------------------------------------------------------


def _copy_out(connection: Connection, file: Path) -> None:
    metadata = MetaData()
    metadata.reflect(connection)
    with closing(sqlite3.connect(file)) as target:
        for table in metadata.sorted_tables:
            columns = ", ".join(f'"{column.name}" {_kept_as(column)}' for column in table.columns)
            target.execute(f'CREATE TABLE "{table.name}" ({columns})')
            insert = f'INSERT INTO "{table.name}" VALUES ({", ".join("?" * len(table.columns))})'
            for rows in _rows_of(connection, table):
                target.executemany(insert, [[_plain(value) for value in row] for row in rows])
        target.commit()


def _kept_as(column: Any) -> str:
    if isinstance(column.type, JSON):
        return "TEXT"  # the type JSON of SQLite would turn "5" into 5
    python = column.type.python_type
    return {int: "INTEGER", bool: "INTEGER", bytes: "BLOB", float: "REAL"}.get(python, "TEXT")


def _rows_of(connection: Connection, table: Table) -> Iterator[Any]:
    columns = ", ".join(
        f'CAST("{c.name}" AS text)' if isinstance(c.type, JSON) else f'"{c.name}"' for c in table.columns
    )
    options = {"stream_results": True, "yield_per": CHUNK}
    result = connection.execution_options(**options).exec_driver_sql(f'SELECT {columns} FROM "{table.name}"')
    yield from result.partitions(CHUNK)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat(" ", timespec="microseconds")
    return value.isoformat() if isinstance(value, date) else value


# -- into a database ---------------------------------------------------------------------------------


def _into_sqlite(file: Path, database: Path) -> None:
    with closing(sqlite3.connect(database, isolation_level=None)) as target:
        target.execute("PRAGMA foreign_keys=OFF")
        target.execute("ATTACH ? AS source", [str(file)])
        target.execute("BEGIN IMMEDIATE")
        triggers = target.execute("SELECT name, sql FROM main.sqlite_master WHERE type = 'trigger'").fetchall()
        for name, _sql in triggers:
            target.execute(f'DROP TRIGGER "{name}"')
        for name in tables(target):
            columns = ", ".join(f'"{row[1]}"' for row in target.execute(f'PRAGMA main.table_info("{name}")'))
            target.execute(f'DELETE FROM main."{name}"')
            if target.execute("SELECT 1 FROM source.sqlite_master WHERE name = ?", [name]).fetchone():
                target.execute(f'INSERT INTO main."{name}" ({columns}) SELECT {columns} FROM source."{name}"')
        for _name, sql in triggers:
            target.execute(sql)
        target.execute("COMMIT")


_KEYS = """SELECT c.conname, r.relname, pg_get_constraintdef(c.oid) FROM pg_constraint c JOIN pg_class r ON r.oid = c.conrelid
WHERE c.contype = 'f' AND c.connamespace = current_schema()::regnamespace"""


def _into_postgresql(file: Path, connection: Connection) -> None:
    """The foreign keys are taken off and put on again, so that rows may come in any order; then the sequences follow."""
    metadata = MetaData()
    metadata.reflect(connection)
    keys = connection.execute(text(_KEYS)).all()
    for name, table, _definition in keys:
        connection.exec_driver_sql(f'ALTER TABLE "{table}" DROP CONSTRAINT "{name}"')
    with closing(sqlite3.connect(file)) as source:
        present = set(tables(source))
        for table in metadata.sorted_tables:
            connection.exec_driver_sql(f'ALTER TABLE "{table.name}" DISABLE TRIGGER USER')
            connection.exec_driver_sql(f'DELETE FROM "{table.name}"')
            if table.name in present:
                _copy_in(source, table, connection)
            connection.exec_driver_sql(f'ALTER TABLE "{table.name}" ENABLE TRIGGER USER')
            _move_sequences(table, connection)
    for name, table, definition in keys:
        connection.exec_driver_sql(f'ALTER TABLE "{table}" ADD CONSTRAINT "{name}" {definition}')


def _copy_in(source: sqlite3.Connection, table: Table, connection: Connection) -> None:
    names = ", ".join(f'"{column.name}"' for column in table.columns)
    marks = ", ".join(["%s"] * len(table.columns))
    turns = [_turn(column) for column in table.columns]
    cursor = source.execute(f'SELECT {names} FROM "{table.name}"')
    while rows := cursor.fetchmany(CHUNK):
        values = [tuple(turn(value) for turn, value in zip(turns, row, strict=True)) for row in rows]
        connection.exec_driver_sql(f'INSERT INTO "{table.name}" ({names}) VALUES ({marks})', values)


def _turn(column: Any) -> Callable[[Any], Any]:
    """How a value of SQLite is given to PostgreSQL; a text is taken as whatever the column is."""
    if isinstance(column.type, Boolean):
        return lambda value: None if value is None else bool(value)
    if isinstance(column.type, JSON):
        return lambda value: None if value is None else str(value)
    return lambda value: value


def _move_sequences(table: Table, connection: Connection) -> None:
    for column in table.primary_key.columns:
        name = connection.scalar(
            text("SELECT pg_get_serial_sequence(:t, :c)"), {"t": f'"{table.name}"', "c": column.name}
        )
        if name:
            highest = connection.exec_driver_sql(f'SELECT max("{column.name}") FROM "{table.name}"').scalar()
            if highest:
                connection.execute(text("SELECT setval(:name, :highest)"), {"name": name, "highest": highest})
