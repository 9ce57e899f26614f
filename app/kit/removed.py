"""What was deleted is kept for a while and can be put back: the bin."""

from __future__ import annotations

from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

from flask import flash, has_request_context
from sqlalchemy import JSON, Integer, String, delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column

from app.domain.errors import Problem, RuleBroken, broken
from app.domain.rights import Resource, Verb
from app.kit import access, clock
from app.kit.audit import acting
from app.kit.db import LEVELS, Base, Instant, db, transaction
from app.kit.problems import from_integrity_error
from app.kit.rows import as_data, model_of, values_for, with_dependents

KEEP = timedelta(days=180)
SHOWN = 200
UNDO = "undo"  # the category of the message that offers the way back


class RemovedRow(Base):
    """One deleted row with everything it held; `unit_id` and the resource say whose it was."""

    __tablename__ = "removed_row"
    __scope__ = access.Unscoped("shown to whoever may edit such a row at its unit, by the queries of this module")
    __audited__ = False

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    table_name: Mapped[str] = mapped_column(String(64), index=True)
    row_id: Mapped[str] = mapped_column(String(64), index=True)
    resource: Mapped[str] = mapped_column(String(40))
    unit_id: Mapped[int | None] = mapped_column(Integer, index=True)
    label: Mapped[str] = mapped_column(String(200))
    payload: Mapped[dict[str, Any]] = mapped_column(JSON)
    removed_by: Mapped[str] = mapped_column(String(64))
    removed_at: Mapped[datetime] = mapped_column(Instant(), index=True)
    restored_at: Mapped[datetime | None] = mapped_column(Instant())
    restored_by: Mapped[str | None] = mapped_column(String(64))


def remove(row: Any, resource: Resource) -> RemovedRow:
    """The row out of its table and into the bin, with the rows that go with it; a message offers the way back.

    Errors: in_use (others still refer to it), and what the rules of the model say; NotAllowed.
    """
    access.require(Verb.EDIT, row)
    label, unit_id = str(row)[:200], _unit_of(row)
    try:
        with transaction() as session, acting("bin.remove"):
            session.flush()
            kept = list(with_dependents(session.connection(), type(row).__table__, [row.id]))
            bin_row = RemovedRow(
                table_name=row.__tablename__,
                row_id=str(row.id),
                resource=resource.value,
                unit_id=unit_id,
                label=label,
                payload={"rows": [[table.name, as_data(values)] for table, values in kept]},
                removed_by=access.actor().username,
                removed_at=clock.now(),
            )
            session.add(bin_row)
            session.delete(row)
    except IntegrityError as error:
        raise from_integrity_error(error) from error
    if has_request_context():
        flash([label, str(bin_row.id)], UNDO)  # type: ignore[arg-type]
    return bin_row


def restore(bin_row: RemovedRow) -> Any:
    """The row back in its table under its old id (a new one where that is taken and nothing hangs on it).

    It goes through the rules and the scope like a new row.
    Errors: bin.restored, bin.place_taken, and what the rules of the model say; NotAllowed.
    """
    if not may_restore(bin_row):
        raise access.NotAllowed(bin_row.resource, Verb.EDIT, hidden=True)
    try:
        with transaction() as session, acting("bin.restore"):
            held = session.get_one(RemovedRow, bin_row.id, with_for_update=True, populate_existing=True)
            if held.restored_at is not None:
                raise broken("bin.restored", label=held.label)
            back = _put_back(held)
            held.restored_at, held.restored_by = clock.now(), access.actor().username
    except IntegrityError as taken:
        raise RuleBroken(Problem("bin.place_taken", "", {"label": bin_row.label})) from taken
    return back


def _put_back(held: RemovedRow) -> Any:
    rows = []
    for table_name, data in held.payload["rows"]:
        model = model_of(table_name)
        rows.append(model(**values_for(model, data)))
    first = rows[0]
    with access.everything("whether the old number is taken"):
        if db.session.get(type(first), first.id) is not None:
            if len(rows) > 1:
                raise broken("bin.place_taken", label=held.label)
            first.id = None
    for row in rows:
        db.session.add(row)
        db.session.flush()  # the first one first: the others refer to it
    return first


def find(bin_id: int) -> RemovedRow:
    """A row of the bin the actor may restore. Errors: NotAllowed (hidden)."""
    row = db.session.get(RemovedRow, bin_id)
    if row is None or not may_restore(row):
        raise access.NotAllowed("bin", Verb.EDIT, hidden=True)
    return row


def bin_rows() -> list[RemovedRow]:
    """What the actor may restore, the last removed first."""
    mine = [resource.value for resource in Resource if access.holds(resource, Verb.EDIT)]
    statement = select(RemovedRow).where(RemovedRow.resource.in_(mine), RemovedRow.restored_at.is_(None))
    found = db.session.scalars(statement.order_by(RemovedRow.id.desc()).limit(SHOWN)).all()
    above = access.ancestors_of({row.unit_id for row in found if row.unit_id is not None})
    return [row for row in found if _reaches(row, above.get(row.unit_id or 0, {}))]


def may_restore(row: RemovedRow) -> bool:
    """True when the actor may edit such rows where this one stood."""
    above = access.ancestors_of({row.unit_id}) if row.unit_id is not None else {}
    return _reaches(row, above.get(row.unit_id or 0, {}))


def _reaches(row: RemovedRow, above: Any) -> bool:
    if access.actor().is_operator:
        return True
    if not above:
        return False
    unit = SimpleNamespace(id=row.unit_id, **{f"{level}_id": above.get(level) for level in LEVELS})
    return access.can_at(Verb.EDIT, Resource(row.resource), unit)


def purge_bin() -> int:
    """The number of rows that have been in the bin for too long and are gone now."""
    with transaction() as session:
        gone = session.execute(delete(RemovedRow).where(RemovedRow.removed_at < clock.now() - KEEP))
    return int(gone.rowcount)  # type: ignore[attr-defined]


def _unit_of(row: Any) -> int | None:
    """The unit a row hangs on, by itself or through its parent; of a unit itself, the one above it."""
    while not hasattr(row, "unit_id"):
        parent = getattr(access.scope_of(type(row)), "through", None)
        if parent is None:
            return None
        row = getattr(row, parent)
    if hasattr(row, "parent_id"):
        return row.parent_id  # type: ignore[no-any-return]
    return int(row.unit_id) if row.unit_id is not None else None
