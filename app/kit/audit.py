"""One append-only trail, written in the transaction of the change it tells of."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any

from flask import g, has_request_context, request
from sqlalchemy import JSON, Integer, String, event, insert, inspect
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.domain.rights import Reach, Verb
from app.kit import access, clock, masking, writing
from app.kit.db import Base, Instant, db, side_connection

log = logging.getLogger(__name__)

_action: ContextVar[str] = ContextVar("action", default="")
WRITTEN, UNSEALED = "audit_written", "audit_unsealed"  # the first entry of this transaction; of those before it
Check = Callable[[], Sequence[str]]
_checks: dict[str, Check] = {}


def register_check(name: str, function: Check) -> None:
    """Let `flask audit verify` run one more check: a function that answers what it found wrong, in words, or nothing."""
    _checks[name] = function


def checks() -> Mapping[str, Check]:
    """Every registered check by its name."""
    return dict(_checks)


class AuditEntry(Base):
    """One change: who, when, from where, by which act, to which row, before and after. Rows are only ever added."""

    __tablename__ = "audit_entry"
    __scope__ = access.Unscoped("read by the audit administrator alone, through the audit resource")
    __audited__ = False

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    at: Mapped[datetime] = mapped_column(Instant(), index=True)
    user_id: Mapped[int | None] = mapped_column(Integer, index=True)
    username: Mapped[str] = mapped_column(String(64))
    on_behalf_of: Mapped[str | None] = mapped_column(String(64))  # the name of the person stood in for
    address: Mapped[str] = mapped_column(String(64))
    request_id: Mapped[str | None] = mapped_column(String(32))  # the same in the log of the server
    action: Mapped[str] = mapped_column(String(64), index=True)
    kind: Mapped[str] = mapped_column(String(16))
    table_name: Mapped[str] = mapped_column(String(64), index=True)
    row_id: Mapped[str] = mapped_column(String(64), index=True)
    changes: Mapped[dict[str, Any]] = mapped_column(JSON)


class AuditSeal(Base):
    """One link of the chain over the trail: entries in the order in which they were committed, each digest over the one before.

    `entry_digest` stays when the entry itself is purged after the years it is kept, so that the chain stays whole.
    """

    __tablename__ = "audit_seal"
    __scope__ = access.Unscoped("the chain over the trail; read by verify alone")
    __audited__ = False

    number: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    entry_id: Mapped[int] = mapped_column(Integer, unique=True)
    entry_digest: Mapped[str] = mapped_column(String(64))
    digest: Mapped[str] = mapped_column(String(64))


@event.listens_for(AuditEntry, "before_update")
@event.listens_for(AuditEntry, "before_delete")
@event.listens_for(AuditSeal, "before_update")
@event.listens_for(AuditSeal, "before_delete")
def _append_only(_mapper: Any, _connection: Any, row: Any) -> None:
    raise RuntimeError(f"{row.__tablename__} is append-only")


@contextmanager
def acting(action: str) -> Iterator[None]:
    """Name the act whose writes follow, e.g. `duties.submit`; an inner name is ignored, the outermost is what was asked."""
    token = _action.set(_action.get() or action)
    try:
        yield
        db.session.flush()  # what the act changed is written, and noted, under its name
    finally:
        _action.reset(token)


def may_see_history(row: Any) -> bool:
    """True when the actor sees the record by more than its publication: what was written before that is not published."""
    who, scope = access.actor(), access.scope_of(type(row))
    if isinstance(scope, access.Unscoped):
        return False
    if scope.through:
        return may_see_history(getattr(row, scope.through))
    published = (Reach.PUBLISHED, Reach.VILLAGE_PUBLISHED)
    posts = access.granting(Verb.VIEW, row)
    return who.is_operator or any(who.reach(post, scope.resource, Verb.VIEW) not in published for post in posts)


class AuditUnavailable(RuntimeError):
    """The trail cannot be written; then nothing it would tell of is written either."""


def record(
    kind: str, table_name: str, row_id: object, changes: dict[str, Any], by: tuple[int, str] | None = None
) -> None:
    """Write one entry that no row change would: a sign-in, a view of personal data, an export.

    `by` names the account where nobody acts yet or any more.
    Errors: AuditUnavailable.
    """
    _store(db.session, [_by(by, _entry(kind, table_name, row_id, changes, _for_whom(None)))])


def record_apart(
    kind: str,
    table_name: str,
    row_id: object,
    changes: dict[str, Any],
    by: tuple[int, str] | None = None,
    *,
    must: bool = False,
) -> None:
    """Write one entry in a transaction of its own: a refusal, a sign-out, a view; what the session has begun is undone.

    Where it cannot be written the log says so, because a refusal must not become a second failure; with `must`
    AuditUnavailable is raised, and nothing is shown.
    """
    entry = _by(by, _entry(kind, table_name, row_id, changes, _for_whom(None)))
    db.session.rollback()  # its lock is free for the entry
    try:
        with side_connection(durable=True) as connection:
            written = connection.execute(insert(AuditEntry).values(**entry)).inserted_primary_key
    except SQLAlchemyError as error:
        log.exception("not in the trail: %s %s %s", kind, table_name, row_id)
        if must:
            raise AuditUnavailable(str(error.__cause__ or type(error).__name__)) from error
    else:
        info = db.session.info
        info[UNSEALED] = min(written[0], info.get(UNSEALED, written[0])) if written else info.get(UNSEALED)


def _by(by: tuple[int, str] | None, entry: dict[str, Any]) -> dict[str, Any]:
    return {**entry, "user_id": by[0], "username": by[1]} if by else entry


def _store(session: Any, values: list[dict[str, Any]]) -> None:
    try:
        first = session.execute(insert(AuditEntry).values(**values[0]))
        if values[1:]:
            session.execute(insert(AuditEntry), values[1:])
    except SQLAlchemyError as error:
        raise AuditUnavailable(str(error.__cause__ or type(error).__name__)) from error
    session.info.setdefault(WRITTEN, first.inserted_primary_key[0])


def _for_whom(row: Any) -> str | None:
    """Whom the actor stands in for; asked only of those who stand in for somebody, it may read the row's parents."""
    return access.on_behalf_of(row) if access.stands_in() else None


