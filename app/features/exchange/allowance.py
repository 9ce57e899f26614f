"""What one account may have lying here between upload and confirmation, and what of a file is kept afterwards."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import func, select

from app.domain.errors import broken
from app.features.exchange.models import ImportBatch
from app.kit import access, clock
from app.kit.db import db, transaction

MEGABYTE = 1 << 20


@dataclass
class Allowance:
    """Of one account: `waiting` previews at a time, `megabytes` of files in them, and the `days` a preview waits; `receipt` days what it said."""

    waiting: int = 20
    megabytes: int = 200
    days: int = 7
    receipt: int = 30


ALLOWED = Allowance()


def check(size: int) -> None:
    """Refuse an upload of so many bytes beyond what the account may have waiting.

    Errors: exchange.too_many_waiting, exchange.too_much_waiting.
    """
    sums = select(func.count(), func.coalesce(func.sum(func.length(ImportBatch.content)), 0)).where(
        ImportBatch.user_id == access.actor().user_id, ImportBatch.state == "previewed"
    )
    waiting, lying = db.session.execute(sums).one()
    if waiting >= ALLOWED.waiting:
        raise broken("exchange.too_many_waiting", "file", count=waiting)
    if lying + size > ALLOWED.megabytes * MEGABYTE:
        raise broken("exchange.too_much_waiting", "file", megabytes=ALLOWED.megabytes)


def put_old_aside() -> None:
    """Put aside what nobody confirmed in time, whoever uploaded it; call it inside a transaction."""
    until = clock.now() - timedelta(days=ALLOWED.days)
    old = select(ImportBatch).where(ImportBatch.state == "previewed", ImportBatch.created_at < until)
    for batch in db.session.scalars(old):
        batch.state = "cancelled"
        forget(batch)


def forget(batch: ImportBatch) -> None:
    """Keep of an upload its fingerprint and what was said about it, not the file and not its rows."""
    batch.content = b""
    batch.result = {**batch.result, "rows": []}


def tidy() -> int:
    """How many uploads lost what was said about their rows, because their days are over; who, when and what file stays."""
    until = clock.now() - timedelta(days=ALLOWED.receipt)
    with transaction() as session:
        put_old_aside()
        emptied = 0
        for batch in session.scalars(select(ImportBatch).where(ImportBatch.created_at < until)):
            if batch.changes.get("rows") or batch.result["shown"].get("issues"):
                batch.changes = {**batch.changes, "rows": []}
                batch.result = {**batch.result, "shown": {**batch.result["shown"], "issues": [], "rejected_rows": []}}
                emptied += 1
    return emptied
