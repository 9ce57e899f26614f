"""What an error page says: what happened, what became of the input, what to do next; and why a database said no."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from enum import StrEnum

from sqlalchemy.exc import DBAPIError, IntegrityError

from app.kit.audit import AuditUnavailable
from app.kit.i18n import _


class Cause(StrEnum):
    """Why a request could not be carried out, where the status alone does not say it."""

    UNKNOWN = ""
    TOKEN = "token"
    HOST = "host"
    BUSY = "busy"
    DATABASE_AWAY = "database_away"
    DISK_FULL = "disk_full"
    TRAIL = "trail"
    VALUE = "value"
    DUPLICATE = "duplicate"


STATUS = {
    Cause.TOKEN: 400,
    Cause.HOST: 400,
    Cause.BUSY: 503,
    Cause.DATABASE_AWAY: 503,
    Cause.DISK_FULL: 507,
    Cause.TRAIL: 503,
    Cause.VALUE: 400,
    Cause.DUPLICATE: 409,
}
_FULL = ("is full", "no space left", "disk full", "could not extend file")
_LOCKED = ("locked", "lock timeout", "deadlock", "could not obtain lock", "could not serialize", "canceling statement")
_AWAY = ("connection", "server closed", "unable to open database", "shutting down", "starting up", "terminating")


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = getattr(error, "orig", None) or error.__cause__ or error.__context__


def cause_of(error: BaseException) -> Cause:
    """Why it failed, as far as one can tell; a full disk first, for it is what else fails of."""
    chain = list(_chain(error))
    texts = [str(one).lower() for one in chain if isinstance(one, DBAPIError | OSError)]
    if any(getattr(one, "errno", None) in (errno.ENOSPC, errno.EDQUOT) for one in chain) or _says(texts, _FULL):
        return Cause.DISK_FULL
    if any(isinstance(one, AuditUnavailable) for one in chain):
        return Cause.TRAIL
    if not any(isinstance(one, DBAPIError) for one in chain):
        return Cause.UNKNOWN
    if any(isinstance(one, IntegrityError) for one in chain):
        return Cause.DUPLICATE
    if _says(texts, _LOCKED):
        return Cause.BUSY
    if _says(texts, _AWAY) or any(isinstance(one, DBAPIError) and one.connection_invalidated for one in chain):
        return Cause.DATABASE_AWAY
    return Cause.VALUE if any(type(one).__name__ == "DataError" for one in chain) else Cause.UNKNOWN


def _says(texts: list[str], words: tuple[str, ...]) -> bool:
    return any(word in text for text in texts for word in words)


def words(status: int, cause: Cause = Cause.UNKNOWN) -> tuple[str, str]:
    """The heading and the sentences of a page."""
    return _by_cause(cause) or _by_status(status)


def _by_cause(cause: Cause) -> tuple[str, str] | None:
    table = {
        Cause.TOKEN: (
            _("This page was open too long"),
            _("Nothing was saved. Go back, reload the page and send it again."),
        ),
        Cause.HOST: (
            _("This is not the address of the portal"),
            _("Open the portal by the address your office was given. Nothing was saved."),
        ),
        Cause.BUSY: (
            _("Busy for a moment"),
            _("The database is locked by other work. Nothing was saved: go back and send it again."),
        ),
        Cause.DATABASE_AWAY: (
            _("The database does not answer"),
            _("Nothing of this request was saved. Wait a minute, go back and send it again."),
        ),
        Cause.DISK_FULL: (
            _("The disk of the server is full"),
            _(
                "Nothing of this request was saved; what was saved before is safe and can be read. "
                "Tell the system administrator and send it again when there is room."
            ),
        ),
        Cause.TRAIL: (
            _("The audit trail cannot be written"),
            _("What is not on record is not done: nothing was saved. Tell the system administrator."),
        ),
        Cause.VALUE: (
            _("A value does not fit"),
            _("A number is too large or a text holds signs that cannot be kept. Nothing was saved: correct it."),
        ),
        Cause.DUPLICATE: (
            _("It clashes with another record"),
            _(
                "A record with the same key exists, or other records still refer to this one. Nothing was saved: "
                "change it or edit the other record."
            ),
        ),
    }
    return table.get(cause)


def _by_status(status: int) -> tuple[str, str]:
    absent = (_("Not found"), _("It does not exist, or it lies outside your area."))
    table = {
        400: (_("The request was not understood"), _("Go back, reload the page and try again. Nothing was saved.")),
        403: (
            _("Not yours to do"),
            _("Your post does not include this. Ask the administrator of your township or county."),
        ),
        404: absent,
        405: absent,
        409: (
            _("Somebody was faster"),
            _("Another person saved this record meanwhile. Reload, compare and save again."),
        ),
        413: (
            _("That is too large"),
            _("A file may have 50 MB, a form 8 MB. Split it and send the parts. Nothing was saved."),
        ),
        429: (
            _("Too many requests"),
            _("Nothing of this request was saved. Wait a minute and send it again."),
        ),
    }
    return table.get(
        status,
        (
            _("Sorry, something went wrong"),
            _("Nothing of this request was saved. Quote the number below when you report it."),
        ),
    )
