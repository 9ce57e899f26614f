"""Which revision the database is at, and which one this release needs."""

from __future__ import annotations

import functools
from enum import StrEnum

from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from click import ClickException
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from app import config
from app.kit.db import db, side_connection


class Standing(StrEnum):
    """The database beside this release."""

    CURRENT = "current"
    EMPTY = "empty"
    OLDER = "older"
    NEWER = "newer"


class WrongSchema(ClickException):
    """The release and the database do not belong together; the message says what to do."""


_WORDS = {
    Standing.EMPTY: "The database is empty: run `flask portal init`.",
    Standing.OLDER: "The database is at revision {at}, this release needs {head}: run `flask portal upgrade`, then start again.",
    Standing.NEWER: "The database is at revision {at}, which this release does not know: it is too old for this database. "
    "Install the newer release again, or restore the backup that was made before the upgrade.",
}


@functools.cache
def scripts() -> ScriptDirectory:
    """The migrations of this release."""
    return ScriptDirectory(str(config.data_dir("migrations")))


def head() -> str:
    """The revision this release needs."""
    return str(scripts().get_current_head())


def is_known(revision: str) -> bool:
    """True when this release has the migration."""
    return any(script.revision == revision for script in scripts().walk_revisions())


def revision_of(connection: Connection) -> str | None:
    """The revision of a database; None for an empty one."""
    return MigrationContext.configure(connection).get_current_revision()


def compared(revision: str | None) -> Standing:
    """How a revision stands to this release."""
    if revision is None:
        return Standing.EMPTY
    if revision == head():
        return Standing.CURRENT
    return Standing.OLDER if is_known(revision) else Standing.NEWER


def require_current() -> None:
    """Pass only when the database is at the revision of this release.

    Errors: WrongSchema, in words; also when the database does not answer.
    """
    try:
        with side_connection(writes=False) as connection:
            revision = revision_of(connection)
    except SQLAlchemyError as error:
        cause = str(getattr(error, "orig", error)).strip().splitlines()[0]
        raise WrongSchema(f"The database {db.engine.url.render_as_string()} does not answer: {cause}") from error
    standing = compared(revision)
    if standing is not Standing.CURRENT:
        raise WrongSchema(_WORDS[standing].format(at=revision, head=head()))
