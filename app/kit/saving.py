"""What holds whenever a row is saved, whichever door it came through: a generated form, a service, a workbook.

A feature registers, for one of its models, a function over all rows of the flush at once: it may fill in what
follows from other columns and raises RuleBroken for what may not be. `after` runs when the rows have their ids.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import event, inspect
from sqlalchemy.orm import Session

from app.kit.db import db

Step = Callable[[Sequence[Any]], None]
_before: dict[type[Any], Step] = {}
_after: dict[type[Any], Step] = {}


def register(model: type[Any], before: Step, after: Step | None = None) -> None:
    """Run `before` on the new and changed rows of a model before they are written, `after` when they have ids."""
    _before[model] = before
    if after:
        _after[model] = after


def changed(row: Any, *names: str) -> bool:
    """True when one of these attributes of the row is not what the database holds."""
    state = inspect(row)
    return any(state.attrs[name].history.has_changes() for name in names)


def _rows(session: Session, model: type[Any]) -> list[Any]:
    edited = (row for row in session.dirty if session.is_modified(row))
    return [row for row in (*session.new, *edited) if isinstance(row, model)]


def _before_flush(session: Session, _context: Any, _instances: Any) -> None:
    with session.no_autoflush:
        for model, step in _before.items():
            if rows := _rows(session, model):
                step(rows)


def _after_flush(session: Session, _context: Any) -> None:
    for model, step in _after.items():
        if rows := _rows(session, model):
            step(rows)


def install() -> None:
    """Put the listeners on the session, ahead of the scope guard, which must see finished rows; once per process."""
    if not event.contains(db.session, "before_flush", _before_flush):
        event.listen(db.session, "before_flush", _before_flush, insert=True)
        event.listen(db.session, "after_flush", _after_flush)
