"""The database: base, exact types, mixins, engine behaviour, and the only commit."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from flask import Flask, current_app, g, has_request_context, request
from sqlalchemy import BigInteger, Connection, DateTime, ForeignKey, Integer, event, types
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Mapped, Session, declared_attr, mapped_column, relationship

from app.extensions import db
from app.kit import clock

Base = db.Model
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})


class Exact(types.TypeDecorator[Decimal]):
    """A decimal kept as a whole number of its last place, so that SQLite and PostgreSQL hold the same exact value."""

    impl = BigInteger
    cache_ok = True

    def __init__(self, places: int) -> None:
        super().__init__()
        self.places = places
        self.quantum = Decimal(1).scaleb(-places)

    def process_bind_param(self, value: Any, dialect: Any) -> int | None:
        if value is None:
            return None
        scaled = Decimal(value).scaleb(self.places)
        if scaled != scaled.to_integral_value():
            raise ValueError(f"{value} has more than {self.places} decimal places")
        return int(scaled)

    def process_result_value(self, value: Any, dialect: Any) -> Decimal | None:
        return None if value is None else Decimal(int(value)).scaleb(-self.places)

    @property
    def python_type(self) -> type[Decimal]:
        return Decimal


class Instant(types.TypeDecorator[datetime]):
    """An aware instant, kept in UTC."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Any) -> datetime | None:
        return None if value is None else value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: Any, dialect: Any) -> datetime | None:
        return None if value is None else value.replace(tzinfo=UTC)


LEVELS = ("prefecture", "county", "township", "village", "total_grid", "sub_grid")


class Stamped:
    """When and by whose account a row was made and last changed; the account is null for the operator's commands."""

    created_at: Mapped[datetime] = mapped_column(Instant(), default=clock.now)
    updated_at: Mapped[datetime] = mapped_column(Instant(), default=clock.now, onupdate=clock.now)


class OnTree:
    """A row that hangs on the org tree; one ancestor id per level is written with the row.

    So scope needs no join, and a closed period keeps the tree it was written under.
    """

    @declared_attr
    def unit_id(cls) -> Mapped[int]:
        return mapped_column(ForeignKey("org_unit.id"), index=True)

    @declared_attr
    def unit(cls) -> Mapped[Any]:
        return relationship("OrgUnit", foreign_keys=[cls.unit_id])  # type: ignore[list-item]

    prefecture_id: Mapped[int | None] = mapped_column(Integer, index=True)
    county_id: Mapped[int | None] = mapped_column(Integer, index=True)
    township_id: Mapped[int | None] = mapped_column(Integer, index=True)
    village_id: Mapped[int | None] = mapped_column(Integer, index=True)
    total_grid_id: Mapped[int | None] = mapped_column(Integer, index=True)
    sub_grid_id: Mapped[int | None] = mapped_column(Integer, index=True)


@contextmanager
def transaction() -> Iterator[Session]:
    """One verb, one transaction: commits when the outermost block ends well, rolls back otherwise."""
    session = db.session()
    depth = session.info.get("depth", 0)
    session.info["depth"] = depth + 1
    try:
        yield session
        if depth == 0:
            session.commit()
        else:
            session.flush()
    except BaseException:
        if depth == 0:
            session.info.pop("afterwards", None)
            session.rollback()
        raise
    finally:
        session.info["depth"] = depth
    if depth == 0:
        for function in session.info.pop("afterwards", ()):
            function()


def afterwards(function: Callable[[], Any]) -> None:
    """Run something once the open transaction is committed, and never if it is not; at once when none is open."""
    info = db.session().info
    if info.get("depth", 0):
        info.setdefault("afterwards", []).append(function)
    else:
        function()


GAP = 0.11
"""Seconds: whoever waits for SQLite's write lock for a while looks for it every 100 ms, and must find it free once."""


def give_way() -> None:
    """Let others save, between two steps of something long; nothing may be open. PostgreSQL needs no such turn."""
    if db.engine.dialect.name == "sqlite":
        time.sleep(GAP)


def let_go() -> None:
    """Hold nothing while something long is done that asks the database nothing: a file being read or written.

    On SQLite a request that may write holds the write lock from its first statement on. Inside `transaction()`, and while
    something waits to be written, nothing is let go.
    """
    session = db.session()
    waits = session.new or session.dirty or session.deleted
    if not session.info.get("depth", 0) and not waits:
        session.rollback()


@contextmanager
def reading() -> Iterator[Session]:
    """A long look at the stored rows that keeps nobody from writing; nothing is written inside.

    On SQLite whatever runs outside a request, and every request that may write, would hold the write lock for so long.
    """
    let_go()
    session = db.session()
    if not session.in_transaction():
        session.connection(execution_options={"writes": False})
    try:
        yield session
    finally:
        let_go()


@contextmanager
def side_connection(*, writes: bool = True, durable: bool = False) -> Iterator[Connection]:
    """A short transaction of its own beside the session's, for sessions, locks and seals; say so when it only reads.

    Unless it is `durable` it does not wait for the disk: after a power cut the last seconds of these are worth nothing.
    In tests the engine is replaced by one connection; then a savepoint stands in.
    """
    engine: Engine | Connection = db.engine
    if isinstance(engine, Connection):
        with engine.begin_nested():
            yield engine
    else:
        with engine.execution_options(durable=durable, writes=writes).begin() as connection:
            yield connection


def writes_elsewhere(view: Any) -> Any:
    """Mark a page that answers POST but writes into another store: it must not wait for the write lock of this one."""
    view.__writes_elsewhere__ = True
    return view


def reads_only() -> bool:
    """True for a safe request, and for one whose page writes into another store."""
    if request.method in SAFE_METHODS:
        return True
    view = current_app.view_functions.get(request.endpoint or "")
    return bool(getattr(view, "__writes_elsewhere__", False))


def _writes() -> bool:
    """Not for a request that reads, nor for the page that says that the database was locked or full."""
    if not has_request_context():
        return True
    return not reads_only() and not g.get("database_failed")


def configure_sqlite(engine: Engine) -> None:
    """WAL, foreign keys, a busy timeout, and BEGIN IMMEDIATE for whatever may write.

    A read that later writes cannot be upgraded once another writer has committed, so an unsafe request
    takes the write lock at its first statement.
    """

    @event.listens_for(engine, "connect")
    def _on_connect(dbapi: Any, _record: Any) -> None:
        dbapi.isolation_level = None
        cursor = dbapi.cursor()
        for pragma in ("journal_mode=WAL", "foreign_keys=ON", "busy_timeout=5000"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _on_begin(connection: Connection) -> None:
        options = connection.get_execution_options()
        connection.exec_driver_sql(f"PRAGMA synchronous={'FULL' if options.get('durable', True) else 'NORMAL'}")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if options.get("writes", _writes()) else "BEGIN")


def init_app(app: Flask) -> None:
    """Bind the database to the app and give SQLite its manners."""
    db.init_app(app)
    with app.app_context():
        if db.engine.dialect.name == "sqlite":
            configure_sqlite(db.engine)


__all__ = [
    "Base",
    "Exact",
    "Instant",
    "OnTree",
    "Stamped",
    "afterwards",
    "db",
    "give_way",
    "let_go",
    "reads_only",
    "reading",
    "side_connection",
    "transaction",
    "writes_elsewhere",
]
