"""Mending on the page: one row at a time, or a word for all rows at once and for every import to come."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select

from app.domain.errors import broken
from app.domain.rights import Verb
from app.features.exchange import queries
from app.features.exchange.models import ImportBatch, ImportRow, ValueMeaning
from app.features.exchange.services import rows as staged
from app.features.exchange.services.reading import context_for, options_from_data, require
from app.features.exchange.staging import dumped
from app.kit import access, excel
from app.kit.audit import acting
from app.kit.db import db, transaction
from app.kit.excel.context import key
from app.kit.excel.roles import ROLE_WORDS
from app.kit.exchange import Change, Door, Options

MOST_LOOKED_AT = 5_000
ROWS_NAMED = 20


# -- one row ---------------------------------------------------------------------------------------


def mend(batch: ImportBatch, row_id: int, texts: Mapping[str, str]) -> ImportRow:
    """A refused row with other words in its cells, read and compared again; what was typed elsewhere in it stays.

    Shape:  `texts` is field -> text; a text equal to what stands in the cell leaves it as it was typed.
    Errors: exchange.cancelled, exchange.not_refused, exchange.cannot_mend. What is still wrong stands in the row.
    """
    door, options = _open(batch)
    with transaction() as session, acting("exchange.mend"):
        session.refresh(batch, with_for_update=True)
        _require_waiting(batch)
        row = queries.row_of(batch, row_id)
        if row.kind != Change.REFUSED:
            raise broken("exchange.not_refused")
        reading = staged.reading_of(batch, row.sheet)
        if reading is None:
            raise broken("exchange.cannot_mend")
        cells = cells_of(row, reading, door)
        for name, text in texts.items():
            if name in reading.places or name in reading.key:
                _replace(cells, name, text)
        _read_again(batch, [(row, cells)], door, options)
    return row


def _open(batch: ImportBatch) -> tuple[Door, Options]:
    door, options = queries.door_of(batch.sheet), options_from_data(batch.options)
    require(door, Verb.IMPORT, options)
    return door, options


def _require_waiting(batch: ImportBatch) -> None:
    if batch.state != "previewed":
        raise broken("exchange.cancelled" if batch.state == "cancelled" else "exchange.saved_already")


def _replace(cells: dict[str, Any], name: str, text: str) -> None:
    if text.strip() == staged.cell_text(cells.get(name, "")).strip():
        return
    if text.strip():
        cells[name] = text
    else:
        cells.pop(name, None)


def field_names(batch: ImportBatch) -> dict[str, str]:
    """field -> how the clerk's layout heads it; of a score sheet the items by their names."""
    door, options = queries.door_of(batch.sheet), options_from_data(batch.options)
    headed: dict[str, str] = {}
    for variant in sorted(excel.variants_of(door.layout), key=lambda v: v.code == batch.result["shown"]["layout"]):
        for column in getattr(variant, "columns", ()):
            headed[column.field] = column.headers[0].replace("/", " · ")
        if not hasattr(variant, "columns"):
            scheme = context_for(door, options).scheme
            headed |= {fact.code: fact.name for fact in (*scheme.items, *scheme.deductions)} if scheme else {}
            headed[queries.VILLAGE] = "村（居）"
    return headed


def all_field_names() -> dict[str, str]:
    """field -> how the layouts of the portal head it."""
    columns = [
        column
        for door in queries.all_doors()
        for v in excel.variants_of(door.layout)
        for column in getattr(v, "columns", ())
    ]
    return {column.field: column.headers[0].replace("/", " · ") for column in reversed(columns)}


def cells_of(row: ImportRow, reading: Any, door: Door) -> dict[str, Any]:
    """What stands in the cells of a refused row; of one that was read well, what an export would write there."""
    if row.typed_cells or row.typed is None:
        return {name: tuple(v) if isinstance(v, list) else v for name, v in row.typed_cells.items()}
    return {name: value for name, value in excel.cells_of_row(door.layout, reading, row.typed).items() if value != ""}


