"""What an import did to every row, so that it can be undone: the row before, and which version it left behind.

While `recorded("import-12")` is open, every flush and every `bulk.upsert` writes one RowEffect for each row it adds,
changes or deletes, in the same transaction. The undo takes `of("import-12")` from the last to the first, asks
`touched(effects)` which rows are no more as the import left them (they block it), and puts `before` back with
`kit.rows.values_for(model, before)`; a row without `before` was added and is deleted.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from sqlalchemy import JSON, Connection, Index, Integer, String, Table, delete, event, inspect, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.kit import rows
from app.kit.access import Unscoped
from app.kit.audit import plain
from app.kit.db import Base, db
from app.kit.versions import digest
from app.kit.writing import insert_many, new_ids

ADD, EDIT, DELETE = "add", "edit", "delete"
_recording: ContextVar[str | None] = ContextVar("recording", default=None)
_SEEN = "row_effects"  # in the info of the session: what this flush is about to write


class RowEffect(Base):
    """One row that a set of changes added, edited or deleted. `before` holds all its columns, null for an added row."""

    __tablename__ = "row_effect"
    __scope__ = Unscoped("read by the undo of the import it belongs to, which asks the rights of every row anew")
    __audited__ = False
    __table_args__ = (Index("ix_row_effect_row", "table_name", "row_id"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    change_set: Mapped[str] = mapped_column(String(40), index=True)  # e.g. import-12
    table_name: Mapped[str] = mapped_column(String(64))
    row_id: Mapped[int] = mapped_column(Integer)
    kind: Mapped[str] = mapped_column(String(8))  # add, edit, delete
    before: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    after_stamp: Mapped[str] = mapped_column(String(40), default="")


@dataclass(frozen=True)
class Effect:
    """What a set of changes did to one row altogether: `before` is how it stood first, `after_stamp` how it was left."""

    table_name: str
    row_id: int
    kind: str
    before: Mapping[str, Any] | None
    after_stamp: str


@contextmanager
def recorded(change_set: str) -> Iterator[None]:
    """Keep the way back of everything that is written inside, under this name."""
    token = _recording.set(change_set)
    try:
        yield
        db.session.flush()  # what was changed inside belongs to it
    finally:
        _recording.reset(token)


def recording() -> str | None:
    """The set of changes that is being recorded just now; None when nothing is."""
    return _recording.get()


def of(change_set: str) -> list[Effect]:
    """What the set did to each row, in the order in which the rows were first written."""
    statement = select(RowEffect).where(RowEffect.change_set == change_set).order_by(RowEffect.id)
    merged: dict[tuple[str, int], Effect] = {}
    for one in db.session.scalars(statement.execution_options(yield_per=rows.CHUNK)):
        key = (one.table_name, one.row_id)
        first = merged.get(key)
        before = one.before if first is None else first.before
        kind = one.kind if one.kind == DELETE else EDIT if before else ADD
        merged[key] = Effect(*key, kind, before, one.after_stamp)
    return [one for one in merged.values() if one.before or one.kind != DELETE]


def forget(change_set: str) -> None:
    """Let the way back go: the set can no more be undone."""
    db.session.execute(delete(RowEffect).where(RowEffect.change_set == change_set))


def stamp_of(table: Table, values: Mapping[str, Any]) -> str:
    """The version of a row out of its columns: what it counts, else a digest over all it holds."""
    counted = _version_column(table)
    if counted is not None:
        return str(values[counted])
    return digest({name: plain(value) for name, value in values.items()})


def _version_column(table: Table) -> str | None:
    column = inspect(rows.model_of(table.name)).version_id_col
    return None if column is None else column.name


def touched(effects: Iterable[Effect]) -> list[Effect]:
    """Those whose row is no more as the set left it: changed since, gone, or there again."""
    found: list[Effect] = []
    for table_name, group in groupby(sorted(effects, key=lambda e: (e.table_name, e.row_id)), lambda e: e.table_name):
        some, table = list(group), Base.metadata.tables[table_name]
        now = stamps(db.session.connection(), table, [one.row_id for one in some])
        found += [one for one in some if now.get(one.row_id, "") != one.after_stamp]
    return found


def untouched(effect: Effect) -> bool:
    """True when the row of an effect is still as the set of changes left it."""
    return not touched([effect])


def stamps(connection: Connection, table: Table, ids: Iterable[int]) -> dict[int, str]:
    """The stamps of stored rows by id; a row that is not there has none."""
    return {values["id"]: stamp_of(table, values) for values in rows.stored(connection, table, ids)}


def write(
    connection: Connection, table: Table, effects: Sequence[tuple[int, str, Mapping[str, Any] | None, str]]
) -> None:
    """Keep effects on rows of a table, each as (id, kind, the row before as data, its stamp afterwards)."""
    change_set = recording()
    if change_set is None or not effects:
        return
    names, own = ("id", "change_set", "table_name", "row_id", "kind", "before", "after_stamp"), RowEffect.__table__
    ids = new_ids(connection, own, len(effects))  # type: ignore[arg-type]
    name = str(table.name)  # plain text, which SQLite takes as it is
    lines = ((key, change_set, name, *one) for key, one in zip(ids, effects, strict=True))
    insert_many(connection, own, names, lines, len(effects))  # type: ignore[arg-type]


# -- what the session writes -----------------------------------------------------------------------


def recorded_table(model: type[Any]) -> Table | None:
    """The table of a model whose rows are recorded; None for bookkeeping, which nobody undoes."""
    if not getattr(model, "__audited__", True):
        return None
    table: Table = inspect(model).local_table  # type: ignore[assignment]
    return table if [column.name for column in table.primary_key] == ["id"] else None


def _before_flush(session: Session, _context: Any, _instances: Any) -> None:
    """Read how the rows stand that are about to be changed or deleted."""
    if recording() is None:
        return
    connection, images = session.connection(), session.info.setdefault(_SEEN, {})
    for kind, objects in ((EDIT, session.dirty), (DELETE, session.deleted)):
        for table, ids in _by_table(row for row in objects if kind == DELETE or session.is_modified(row)).items():
            if kind == EDIT:
                images |= {(table, one["id"]): (EDIT, rows.as_data(one)) for one in rows.stored(connection, table, ids)}
                continue
            for under, one in rows.with_dependents(connection, table, sorted(ids)):
                images[under, one["id"]] = (DELETE, rows.as_data(one))


def _by_table(objects: Iterable[Any]) -> dict[Table, set[int]]:
    found: dict[Table, set[int]] = {}
    for row in objects:
        table, key = recorded_table(type(row)), inspect(row).identity
        if table is not None and key is not None:
            found.setdefault(table, set()).add(key[0])
    return found


def _after_flush(session: Session, _context: Any) -> None:
    """Note what is new: afterwards a new row looks like any other."""
    if recording() is None:
        return
    images = session.info.setdefault(_SEEN, {})
    for row in session.new:
        table = recorded_table(type(row))
        if table is not None:
            images[table, row.id] = (ADD, None)


def _written(session: Session, _context: Any) -> None:
    seen = session.info.pop(_SEEN, None)
    if not seen:
        return
    connection = session.connection()
    for table in dict.fromkeys(table for table, _id in seen):
        mine = {row_id: image for (of_table, row_id), image in seen.items() if of_table is table}
        now = stamps(connection, table, [row_id for row_id, (kind, _before) in mine.items() if kind != DELETE])
        write(
            connection, table, [(row_id, kind, before, now.get(row_id, "")) for row_id, (kind, before) in mine.items()]
        )


def install() -> None:
    """Put the listeners on the session, after those that fill in and refuse; once per process."""
    if not event.contains(db.session, "before_flush", _before_flush):
        event.listen(db.session, "before_flush", _before_flush)
        event.listen(db.session, "after_flush", _after_flush)
        event.listen(db.session, "after_flush_postexec", _written)
