"""The offline workbook handed out, and taken back three ways: as it was handed out, as things stand now, as it came back.

What was handed out is remembered as our own reader reads it, and what stands now is read the same way: a cell is then
changed only where somebody changed it, whatever writing and reading do to a value.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, select

from app.domain.errors import RuleBroken, broken
from app.domain.periods import Period
from app.domain.threeway import Pick
from app.features.exchange import allowance, queries
from app.features.exchange.models import ImportBatch, ImportRow, OfflineBook
from app.features.exchange.queries import OFFLINE
from app.features.exchange.services.offline_sheets import (
    Came,
    SheetFound,
    compare_sheet,
    digest_of,
    keyed,
    raw_rows,
    read_own,
)
from app.features.exchange.sources import may_take_from, sheets_for
from app.kit import access, audit, clock, effects, excel
from app.kit.audit import acting
from app.kit.db import db, let_go, transaction
from app.kit.download import plain_name
from app.kit.excel.offline import Returned, open_offline, write_offline
from app.kit.exchange import Change, RowChange
from app.kit.offline import OfflineSheet

CODE = OFFLINE
VERSION = "1"
DAYS = allowance.OFFLINE_DAYS
CHOSEN = ("changed", "conflict", "new")  # kinds of rows that are saved


@dataclass(frozen=True)
class Made:
    """A workbook to download: its record, its name and its bytes."""

    book: OfflineBook
    filename: str
    content: bytes


# -- out -------------------------------------------------------------------------------------------


def make(unit: Any, period: str, sheets: Sequence[OfflineSheet] | None = None) -> Made:
    """One workbook with everything the actor may fill in at a unit in a period; the export is in the trail.

    Shape:  `sheets` are those of `sheets_of`, where they were gathered already.
    Errors: period.*; exchange.offline_no_right; exchange.offline_nothing when there is nothing to fill in.
    """
    if sheets is None:
        period, sheets = sheets_of(unit, period)
    stamp, name, code = secrets.token_hex(12), unit.name, unit.code
    who = access.actor()
    made_at = clock.now().astimezone(clock.SHANGHAI).isoformat(timespec="minutes")
    lines = [
        f"单位：{name}",
        f"时段：{period}",
        f"导出时间：{made_at.replace('T', ' ')[:16]}",
        f"导出人：{who.name or who.username}",
    ]
    facts = {"layout": CODE, "layout_version": VERSION, "stamp": stamp, "org_code": code, "period": period}
    facts |= {"exported_at": made_at} | {f"version {sheet.code}": sheet.version for sheet in sheets}
    let_go()
    data = write_offline([keyed(sheet, stamp) for sheet in sheets], facts, lines)
    content = read_own(sheets, stamp, data)
    with transaction() as session, acting("exchange.offline.make"):
        book = OfflineBook(
            stamp=stamp,
            unit=unit,
            user_id=who.user_id,
            period=period,
            versions={sheet.code: sheet.version for sheet in sheets},
            content=content,
        )
        session.add(book)
        facts_of_trail = {"rows": sum(len(sheet.page.rows) for sheet in sheets), "period": period}
        audit.record("export", CODE, code, facts_of_trail)
    return Made(book, name_of(unit, period), data)


def sheets_of(unit: Any, period: str) -> tuple[str, Sequence[OfflineSheet]]:
    """The period as it is written, and what a workbook of the unit holds. Errors: as `make`."""
    period = str(Period.parse(period))
    sheets = sheets_for(unit, period)
    if not sheets:
        raise broken("exchange.offline_nothing", "unit", unit=unit.name, period=period)
    return period, sheets


def name_of(unit: Any, period: str) -> str:
    """What an offline workbook is called."""
    return f"离线工作簿_{unit.name}_{period}.xlsx"


# -- back ------------------------------------------------------------------------------------------


def compare(data: bytes, filename: str, unit: Any = None) -> ImportBatch:
    """A workbook that came back, compared three ways and waiting for choices; nothing of it is saved yet.

    Shape:  `unit` is the unit of the page it was uploaded on, if the page is about one.
    Errors: exchange.offline_unreadable, exchange.offline_no_stamp, exchange.offline_unknown, exchange.offline_other_unit,
            exchange.offline_page_unit, exchange.offline_tampered, exchange.offline_old; exchange.too_many_waiting …
    """
    allowance.check(len(data))
    let_go()
    returned = _opened(data, filename)
    book = _book_of(returned, unit)
    found = _compared(book, returned)
    with transaction() as session, acting("exchange.offline.compare"):
        allowance.put_old_aside()
        batch = ImportBatch(
            sheet=CODE,
            filename=plain_name(filename),
            sha256=hashlib.sha256(data).hexdigest(),
            user_id=access.actor().user_id,
            options=_options(book),
            outcome="rows",
            content=allowance.sealed(data),
        )
        session.add(batch)
        session.flush()
        _stage(batch, found)
        book.returned_at = clock.now()
    return batch


def _opened(data: bytes, filename: str) -> Returned:
    try:
        return open_offline(data, filename)
    except excel.FileRefused as refused:
        problem = refused.problems[0]
        issue = excel.Issue(problem.code, reason=refused.kind, params=dict(problem.params))
        raise broken("exchange.offline_unreadable", "file", why=excel.sentence(issue)) from refused


def _book_of(returned: Returned, unit: Any) -> OfflineBook:
    """The record of the workbook, when the actor may bring it in here."""
    stamp = returned.facts.get("stamp", "")
    if returned.facts.get("layout") != CODE or not stamp:
        raise broken("exchange.offline_no_stamp", "file")
    book = db.session.scalar(select(OfflineBook).where(OfflineBook.stamp == stamp))
    if book is None:
        raise broken("exchange.offline_unknown", "file")
    with access.everything("the unit a workbook was made for is named in the refusal"):
        its_unit = book.unit
        name, code = its_unit.name, its_unit.code
    if not may_take_from(its_unit):
        raise broken("exchange.offline_other_unit", "file", unit=name)
    if unit is not None and unit.id != its_unit.id:
        raise broken("exchange.offline_page_unit", "file", unit=name, here=unit.name)
    if (returned.facts.get("org_code"), returned.facts.get("period")) != (code, book.period):
        raise broken("exchange.offline_tampered", "file")
    if book.created_at < clock.now() - timedelta(days=DAYS):
        raise broken(
            "exchange.offline_old", "file", days=DAYS, on=f"{book.created_at.astimezone(clock.SHANGHAI):%Y-%m-%d}"
        )
    return book


def _compared(book: OfflineBook, returned: Returned) -> list[SheetFound]:
    """Every sheet of the workbook against what stands now."""
    here = {sheet.code: sheet for sheet in sheets_for(book.unit, book.period)}
    stamp, content, versions = book.stamp, book.content, dict(book.versions)
    sheets = [here[code] for code in content if code in here]
    let_go()
    now = read_own(sheets, stamp, write_offline([keyed(sheet, stamp) for sheet in sheets], {}, ()))
    return [
        compare_sheet(here.get(code), Came(code, base, now.get(code, {}), versions.get(code, ""), stamp), returned)
        for code, base in content.items()
    ]


def _options(book: OfflineBook) -> dict[str, Any]:
    with access.everything("the unit of a workbook the actor may bring in"):
        place = {"unit": book.unit.code, "unit_name": book.unit.name}
    return {**place, "period": book.period, "scheme": None, "round": None, "extra": {}, "book": book.id}


def _stage(batch: ImportBatch, found: Sequence[SheetFound]) -> None:
    """Put the comparison down, in place of an earlier one; choices that still fit are kept."""
    kept = {
        (row.typed["code"], row.typed["key"]): row.typed_cells
        for row in rows_of(batch)
        if row.typed and row.typed_cells
    }
    db.session.execute(delete(ImportRow).where(ImportRow.batch_id == batch.id))
    number = 0
    for sheet in found:
        for row in sheet.rows:
            number += 1
            picks = kept.get((sheet.code, row.key), {})
            undecided = {name for name, cell in row.cells.items() if cell["outcome"] == "conflict"}
            db.session.add(
                ImportRow(
                    batch_id=batch.id,
                    number=number,
                    sheet=sheet.name[:64],
                    row=str(row.line or ""),
                    kind=row.kind,
                    label=row.label[:200],
                    typed={"code": sheet.code, "key": row.key, "mine": row.mine, "stood": row.stood},
                    cells=row.cells,
                    problems=row.problems,
                    typed_cells={name: pick for name, pick in picks.items() if name in undecided},
                    warned=bool(row.problems),
                )
            )
    kinds = [row.kind for sheet in found for row in sheet.rows]
    counts = {
        Change.NEW.value: kinds.count("new"),
        Change.CHANGED.value: kinds.count("changed") + kinds.count("conflict"),
        Change.SAME.value: sum(sheet.same for sheet in found),
        Change.REFUSED.value: kinds.count("refused") + kinds.count("gone"),
        "warned": 0,
    }
    batch.changes = {"counts": counts, "rows": []}
    batch.result = {
        "shown": {
            "layout": CODE,
            "issues": [],
            "rejected_rows": [],
            "faults": 0,
            "sheets": [sheet.summary() for sheet in found],
        }
    }
    db.session.flush()


def rows_of(batch: ImportBatch) -> Sequence[ImportRow]:
    """The rows worth showing, in the order of the file."""
    return db.session.scalars(select(ImportRow).where(ImportRow.batch_id == batch.id).order_by(ImportRow.number)).all()


# -- choices and saving ----------------------------------------------------------------------------


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


def compare_again(batch: ImportBatch) -> None:
    """Compare the same file with what stands now; choices that still fit are kept.

    Errors: those of compare.
    """
    book = db.session.get_one(OfflineBook, batch.options["book"])
    data = allowance.original(batch)
    let_go()
    returned = _opened(data, batch.filename)
    found = _compared(_book_of(returned, None), returned)
    with transaction() as session, acting("exchange.offline.compare"):
        session.refresh(batch, with_for_update=True)
        if batch.state == "previewed":
            _stage(batch, found)
    db.session.refresh(book)
