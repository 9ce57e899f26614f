"""What is chosen of an offline workbook that came back, and saved: my cells, and the conflicts as decided."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from app.domain.errors import RuleBroken, broken
from app.domain.threeway import Pick
from app.features.exchange import queries
from app.features.exchange.models import ImportBatch, ImportRow, OfflineBook
from app.features.exchange.services.offline import CODE, compare_again, rows_of
from app.features.exchange.services.offline_sheets import digest_of, raw_rows
from app.features.exchange.sources import sheets_for
from app.kit import audit, clock, effects
from app.kit.audit import acting
from app.kit.db import transaction
from app.kit.exchange import Change, RowChange
from app.kit.offline import OfflineSheet

CHOSEN = ("changed", "conflict", "new")  # kinds of rows that are saved


def choose(batch: ImportBatch, picks: Mapping[tuple[int, str], str]) -> None:
    """Keep choices: by (row, field) mine or theirs. What is no conflict of this upload is ignored."""
    with transaction() as session, acting("exchange.offline.choose"):
        session.refresh(batch, with_for_update=True)
        if batch.state != "previewed":
            return
        for row in rows_of(batch):
            wanted = {name: picks[row.id, name] for name in conflicts_of(row) if picks.get((row.id, name)) in set(Pick)}
            if wanted:
                row.typed_cells = {**row.typed_cells, **wanted}


def choose_all(batch: ImportBatch, pick: str) -> None:
    """Decide every conflict that is still open in the same way."""
    open_ones = [(row.id, name) for row in rows_of(batch) for name in conflicts_of(row) if name not in row.typed_cells]
    choose(batch, dict.fromkeys(open_ones, Pick(pick).value))


def conflicts_of(row: ImportRow) -> list[str]:
    """The fields of a row that need a choice."""
    if row.kind != "conflict":
        return []
    return [name for name, cell in row.cells.items() if cell["outcome"] == "conflict"]


def undecided(batch: ImportBatch) -> int:
    """How many conflicts wait for a choice."""
    return sum(name not in row.typed_cells for row in rows_of(batch) for name in conflicts_of(row))


def apply(batch: ImportBatch) -> dict[str, int]:
    """Save my cells, and the conflicts as chosen, through the door of each sheet: all of it, or nothing.

    Shape:  how many rows were new, changed, same, refused; a second click changes nothing and gives nothing.
    Errors: exchange.offline_undecided; exchange.offline_moved when somebody has saved since the comparison: it has been
            made again and is to be looked at; exchange.nothing_to_save, exchange.cancelled; those of the doors.
    """
    try:
        return _applied(batch)
    except _Moved as moved:
        compare_again(batch)
        raise broken("exchange.offline_moved") from moved


class _Moved(Exception):
    """Something that was compared stands there no more as it did."""


def _applied(batch: ImportBatch) -> dict[str, int]:
    with transaction() as session, acting("exchange.offline.apply"):
        session.refresh(batch, with_for_update=True)  # of two clicks the second waits here and finds it done
        if batch.state == "applied":
            return {}
        if batch.state != "previewed":
            raise broken("exchange.cancelled")
        if waiting := undecided(batch):
            raise broken("exchange.offline_undecided", count=waiting)
        book = session.get_one(OfflineBook, batch.options["book"])
        changes: list[RowChange] = []
        with effects.recorded(queries.change_set(batch)):
            for sheet, rows in _to_save(batch, book):
                changes += sheet.save(rows, False)
        refused = [change for change in changes if change.kind is Change.REFUSED]
        if refused:
            raise RuleBroken(
                [replace(problem, where=change.label) for change in refused for problem in change.problems]
            )
        if not changes:
            raise broken("exchange.nothing_to_save")
        counts = {kind.value: sum(change.kind is kind for change in changes) for kind in Change}
        batch.state, batch.applied_at = "applied", clock.now()
        for row in rows_of(batch):
            _as_receipt(row)
        written = {kind: counts[kind] for kind in (Change.NEW.value, Change.CHANGED.value)}
        batch.changes = {**batch.changes, "saved": counts, "counts": {**batch.changes["counts"], **written}}
        audit.record(
            "import", CODE, batch.options["unit"], {"file": batch.filename, "period": batch.options["period"], **counts}
        )
    return counts


def _to_save(batch: ImportBatch, book: OfflineBook) -> list[tuple[OfflineSheet, list[dict[str, Any]]]]:
    """By sheet the rows to save: what stands now, with the cells of mine that count in it."""
    here = {sheet.code: sheet for sheet in sheets_for(book.unit, book.period)}
    wanted: dict[str, list[ImportRow]] = {}
    for row in rows_of(batch):
        if row.kind in CHOSEN and fields_of_mine(row):
            wanted.setdefault(row.typed["code"] if row.typed else "", []).append(row)
    found = []
    for code, staged in wanted.items():
        sheet = here.get(code)
        if sheet is None or sheet.version != book.versions.get(code) or sheet.closed:
            raise _Moved
        standing = raw_rows(sheet, book.stamp)
        found.append((sheet, [_merged(row, standing) for row in staged]))
    return found


def _as_receipt(row: ImportRow) -> None:
    """A row as its receipt shows it: what was saved of it, as [old, new]."""
    mine = fields_of_mine(row) if row.kind in CHOSEN else []
    if row.kind in ("conflict", "theirs"):
        row.kind = Change.CHANGED.value if mine else Change.SAME.value
    row.cells = {row.cells[name]["label"]: row.cells[name]["words"][1:] for name in mine}
    row.typed = None


def fields_of_mine(row: ImportRow) -> list[str]:
    """The fields of a row that will be saved as they came back."""
    picked = {name for name, pick in row.typed_cells.items() if pick == Pick.MINE}
    return [name for name, cell in row.cells.items() if cell["outcome"] == "mine" or name in picked]


def _merged(row: ImportRow, standing: Mapping[str, dict[str, Any]]) -> dict[str, Any]:
    assert row.typed is not None
    stood = standing.get(row.typed["key"])
    if digest_of(stood) != row.typed["stood"]:
        raise _Moved
    mine = row.typed["mine"]
    if stood is None:
        return dict(mine)
    return {**stood, **{name: mine.get(name) for name in fields_of_mine(row)}}
