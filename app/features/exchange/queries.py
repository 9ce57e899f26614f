"""Reading imports and doors."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from app.domain.errors import broken
from app.domain.rights import Verb
from app.features.exchange.models import ImportBatch
from app.kit import access
from app.kit.db import db
from app.kit.exchange import Door

_doors: dict[str, Door] = {}


def register_doors(doors: Sequence[Door]) -> None:
    """Make the doors of the features known; called once when the app is made."""
    _doors.clear()
    _doors.update({door.code: door for door in doors})


def door_of(code: str) -> Door:
    """The door with this code.

    Errors: exchange.unknown_sheet, with the codes there are.
    """
    if code not in _doors:
        raise broken("exchange.unknown_sheet", "sheet", sheet=code, known=", ".join(_doors))
    return _doors[code]


def doors_open_for(verb: Verb) -> list[Door]:
    """The doors through which the actor may import (or export)."""
    return [door for door in _doors.values() if access.holds(door.resource, verb)]


def may_exchange() -> bool:
    """True when some door is open to the actor."""
    return bool(doors_open_for(Verb.IMPORT) or doors_open_for(Verb.EXPORT))


def batch_of_mine(batch_id: int) -> ImportBatch:
    """An import the actor uploaded; hidden otherwise."""
    batch = db.session.get(ImportBatch, batch_id)
    if batch is None or batch.user_id != access.actor().user_id:
        raise access.NotAllowed("import", Verb.VIEW, hidden=True)
    return batch


def my_batches(limit: int = 20) -> Sequence[ImportBatch]:
    """The actor's imports, newest first."""
    statement = select(ImportBatch).where(ImportBatch.user_id == access.actor().user_id)
    return db.session.scalars(statement.order_by(ImportBatch.id.desc()).limit(limit)).all()


def earlier_import(sheet: str, sha256: str, options: dict[str, object]) -> ImportBatch | None:
    """An applied import of the same file to the same place, if there was one."""
    statement = select(ImportBatch).where(
        ImportBatch.sheet == sheet, ImportBatch.sha256 == sha256, ImportBatch.state == "applied"
    )
    found = db.session.scalars(statement.order_by(ImportBatch.id.desc())).all()
    return next((batch for batch in found if batch.options == options), None)
