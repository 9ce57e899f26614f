"""The second wall, in the session itself: what forgot to ask is limited to the actor's reach all the same.

The first wall is kit/access.py. Here every query on a scoped table gets the condition of the actor's posts, every
write is refused outside of them, and a row that is new or moved gets its ancestors.
"""

from __future__ import annotations

from typing import Any

from flask import has_request_context
from sqlalchemy import event, inspect
from sqlalchemy.orm import ORMExecuteState, Session, with_loader_criteria
from sqlalchemy.sql import visitors

from app.domain.rights import Verb
from app.kit import access
from app.kit.db import LEVELS, Base, OnTree, db


def scoped_models() -> dict[Any, type[Any]]:
    """Every mapped table that hangs on the tree, with its class."""
    cached: dict[Any, type[Any]] | None = db.metadata.info.get("scoped_models")
    if cached is None:
        cached = {
            mapper.local_table: mapper.class_
            for mapper in Base.registry.mappers
            if isinstance(getattr(mapper.class_, "__scope__", None), access.Scope)
        }
        db.metadata.info["scoped_models"] = cached
    return cached


def check_models() -> None:
    """Stop the start when a mapped class of ours does not say how it hangs on the tree."""
    for mapper in Base.registry.mappers:
        if mapper.class_.__module__.startswith("app."):
            access.scope_of(mapper.class_)
    db.metadata.info.pop("scoped_models", None)
    scoped_models()


def _limit(state: ORMExecuteState) -> None:
    if state.is_column_load or state.is_relationship_load or access.lifted():
        return
    models = scoped_models()
    statement: Any = state.statement
    touched = {models[node] for node in visitors.iterate(statement) if node in models}
    if not touched:
        return
    who = access.actor()
    if who is access.NOBODY and not has_request_context():
        names = ", ".join(sorted(m.__name__ for m in touched))
        raise access.ScopeError(f"nobody acts: say acting_as(...) or everything(reason) before reading {names}")
    if who.is_operator:
        return
    state.statement = state.statement.options(
        *(with_loader_criteria(model, access.where(model, who=who), include_aliases=True) for model in touched)
    )


def _guard(session: Session, _context: Any, _instances: Any) -> None:
    if access.lifted():
        return
    who = access.actor()
    if who.is_operator:
        return
    changed = [row for row in (*session.new, *session.deleted) if isinstance(access.scope_or_none(row), access.Scope)]
    changed += [
        row for row in session.dirty if isinstance(access.scope_or_none(row), access.Scope) and session.is_modified(row)
    ]
    for row in changed:
        if not any(access.can(verb, row, who) for verb in access.WRITING):
            raise access.NotAllowed(access.scope_of(type(row)).resource, Verb.EDIT, hidden=True)  # type: ignore[union-attr]


def _fill_ancestors(session: Session, _context: Any, _instances: Any) -> None:
    """Write the ancestor of every level with a row that is new or moved: an old row keeps the tree it was written under."""
    placed = [row for row in (*session.new, *session.dirty) if isinstance(row, OnTree) and _is_placed(session, row)]
    for row in placed:
        if row.unit is not None and row.unit.id is not None:
            row.unit_id = row.unit.id
    above = access.ancestors_of({row.unit_id for row in placed if row.unit_id is not None}) if placed else {}
    for row in placed:
        if row.unit_id is not None:
            for level in LEVELS:
                setattr(row, f"{level}_id", above.get(row.unit_id, {}).get(level))


def _is_placed(session: Session, row: OnTree) -> bool:
    return row not in session.dirty or any(
        inspect(row).attrs[name].history.has_changes() for name in ("unit_id", "unit")
    )


def install() -> None:
    """Put both listeners on the session; once per process."""
    session = db.session
    if not event.contains(session, "do_orm_execute", _limit):
        event.listen(session, "do_orm_execute", _limit)
        event.listen(session, "before_flush", _fill_ancestors)
        event.listen(session, "before_flush", _guard)
