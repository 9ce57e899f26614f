"""The hash chain over the trail: each entry gets a seal whose digest runs over all seals before it.

An entry is sealed after the commit that wrote it, by whoever comes first, in a short transaction of its own; `number`
orders the chain, not the id of the entry: PostgreSQL gives ids before it is known which transaction commits first.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Flask
from sqlalchemy import Connection, and_, event, func, or_, select, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from app.kit import anchors, audit, clock
from app.kit.audit import AuditEntry, AuditSeal
from app.kit.db import db, side_connection
from app.kit.writing import insert_many

log = logging.getLogger(__name__)

GENESIS = "0" * 64
CHUNK = 2000
LATE = {"sqlite": timedelta(0), "postgresql": timedelta(days=1)}
"""How long after it was written an entry may still be sealed below a higher id: SQLite has one writer at a time, so
never; on PostgreSQL a long transaction commits after a later one. What turns up later was put in between."""
_LOCK = 7_305_218  # any number, the same for every sealer


def entry_digest(entry: Mapping[str, Any]) -> str:
    """The SHA-256 over all columns of an entry.

    A column without a value is left out, so that a column added by a later release changes no digest.
    """
    values = {name: _plain(value) for name, value in entry.items() if value is not None}
    return hashlib.sha256(_canonical(values).encode()).hexdigest()


_canonical = json.JSONEncoder(sort_keys=True, ensure_ascii=True).encode


def _plain(value: Any) -> Any:
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else value


def link(previous: str, number: int, entry_id: int, digest_of_entry: str) -> str:
    """The digest of one seal."""
    return hashlib.sha256(f"{previous}:{number}:{entry_id}:{digest_of_entry}".encode()).hexdigest()


def seal(since: int | None = None) -> int:
    """How many entries were sealed: all that are committed and have none; with `since` only those from that id on.

    What the session has begun and not committed is undone: its lock would keep the sealer waiting for ever.
    Errors: SQLAlchemyError, ValueError for an entry that cannot be read.
    """
    db.session.rollback()
    total = 0
    while True:
        with side_connection(durable=anchors.due()) as connection:
            sealed = _seal_some(connection, since)
        total += sealed
        if sealed < CHUNK:
            break
    if total and anchors.due():
        anchor()
    return total


def anchor() -> dict[str, Any] | None:
    """Sign the end of the chain as it stands and keep it in a file beside the database; None while nothing is sealed."""
    with side_connection(writes=False) as connection:
        number, digest = _head(connection)
    return anchors.add(number, digest) if number else None


def _head(connection: Connection) -> tuple[int, str]:
    statement = select(AuditSeal.number, AuditSeal.digest).order_by(AuditSeal.number.desc()).limit(1)
    row = connection.execute(statement).one_or_none()
    return (row.number, row.digest) if row else (0, GENESIS)


def _seal_some(connection: Connection, since: int | None) -> int:
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
    number, digest = _head(connection)
    seals = []
    found = connection.execute(_open_entries(connection, since).limit(CHUNK))
    names = list(found.keys())
    for row in found.all():
        entry = dict(zip(names, row, strict=True))
        number, digest_of_entry = number + 1, entry_digest(entry)
        digest = link(digest, number, entry["id"], digest_of_entry)
        seals.append((number, entry["id"], digest_of_entry, digest))
    if seals:
        names = ["number", "entry_id", "entry_digest", "digest"]
        insert_many(connection, AuditSeal.__table__, names, seals, len(seals))  # type: ignore[arg-type]
    return len(seals)


def _open_entries(connection: Connection, since: int | None) -> Any:
    """The committed entries without a seal that may still get one, by id."""
    table = AuditEntry.__table__
    top = connection.scalar(select(func.max(AuditSeal.entry_id))) or 0
    still_open = table.c.id > top
    if LATE[connection.dialect.name]:  # else SQLite would look at all entries to find that none is late
        late = and_(table.c.id < top, table.c.at > clock.now() - LATE[connection.dialect.name])
        still_open = or_(still_open, late if since is None else and_(late, table.c.id >= since))
    statement = select(table).outerjoin(AuditSeal, AuditSeal.entry_id == table.c.id)
    return statement.where(AuditSeal.number.is_(None), still_open).order_by(table.c.id)


# -- when it runs ------------------------------------------------------------------------------------


def _committed(session: Session) -> None:
    if (first := session.info.pop(audit.WRITTEN, None)) is not None:
        session.info[audit.UNSEALED] = min(first, session.info.get(audit.UNSEALED, first))


def _rolled_back(session: Session) -> None:
    session.info.pop(audit.WRITTEN, None)


def seal_what_was_written(_error: BaseException | None = None) -> None:
    """Seal what the request or the command that ends here has written; a failure is logged and made good next time."""
    since = db.session.info.pop(audit.UNSEALED, None)
    if since is None:
        return
    try:
        seal(since)
    except (SQLAlchemyError, OSError, ValueError):
        log.exception("the trail was written but not sealed")


def init_app(app: Flask) -> None:
    """Seal at the end of every request, command and job that wrote to the trail."""
    if not event.contains(db.session, "after_commit", _committed):
        event.listen(db.session, "after_commit", _committed)
        event.listen(db.session, "after_rollback", _rolled_back)
    app.teardown_appcontext(seal_what_was_written)
