"""Reading imports and doors."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, or_, select, true

from app.domain.errors import broken
from app.domain.rights import Verb
from app.features.exchange.models import ImportBatch, ImportRow, ValueMeaning
from app.features.org.models import OrgUnit
from app.kit import access, jobs
from app.kit.db import db
from app.kit.excel.context import key
from app.kit.excel.sheet import layout_of
from app.kit.exchange import Change, Door, MoreDoors
from app.kit.i18n import _l

OFFLINE = "offline"  # stands in the place of a door in the history of uploads
VILLAGE = "village"
PAGE = 50
WARNED = "warned"
TABS = (Change.REFUSED.value, Change.CHANGED.value, Change.NEW.value, WARNED, Change.SAME.value)

_doors: dict[str, Door] = {}
_more: list[MoreDoors] = []


def register_doors(doors: Sequence[Door], more: Sequence[MoreDoors] = ()) -> None:
    """Make the doors of the features known, and what makes more of them; called once when the app is made."""
    _doors.clear()
    _doors.update({door.code: door for door in doors})
    _more[:] = more


def door_codes() -> Collection[str]:
    """The codes of all doors that are listed."""
    return _doors.keys()


def door(code: str) -> Door | None:
    """The door with this code, listed or made for the actor; None when there is none for him."""
    listed = _doors.get(code)
    return listed or next((found for more in _more if (found := more.find(code))), None)


def door_of(code: str) -> Door:
    """The door with this code.

    Errors: exchange.unknown_sheet, with the codes there are.
    """
    found = door(code)
    if found is None:
        known = ", ".join(f"{one.code} ({_letters(one)})" for one in _doors.values())
        raise broken("exchange.unknown_sheet", "sheet", sheet=code, known=known)
    return found


def _letters(door: Door) -> str:
    """The layouts behind a door, as the county's papers letter them."""
    return "/".join(variant.code for variant in layout_of(door.layout).variants)


def title_of(sheet: str) -> Any:
    """What an upload is about: the sheet of a door, or the offline workbook."""
    if sheet == OFFLINE:
        return _l("Offline workbook")
    found = door(sheet)
    return found.title if found else sheet  # of a form that is no longer the reader's


def all_doors() -> list[Door]:
    """Every door that is listed."""
    return list(_doors.values())


def doors_open_for(verb: Verb) -> list[Door]:
    """The doors through which the actor may import (or export)."""
    made = [one for more in _more for one in more.doors()]
    return [one for one in (*_doors.values(), *made) if is_open(one, verb)]


def is_open(found: Door, verb: Verb) -> bool:
    """True when the actor may import (or export) through the door somewhere."""
    return any(access.holds(found.resource, one) for one in found.verbs(verb))


def is_open_at(found: Door, verb: Verb, unit: OrgUnit) -> bool:
    """True when the actor may import (or export) through the door at the unit."""
    return any(access.can_at(one, found.resource, unit) for one in found.verbs(verb))


def may_exchange(*verbs: Verb) -> bool:
    """True when some door may be open to the actor, for importing or exporting where no verb is named."""
    asked = verbs or (Verb.IMPORT, Verb.EXPORT)
    listed = any(is_open(one, verb) for one in _doors.values() for verb in asked)
    return listed or any(more.may(verb) for more in _more for verb in asked)


def batch_of_mine(batch_id: int) -> ImportBatch:
    """An import the actor uploaded; hidden otherwise."""
    batch = db.session.get(ImportBatch, batch_id)
    if batch is None or batch.user_id != access.actor().user_id:
        raise access.NotAllowed("import", Verb.VIEW, hidden=True)
    return batch


def my_batches(limit: int = 20) -> Sequence[ImportBatch]:
    """The actor's imports, newest first."""
    statement = select(ImportBatch).where(ImportBatch.user_id == access.actor().user_id)
    return db.session.scalars(statement.order_by(ImportBatch.id.desc()).limit(limit)).all()


def earlier_import(batch: ImportBatch) -> ImportBatch | None:
    """An import of the same file to the same place that was saved and not undone, if there is one."""
    same = select(ImportBatch).where(
        ImportBatch.id != batch.id,
        ImportBatch.sheet == batch.sheet,
        ImportBatch.sha256 == batch.sha256,
        ImportBatch.state == "applied",
        ImportBatch.undone_at.is_(None),
    )
    place = ("unit", "period", "scheme", "round")
    wanted = [batch.options.get(name) for name in place]
    found = db.session.scalars(same.order_by(ImportBatch.id.desc())).all()
    return next((one for one in found if [one.options.get(name) for name in place] == wanted), None)


# -- the rows of an upload -------------------------------------------------------------------------


@dataclass(frozen=True)
class Rows:
    """One page of the rows of an upload: those of a tab in which a text is found."""

    tab: str
    found: Sequence[ImportRow]
    page: int
    pages: int
    total: int


