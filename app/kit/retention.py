"""How long the trail is kept, and how what is older leaves it: into a file first, with its hash in the trail."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from flask import current_app
from sqlalchemy import delete, func, select

from app.domain.errors import broken
from app.kit import anchors, audit, chain, clock
from app.kit.audit import AuditEntry, AuditSeal, acting
from app.kit.db import db, transaction

FOLDER = "audit-archive"


@dataclass(frozen=True)
class Purge:
    """Entries that left the trail: the seals `first` to `last`, how many, and the file that holds them with its SHA-256."""

    first: int
    last: int
    entries: int
    file: Path
    sha256: str


def purge() -> Purge | None:
    """Move the entries older than AUDIT_RETENTION_DAYS into a compressed file; None when there are none.

    Only the beginning of the chain goes, up to the first entry that is young enough to stay; the seals stay all.
    Errors: audit.no_key without a key to sign the purge with; the database refuses what is younger than 180 days.
    """
    if not anchors.has_key():
        raise broken("audit.no_key")
    chain.seal()
    first, last = _range(clock.now() - timedelta(days=current_app.config["AUDIT_RETENTION_DAYS"]))
    if last < first:
        return None
    file = _folder() / f"{first}-{last}.jsonl.gz"
    try:
        with transaction(), acting("audit.purge"):
            count = _export(file, first, last)
            purged = Purge(first, last, count, file, hashlib.sha256(file.read_bytes()).hexdigest())
            facts = {"from": first, "to": last, "rows": count, "file": file.name, "sha256": purged.sha256}
            # Before the delete: on SQLite the next id is that of the last row left plus one.
            audit.record("purge", AuditEntry.__tablename__, f"{first}-{last}", anchors.signed(facts))
            db.session.execute(delete(AuditEntry).where(AuditEntry.id.in_(_ids(first, last))))
    except BaseException:
        file.unlink(missing_ok=True)
        raise
    return purged


def _folder() -> Path:
    folder = Path(current_app.config["INSTANCE_DIR"]) / FOLDER
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder


def _range(cutoff: datetime) -> tuple[int, int]:
    """The first seal whose entry is still there, and the last before the first entry that is to stay."""
    sealed = select(func.min(AuditSeal.number)).join(AuditEntry, AuditEntry.id == AuditSeal.entry_id)
    first, stays = db.session.scalar(sealed), db.session.scalar(sealed.where(AuditEntry.at >= cutoff))
    end = db.session.scalar(select(func.max(AuditSeal.number))) or 0
    return first or 1, end if stays is None else stays - 1


def _ids(first: int, last: int) -> Any:
    return select(AuditSeal.entry_id).where(AuditSeal.number.between(first, last))


def _export(file: Path, first: int, last: int) -> int:
    count = 0
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as raw, gzip.GzipFile(fileobj=raw, mode="wb", mtime=0, filename="") as packed:
        for row in _rows(first, last):
            packed.write(json.dumps(row, ensure_ascii=False, default=str).encode() + b"\n")
            count += 1
        packed.close()
        raw.flush()
        os.fsync(raw.fileno())
    return count


def _rows(first: int, last: int) -> Iterator[dict[str, Any]]:
    table, seals = AuditEntry.__table__, AuditSeal.__table__
    statement = select(seals.c.number, seals.c.entry_digest, table).join(table, table.c.id == seals.c.entry_id)
    after = first - 1
    while True:
        wanted = statement.where(seals.c.number > after, seals.c.number <= last).order_by(seals.c.number)
        rows = db.session.execute(wanted.limit(chain.CHUNK)).mappings().all()
        if not rows:
            return
        yield from (dict(row) for row in rows)
        after = rows[-1]["number"]
