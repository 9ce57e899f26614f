"""Taking a whole import back, while nothing later builds on it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from app.domain.errors import RuleBroken, broken
from app.domain.rights import Verb
from app.features.exchange import queries
from app.features.exchange.models import ImportBatch
from app.features.exchange.services.reading import options_from_data, require
from app.kit import access, audit, clock, effects, undoing
from app.kit.audit import acting
from app.kit.db import transaction
from app.kit.undoing import Blocker

SHOWN = 200  # problems told at once; the page lists them all


def may_undo(batch: ImportBatch) -> bool:
    """True for whoever imported it, and for everybody who may import this sheet at its unit."""
    door, is_mine = queries.door(batch.sheet), batch.user_id == access.actor().user_id
    if door is None:
        return is_mine
    try:
        options = options_from_data(batch.options)
        require(door if is_mine else replace(door, also={}), Verb.IMPORT, options)
    except (access.NotAllowed, RuleBroken):
        return False
    return options.unit is not None or is_mine or access.actor().is_operator


def blockers(batch: ImportBatch) -> Sequence[Blocker]:
    """What keeps this import from being undone, row by row; nothing when it can be.

    Errors: NotAllowed.
    """
    _require(batch)
    return undoing.blockers(queries.change_set(batch))


def undo(batch: ImportBatch, reason: str) -> int:
    """Put every row back as it stood before this import; gives how many. A second click changes nothing.

    Errors: reason_required, exchange.not_applied, exchange.way_back_gone, the problems of the blockers, what the rules of
            the rows say; NotAllowed.
    """
    _require(batch)
    if not reason.strip():
        raise broken("reason_required", "reason")
    with transaction() as session, acting("exchange.undo"):
        session.refresh(batch, with_for_update=True)  # of two clicks the second waits here and finds it done
        if batch.state == "undone":
            return 0
        if batch.state != "applied":
            raise broken("exchange.not_applied")
        found = undoing.blockers(queries.change_set(batch))
        if found:
            raise RuleBroken([blocker.problem for blocker in found[:SHOWN]])
        count = undoing.put_back(queries.change_set(batch))
        written = batch.changes.get("counts", {})
        if not count and (written.get("new") or written.get("changed")):
            raise broken("exchange.way_back_gone")
        batch.state, batch.undone_at = "undone", clock.now()
        effects.forget(queries.change_set(batch))
        facts = {"import": batch.id, "file": batch.filename, "rows": count, "reason": reason.strip()}
        audit.record("undo", batch.sheet, batch.options.get("unit") or "", facts)
    return count


def _require(batch: ImportBatch) -> None:
    if not may_undo(batch):
        raise access.NotAllowed("import", Verb.IMPORT, hidden=True)
