"""Which imports there were: one's own, and those of others where one may import the same sheet oneself."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select

from app.domain.rights import Verb
from app.features.accounts.queries import user_by_id
from app.features.exchange import queries
from app.features.exchange.models import ImportBatch
from app.features.org.queries import unit_by_code
from app.kit import access, clock
from app.kit.db import db

DONE = ("applied", "undone")
PAGE = 30


@dataclass(frozen=True)
class Wanted:
    """What the reader looks for; empty is everything. `month` is that of the upload, e.g. 2026-10."""

    sheet: str = ""
    unit: str = ""
    user: str = ""
    month: str = ""
    state: str = ""


@dataclass(frozen=True)
class Page:
    """Imports, the newest first, and how many there are."""

    found: Sequence[ImportBatch]
    page: int
    pages: int
    total: int


def imports(wanted: Wanted, page: int = 1) -> Page:
    """A page of the imports the actor may know of."""
    statement = select(ImportBatch).where(_known(), *_conditions(wanted))
    total = db.session.scalar(select(func.count()).select_from(statement.subquery())) or 0
    pages = max(1, -(-total // PAGE))
    page = min(max(page, 1), pages)
    shown = statement.order_by(ImportBatch.id.desc()).limit(PAGE).offset((page - 1) * PAGE)
    return Page(db.session.scalars(shown).all(), page, pages, total)


def receipt(batch_id: int) -> ImportBatch:
    """An import that was saved, of the actor's or where he may import the sheet. Errors: NotAllowed (hidden)."""
    wanted = select(ImportBatch).where(ImportBatch.id == batch_id, ImportBatch.state.in_(DONE), _known())
    batch = db.session.scalar(wanted)
    if batch is None:
        raise access.NotAllowed("import", Verb.VIEW, hidden=True)
    return batch


def choices() -> dict[str, list[tuple[str, str]]]:
    """Sheets, units and persons there are among the imports the actor may know of, as (value, text)."""
    known: Select[Any] = select(ImportBatch).where(_known())
    found = known.with_only_columns(ImportBatch.sheet, _unit(), ImportBatch.user_id).distinct()
    rows = db.session.execute(found).all()
    units = sorted({code for _sheet, code, _user in rows if code})
    return {
        "sheets": [(sheet, str(queries.title_of(sheet))) for sheet in sorted({row[0] for row in rows})],
        "units": [(code, unit_name(code)) for code in units],
        "users": [(str(user), who_is(user)) for user in sorted({row[2] for row in rows if row[2]})],
    }


def unit_name(code: str | None) -> str:
    """The name of a unit by its code; the code where it is no more."""
    with access.everything("the name of the unit an import was for"):
        found = unit_by_code(code) if code else None
    return found.name if found is not None else code or ""


def who_is(user_id: int | None) -> str:
    """The name behind an account; that of the operator for none."""
    if user_id is None:
        return access.OPERATOR.name
    try:
        with access.everything("who imported"):
            return str(user_by_id(user_id))
    except access.NotAllowed:
        return str(user_id)


def _unit() -> ColumnElement[str]:
    return ImportBatch.options["unit"].as_string()


def _known() -> ColumnElement[bool]:
    """One's own, and the saved ones of others at units where one may import the sheet."""
    who = access.actor()
    mine = ImportBatch.user_id.is_(None) if who.is_operator else ImportBatch.user_id == who.user_id
    if who is access.NOBODY:
        return ImportBatch.id.is_(None)
    places = [and_(ImportBatch.sheet == sheet, _unit().in_(codes)) for sheet, codes in _places_in_reach().items()]
    return or_(mine, and_(ImportBatch.state.in_(DONE), or_(*places))) if places else mine


def _places_in_reach() -> dict[str, list[str]]:
    """By sheet, the units that were imported for and where the actor may import it himself."""
    found: dict[str, list[str]] = {}
    pairs = db.session.execute(select(ImportBatch.sheet, _unit()).where(ImportBatch.state.in_(DONE)).distinct()).all()
    for sheet, code in pairs:
        if code and _may_import(sheet, code):
            found.setdefault(sheet, []).append(code)
    return found


def _may_import(sheet: str, code: str) -> bool:
    if sheet == queries.OFFLINE:
        return False
    found = queries.door(sheet)  # None for a sheet of another release, and for a form that is not the actor's
    if found is None or not access.holds(found.resource, Verb.IMPORT):
        return False
    with access.everything("whether the actor may import at the unit of an import"):
        unit = unit_by_code(code)
    return unit is not None and access.can_at(Verb.IMPORT, found.resource, unit)


def _conditions(wanted: Wanted) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.sheet:
        conditions.append(ImportBatch.sheet == wanted.sheet)
    if wanted.unit:
        conditions.append(_unit() == wanted.unit)
    if wanted.user:
        conditions.append(ImportBatch.user_id == (int(wanted.user) if wanted.user.isdecimal() else -1))
    if wanted.state:
        conditions.append(ImportBatch.state == wanted.state)
    if wanted.month:
        conditions += _in_month(wanted.month)
    return conditions


def _in_month(month: str) -> list[ColumnElement[bool]]:
    """The uploads of a month of the calendar here; none for what is no month."""
    found = re.fullmatch(r"(\d{4})-(0[1-9]|1[0-2])", month)
    if found is None:
        return [ImportBatch.id.is_(None)]
    year, number = int(found[1]), int(found[2])
    begin = datetime(year, number, 1, tzinfo=clock.SHANGHAI)
    end = datetime(year + number // 12, number % 12 + 1, 1, tzinfo=clock.SHANGHAI)
    return [ImportBatch.created_at >= begin, ImportBatch.created_at < end]
