"""Many rows at once: the only Core write of the portal, with everything a flush would have done for each of them.

`upsert` checks the right at every row, the rules of the model, and numbers that may not stand in free text; it fills in
ancestors, stamps and versions, and writes the same trail and the same way back as the session does, in bulk. A model whose
rules are registered with kit/saving.py alone is refused: its rules must be said for columns as well (`register`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import JSON, Boolean, Connection, Integer, Table, inspect, select
from sqlalchemy.orm.exc import StaleDataError

from app.domain.errors import RuleBroken
from app.domain.rights import Verb
from app.kit import access, audit, clock, effects, masking, personal, rows, saving
from app.kit.db import LEVELS, OnTree, db
from app.kit.writing import insert_many, new_ids, upsert_many

Row = Mapping[str, Any]
Rule = Callable[[Sequence[Row]], None]
_rules: dict[type[Any], Rule] = {}
_PLAIN = (Integer, Boolean, JSON)  # values of these types stand in the trail as they are


def register(model: type[Any], rule: Rule) -> None:
    """Hold every bulk write of a model to a rule over all its rows as they will stand; it raises RuleBroken."""
    _rules[model] = rule


@dataclass(frozen=True)
class _Edit:
    """A stored row, what changes, and how it will stand."""

    before: Row
    changes: dict[str, Any]
    after: dict[str, Any]


def upsert(
    model: type[Any],
    given: Sequence[Row],
    verb: Verb,
) -> list[int]:
    """The ids of the rows written: those that carry an `id` are changed, the others are new. Call it in a transaction.

    Shape:  each row holds the columns that are stated; of a changed one those that stay may be left out, and the version
            it was compared with may be among them.
    Errors: NotAllowed (the right at one of the rows), RuleBroken (rules of the model, private numbers),
            StaleDataError (somebody else was quicker), TypeError (a model that only the session can write).
    """
    table = _writable(model)
    if not given:
        return []
    db.session.flush()
    connection = db.session.connection()
    found = _held(connection, table, [one["id"] for one in given if "id" in one])
    edits = [_edited(model, found.get(one["id"]), one) for one in given if "id" in one]
    edits = [one for one in edits if one.changes]
    new = _new(model, table, connection, [one for one in given if "id" not in one])
    _place(model, new, [one for one in edits if "unit_id" in one.changes])
    after = [*new, *(one.after for one in edits)]
    _require(model, verb, [*after, *(one.before for one in edits)])
    _refuse_private_numbers(table, [*new, *(one.changes for one in edits)])
    if model in _rules:
        _rules[model](after)
    _write(model, table, connection, new, edits)
    _tell(model, table, connection, new, edits)
    _forget_loaded(model, [one["id"] for one in after])
    ids = iter(one["id"] for one in new)
    return [one["id"] if "id" in one else next(ids) for one in given]


def _writable(model: type[Any]) -> Table:
    table: Table = inspect(model).local_table  # type: ignore[assignment]
    if model not in _rules and saving.has_rules(model):
        raise TypeError(f"the rules of {model.__name__} are said for objects only")
    if isinstance(access.scope_of(model), access.Scope) and not issubclass(model, OnTree):
        raise TypeError(f"{model.__name__} hangs on another row")
    return table


def _held(connection: Connection, table: Table, ids: Sequence[int]) -> dict[int, Row]:
    """The stored rows as they stand, kept from everybody else until the transaction ends."""
    found: dict[int, Row] = {}
    for start in range(0, len(ids), rows.CHUNK):
        some = select(table).where(table.c.id.in_(ids[start : start + rows.CHUNK])).order_by(table.c.id)
        found |= {one["id"]: dict(one) for one in connection.execute(some.with_for_update(key_share=True)).mappings()}
    return found


@lru_cache(maxsize=64)
def _version(table: Table) -> str | None:
    column = inspect(rows.model_of(table.name)).version_id_col
    return None if column is None else column.name


# -- how the rows will stand -----------------------------------------------------------------------


def _edited(model: type[Any], before: Row | None, one: Row) -> _Edit:
    version = _version(inspect(model).local_table)  # type: ignore[arg-type]
    if before is None or (version and one.get(version, before[version]) != before[version]):
        raise StaleDataError(f"{model.__tablename__} {one['id']} is another than it was compared with")
    changes = {name: value for name, value in one.items() if before[name] != value}
    after = {**before, **changes}
    if version:
        after[version] = before[version] + 1
    if "updated_at" in after:
        after["updated_at"] = clock.now()
    return _Edit(before, changes, after)


def _new(model: type[Any], table: Table, connection: Connection, given: Sequence[Row]) -> list[dict[str, Any]]:
    if not given:
        return []
    fixed, made = _defaults(table)
    version = _version(table)
    if version:
        fixed = {**fixed, version: 1}
    now = clock.now()
    stamps = {name: now for name in ("created_at", "updated_at") if name in table.c}
    ids = new_ids(connection, table, len(given))
    return [
        {**fixed, **{name: make() for name, make in made.items()}, **stamps, **one, "id": row_id}
        for one, row_id in zip(given, ids, strict=True)
    ]


@lru_cache(maxsize=64)
def _defaults(table: Table) -> tuple[dict[str, Any], dict[str, Callable[[], Any]]]:
    """The defaults of the columns: those that are one value, and those that are made for each row."""
    fixed: dict[str, Any] = {column.name: None for column in table.columns}
    made: dict[str, Callable[[], Any]] = {}
    for column in table.columns:
        default = column.default
        if default is not None and default.is_scalar:
            fixed[column.name] = default.arg  # type: ignore[attr-defined]
        elif default is not None and default.is_callable and column.name not in ("created_at", "updated_at"):
            made[column.name] = lambda arg=default.arg: arg(None)  # type: ignore[attr-defined,misc]
    return fixed, made


def _place(model: type[Any], new: Sequence[dict[str, Any]], moved: Sequence[_Edit]) -> None:
    """Write the ancestor of every level with a row that is new or moved, where whoever calls has not said them."""
    if not issubclass(model, OnTree):
        return
    unplaced = [one for one in new if not any(one[f"{level}_id"] for level in LEVELS)]
    units = {one["unit_id"] for one in unplaced} | {one.after["unit_id"] for one in moved}
    above = access.ancestors_of(units) if units else {}
    for one in (*unplaced, *(edit.after for edit in moved)):
        one.update({f"{level}_id": above.get(one["unit_id"], {}).get(level) for level in LEVELS})


# -- what is checked -------------------------------------------------------------------------------


def _require(model: type[Any], verb: Verb, standing: Iterable[Row]) -> None:
    scope = access.scope_of(model)
    if not isinstance(scope, access.Scope):
        return
    if access.reaches_all(verb, scope, (as_row(model, one) for one in standing)):
        return
    raise access.NotAllowed(scope.resource, verb, hidden=True)


@lru_cache(maxsize=64)
def _row_class(model: type[Any]) -> type[Any]:
    return type(model.__name__, (), {"__scope__": model.__scope__, "__tablename__": model.__tablename__})


def as_row(model: type[Any], values: Row) -> Any:
    """The values of a row as an object that the rights can be asked about."""
    row = _row_class(model)()  # type: ignore[arg-type]
    row.__dict__.update(values)
    return row


def _refuse_private_numbers(table: Table, written: Iterable[Row]) -> None:
    free = personal.free_columns(table.name)
    problems = {}
    for one in written if free else ():
        for problem in saving.private_numbers_in(table.name, one):
            problems[problem.code, problem.where] = problem
    if problems:
        raise RuleBroken(problems.values())


# -- what is written -------------------------------------------------------------------------------


def _write(model: type[Any], table: Table, connection: Connection, new: Sequence[Row], edits: Sequence[_Edit]) -> None:
    names = [column.name for column in table.columns]
    if new:
        insert_many(connection, table, names, ([one[name] for name in names] for one in new), len(new))
    if edits:
        written = upsert_many(
            connection,
            table,
            names,
            ([one.after[name] for name in names] for one in edits),
            len(edits),
            _version(table),
        )
        if written != len(edits):
            raise StaleDataError(f"{len(edits) - written} rows of {table.name} were changed by somebody else")


def _tell(model: type[Any], table: Table, connection: Connection, new: Sequence[Row], edits: Sequence[_Edit]) -> None:
    if getattr(model, "__audited__", True):
        kept = _Kept(model)
        told = getattr(model, "__told__", ())
        entries = [("add", one["id"], kept.row(one), as_row(model, one)) for one in new]
        for one in edits:
            changes = {name: value for name, value in one.changes.items() if name not in told}
            if changes:
                pairs = {
                    name: [kept.value(name, one.before[name]), kept.value(name, value)]
                    for name, value in changes.items()
                }
                entries.append(("edit", one.after["id"], pairs, as_row(model, one.after)))
        audit.record_many(table.name, entries)
    if effects.recording() and effects.recorded_table(model) is not None:
        _record_effects(table, connection, new, edits)


def _record_effects(table: Table, connection: Connection, new: Sequence[Row], edits: Sequence[_Edit]) -> None:
    version = _version(table)
    ids = [*(one["id"] for one in new), *(one.after["id"] for one in edits)]
    if version:
        stamps = {one["id"]: str(one[version]) for one in (*new, *(edit.after for edit in edits))}
    else:
        stamps = effects.stamps(connection, table, ids)
    found: list[Any] = [(one["id"], effects.ADD, None, stamps[one["id"]]) for one in new]
    found += [(e.after["id"], effects.EDIT, rows.as_data(e.before), stamps[e.after["id"]]) for e in edits]
    effects.write(connection, table, found)


class _Kept:
    """Values of a model as the trail keeps them; what need not be looked at is taken as it is."""

    def __init__(self, model: type[Any]) -> None:
        self.table = model.__tablename__
        columns = [attribute.columns[0] for attribute in inspect(model).column_attrs]
        named = personal.entries_of(self.table)
        self.names = [column.name for column in columns]
        self.masked = {name for name in self.names if name in named and _is_masked(named[name])}
        self.typed = [
            column.name for column in columns if not isinstance(column.type, _PLAIN) and column.name not in self.masked
        ]

    def value(self, name: str, value: Any) -> Any:
        """One value, plain and masked as the register says."""
        plain = audit.plain(value)
        return masking.value(self.table, name, plain) if name in self.masked else plain

    def row(self, values: Row) -> dict[str, Any]:
        """All columns of a row."""
        kept = {name: values[name] for name in self.names}
        for name in self.typed:
            kept[name] = audit.plain(kept[name])
        for name in self.masked:
            kept[name] = self.value(name, kept[name])
        return kept


def _is_masked(entry: personal.Entry) -> bool:
    return entry.mask is not personal.Mask.OPEN or not entry.in_trail or entry.free


def _forget_loaded(model: type[Any], ids: Iterable[int]) -> None:
    """Let the session read anew what it holds of these rows."""
    written = set(ids)
    for row in list(db.session.identity_map.values()):
        if isinstance(row, model) and inspect(row).identity[0] in written:
            db.session.expire(row)


__all__ = ["as_row", "register", "upsert"]
