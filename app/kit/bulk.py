"""Many rows at once: the only Core write of the portal, with everything a flush would have done for each of them.

`upsert` checks the right at every row, the rules of the model, and numbers that may not stand in free text; it fills in
ancestors, stamps and versions, and writes the same trail and the same way back as the session does, in bulk. A model whose
rules are registered with kit/saving.py alone is refused: its rules must be said for columns as well (`register`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Table, bindparam, inspect, select, update
from sqlalchemy.orm.exc import StaleDataError

from app.domain.errors import RuleBroken
from app.domain.rights import Verb
from app.kit import access, audit, clock, effects, personal, rows, saving
from app.kit.db import LEVELS, OnTree, db
from app.kit.telling import Telling, words_of
from app.kit.writing import insert_many, new_ids, texts_of, upsert_many

Row = Mapping[str, Any]
Rule = Callable[[Sequence[Row]], None]
_rules: dict[type[Any], Rule] = {}
_ABOVE = tuple(f"{level}_id" for level in LEVELS)


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
    texts = texts_of(connection, table, new)
    _write(model, table, connection, new, edits, texts)
    _tell(model, table, connection, new, edits, texts)
    _forget_loaded(model, [one["id"] for one in after])
    ids = iter(one["id"] for one in new)
    return [one["id"] if "id" in one else next(ids) for one in given]


def write_copies(model: type[Any], given: Sequence[Row]) -> int:
    """How many rows took columns that only repeat what they hold, such as the copies a list is filtered by.

    Shape:  each row holds `id`, the version column, and the same other columns; a row that was saved since is left as it
            is. No right is asked, and version, stamp, trail and way back stay: nothing is said that was not said before.
    """
    if not given:
        return 0
    table = _writable(model)
    keys = ("id", _version(table) or "id")
    names = [name for name in given[0] if name not in keys]
    same = [table.c[key] == bindparam(f"is_{key}") for key in dict.fromkeys(keys)]
    stamp = {"updated_at": table.c.updated_at} if "updated_at" in table.c else {}
    statement = update(table).where(*same).values({name: bindparam(f"to_{name}") for name in names} | stamp)
    values = [{f"is_{key}": one[key] for key in keys} | {f"to_{name}": one[name] for name in names} for one in given]
    written = db.session.connection().execute(statement, values).rowcount
    _forget_loaded(model, [one["id"] for one in given])
    return written


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
    ids, fixed = new_ids(connection, table, len(given)), {**fixed, **stamps}
    rows_made = [{**fixed, **one, "id": row_id} for one, row_id in zip(given, ids, strict=True)]
    for name, make in made.items():
        for one, row in zip(given, rows_made, strict=True):
            if name not in one:
                row[name] = make()
    return rows_made


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
    unplaced = [one for one in new if not any(one[name] for name in _ABOVE)]
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


def _refuse_private_numbers(table: Table, written: Sequence[Row]) -> None:
    words = {name: words_of(written, name) for name in personal.free_columns(table.name)}
    if problems := saving.private_numbers_in(table.name, words):
        raise RuleBroken(problems)


# -- what is written -------------------------------------------------------------------------------


def _write(
    model: type[Any],
    table: Table,
    connection: Connection,
    new: Sequence[Row],
    edits: Sequence[_Edit],
    texts: Mapping[str, Sequence[str | None]],
) -> None:
    names = [column.name for column in table.columns]
    if new:
        columns = [texts[name] if name in texts else [one[name] for one in new] for name in names]
        insert_many(connection, table, names, zip(*columns, strict=True), len(new), texts)
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


def _tell(
    model: type[Any],
    table: Table,
    connection: Connection,
    new: Sequence[Row],
    edits: Sequence[_Edit],
    texts: Mapping[str, Sequence[str | None]],
) -> None:
    if getattr(model, "__audited__", True):
        audit.record_many(table.name, [*_told_new(model, new, texts), *_told_edits(model, edits)])
    if effects.recording() and effects.recorded_table(model) is not None:
        _record_effects(table, connection, new, edits)


def _told_new(model: type[Any], new: Sequence[Row], texts: Mapping[str, Sequence[str | None]]) -> Iterator[Any]:
    if new:
        standing_in = access.stands_in()
        for one, text in zip(new, Telling(model).new(new, texts), strict=True):
            yield "add", one["id"], text, as_row(model, one) if standing_in else None


def _told_edits(model: type[Any], edits: Sequence[_Edit]) -> Iterator[Any]:
    telling, told = Telling(model), getattr(model, "__told__", ())
    for one in edits:
        pairs = {name: (one.before[name], value) for name, value in one.changes.items() if name not in told}
        if pairs:
            yield "edit", one.after["id"], telling.changes(pairs), as_row(model, one.after)


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


def _forget_loaded(model: type[Any], ids: Iterable[int]) -> None:
    """Let the session read anew what it holds of these rows."""
    written = set(ids)
    for row in list(db.session.identity_map.values()):
        if isinstance(row, model) and inspect(row).identity[0] in written:
            db.session.expire(row)


__all__ = ["as_row", "register", "upsert", "write_copies"]
