"""An office's own workbook read as one of our sheets (旧表对接): proposed, pointed out once, kept as versions, used again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from typing import Any

from sqlalchemy import func, select

from app.domain.errors import broken
from app.domain.rights import Verb
from app.features.exchange import allowance, fits, queries
from app.features.exchange.models import ImportBatch, SheetMapping
from app.features.exchange.services import importing, refilling
from app.features.exchange.services import rows as staged
from app.features.exchange.services.reading import context_for, options_as_data, options_from_data, read, require
from app.features.org.models import OrgUnit
from app.kit import access, excel, jobs
from app.kit.audit import acting
from app.kit.db import db, let_go, transaction
from app.kit.excel import placing, suggesting
from app.kit.excel.book import Book, Grid, column_letter
from app.kit.excel.fit import Fit
from app.kit.excel.refill import Form
from app.kit.excel.sheet import Layout, Sheet, layout_of
from app.kit.exchange import Door, Options

ANOTHER_LAYOUT = frozenset({"E01", "E02"})


@dataclass
class UnknownWord:
    """A word in a column of fixed words that is none of them, and what it may mean, the likeliest first."""

    field: str
    typed: str
    count: int
    choices: tuple[str, ...]
    likely: str = ""


@dataclass
class Proposal:
    """A workbook that waits to be mapped, with the fit as it stands and what is still open.

    Shape: `guesses` is column -> why it was suggested; `missing` are the required fields no column gives; `near` is an earlier
    mapping the file is merely like, with the headers it no longer has; `rows` and `refused` count what reading gives now.
    """

    book: Book
    grid: Grid
    table: Sheet
    fit: Fit
    guesses: Mapping[int, Any] = field(default_factory=dict)
    missing: tuple[str, ...] = ()
    unknown: list[UnknownWord] = field(default_factory=list)
    near: tuple[SheetMapping, tuple[str, ...]] | None = None
    rows: int = 0
    refused: int = 0


def tables_of(door: Door) -> list[Sheet]:
    """The tables among the forms of a door; a score sheet has none, it is recognised by the items of its scheme."""
    return [variant for variant in layout_of(door.layout).variants if isinstance(variant, Sheet)]


def wants_mapping(batch: ImportBatch) -> bool:
    """True for a waiting file that has not the header of the sheet, or lacks a column of it, so that mapping helps."""
    if batch.state != "previewed" or batch.outcome not in ("refused", "rejected"):
        return False
    issues = batch.result.get("shown", {}).get("issues", ())
    known = any(issue["code"] in ANOTHER_LAYOUT and issue.get("reason") != "empty" for issue in issues)
    return known and bool(tables_of(queries.door_of(batch.sheet)))


def propose(
    door: Door, data: bytes, filename: str, options: Options, fit: Fit | None = None, pointed: bool = False
) -> Proposal:
    """The likeliest fit of a workbook, or the given one, and what is still open with it.

    Shape: an earlier mapping the file is like is where it begins; the columns that lacks are suggested. With `pointed` the
    given fit only says sheet and header; the columns are suggested anew.
    Errors: exchange.no_table for a door without a table, exchange.nothing_to_map for an empty file, FileRefused.
    """
    if not tables_of(door):
        raise broken("exchange.no_table")
    layout, context = layout_of(door.layout), context_for(door, options)
    known = (
        [(mapping, fits.fit_of(mapping)) for mapping in fits.mappings_for(door, options.unit)] if fit is None else []
    )
    let_go()
    book = excel.open_workbook(data, filename)
    proposal = _pointed(layout, book, context, fit, pointed) if fit else _begun(layout, book, context, known)
    _judge(proposal, layout, context, filename)
    return proposal


def _pointed(layout: Layout, book: Book, context: Any, fit: Fit, anew: bool) -> Proposal:
    """What a clerk pointed at; the columns suggested anew where he pointed at another header."""
    grid, table = _grid(book, fit.sheet), _table(layout, fit)
    if not anew:
        return Proposal(book, grid, table, fit)
    found = suggesting.suggest(replace(layout, variants=(table,)), grid, context, (fit.header_row, fit.depth))
    return Proposal(book, grid, table, replace(found.fit, every_sheet=fit.every_sheet), found.guesses)


def _begun(layout: Layout, book: Book, context: Any, known: list[tuple[SheetMapping, Fit]]) -> Proposal:
    """An earlier mapping the file is like, completed by what its header and its cells say; or that alone."""
    found = placing.recognise([fit for _mapping, fit in known], book)
    if found is None:
        told = suggesting.suggest_for(layout, book, context)
        if told is None:
            raise broken("exchange.nothing_to_map")
        return Proposal(book, _grid(book, told.fit.sheet), _table(layout, told.fit), told.fit, told.guesses)
    mapping, old = known[found.index]
    grids = [grid for grid in placing.readable(book) if placing.placed(old, grid)]
    grid = max(grids, key=lambda one: place.likeness if (place := placing.placed(old, one)) else 0)
    fit, lost = placing.moved_to(old, grid)
    table = _table(layout, fit)
    told = suggesting.suggest(replace(layout, variants=(table,)), grid, context, (fit.header_row, fit.depth))
    have, taken = {one.field for one in fit.columns}, {one.letter for one in fit.columns}
    more = [one for one in told.fit.columns if lost and one.field not in have and one.letter not in taken]
    fit = replace(fit, columns=(*fit.columns, *more))
    letters = {one.letter for one in more}
    guesses = {at: guess for at, guess in told.guesses.items() if column_letter(at) in letters}
    return Proposal(book, grid, table, fit, guesses, near=(mapping, lost))


def _table(layout: Layout, fit: Fit) -> Sheet:
    tables = [variant for variant in layout.variants if isinstance(variant, Sheet)]
    return next((table for table in tables if table.code == fit.variant), tables[0])


def _grid(book: Book, name: str | None) -> Grid:
    grids = list(placing.readable(book))
    if not grids:
        raise broken("exchange.nothing_to_map")
    return next((grid for grid in grids if grid.name == name), grids[0])


def place_of(batch: ImportBatch, door: Door, sheet: str, variant: str) -> tuple[Grid, Sheet]:
    """The sheet of a waiting file and the table of its door that a clerk chose, or the first of each."""
    tables = tables_of(door)
    if not tables:
        raise broken("exchange.no_table")
    book = excel.open_workbook(allowance.original(batch), batch.filename)
    return _grid(book, sheet or None), next((one for one in tables if one.code == variant), tables[0])


def _judge(proposal: Proposal, layout: Any, context: Any, filename: str) -> None:
    """What reading with the fit gives now."""
    given = {column.field for column in proposal.fit.columns} | set(proposal.fit.constants)
    proposal.missing = tuple(one.field for one in proposal.table.columns if one.required and one.field not in given)
    if proposal.missing:
        return
    result = excel.read_book(layout, proposal.book, context, filename=filename, fit=proposal.fit)
    proposal.rows, proposal.refused = len(result.rows), len(result.rejected_rows)
    proposal.unknown = _unknown(pair for found in result.row_issues.values() for pair in found)


def _unknown(issues: Iterable[tuple[str, Any]]) -> list[UnknownWord]:
    found: dict[tuple[str, str], UnknownWord] = {}
    for name, issue in issues:
        choices = str(issue.params.get("choices") or "")
        if issue.code in ("E33", "E22") and issue.reason == "word" and choices and isinstance(issue.value, str):
            words = tuple(choices.split("、"))
            one = found.setdefault((name, issue.value), UnknownWord(name, issue.value, 0, words))
            one.count += 1
            one.likely = next(iter(get_close_matches(issue.value, words, 1, 0.4)), "")
    return list(found.values())


# --- keeping ----------------------------------------------------------------------------------------------------------


def office_for(door: Door, options: Options) -> Any:
    """The office a mapping is kept for: the township (or county) of the unit, or the unit itself where that is not his.

    Errors: exchange.no_office.
    """
    office = queries.office_of(options.unit)
    if office is not None and access.can_at(Verb.IMPORT, door.resource, office):
        return office
    if options.unit is not None:
        return options.unit
    raise broken("exchange.no_office")


def save(door: Door, unit: Any, name: str, fit: Fit, form: Form | None = None, filename: str = "") -> SheetMapping:
    """A new version of the office's mapping of that name, in use from now on; the version before stays listed.

    Shape:  `form` is the office's workbook without its rows, into which results can be written.
    Errors: exchange.name_missing, exchange.fields_missing, NotAllowed without the import right at the unit.
    """
    require(door, Verb.IMPORT, Options(unit))
    name = name.strip()[:100]
    if not name:
        raise broken("exchange.name_missing", "name")
    table = next((one for one in tables_of(door) if one.code == fit.variant), None)
    given = {column.field for column in fit.columns} | set(fit.constants)
    missing = [one.headers[0] for one in (table.columns if table else ()) if one.required and one.field not in given]
    if table is None or missing:
        raise broken("exchange.fields_missing", "name", fields="、".join(missing))
    with transaction() as session, acting("exchange.map"):
        same = (SheetMapping.unit_id == unit.id, SheetMapping.sheet == door.code, SheetMapping.name == name)
        version = session.scalar(select(func.max(SheetMapping.version)).where(*same)) or 0
        for earlier in session.scalars(select(SheetMapping).where(*same, SheetMapping.state == fits.ACTIVE)):
            earlier.state = fits.EARLIER
        mapping = SheetMapping(
            unit=unit,
            sheet=door.code,
            name=name,
            version=version + 1,
            signature=list(fit.headers),
            definition={"fit": fit.to_json()},
            template_name=filename,
            made_by=access.actor().username,
        )
        refilling.put_form(mapping, form)
        session.add(mapping)
        session.flush()
    return mapping


def save_and_look(batch: ImportBatch, unit: Any, name: str, fit: Fit) -> SheetMapping:
    """Keep the fit as a new version of the office's mapping, and read the waiting file by it.

    Errors: those of `save` and `look`.
    """
    door, options = queries.door_of(batch.sheet), options_from_data(batch.options)
    filename, unit_id = batch.filename, unit.id
    form = refilling.form_of(door, options, allowance.original(batch), filename, fit)
    mapping = save(door, db.session.get_one(OrgUnit, unit_id), name, fit, form, filename)
    look(batch, mapping)
    return mapping


def use_version(mapping: SheetMapping) -> None:
    """Use this version from now on, whatever came after it. Errors: NotAllowed unless the actor imports for the office."""
    _require_change(mapping)
    with transaction() as session, acting("exchange.use_mapping"):
        same = (SheetMapping.unit_id == mapping.unit_id, SheetMapping.sheet == mapping.sheet)
        for other in session.scalars(select(SheetMapping).where(*same, SheetMapping.name == mapping.name)):
            if other.state == fits.ACTIVE:
                other.state = fits.EARLIER
        mapping.state = fits.ACTIVE


def retire(mapping: SheetMapping) -> None:
    """Use the mapping no more; it stays listed. Errors: NotAllowed unless the actor imports for the office."""
    _require_change(mapping)
    with transaction(), acting("exchange.retire_mapping"):
        mapping.state = fits.RETIRED


def _require_change(mapping: SheetMapping) -> None:
    if not fits.may_change(mapping):
        raise access.NotAllowed(mapping.sheet, Verb.IMPORT)


# --- using ------------------------------------------------------------------------------------------------------------


def look(batch: ImportBatch, mapping: SheetMapping | None) -> None:
    """Read a waiting file again, by the mapping; None reads it as the layout itself.

    Errors: exchange.cancelled.
    """
    door, options = queries.door_of(batch.sheet), options_from_data(batch.options)
    require(door, Verb.IMPORT, options)
    if batch.state != "previewed":
        raise broken("exchange.cancelled")
    kept = {name: value for name, value in options.extra.items() if name not in ("mapping", "plain")}
    options = replace(options, extra=kept if mapping is not None else {**kept, "plain": True})
    data = allowance.original(batch)
    if len(data) > allowance.long_bytes():
        _read_later(batch, options, mapping)
        return
    result, options = read(door, data, batch.filename, options, mapping)
    with transaction() as session, acting("exchange.preview"):
        session.refresh(batch, with_for_update=True)
        if batch.state != "previewed":
            raise broken("exchange.cancelled")
        _read_by(batch, options, mapping)
        staged.put_down(batch, door, result, options)
        db.session.flush()


def _read_by(batch: ImportBatch, options: Options, mapping: SheetMapping | None) -> None:
    batch.options = options_as_data(options)
    batch.mapping_id = mapping.id if mapping is not None else None
    staged.clear(batch)


def _read_later(batch: ImportBatch, options: Options, mapping: SheetMapping | None) -> None:
    """A long file is read by a job, as it was when it came."""
    with transaction() as session, acting("exchange.preview"):
        session.refresh(batch, with_for_update=True)
        _read_by(batch, options, mapping)
        batch.state = "reading"
        batch.job_id = jobs.start(importing.READING, batch.filename, {"batch": batch.id}).id
