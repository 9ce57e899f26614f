"""What one account may have lying here between upload and confirmation, and what of a file is kept afterwards."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from flask import current_app
from sqlalchemy import delete, func, select

from app.domain.errors import broken
from app.features.exchange import queries
from app.features.exchange.models import ImportBatch, ImportRow, OfflineBook
from app.kit import access, clock, effects, sealing
from app.kit.db import db, transaction

MEGABYTE = 1 << 20
PURPOSE = "uploaded workbook"
WAITING = ("previewed", "reading")
OFFLINE_DAYS = 92  # an older offline workbook is not taken back; for as long again the portal still knows which it was


@dataclass
class Allowance:
    """Of one account: `waiting` previews at a time, `megabytes` of files in them, and the `days` a preview waits."""

    waiting: int = 20
    megabytes: int = 200
    days: int = 7


ALLOWED = Allowance()


def long_bytes() -> int:
    """A file of more bytes is read by a job."""
    return int(current_app.config["LONG_FILE_KB"]) * 1024


def long_rows() -> int:
    """A preview of more rows is saved by a job."""
    return int(current_app.config["LONG_FILE_ROWS"])


def made_file_days() -> int:
    """How many days a file made for download waits for its owner."""
    return int(current_app.config["MADE_FILE_DAYS"])


def made_file_megabytes() -> int:
    """How much the files made for one account may hold."""
    return int(current_app.config["MADE_FILE_MB"])


def at_once_rows() -> int:
    """A list of more rows is written by a job."""
    return int(current_app.config["EXPORT_AT_ONCE_ROWS"])


def file_rows() -> int:
    """A list of more rows goes into several files."""
    return int(current_app.config["EXPORT_FILE_ROWS"])


def check(size: int) -> None:
    """Refuse an upload of so many bytes beyond what the account may have waiting.

    Errors: exchange.too_many_waiting, exchange.too_much_waiting.
    """
    sums = select(func.count(), func.coalesce(func.sum(func.length(ImportBatch.content)), 0)).where(
        ImportBatch.user_id == access.actor().user_id, ImportBatch.state.in_(WAITING)
    )
    waiting, lying = db.session.execute(sums).one()
    if waiting >= ALLOWED.waiting:
        raise broken("exchange.too_many_waiting", "file", count=waiting)
    if lying + size > ALLOWED.megabytes * MEGABYTE:
        raise broken("exchange.too_much_waiting", "file", megabytes=ALLOWED.megabytes)


def sealed(data: bytes) -> bytes:
    """A file as it is kept: it may hold numbers that are masked everywhere else."""
    return sealing.seal(data, PURPOSE)


def original(batch: ImportBatch) -> bytes:
    """The file as it was uploaded.

    Errors: exchange.not_kept when its days are over, it was put aside, or the key of the installation is another.
    """
    data = sealing.opened(batch.content, PURPOSE) if batch.content else None
    if data is None:
        raise broken("exchange.not_kept")
    return data


def put_old_aside() -> None:
    """Put aside what nobody confirmed in time, whoever uploaded it; call it inside a transaction."""
    until = clock.now() - timedelta(days=ALLOWED.days)
    old = select(ImportBatch).where(ImportBatch.state.in_(WAITING), ImportBatch.created_at < until)
    for batch in db.session.scalars(old):
        batch.state = "cancelled"
        forget(batch)


def forget(batch: ImportBatch) -> None:
    """Keep of an upload who, when, its fingerprint and its counts: not the file, not its rows, not what they were before."""
    batch.content = b""
    shown = batch.result.get("shown")
    batch.result = {"shown": {**shown, "issues": []}} if shown else {}
    db.session.execute(delete(ImportRow).where(ImportRow.batch_id == batch.id))
    effects.forget(queries.change_set(batch))


def tidy() -> int:
    """How many saved uploads lost their original and their rows, because UPLOAD_DAYS are over; the receipt stays.

    Offline workbooks that are not taken back any more are forgotten with them.
    """
    until = clock.now() - timedelta(days=current_app.config["UPLOAD_DAYS"])
    with transaction() as session:
        put_old_aside()
        session.execute(
            delete(OfflineBook).where(OfflineBook.created_at < clock.now() - 2 * timedelta(days=OFFLINE_DAYS))
        )
        old = select(ImportBatch).where(ImportBatch.created_at < until, func.length(ImportBatch.content) > 0)
        emptied = session.scalars(old).all()
        for batch in emptied:
            forget(batch)
    return len(emptied)