def _read_again(
    batch: ImportBatch, chosen: Sequence[tuple[ImportRow, dict[str, Any]]], door: Door, options: Options
) -> None:
    """Read rows again out of their cells, and compare what became of them; `count` tells the page."""
    context = context_for(door, options)
    good: list[ImportRow] = []
    for row, cells in chosen:
        reading = staged.reading_of(batch, row.sheet)
        place = (row.sheet or None, int(row.row) if row.row.isdecimal() else row.row)
        found = excel.reread(door.layout, reading, place, cells, context)
        issues = [staged.issue_as_data(name, issue) for name, issue in found.row_issues.get(place, ())]
        row.typed_cells, row.problems = staged.as_kept(cells), issues
        row.typed = found.rows[0] if found.rows else None
        twin = _twin(batch, row, reading, door) if found.rows else None
        if twin is not None:
            row.typed = None
            row.problems = [*issues, _doubled(door, reading, place, cells, twin)]
        if row.typed is not None:
            good.append(row)
        else:
            row.kind, row.cells, row.warned = Change.REFUSED.value, {}, False
            row.label = staged.label_of(row.typed_cells, reading)
    db.session.flush()
    if good:
        staged.compare_again(batch, door, options, good)
        for row in good:
            db.session.refresh(row)
    staged.count(batch)
    db.session.flush()


def _twin(batch: ImportBatch, row: ImportRow, reading: Any, door: Door) -> ImportRow | None:
    """Another good row of the file with the same key."""
    mine = row.typed or {}
    names = [name for name in reading.key if mine.get(name) is not None]
    if not names or mine.get(reading.key[0]) is None or mine.get(reading.key[-1]) is None:
        return None
    others = select(ImportRow).where(
        ImportRow.batch_id == batch.id, ImportRow.id != row.id, ImportRow.kind != Change.REFUSED.value
    )
    for name in names:
        others = others.where(ImportRow.typed.contains(dumped(mine[name]), autoescape=True))
    variant = excel.variant_of(door.layout, reading.variant)
    clash = getattr(variant, "clash", None)
    for other in db.session.scalars(others):
        same = [other.typed.get(name) for name in reading.key] == [_as_kept(mine.get(name)) for name in reading.key]
        if same and (clash is None or clash(other.typed, mine)):
            return other
    return None


