"""The clerk's own file back, with its faults marked: all of it, or the refused rows alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from app.domain.errors import Problem, broken
from app.features.exchange import allowance, queries
from app.features.exchange.models import ImportBatch, ImportRow
from app.features.exchange.services import rows as staged
from app.kit import excel
from app.kit.exchange import Change, RowChange
from app.kit.problems import sentence


def marked(batch: ImportBatch) -> bytes:
    """The clerk's own file with its faults marked in red and a column 错误说明.

    Errors: exchange.not_kept when its days are over or it was put aside.
    """
    return excel.mark_rows(allowance.original(batch), batch.filename, list(_marks(batch)), _places(batch))


def refused_file(batch: ImportBatch) -> bytes:
    """The clerk's own file with exactly the refused rows left in it, marked; mended it can be uploaded again.

    Errors: exchange.not_kept, exchange.nothing_refused.
    """
    rows = queries.refused_rows(batch)
    if not rows:
        raise broken("exchange.nothing_refused")
    data = allowance.original(batch)
    kept = {
        sheet: _kept(
            staged.reading_of(batch, sheet),
            [(row.row, row.typed_cells) for row in rows if row.sheet == sheet and row.row],
        )
        for sheet in batch.result["readings"]
    }
    marks = [mark for row in rows for mark in _marks_of(batch, row)]
    return excel.mark_rows(data, batch.filename, marks, _places(batch), kept)


def _places(batch: ImportBatch) -> dict[str, tuple[int, int]]:
    return {name: (place[0], place[1]) for name, place in batch.result["places"].items()}


def _marks(batch: ImportBatch) -> Iterable[Any]:
    for data in batch.result["shown"]["issues"]:
        yield excel.mark_of(staged.issue_of(data))
    for row in queries.rows_with_problems(batch):
        yield from _marks_of(batch, row)


def _marks_of(batch: ImportBatch, row: ImportRow) -> Iterable[Any]:
    reading = staged.reading_of(batch, row.sheet)
    for data in row.problems:
        if "cell" in data:
            yield excel.mark_of(staged.issue_of(data))
            continue
        cell = _cell(reading, data["where"], row.row)
        yield row.sheet, cell, "error", "", sentence(Problem(data["code"], data["where"], data["params"]))


def _cell(reading: Any, where: str, row: str) -> str | None:
    """The cell a refusal of the service is about: that of its field, else that of the key."""
    if reading is None or not row:
        return None
    fields = (where, *reading.key, *reading.places)
    return next((cell for name in fields if (cell := excel.cell_of(reading, name, row))), None)


def refused_rows_of(data: bytes, filename: str, result: Any, changes: Sequence[RowChange]) -> bytes | None:
    """As `refused_file`, of a file that was read and compared without waiting; None when no row was refused."""
    places = [staged.place_of(result, at) for at in range(len(result.rows))] if changes else []
    by_service = {place: change for place, change in zip(places, changes, strict=True) if change.kind is Change.REFUSED}
    rows = [*result.rejected_rows, *by_service]
    if not rows:
        return None
    marks: list[Any] = []
    for place in rows:
        marks += [excel.mark_of(issue) for _name, issue in result.row_issues.get(place, ())]
        for problem in by_service[place].problems if place in by_service else ():
            cell = _cell(result.readings.get(place[0] or ""), problem.where, str(place[1]))
            marks.append((place[0] or "", cell, "error", "", sentence(problem)))
    kept = {
        name: _kept(
            reading, [(str(row), result.typed.get((sheet, row), {})) for sheet, row in rows if (sheet or "") == name]
        )
        for name, reading in result.readings.items()
    }
    return excel.mark_rows(data, filename, marks, result.places, kept)


def _kept(reading: Any, rows: Sequence[tuple[str, Mapping[str, Any]]]) -> Any:
    """The lines that stay, and for columns filled from above what a row would miss without the rows above it."""
    lines, fill = [excel.line_of(reading, row) for row, _typed in rows], {}
    if not reading.across:
        columns = {reading.places[name] + 1: name for name in reading.filled if name in reading.places}
        for (_row, typed), line in zip(rows, lines, strict=True):
            fill[line] = {at: typed[name] for at, name in columns.items() if name in typed}
    return excel.Kept(reading.first + 1, reading.last + 1, lines, reading.across, fill)
