"""What is kept about one person: told to him whole when he asks, and struck off when nothing needs it any more."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any

from sqlalchemy import or_, select, tuple_
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.sql.schema import Table

from app.domain.errors import broken
from app.domain.rights import Verb
from app.features.accounts.models import PortalUser
from app.features.accounts.services import set_active
from app.features.people.models import Employment, Person, Post
from app.kit import access, audit, clock, personal
from app.kit.audit import AuditEntry, acting
from app.kit.db import Base, db, transaction
from app.kit.personal import Level
from app.kit.removed import RemovedRow
from app.kit.sessions import WebSession

NEEDED_FOR_RESULTS = frozenset({"name", "title", "hold"})
"""What of a person stays with published results and pay; everything else kept for the post is struck off after it."""

_CHUNK = 500


def about(person: Person, reason: str) -> dict[str, Any]:
    """Every row that concerns a person, whole and in words, for his own request; who asked and why is in the trail.

    Shape:  {"person": name, "asked_on": day, "kept": [{"table", "holds", "kept", "rows": [{column: value}]}]}. Credentials and
            sessions are left out: they tell nothing of the person. Tables without such a row are left out.
    Errors: reason_required; NotAllowed without the right to see the person's whole number.
    """
    access.require(Verb.UNMASK, person)
    if not reason.strip():
        raise broken("reason_required", "reason")
    with access.everything("a person is told all that is kept about him"):
        found = dict(_tables(person))
        found |= {AuditEntry.__table__: _trail(person, found)}
    told = [_told(table, rows) for table, rows in found.items() if rows]
    with transaction(), acting("accounts.about"):
        audit.record("disclosure", "person", person.id, {"reason": reason.strip()[:400], "tables": len(told)})
    return {"person": person.name, "asked_on": clock.today().isoformat(), "kept": told}


def _tables(person: Person) -> Iterator[tuple[Table, list[dict[str, Any]]]]:
    """The rows that point at the person, and those that point at his account."""
    yield Person.__table__, _rows(Person.__table__, Person.id, [person.id])
    for model, column in _pointing_at(Person.__table__):
        yield model.__table__, _rows(model.__table__, column, [person.id])
    yield RemovedRow.__table__, [row for row in _rows_of(RemovedRow.__table__) if _was_his(row, person.id)]
    accounts = db.session.scalars(select(PortalUser.id).where(PortalUser.person_id == person.id)).all()
    for model, column in _pointing_at(PortalUser.__table__):
        if model not in (AuditEntry, WebSession) and model.__table__ is not PortalUser.__table__:
            yield model.__table__, _rows(model.__table__, column, accounts)


def _pointing_at(target: Table) -> Iterator[tuple[type[Any], Any]]:
    """Mapped columns that name a row of the table: by a foreign key, or as `user_id` of an account."""
    for mapper in sorted(Base.registry.mappers, key=lambda mapper: mapper.class_.__name__):
        columns = [
            attribute
            for attribute in (getattr(mapper.class_, a.key) for a in mapper.column_attrs)
            if isinstance(attribute, InstrumentedAttribute) and _names(attribute, target)
        ]
        if columns and hasattr(mapper.class_, "__scope__"):
            yield mapper.class_, columns


def _names(attribute: Any, target: Table) -> bool:
    if any(key.column.table is target for key in attribute.property.columns[0].foreign_keys):
        return True
    return target is PortalUser.__table__ and attribute.key == "user_id"


def _rows(table: Table, columns: Any, ids: Any) -> list[dict[str, Any]]:
    wanted = columns if isinstance(columns, list) else [columns]
    statement = select(table).where(or_(*(column.in_(ids) for column in wanted))).order_by(*table.primary_key.columns)
    return [dict(row) for row in db.session.execute(statement).mappings()]


def _rows_of(table: Table) -> list[dict[str, Any]]:
    return [dict(row) for row in db.session.execute(select(table).order_by(*table.primary_key.columns)).mappings()]


def _was_his(row: dict[str, Any], person_id: int) -> bool:
    himself = row["table_name"] == Person.__tablename__ and row["row_id"] == str(person_id)
    return himself or row["payload"].get("person_id") == person_id


def _trail(person: Person, found: dict[Table, list[dict[str, Any]]]) -> list[dict[str, Any]]:
    """The entries of the trail about these rows, and those of what he did himself."""
    entry = AuditEntry.__table__
    rows = {(table.name, str(row["id"])) for table, rows in found.items() for row in rows if "id" in row}
    pairs = sorted(rows)
    entries: dict[int, dict[str, Any]] = {}
    for start in range(0, len(pairs), _CHUNK):
        about_rows = tuple_(entry.c.table_name, entry.c.row_id).in_(pairs[start : start + _CHUNK])
        entries |= {row["id"]: dict(row) for row in db.session.execute(select(entry).where(about_rows)).mappings()}
    accounts = [row["id"] for row in found.get(PortalUser.__table__, [])]
    by_him = select(entry).where(entry.c.user_id.in_(accounts))
    entries |= {row["id"]: dict(row) for row in db.session.execute(by_him).mappings()}
    return [entries[number] for number in sorted(entries)]


def _told(table: Table, rows: list[dict[str, Any]]) -> dict[str, Any]:
    named = personal.entries_of(table.name)
    secret = {column for column, entry in named.items() if entry.level is Level.SECRET}
    kept = next((entry.kept for entry in named.values()), "record")
    return {
        "table": table.name,
        "holds": personal.table_word(table.name),
        "kept": personal.kept_word(kept),
        "rows": [{name: _plain(value) for name, value in row.items() if name not in secret} for row in rows],
    }


def _plain(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime):
        return (value.astimezone(clock.SHANGHAI) if value.tzinfo else value).isoformat(timespec="seconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bytes):
        return len(value)
    return str(value) if isinstance(value, Decimal) else value


def strike_off(person: Person, reason: str) -> list[str]:
    """The columns that were emptied, as table.column: what was kept for posts of a person who holds none any more.

    His name stays where results and pay were published; his account is closed. The trail keeps what law asks of it.
    Errors: reason_required, account.still_needed (a post or an employment is in force); NotAllowed.
    """
    access.require(Verb.EDIT, person)
    if not reason.strip():
        raise broken("reason_required", "reason")
    with (
        transaction(),
        acting("accounts.strike_off"),
        access.everything("all that is kept for the posts of one person"),
    ):
        rows = [
            person,
            *db.session.scalars(select(Post).where(Post.person_id == person.id)),
            *db.session.scalars(select(Employment).where(Employment.person_id == person.id)),
        ]
        if any(row.to_on is None or row.to_on >= clock.today() for row in rows[1:]):
            raise broken("account.still_needed", "person", person=person.name)
        emptied = sorted({name for row in rows for name in _emptied(row)})
        user = db.session.scalar(select(PortalUser).where(PortalUser.person_id == person.id))
        if user is not None and user.active:
            set_active(user, False)
        audit.record("struck off", "person", person.id, {"reason": reason.strip()[:400], "columns": emptied})
    return emptied


def _emptied(row: Any) -> Iterator[str]:
    table = row.__tablename__
    for column, entry in personal.entries_of(table).items():
        struck = entry.kept == "post" and entry.level is not Level.NONE and column not in NEEDED_FOR_RESULTS
        if struck and getattr(row, column) is not None:
            setattr(row, column, None)
            yield f"{table}.{column}"