def _as_kept(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def _doubled(door: Door, reading: Any, place: Any, cells: Mapping[str, Any], twin: ImportRow) -> dict[str, Any]:
    name = getattr(excel.variant_of(door.layout, reading.variant), "key_cell", "") or reading.key[-1]
    value, cell = staged.cell_text(cells.get(name, "")), excel.cell_of(reading, name, place[1])
    return staged.issue_as_data(name, excel.Issue("E61", place[0], cell, value, "", {"first_row": twin.row}))


# -- a word for all rows ---------------------------------------------------------------------------


@dataclass
class Unknown:
    """A word in a column that nobody knows: in which rows, how many, and what it may mean, the nearest first."""

    field: str
    typed: str
    header: str
    rows: list[str] = field(default_factory=list)
    count: int = 0
    choices: Sequence[str] = ()
    has_near: bool = False


def unknown_words(batch: ImportBatch) -> list[Unknown]:
    """The words of a preview that nobody knows, each once."""
    found: dict[tuple[str, str], tuple[Unknown, dict[str, Any]]] = {}
    for row in queries.refused_rows(batch, MOST_LOOKED_AT):
        for data in row.problems:
            if _is_unknown(data):
                typed = word_of(data)
                header = str(data["params"].get("header") or "")
                one, _data = found.setdefault((data["field"], typed), (Unknown(data["field"], typed, header), data))
                one.count += 1
                if len(one.rows) < ROWS_NAMED:
                    one.rows.append(f"{row.sheet} {row.row}".strip())
    if not found:
        return []
    door, options = _open(batch)
    context = context_for(door, options)
    for one, data in found.values():
        near, known = _near_and_known(one, data, context)
        one.has_near, one.choices = bool(near), [*near, *(name for name in known if name and name not in near)]
    return [one for one, _data in found.values() if one.choices]


def _is_unknown(data: Mapping[str, Any]) -> bool:
    """An unknown village or sub-grid, an unknown word of a closed list, somebody who does not hold the post."""
    code, reason = data["code"], data.get("reason", "")
    return (
        "cell" in data
        and data.get("value") not in (None, "")
        and (
            code == "E31"
            or _is_sub_grid(data)
            or (code, reason) in {("E33", "word"), ("E22", "word"), ("E33", "holder")}
        )
    )


def _is_sub_grid(data: Mapping[str, Any]) -> bool:
    return data["code"] == "E32" and data.get("field") in ("sub_grid", "sub_grids")


def word_of(data: Mapping[str, Any]) -> str:
    """The word a problem is about; of a sub-grid with its village before it, for it means something there only."""
    value = str(data.get("value"))
    return f"{data['params']['village']} {value}" if _is_sub_grid(data) else value


def _near_and_known(one: Unknown, data: Mapping[str, Any], context: Any) -> tuple[Sequence[str], Sequence[str]]:
    params = data["params"]
    if data["code"] == "E31":
        return context.nearest(one.typed), [village.name for village in context.villages or () if village.allowed]
    if _is_sub_grid(data):
        known = next((v.sub_grids for v in context.villages or () if v.name == params["village"]), ())
        return difflib.get_close_matches(str(data["value"]), known, 3, 0.6), known
    if data["reason"] == "holder":
        role = ROLE_WORDS.get(params.get("role", ""), "")
        known = sorted((context.holders or {}).get((params.get("village"), role), ()))
    else:
        known = str(params.get("choices") or "").split("、")
    return difflib.get_close_matches(one.typed, known, 3, 0.3), known


def settle_value(batch: ImportBatch, field: str, typed: str, meaning: str) -> int:
    """What a word means, for the rows of this preview and for every later import of the office; how many rows it was in.

    Errors: exchange.cancelled, exchange.no_office, exchange.unknown_meaning.
    """
    door, options = _open(batch)
    with transaction() as session, acting("exchange.settle"):
        session.refresh(batch, with_for_update=True)
        _require_waiting(batch)
        office = queries.office_of(options.unit)
        if office is None:
            raise broken("exchange.no_office")
        one = next((one for one in unknown_words(batch) if (one.field, one.typed) == (field, typed)), None)
        if one is None or meaning not in one.choices:
            raise broken("exchange.unknown_meaning", field, meaning=meaning)
        _learn(office, "sub_grid" if field == "sub_grids" else field, typed, meaning)
        affected = [(row, _cells(batch, row, door)) for row in _rows_with(batch, field, typed)]
        _read_again(batch, affected, door, options)
    return len(affected)


def _learn(office: Any, field: str, typed: str, meaning: str) -> None:
    known = queries.meaning_of(office, field, key(typed))
    if known is None:
        known = ValueMeaning(unit_id=office.id, field=field, typed=key(typed), meaning=meaning)
        db.session.add(known)
    known.meaning, known.made_by = meaning, access.actor().username
    db.session.flush()


def _rows_with(batch: ImportBatch, field: str, typed: str) -> Iterable[ImportRow]:
    for row in queries.refused_rows(batch):
        if any(_is_unknown(data) and (data["field"], word_of(data)) == (field, typed) for data in row.problems):
            yield row


def _cells(batch: ImportBatch, row: ImportRow, door: Door) -> dict[str, Any]:
    return cells_of(row, staged.reading_of(batch, row.sheet), door)


def withdraw(meaning: ValueMeaning) -> None:
    """Forget what a word means; imports that were saved stay as they are."""
    with transaction() as session, acting("exchange.withdraw"):
        session.delete(meaning)
