"""The offline workbook handed out, and taken back three ways: as it was handed out, as things stand now, as it came back.
What is chosen of it and saved is in offline_saving.py.

What was handed out is remembered as our own reader reads it, and what stands now is read the same way: a cell is then
changed only where somebody changed it, whatever writing and reading do to a value.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, select

from app.domain.errors import broken
from app.domain.periods import Period
from app.features.exchange import allowance
from app.features.exchange.models import ImportBatch, ImportRow, OfflineBook
from app.features.exchange.queries import OFFLINE
from app.features.exchange.services.offline_comparing import Came, SheetFound, compare_sheet
from app.features.exchange.services.offline_sheets import keyed, read_own
from app.features.exchange.sources import may_take_from, sheets_for
from app.kit import access, audit, clock, excel
from app.kit.audit import acting
from app.kit.db import db, let_go, transaction
from app.kit.download import plain_name
from app.kit.excel.offline import Returned, open_offline, write_offline
from app.kit.exchange import Change
from app.kit.offline import OfflineSheet

CODE = OFFLINE
VERSION = "1"
DAYS = allowance.OFFLINE_DAYS


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