def record_many(table_name: str, entries: Sequence[tuple[str, object, str, Any]]) -> None:
    """Write the entries of many rows of a table at once, each as (kind, id, changes as JSON, the row as an object).

    Shape:  the object is asked for whom the actor stands in; where he stands in for nobody it may be None.
    Errors: AuditUnavailable.
    """
    if not entries:
        return
    same = _entry(
        "", str(table_name), "", {}
    )  # SQLite asks a name of a table, which is no plain text, how it is adapted
    standing_in = access.stands_in()
    connection, table = db.session.connection(), AuditEntry.__table__
    names = ["id", *same]
    fixed, whom = list(same.values()), names.index("on_behalf_of") - 1
    kind_at, row_at, changes_at = (names.index(name) - 1 for name in ("kind", "row_id", "changes"))

    def values() -> Iterator[list[Any]]:
        for entry_id, (kind, row_id, changes, row) in zip(ids, entries, strict=True):
            line = fixed.copy()
            line[kind_at], line[row_at], line[changes_at] = kind, str(row_id), changes
            if standing_in:
                line[whom] = access.on_behalf_of(row)
            yield [entry_id, *line]

    try:
        ids = writing.new_ids(connection, table, len(entries))  # type: ignore[arg-type]
        writing.insert_many(connection, table, names, values(), len(entries), ("changes",))  # type: ignore[arg-type]
    except SQLAlchemyError as error:
        raise AuditUnavailable(str(error.__cause__ or type(error).__name__)) from error
    db.session.info.setdefault(WRITTEN, ids[0])


def plain(value: Any) -> Any:
    """A value as the trail keeps it."""
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, datetime | date):
        return value.isoformat()
    return value


def _entry(
    kind: str, table_name: str, row_id: object, changes: dict[str, Any], for_whom: str | None = None
) -> dict[str, Any]:
    who = access.actor()
    return {
        "at": clock.now(),
        "user_id": who.user_id,
        "username": who.username or "-",
        "on_behalf_of": for_whom,
        "address": (request.remote_addr or "")[:64] if has_request_context() else "console",
        "request_id": getattr(g, "request_id", None) if has_request_context() else None,
        "action": _action.get() or (request.endpoint or "" if has_request_context() else "")[:64],
        "kind": kind,
        "table_name": table_name,
        "row_id": str(row_id),
        "changes": changes,
    }


def _columns(row: Any) -> dict[str, Any]:
    values = {a.key: plain(getattr(row, a.key)) for a in inspect(type(row)).column_attrs}
    return masking.columns(row.__tablename__, values)


def _changed(row: Any) -> dict[str, Any]:
    state = inspect(row)
    changes: dict[str, Any] = {}
    told = getattr(type(row), "__told__", ())  # columns whose change an entry of its own tells
    for attribute in state.mapper.column_attrs:
        history = state.attrs[attribute.key].history
        if history.has_changes() and attribute.key not in told:
            before, after = (history.deleted or [None])[0], (history.added or [None])[0]
            values = (plain(before), plain(after))
            changes[attribute.key] = [masking.value(row.__tablename__, attribute.key, value) for value in values]
    return changes


def _audited(row: Any) -> bool:
    return getattr(type(row), "__audited__", True)


def _note(session: Session, _context: Any) -> None:
    entries = session.info.setdefault("audit", [])
    for row in session.new:
        if _audited(row):
            entries.append(("add", row, None, _for_whom(row)))
    for row in session.dirty:
        if _audited(row) and (changes := _changed(row)):
            entries.append(("edit", row, changes, _for_whom(row)))
    for row in session.deleted:
        if _audited(row):
            entries.append(("delete", row, _columns(row), _for_whom(row)))


def _write(session: Session, _context: Any) -> None:
    entries, session.info["audit"] = session.info.get("audit", []), []
    values = [
        _entry(
            kind,
            row.__tablename__,
            inspect(row).identity_key[1][0] if inspect(row).identity_key else "",
            changes or _columns(row),
            for_whom,
        )
        for kind, row, changes, for_whom in entries
    ]
    if values:
        _store(session, values)


def install() -> None:
    """Put the listeners on the session; once per process."""
    if not event.contains(db.session, "after_flush", _note):
        event.listen(db.session, "after_flush", _note)
        event.listen(db.session, "after_flush_postexec", _write)
