"""Nobody overwrites what he has not seen: a form says which version of a row it was made from, and the write checks it.

The stamp of a row is its version where it counts versions, else a digest over what is stored. `unchanged` is the only
check: it holds the row until the transaction ends, so that nothing comes between the check and the write.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from flask import request
from sqlalchemy import inspect, select

from app.kit import access
from app.kit.audit import AuditEntry
from app.kit.db import db, transaction

FIELD = "row_version"
_watched: dict[type[Any], Callable[[Any], object]] = {}


class Changed(Exception):
    """The row is another one than the form was made from, or is gone; nothing was written."""

    def __init__(self, row: Any, *, gone: bool = False) -> None:
        self.gone, self.about = gone, str(row)
        self.merge: Any = None  # kit/merging.py, where a choice per field can be offered
        self.table, self.row_id = type(row).__tablename__, inspect(row).identity[0]
        super().__init__(f"{self.table} {self.row_id} has changed")


def watch(model: type[Any], more: Callable[[Any], object]) -> None:
    """Let the stamp of a row cover what hangs on it as well, e.g. the sheets of a round that is to be published."""
    _watched[model] = more


def stamp(row: Any) -> str:
    """The version of a row as a form carries it. Shape: at most 40 characters, safe in HTML and addresses."""
    mapper = inspect(type(row))
    if mapper.version_id_col is not None:
        text = str(getattr(row, mapper.get_property_by_column(mapper.version_id_col).key))
    else:
        names = sorted(a.key for a in mapper.column_attrs if not a.deferred)
        text = digest([[name, getattr(row, name)] for name in names])
    more = _watched.get(type(row))
    return text if more is None else f"{text}-{digest(more(row))}"


def digest(value: object) -> str:
    """A short digest of plain values; equal for what is stored equally."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def sent_stamp() -> str:
    """The stamp the form of this request carries; empty when it carries none."""
    return request.form.get(FIELD, "")


def hold_unchanged(row: Any, given: str) -> None:
    """Read the row as it is now and keep it from everybody else until the transaction ends.

    Call it inside the writing transaction, before anything of the row is set.
    Errors: Changed when the row is not the one with this stamp, or when no stamp is given.
    """
    model, mapper = type(row), inspect(type(row))
    key = inspect(row).identity
    if key is None:
        raise Changed(row, gone=True)
    statement = select(model).where(mapper.primary_key[0] == key[0]).with_for_update(of=model, key_share=True)
    with access.everything("whoever holds the row was allowed it"), db.session.no_autoflush:
        now = db.session.scalars(statement.execution_options(populate_existing=True)).one_or_none()
        if now is None or stamp(now) != given:
            raise Changed(row, gone=now is None)


def still_unchanged(row: Any, given: str) -> bool:
    """As `hold_unchanged`, as an answer: for acts on many rows, where the others go on."""
    try:
        hold_unchanged(row, given)
    except Changed:
        return False
    return True


def hold(row: Any) -> None:
    """Let nobody else come to the row until the transaction ends: one writer at a time for all that hangs on it.

    Errors: Changed when it is gone.
    """
    model, mapper = type(row), inspect(type(row))
    statement = select(mapper.primary_key[0]).where(mapper.primary_key[0] == inspect(row).identity[0])
    with access.everything("whoever holds the row was allowed it"):
        if db.session.execute(statement.with_for_update(of=model, key_share=True)).one_or_none() is None:
            raise Changed(row, gone=True)


@contextmanager
def unchanged(row: Any, given: str | None = None) -> Iterator[None]:
    """One transaction in which the row is still the one of the form (or the one with the stamp given).

    Errors: Changed.
    """
    with transaction():
        hold_unchanged(row, sent_stamp() if given is None else given)
        yield


def last_change(table: str, row_id: object) -> tuple[str, datetime] | None:
    """Who last changed a row, and when, from the trail; None when the trail does not tell."""
    found = db.session.execute(
        select(AuditEntry.username, AuditEntry.at)
        .where(AuditEntry.table_name == table, AuditEntry.row_id == str(row_id))
        .where(AuditEntry.kind.in_(("add", "edit", "delete")))
        .order_by(AuditEntry.id.desc())
        .limit(1)
    ).one_or_none()
    return None if found is None else (found.username, found.at)
