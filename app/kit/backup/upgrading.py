"""A new release on a database with data: saved first, then migrated in one transaction, or left as it was."""

from __future__ import annotations

import logging

from click import ClickException
from flask_migrate import upgrade
from sqlalchemy.exc import DBAPIError

from app.kit import schema
from app.kit.backup import making, restoring
from app.kit.backup.making import Made
from app.kit.db import db, side_connection

log = logging.getLogger(__name__)


class NotUpgraded(ClickException):
    """The database stands at the revision it had; the message says where the backup is and what to do."""


def bring_up(words: str = "") -> Made | None:
    """Bring the schema to this release; the backup that was made before, None when none was needed.

    Errors: WrongSchema for a database of a newer release, NotUpgraded when a step fails.
    """
    before = _revision()
    standing = schema.compared(before)
    if standing is schema.Standing.CURRENT:
        return None
    if standing is schema.Standing.NEWER:
        schema.require_current()
    saved = making.make(why="before-upgrade", words=words) if before and not restoring.is_empty() else None
    try:
        upgrade()
    except (Exception, SystemExit) as error:
        log.exception("the upgrade failed")
        db.session.remove()
        raise NotUpgraded(_words(error, before, saved)) from error
    return saved


def _revision() -> str | None:
    with side_connection(writes=False) as connection:
        return schema.revision_of(connection)


def _words(error: BaseException, before: str | None, saved: Made | None) -> str:
    cause = str(error.orig if isinstance(error, DBAPIError) else error).strip().splitlines()
    words = f"The upgrade stopped: {cause[0] if cause else type(error).__name__}. "
    if _revision() == before:
        words += f"It was rolled back: the database is as it was, at revision {before}. "
        words += "The former release goes on working with it; the cause stands in the log."
    else:
        words += f"The database stands at revision {_revision()} instead of {before}: restore the backup before anything else."
    return words + (f" The backup made before: {saved.file}" if saved else "")
