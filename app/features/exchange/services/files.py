"""Files made for download: kept with the account that asked for them until their days are over."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import delete, func, select

from app.domain.errors import broken
from app.domain.rights import Verb
from app.features.exchange import allowance
from app.features.exchange.models import MadeFile
from app.kit import access, audit, clock
from app.kit.audit import acting
from app.kit.db import db, transaction
from app.kit.download import plain_name

MEGABYTE = 1 << 20


def keep(code: str, filename: str, media: str, content: bytes, rows: int, job_id: int | None = None) -> MadeFile:
    """The file, kept for the actor for the days of the setting MADE_FILE_DAYS. Errors: exchange.files_full."""
    check_room(len(content))
    with transaction() as session, acting("exchange.keep_file"):
        made = MadeFile(
            user_id=access.actor().user_id,
            job_id=job_id,
            sheet=code[:64],
            filename=plain_name(filename.replace("/", "-"))[:200],
            media=media,
            rows=rows,
            sha256=fingerprint(content),
            size=len(content),
            content=content,
            expires_at=clock.now() + timedelta(days=allowance.made_file_days()),
        )
        session.add(made)
    return made


def check_room(more: int = 0) -> None:
    """Refuse a file of so many bytes beyond what one account may keep. Errors: exchange.files_full."""
    most = allowance.made_file_megabytes()
    if held() + more > most * MEGABYTE:
        raise broken("exchange.files_full", "file", megabytes=most)


def held() -> int:
    """The bytes of the actor's files."""
    sizes = select(func.coalesce(func.sum(MadeFile.size), 0)).where(_mine())
    return int(db.session.scalar(sizes) or 0)


def my_files() -> Sequence[MadeFile]:
    """The actor's files that have not expired, the newest first."""
    return db.session.scalars(
        select(MadeFile).where(_mine(), MadeFile.expires_at > clock.now()).order_by(MadeFile.id.desc())
    ).all()


def file_of_mine(file_id: int) -> MadeFile:
    """A file of the actor. Errors: NotAllowed (hidden) for anybody else's, and for one that has expired."""
    made = db.session.scalar(select(MadeFile).where(MadeFile.id == file_id, _mine(), MadeFile.expires_at > clock.now()))
    if made is None:
        raise access.NotAllowed("made_file", Verb.EXPORT, hidden=True)
    return made


def _mine():  # type: ignore[no-untyped-def]
    """The condition for files of the actor; of nobody's where nobody has signed in."""
    who = access.actor()
    if who.user_id is None:
        return MadeFile.user_id.is_(None) if who.is_operator else MadeFile.id.is_(None)
    return MadeFile.user_id == who.user_id


def hand_out(file_id: int) -> MadeFile:
    """A file of the actor's, with its content; that it was taken is in the trail. Errors: as `file_of_mine`."""
    made = file_of_mine(file_id)
    with transaction(), acting("exchange.download"):
        facts = {"file": made.filename, "rows": made.rows, "sha256": made.sha256}
        audit.record("download", MadeFile.__tablename__, made.id, facts)
    return made


def remove(file_id: int) -> None:
    """Delete a file of the actor before its days are over. Errors: as `file_of_mine`."""
    made = file_of_mine(file_id)
    with transaction() as session, acting("exchange.delete_file"):
        session.delete(made)


def purge() -> int:
    """How many files were deleted because their days are over."""
    with transaction() as session, acting("exchange.purge_files"):
        gone = session.execute(delete(MadeFile).where(MadeFile.expires_at <= clock.now()))
    return int(gone.rowcount)  # type: ignore[attr-defined]


def fingerprint(content: bytes) -> str:
    """By which a file is known again: its SHA-256."""
    return hashlib.sha256(content).hexdigest()
