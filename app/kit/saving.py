"""What holds whenever a row is saved, whichever door it came through: a generated form, a service, a workbook.

A feature registers, for one of its models, a function over all rows of the flush at once: it may fill in what
follows from other columns and raises RuleBroken for what may not be. `after` runs when the rows have their ids, and
`whenever` lets a higher feature follow: it also hears of deleted rows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import event, inspect
from sqlalchemy.orm import Session

from app.domain.errors import Problem, RuleBroken
from app.domain.private_numbers import found_in
from app.kit import personal
from app.kit.db import db

Step = Callable[[Sequence[Any]], None]
_before: dict[type[Any], Step] = {}
_after: dict[type[Any], Step] = {}
_whenever: dict[type[Any], Step] = {}
_deleting: dict[type[Any], Step] = {}


def register(model: type[Any], before: Step, after: Step | None = None) -> None:
    """Run `before` on the new and changed rows of a model before they are written, `after` when they have ids."""
    _before[model] = before
    if after:
        _after[model] = after


def whenever(model: type[Any], step: Step) -> None:
    """Run `step` on the new, changed and deleted rows of a model of a lower feature, in the transaction that writes them."""
    _whenever[model] = step


def before_deleting(model: type[Any], step: Step) -> None:
    """Run `step` on the rows of a model that are about to be deleted; it raises RuleBroken for those that must stay."""
    _deleting[model] = step


def has_rules(model: type[Any]) -> bool:
    """True when something is to hold for, or to follow from, objects of this model."""
    return any(model in steps for steps in (_before, _after, _whenever))


def changed(row: Any, *names: str) -> bool:
    """True when one of these attributes of the row is not what the database holds."""
    state = inspect(row)
    return any(state.attrs[name].history.has_changes() for name in names)


def _rows(session: Session, model: type[Any]) -> list[Any]:
    edited = (row for row in session.dirty if session.is_modified(row))
    return [row for row in (*session.new, *edited) if isinstance(row, model)]


def texts_in(value: Any) -> list[str]:
    """Every text in a value, however deep."""
    if isinstance(value, str):
        return [value]
    if not isinstance(value, Mapping | list | tuple):
        return []
    found: list[str] = []
    for part in value.values() if isinstance(value, Mapping) else value:
        if type(part) is str:
            found.append(part)
        elif type(part) is not int:
            found += texts_in(part)
    return found


def private_numbers_in(table: str, values: Mapping[str, Any]) -> list[Problem]:
    """A problem for every column in which people write freely and which holds an identity or bank-card number."""
    return [
        Problem(f"private.{kind}", column)
        for column in sorted(personal.free_columns(table) & values.keys())
        for kind in sorted({kind for text in texts_in(values[column]) for _number, kind in found_in(text)})
    ]


def _refuse_private_numbers(session: Session) -> None:
    problems: dict[tuple[str, str], Problem] = {}
    for row in (*session.new, *session.dirty):
        values = inspect(row).dict
        if row in session.dirty:  # what stands there since before is not this writer's doing
            values = {name: values[name] for name in inspect(row).committed_state if name in values}
        found = private_numbers_in(row.__tablename__, values)
        problems |= {(problem.code, problem.where): problem for problem in found}
    if problems:
        raise RuleBroken(problems.values())


def _before_flush(session: Session, _context: Any, _instances: Any) -> None:
    with session.no_autoflush:
        _refuse_private_numbers(session)
        for model, step in _before.items():
            if rows := _rows(session, model):
                step(rows)
        for model, step in _deleting.items():
            if gone := [row for row in session.deleted if isinstance(row, model)]:
                step(gone)


def _after_flush(session: Session, _context: Any) -> None:
    for model, step in _after.items():
        if rows := _rows(session, model):
            step(rows)
    for model, step in _whenever.items():
        gone = [row for row in session.deleted if isinstance(row, model)]
        if rows := [*_rows(session, model), *gone]:
            step(rows)


def install() -> None:
    """Put the listeners on the session, ahead of the scope guard, which must see finished rows; once per process."""
    if not event.contains(db.session, "before_flush", _before_flush):
        event.listen(db.session, "before_flush", _before_flush, insert=True)
        event.listen(db.session, "after_flush", _after_flush)
