"""The way back of a set of changes: what builds on it by now, and how its rows are put back, through all their rules.

`kit/effects.py` keeps how every row stood before. A feature says with `guard` when its rows must stay as they are, e.g.
because their month is closed; a row changed since, and a row others refer to, block the way for every feature.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from itertools import count
from typing import Any

from sqlalchemy import Table, inspect, select
from sqlalchemy.exc import DatabaseError, IntegrityError

from app.domain.errors import Problem, RuleBroken
from app.kit import access, clock, effects, lookup, rows, versions
from app.kit.db import Base, db
from app.kit.effects import ADD, DELETE, EDIT, Effect
from app.kit.problems import from_integrity_error

Guard = Callable[[Sequence[Any]], Iterable[tuple[Any, Problem]]]
Step = Callable[[int], None]
_taking_back: ContextVar[bool] = ContextVar("taking_back", default=False)
_guards: dict[type[Any], Guard] = {}
KEPT_COLUMNS = frozenset(
    {"created_at", "updated_at"}
)  # when a row was written is told as it was, the way back included


@dataclass(frozen=True)
class Blocker:
    """One row that keeps a set of changes from being undone: what it is called, and why."""

    table_name: str
    row_id: int
    label: str
    problem: Problem


def guard(model: type[Any], step: Guard) -> None:
    """Let a feature say which rows of a model may not go back now, each with its problem."""
    _guards[model] = step


def blockers(change_set: str) -> list[Blocker]:
    """Everything later that builds on the set; empty when it can be undone."""
    found = effects.of(change_set)
    with access.everything("whoever may undo an import is told what stands in the way, by name"):
        touched = [_changed_since(effect) for effect in effects.touched(found)]
        barred = {(one.table_name, one.row_id) for one in touched}
        others = [*_referred_to(found), *_guarded(found)]
    return touched + [one for one in others if (one.table_name, one.row_id) not in barred]


def _changed_since(effect: Effect) -> Blocker:
    row = db.session.get(rows.model_of(effect.table_name), effect.row_id)
    who, at = versions.last_change(effect.table_name, effect.row_id) or ("", None)
    on = at.astimezone(clock.SHANGHAI).strftime("%Y-%m-%d %H:%M") if at else ""
    code = "undo.gone" if row is None else "undo.changed"
    if effect.kind == DELETE:
        code = "undo.there_again"
    label = lookup.label(row) if row is not None else _label_before(effect)
    return _blocker(effect, label, code, by=who, on=on)


def _label_before(effect: Effect) -> str:
    before = effect.before or {}
    return str(before.get("name") or before.get("code") or f"{effect.table_name} {effect.row_id}")


def _blocker(effect: Effect, label: str, code: str, **params: object) -> Blocker:
    return Blocker(effect.table_name, effect.row_id, label, Problem(code, "", {"label": label, **params}))


def _by_table(found: Iterable[Effect]) -> Mapping[Table, dict[int, Effect]]:
    tables: dict[Table, dict[int, Effect]] = defaultdict(dict)
    for effect in found:
        tables[Base.metadata.tables[effect.table_name]][effect.row_id] = effect
    return tables


def _referred_to(found: Sequence[Effect]) -> Iterator[Blocker]:
    """Rows the set added to which somebody has hung others since."""
    added = _by_table(effect for effect in found if effect.kind == ADD)
    for other in Base.metadata.sorted_tables:
        if other.name not in _recorded_tables():
            continue
        for key in other.foreign_keys:
            mine = added.get(key.column.table, {})
            if not mine or key.column.name != "id":
                continue
            ours = added.get(other, {})
            for row_id, parent in _hanging(other, key.parent, mine):
                if row_id not in ours:
                    yield _hung_on(mine[parent], other)


def _recorded_tables() -> set[str]:
    mapped = (mapper.class_ for mapper in Base.registry.mappers)
    return {table.name for model in mapped if (table := effects.recorded_table(model)) is not None}


def _hanging(table: Table, column: Any, ids: Iterable[int]) -> Iterator[tuple[int, int]]:
    wanted = sorted(ids)
    for start in range(0, len(wanted), rows.CHUNK):
        some = wanted[start : start + rows.CHUNK]
        yield from db.session.execute(select(table.c.id, column).where(column.in_(some)).order_by(table.c.id)).tuples()


def _hung_on(effect: Effect, other: Table) -> Blocker:
    row = db.session.get(rows.model_of(effect.table_name), effect.row_id)
    label = lookup.label(row) if row is not None else _label_before(effect)
    return _blocker(effect, label, "undo.referred_to", table=other.name)


def _guarded(found: Sequence[Effect]) -> Iterator[Blocker]:
    for table, mine in _by_table(found).items():
        model = rows.model_of(table.name)
        step = _guards.get(model)
        if step is None:
            continue
        for row, problem in step([row for _effect, row in _standing(model, mine)]):
            yield Blocker(table.name, row.id, lookup.label(row), problem)


def _standing(model: type[Any], mine: Mapping[int, Effect]) -> Iterator[tuple[Effect, Any]]:
    """The rows of the effects that are there now, as objects."""
    wanted = sorted(mine)
    for start in range(0, len(wanted), rows.CHUNK):
        statement = select(model).where(model.id.in_(wanted[start : start + rows.CHUNK])).order_by(model.id)
        yield from ((mine[row.id], row) for row in db.session.scalars(statement))


def taking_back() -> bool:
    """True while rows are put back: what follows from them by rule is then to be as if they had never been changed."""
    return _taking_back.get()


def put_back(change_set: str, step: Step = lambda _done: None) -> int:
    """Put every row of the set back as it stood, inside the caller's transaction; gives how many there were.

    Added rows go first, children before parents; deleted ones come back, parents before children; then the edited ones.
    Every row passes the scope guard, the rules of its model and the trail. `step` is told how many are done.
    Errors: what the rules of the models say, in_use and frozen rows as RuleBroken; NotAllowed.
    """
    found = effects.of(change_set)
    by_table = _by_table(found)
    order = [table for table in Base.metadata.sorted_tables if table in by_table]
    counted, one = count(1), lambda: step(next(counted))
    token = _taking_back.set(True)
    try:
        for table in reversed(order):
            _delete_added(rows.model_of(table.name), by_table[table], one)
        for table in order:
            _add_deleted(rows.model_of(table.name), by_table[table], one)
        for table in order:
            _restore_edited(rows.model_of(table.name), by_table[table], one)
    except IntegrityError as error:
        raise from_integrity_error(error) from error
    except DatabaseError as error:  # what is published is kept by a trigger
        raise RuleBroken(Problem("undo.frozen", "")) from error
    finally:
        _taking_back.reset(token)
    return len(found)


def _delete_added(model: type[Any], mine: Mapping[int, Effect], one: Callable[[], None]) -> None:
    wanted = {row_id: effect for row_id, effect in mine.items() if effect.kind == ADD}
    with access.everything("the guard asks for the right when they are written"):
        for _effect, row in list(_standing(model, wanted)):
            db.session.delete(row)
            one()
    db.session.flush()


def _add_deleted(model: type[Any], mine: Mapping[int, Effect], one: Callable[[], None]) -> None:
    for effect in mine.values():
        if effect.kind == DELETE:
            db.session.add(model(**rows.values_for(model, effect.before or {})))
            one()
    db.session.flush()


def _restore_edited(model: type[Any], mine: Mapping[int, Effect], one: Callable[[], None]) -> None:
    wanted = {row_id: effect for row_id, effect in mine.items() if effect.kind == EDIT}
    counted = inspect(model).version_id_col
    version = None if counted is None else inspect(model).get_property_by_column(counted).key
    with access.everything("the guard asks for the right when they are written"):
        standing = list(_standing(model, wanted))
    for effect, row in standing:
        one()
        for name, value in rows.values_for(model, effect.before or {}).items():
            if name != version and name not in KEPT_COLUMNS and getattr(row, name) != value:
                setattr(row, name, value)
    db.session.flush()
