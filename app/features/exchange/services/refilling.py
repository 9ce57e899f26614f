"""Results in an office's own workbook: a kept form filled with rows, or columns of an uploaded file filled in."""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from app.domain.errors import broken
from app.domain.rights import Verb
from app.features.exchange import allowance, fits, queries
from app.features.exchange.models import ImportBatch, SheetMapping
from app.features.exchange.services.reading import context_for, options_from_data, require
from app.kit import audit, excel, sealing
from app.kit.audit import acting
from app.kit.db import let_go, transaction
from app.kit.excel import refill
from app.kit.excel.fit import Fit
from app.kit.excel.opening import FileRefused
from app.kit.excel.refill import Form
from app.kit.excel.sheet import Sheet, layout_of
from app.kit.exchange import Door, Options

log = logging.getLogger(__name__)


def form_of(door: Door, options: Options, data: bytes, filename: str, fit: Fit) -> Form | None:
    """The office's workbook as a form without its rows of data; None for one that cannot be written to, which is read all the same."""
    context = context_for(door, options)
    let_go()
    try:
        return refill.form_of(data, filename, layout_of(door.layout), fit, context)
    except FileRefused as refused:
        log.info("no form is kept of a workbook: %s %s", refused.kind, refused.detail)
        return None


def put_form(mapping: SheetMapping, form: Form | None) -> None:
    """Keep the form with its mapping."""
    blocks = [dict(block) for block in form.blocks] if form else []
    mapping.definition = {**mapping.definition, "blocks": blocks}
    mapping.template = allowance.sealed(form.content) if form else None


def can_fill(mapping: SheetMapping) -> bool:
    """True when the workbook of the mapping is kept, so that rows can be written into it."""
    return bool(mapping.definition.get("blocks"))


def fill(mapping: SheetMapping, rows: Sequence[Mapping[str, Any]], meta: Any) -> bytes:
    """The office's own workbook with the rows in it: its titles, merges, widths and formulas, its words and order of columns.

    Errors: exchange.no_template when no workbook is kept with the mapping; FileRefused.
    """
    content = sealing.opened(mapping.template, allowance.PURPOSE) if mapping.template else None
    if content is None or not can_fill(mapping):
        raise broken("exchange.no_template")
    form, fit = Form(content, tuple(mapping.definition["blocks"])), fits.fit_of(mapping)
    table = _table(queries.door_of(mapping.sheet), fit)
    let_go()
    return refill.fill(form, table, fit, [dict(row) for row in rows], excel.ExportMeta.of(meta))


def _table(door: Door, fit: Fit) -> Sheet:
    found = next(one for one in layout_of(door.layout).variants if one.code == fit.variant)
    assert isinstance(found, Sheet)
    return found


def fields_to_fill(batch: ImportBatch) -> list[tuple[str, str]]:
    """The columns of a waiting file that can be filled in: field and the words of our form, those of its key left out."""
    mapping = fits.mapping_of(batch)
    if mapping is None or batch.state != "previewed":
        return []
    fit = fits.fit_of(mapping)
    table = _table(queries.door_of(batch.sheet), fit)
    ours = [table.by_field[one.field] for one in fit.columns if one.field not in {*table.key, "serial_no"}]
    return [(column.field, column.headers[0].replace("/", " · ")) for column in ours]


def check(batch: ImportBatch, fields: Collection[str]) -> set[str]:
    """Those of the fields that can be filled in. Errors: exchange.nothing_chosen, NotAllowed without the export right."""
    require(queries.door_of(batch.sheet), Verb.EXPORT, options_from_data(batch.options))
    known = {field for field, _word in fields_to_fill(batch)} & set(fields)
    if not known:
        raise broken("exchange.nothing_chosen")
    return known


def fill_in(batch: ImportBatch, fields: Collection[str]) -> bytes:
    """The waiting file as it is, with the chosen columns filled in from what is stored, row by row by their key.

    Errors: exchange.nothing_chosen, exchange.other_rows, exchange.not_kept, NotAllowed without the export right.
    """
    door, options = queries.door_of(batch.sheet), options_from_data(batch.options)
    known, mapping = check(batch, fields), fits.mapping_of(batch)
    assert mapping is not None  # else nothing can be filled in
    fit, context, data = fits.fit_of(mapping), context_for(door, options), allowance.original(batch)
    name, unit = batch.filename, options.unit.code if options.unit else ""
    rows, _meta = door.rows(options)
    let_go()
    content, written = refill.fill_in(data, name, layout_of(door.layout), fit, context, list(rows), known)
    if not written:
        raise broken("exchange.other_rows")
    facts = {"rows": written, "period": options.period, "columns": sorted(known)}
    with transaction(), acting(f"exchange.export.{door.code}"):
        audit.record("export", door.code, unit, facts)
    return content