def rows_of(batch: ImportBatch, tab: str = "", text: str = "", page: int = 1) -> Rows:
    """The rows of a page; without a tab those that need a look first."""
    counts = batch.changes.get("counts", {})
    if tab not in TABS:
        tab = next((name for name in TABS if counts.get(name)), Change.SAME.value)
    wanted = _of_tab(select(ImportRow), batch, tab)
    if text:
        columns = (ImportRow.label, ImportRow.cells, ImportRow.problems, ImportRow.typed_cells, ImportRow.typed)
        found = [column.contains(text, autoescape=True) for column in columns]
        wanted = wanted.where(or_(ImportRow.row == text, *found))
    total = db.session.scalar(select(func.count()).select_from(wanted.subquery())) or 0
    pages = max(1, -(-total // PAGE))
    page = min(max(page, 1), pages)
    shown = wanted.order_by(ImportRow.number).limit(PAGE).offset((page - 1) * PAGE)
    return Rows(tab, db.session.scalars(shown).all(), page, pages, total)


def _of_tab(statement: Select[Any], batch: ImportBatch, tab: str) -> Select[Any]:
    statement = statement.where(ImportRow.batch_id == batch.id)
    if tab == WARNED:
        return statement.where(ImportRow.warned == true())
    return statement.where(ImportRow.kind == tab)


def row_of(batch: ImportBatch, row_id: int) -> ImportRow:
    """A row of an upload; hidden when it is of another."""
    row = db.session.get(ImportRow, row_id)
    if row is None or row.batch_id != batch.id:
        raise access.NotAllowed("import", Verb.VIEW, hidden=True)
    return row


def refused_rows(batch: ImportBatch, limit: int | None = None) -> Sequence[ImportRow]:
    """The refused rows of an upload, in the order of the file."""
    statement = _of_tab(select(ImportRow), batch, Change.REFUSED.value).order_by(ImportRow.number)
    return db.session.scalars(statement.limit(limit) if limit else statement).all()


def rows_with_problems(batch: ImportBatch) -> Sequence[ImportRow]:
    """The rows of an upload with something to say, in the order of the file."""
    statement = select(ImportRow).where(ImportRow.batch_id == batch.id)
    statement = statement.where(or_(ImportRow.kind == Change.REFUSED.value, ImportRow.warned == true()))
    return db.session.scalars(statement.order_by(ImportRow.number)).all()


def change_set(batch: ImportBatch) -> str:
    """The name under which the effects of an import are kept."""
    return f"import-{batch.id}"


def job_of(batch: ImportBatch) -> Any:
    """The job that reads or saves an upload, None when there is none."""
    return db.session.get(jobs.Job, batch.job_id) if batch.job_id else None


def job_is_over(batch: ImportBatch) -> bool:
    """True when no job works on the upload any more."""
    job = job_of(batch)
    return job is None or job.state in ("done", "failed", "cancelled")


# -- what an office means by its words -------------------------------------------------------------


def office_of(unit: OrgUnit | None) -> OrgUnit | None:
    """The office whose words count at a unit: its township, else its county; without a unit that of the actor's first post."""
    if unit is not None:
        own = unit.township_id or unit.county_id or unit.id
    else:
        above = next((post.ancestors for post in access.actor().posts), {})
        own = above.get("township") or above.get("county")
    if own is None:
        return None
    with access.everything("the office of a unit the actor imports for"):
        return db.session.get(OrgUnit, own)


def settled_words(office: OrgUnit | None) -> dict[str, dict[str, str]]:
    """What an office and its county have settled: field -> spelling -> meaning; the office's own word counts."""
    if office is None:
        return {}
    ids = [office.id, *([office.county_id] if office.county_id else [])]
    found: dict[str, dict[str, str]] = {}
    rows = db.session.scalars(select(ValueMeaning).where(ValueMeaning.unit_id.in_(ids)))
    for row in sorted(rows, key=lambda row: row.unit_id == office.id):
        found.setdefault(row.field, {})[key(row.typed)] = row.meaning
    return found


def meaning_of(office: OrgUnit, field: str, typed: str) -> ValueMeaning | None:
    """What an office has settled about a word."""
    wanted = select(ValueMeaning).where(ValueMeaning.unit_id == office.id, ValueMeaning.field == field)
    return db.session.scalar(wanted.where(ValueMeaning.typed == typed))


def may_settle(office: OrgUnit) -> bool:
    """True when the actor imports something for the office."""
    return any(access.can_at(Verb.IMPORT, one.resource, office) for one in _doors.values())


def my_meanings() -> Sequence[tuple[ValueMeaning, OrgUnit]]:
    """What the offices the actor imports for have settled, the newest first."""
    with access.everything("an office is asked for its own words"):
        rows = db.session.scalars(select(ValueMeaning).order_by(ValueMeaning.id.desc())).all()
        units: Mapping[int, OrgUnit] = {row.unit_id: row.unit for row in rows}
    allowed = {unit_id for unit_id, unit in units.items() if may_settle(unit)}
    return [(row, units[row.unit_id]) for row in rows if row.unit_id in allowed]


def meaning_of_mine(meaning_id: int) -> ValueMeaning:
    """A settled word of an office the actor imports for; hidden otherwise."""
    found = next((row for row, _unit in my_meanings() if row.id == meaning_id), None)
    if found is None:
        raise access.NotAllowed("import", Verb.VIEW, hidden=True)
    return found
