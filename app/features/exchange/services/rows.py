"""The rows of an upload while it waits: put down with what saving them would do, compared again, counted."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict
from itertools import chain
from operator import itemgetter
from typing import Any

from sqlalchemy import bindparam, func, select, true, update

from app.domain import private_numbers
from app.domain.errors import Problem
from app.features.exchange.models import ImportBatch, ImportRow
from app.features.exchange.services import turns
from app.kit import collecting, excel
from app.kit.db import db, give_way, transaction
from app.kit.excel.result import plain
from app.kit.exchange import Change, Door, Options, RowChange
from app.kit.writing import insert_many

FEW_ISSUES = 500
Step = Callable[[int], object]


# -- the words of a file about itself --------------------------------------------------------------


def describe(batch: ImportBatch, result: Any, options: Options) -> None:
    """Put down what the file says of itself: its statement, its problems as a whole, and how its sheets were read."""
    of_rows = {id(issue) for found in result.row_issues.values() for _name, issue in found}
    whole = [issue for issue in result.issues if id(issue) not in of_rows]
    units = {reading.facts.get("unit") for reading in result.readings.values()} - {None}
    hidden = [issue for issue in whole if issue.code == "W02"]
    batch.outcome = result.outcome
    batch.result = {
        "shown": {
            "layout": result.layout,
            "outcome": result.outcome,
            "period": result.period,
            "encoding": result.extras.get("encoding"),
            "village": result.extras.get("village"),
            "money": "、".join(sorted(units)),
            "exported_at": result.meta.get("exported_at") or None,
            "row_count": len(result.rows),
            "rejected": len(result.rejected_rows),
            "sheets": [name for name in result.readings if name],
            "skipped_sheets": result.skipped_sheets,
            "summary_rows": len(result.dropped_rows),
            "hidden_rows": sum(1 for issue in hidden if issue.reason != "column"),
            "hidden_columns": sum(1 for issue in hidden if issue.reason == "column"),
            "issues": [issue_as_data("", issue) for issue in whole[:FEW_ISSUES]],
            "faults": sum(1 for issue in whole if issue.severity == "error"),
        },
        "readings": {name: asdict(reading) for name, reading in result.readings.items()},
        "places": {name: list(place) for name, place in result.places.items()},
    }


def issue_as_data(field: str, issue: Any) -> dict[str, Any]:
    """An issue of the reader as it waits; `issue_of` gives it back."""
    where = {"code": issue.code, "field": field, "sheet": issue.sheet, "cell": issue.cell}
    return where | {
        "value": plain(unnumbered(issue.value)),
        "reason": issue.reason,
        "params": plain(dict(issue.params)),
    }


def issue_of(data: Mapping[str, Any]) -> Any:
    """The issue that was put down."""
    names = ("code", "sheet", "cell", "value", "reason", "params")
    return excel.Issue(**{name: data[name] for name in names})


def problem_as_data(problem: Problem) -> dict[str, Any]:
    """A refusal of the service behind a door as it waits."""
    params = {name: value if isinstance(value, str | int) else str(value) for name, value in problem.params.items()}
    return {"code": problem.code, "where": problem.where, "params": params}


def reading_of(batch: ImportBatch, sheet: str) -> Any:
    """How a sheet of the upload was read; None for a sheet that holds no rows."""
    data = batch.result["readings"].get(sheet)
    if data is None:
        return None
    lists = {name: tuple(data[name]) for name in ("key", "filled")}
    return excel.Reading(**{**data, **lists, "items": {code: tuple(pair) for code, pair in data["items"].items()}})


# -- putting rows down -----------------------------------------------------------------------------


def put_down(
    batch: ImportBatch, door: Door, result: Any, options: Options, *, apart: bool = False, step: Step = lambda _n: None
) -> None:
    """Put the rows of a file down in its order, each with what saving it would do.

    Shape: `apart` commits chunk by chunk, for a batch that nobody looks at yet; `step` hears how many rows are done.
    """
    describe(batch, result, options)
    with collecting.set_aside():
        _put_rows(batch, door, result, options, apart, step)
    count(batch)


def _put_rows(batch: ImportBatch, door: Door, result: Any, options: Options, apart: bool, step: Step) -> None:
    order = _in_file_order(result)
    pace, start, of_batch = turns.Turns(), 0, batch.id  # the batch itself is read anew after every commit
    most = turns.MOST * turns.CHUNK if door.independent or not result.rows else max(len(order), 1)
    while start < len(order):
        pace.begin()
        chunk = order[start : start + (pace.size if apart and door.independent else most)]
        with transaction():
            lines = _lines(chunk, start + 1, of_batch, door, result, options)
            insert_many(db.session.connection(), ImportRow.__table__, _COLUMNS, lines, len(chunk))  # type: ignore[arg-type]
        pace.done(len(chunk))
        if apart:
            give_way()
        start += len(chunk)
        step(start)


_COLUMNS = (
    "batch_id",
    "number",
    "sheet",
    "row",
    "kind",
    "label",
    "typed",
    "cells",
    "problems",
    "typed_cells",
    "warned",
)


def _lines(
    chunk: Sequence[int], first: int, of_batch: int, door: Door, result: Any, options: Options
) -> Iterator[tuple[Any, ...]]:
    """What is put down of some rows, in the order of `_COLUMNS`."""
    rows = [result.rows[at] for at in chunk if at >= 0]
    changes = iter(door.save(rows, options, True) if rows else ())
    in_order = itemgetter(*_COLUMNS[2:])
    for number, at in enumerate(chunk, first):
        if at >= 0:
            values = _of_good(result.rows[at], next(changes), place_of(result, at), result, door)
        else:
            values = _of_rejected(result, result.rejected_rows[-1 - at])
        yield (of_batch, number, *in_order(values))


def _in_file_order(result: Any) -> Sequence[int]:
    """Places in `result.rows`, and -1 - place in `result.rejected_rows`, as the rows stand in the file."""
    if not result.rejected_rows:
        return range(len(result.rows))
    sheets = {name: number for number, name in enumerate(result.readings)}

    def at(place: tuple[Any, Any]) -> tuple[int, Any]:
        row = place[1] if isinstance(place[1], int) else (len(place[1]), place[1])
        return sheets.get(place[0] or "", 0), row

    good = ((at(place_of(result, number)), number) for number in range(len(result.rows)))
    bad = ((at(place), -1 - number) for number, place in enumerate(result.rejected_rows))
    return [number for _at, number in sorted(chain(good, bad))]


def place_of(result: Any, at: int) -> tuple[Any, Any]:
    """Sheet and row (in d1 the letters of the column) of a good row."""
    if result.row_places:
        return result.row_places[at]  # type: ignore[no-any-return]
    row = result.rows[at]
    return row.get("sheet"), row.get("row", "")


def _of_good(
    row: Mapping[str, Any], change: RowChange, place: tuple[Any, Any], result: Any, door: Door
) -> dict[str, Any]:
    notes = [issue_as_data(name, issue) for name, issue in result.row_issues.get(place, ())]
    values = compared(row, change, notes, door)
    return {"sheet": (place[0] or "")[:64], "row": str(place[1]), "typed_cells": {}, **values}


def compared(row: Mapping[str, Any], change: RowChange, notes: list[dict[str, Any]], door: Door) -> dict[str, Any]:
    """What is put down of a typed row: a new one shows its values, a changed one what it changes."""
    problems = [*notes, *(problem_as_data(problem) for problem in change.problems)]
    needless = change.kind is Change.SAME and door.independent  # nothing to save, and no other row depends on it
    return {
        "kind": change.kind.value,
        "label": change.label[:200],
        "typed": None if needless else row,
        "cells": {} if change.kind is Change.NEW else change.cells,
        "problems": problems,
        "warned": any(note["code"].startswith("W") for note in notes)
        or (change.kind is not Change.REFUSED and bool(change.problems)),
    }


def _of_rejected(result: Any, place: tuple[Any, Any]) -> dict[str, Any]:
    typed = as_kept(result.typed.get(place, {}))
    reading = result.readings.get(place[0] or "")
    issues = [issue_as_data(name, issue) for name, issue in result.row_issues.get(place, ())]
    return {
        "sheet": (place[0] or "")[:64],
        "row": str(place[1]),
        "kind": Change.REFUSED.value,
        "label": label_of(typed, reading),
        "typed": None,
        "cells": {},
        "problems": issues,
        "typed_cells": typed,
        "warned": False,
    }


def as_kept(cells: Mapping[str, Any]) -> dict[str, Any]:
    """What stands in the cells of a row, without the identity and bank-card numbers in it: those are kept nowhere."""
    return {name: unnumbered(value) for name, value in cells.items()}


def unnumbered(value: Any) -> Any:
    """A value without the private numbers in it."""
    if isinstance(value, float | int) and abs(value) >= 1e15:
        return f"{value:.2E}"  # digits of an identity number that Excel took for a figure
    return private_numbers.without(value) if isinstance(value, str) and len(value) > 15 else value


def label_of(typed: Mapping[str, Any], reading: Any) -> str:
    """What a row is called before it could be read: what stands in its key columns, else its first words."""
    names = [name for name in (reading.key if reading else ()) if name in typed]
    names = names or [name for name, value in typed.items() if isinstance(value, str)][:2]
    return " ".join(cell_text(typed[name]) for name in names)[:200]


def cell_text(value: Any) -> str:
    """What stands in a cell, as the office sees it; of a faulty one its error or its formula."""
    if isinstance(value, list | tuple):
        return str(value[-1]) if value else ""
    return "" if value is None else str(excel.shown(value))


def count(batch: ImportBatch) -> dict[str, int]:
    """How many rows of each kind wait; kept with the batch."""
    kinds = select(ImportRow.kind, func.count()).where(ImportRow.batch_id == batch.id).group_by(ImportRow.kind)
    found = {kind.value: 0 for kind in Change} | dict(db.session.execute(kinds).tuples().all())
    warned = select(func.count()).where(ImportRow.batch_id == batch.id, ImportRow.warned == true())
    found["warned"] = db.session.scalar(warned) or 0
    batch.changes = {"counts": found}
    if found["refused"] == 0 and batch.outcome == "rows_with_errors" and not batch.result["shown"]["faults"]:
        batch.outcome = "rows"
    elif batch.outcome == "rejected" and sum(found[kind.value] for kind in Change) > found["refused"]:
        batch.outcome = "rows_with_errors" if found["refused"] or batch.result["shown"]["faults"] else "rows"
    return found


# -- taking them up again --------------------------------------------------------------------------


def waiting(batch: ImportBatch, door: Door, pace: turns.Turns | None = None) -> Iterator[Sequence[Any]]:
    """The rows that could be typed, in the order of the file: in chunks where they are independent, else all at once.

    Shape: chunks as large as `pace` says; rows with id, number, kind, typed, cells, problems; no objects of the session, so that memory stays flat.
    """
    columns = (ImportRow.id, ImportRow.number, ImportRow.kind, ImportRow.typed, ImportRow.cells, ImportRow.problems)
    statement = select(*columns).where(ImportRow.typed.is_not(None)).order_by(ImportRow.number)
    last, end, of_batch = 0, _last_number(batch), batch.id  # the batch itself is read anew after every commit
    while last < end:
        first, last = last + 1, last + (pace.size if pace else turns.CHUNK) if door.independent else end
        if rows := db.session.execute(statement.where(*_between(of_batch, first, last))).all():
            yield rows


def _last_number(batch: ImportBatch) -> int:
    return db.session.scalar(select(func.max(ImportRow.number)).where(ImportRow.batch_id == batch.id)) or 0


def _between(batch_id: int, first: int, last: int) -> tuple[Any, ...]:
    """Rows by their numbers; of every kind, for the index stands in that order: without it each turn would look at all rows."""
    return ImportRow.batch_id == batch_id, ImportRow.kind.in_(list(Change)), ImportRow.number.between(first, last)


def compare_again(batch: ImportBatch, door: Door, options: Options, chosen: Sequence[Any] | None = None) -> None:
    """Compare the waiting rows (or the chosen ones, where rows are independent) with what is stored now."""
    for rows in [chosen] if chosen is not None and door.independent else waiting(batch, door):
        changes = door.save([row.typed for row in rows], options, True)
        settle([(row, change, ()) for row, change in zip(rows, changes, strict=True)], door)
    count(batch)


def settle(found: Sequence[tuple[Any, RowChange, Sequence[dict[str, Any]]]], door: Door) -> None:
    """Put down anew what saving rows would do, keeping what the reader noted about them; more may be said of each."""
    lines = []
    for row, change, more in found:
        notes = [one for one in row.problems if "cell" in one]
        values = compared(row.typed, change, notes, door)
        values["problems"] += more
        values["warned"] = values["warned"] or bool(more)
        lines.append({"at": row.id, **{name: value for name, value in values.items() if name != "typed"}})
    if lines:
        table = ImportRow.__table__
        db.session.connection().execute(table.update().where(table.c.id == bindparam("at")), lines)


def clear(batch: ImportBatch) -> None:
    """Take all rows of an upload away."""
    db.session.execute(ImportRow.__table__.delete().where(ImportRow.batch_id == batch.id))


def forget_typed(batch: ImportBatch, *, by_turns: bool = False) -> None:
    """Of the rows that were saved only what was said about them stays, of the refused ones what their file needs of above.

    Shape: `by_turns` commits some at a time and lets others save in between.
    """
    kept = {name for reading in batch.result["readings"].values() for name in reading["filled"]}
    of_batch, ours = batch.id, ImportRow.batch_id == batch.id
    with transaction():
        refused = db.session.scalars(select(ImportRow).where(ours, ImportRow.kind == Change.REFUSED.value)).all()
        for row in refused:
            row.typed_cells = {name: value for name, value in row.typed_cells.items() if name in kept}
        most = _last_number(batch)
    size = turns.CHUNK * 4 if by_turns else max(most, 1)
    for start in range(0, most, size):
        with transaction():
            some = _between(of_batch, start + 1, start + size)
            emptied = update(ImportRow).where(*some).values({"typed": None})
            db.session.execute(emptied, execution_options={"synchronize_session": False})
        if by_turns:
            give_way()
