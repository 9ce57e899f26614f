"""What of a saved import is handed out later: the file itself, and who took it back."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from app.domain.rights import Verb
from app.features.exchange import allowance, history, queries
from app.features.exchange.models import ImportBatch
from app.kit import access, audit
from app.kit.audit import AuditEntry, acting
from app.kit.db import db, transaction


def may_take_original(batch: ImportBatch) -> bool:
    """True for whoever uploaded it; for others only where they may see whole what the sheet shows masked."""
    who = access.actor()
    if who.is_operator or batch.user_id == who.user_id:
        return True
    door = queries.door_of(batch.sheet)
    return not door.has_masked or access.holds(door.resource, Verb.UNMASK)


def take_original(batch: ImportBatch) -> bytes:
    """The file as it was uploaded; that it was taken is in the trail.

    Errors: exchange.not_kept when its days are over; NotAllowed for an import the actor may not know of, or not whole.
    """
    held = history.receipt(batch.id)
    if not may_take_original(held):
        raise access.NotAllowed(queries.door_of(held.sheet).resource, Verb.UNMASK)
    content = allowance.original(held)
    with transaction(), acting("exchange.original"):
        facts = {"import": held.id, "file": held.filename, "sha256": held.sha256}
        audit.record("export", held.sheet, held.options.get("unit") or "", facts)
    return content


def undone_by(batch: ImportBatch) -> dict[str, Any]:
    """Who took an import back, when, and why; empty when nobody did."""
    told = select(AuditEntry).where(
        AuditEntry.action == "exchange.undo", AuditEntry.kind == "undo", AuditEntry.table_name == batch.sheet
    )
    for entry in db.session.scalars(told.order_by(AuditEntry.id.desc())):
        if entry.changes.get("import") == batch.id:
            return {"by": entry.username, "at": entry.at, "reason": entry.changes.get("reason", "")}
    return {}
