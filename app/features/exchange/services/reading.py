"""What a clerk chose, what his file says, and what saving it would do; nothing is written here."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from app.domain.errors import broken
from app.domain.rights import Verb
from app.features.exchange import fits, queries
from app.features.exchange.models import SheetMapping
from app.features.exchange.services.rows import cell_text
from app.features.exchange.staging import pack, unpack
from app.features.org.queries import resolve_unit
from app.kit import access, excel
from app.kit.db import let_go
from app.kit.exchange import Door, Options, RowChange


def options_from(
    unit: str | None, period: str | None, scheme: str | None, round_code: str | None, variant: str | None = None
) -> Options:
    """Options out of the words a clerk or a command gives; the unit by code or by a unique path of names.

    Errors: exchange.unknown_unit.
    """
    found = resolve_unit(unit) if unit else None
    if unit and found is None:
        raise broken("exchange.unknown_unit", "unit", unit=unit)
    extra = {"variant": variant} if variant else {}
    return Options(found, period or None, scheme or None, round_code or None, extra)


def context_for(door: Door, options: Options) -> Any:
    """What the reader may know, with what the office has settled about its own words in earlier imports."""
    context = door.context(options)
    settled = queries.settled_words(queries.office_of(options.unit))
    for name, words in fits.meanings_in(options.extra).items():
        settled[name] = {**settled.get(name, {}), **words}
    if not settled:
        return context
    learned = {**context.learned, **settled.pop(queries.VILLAGE, {})}
    return replace(context, learned=learned, meanings={**context.meanings, **settled})


def read(
    door: Door, data: bytes, filename: str, options: Options, mapping: SheetMapping | None = None
) -> tuple[Any, Options]:
    """What the file says, and the options with what the file states about itself in `extra`.

    Shape: with a mapping it is read by that; else by the one of the office whose header it has; `extra["mapping"]` names it.
    """
    context = context_for(door, options)
    plain = options.extra.get("plain")  # somebody said that the file is to be read as the form of the portal
    offered = [mapping] if mapping is not None else () if plain else fits.mappings_for(door, options.unit)
    known = [(one.id, fits.fit_of(one)) for one in offered]
    let_go()
    if mapping is not None:
        result = excel.read(door.layout, data, filename, context, fit=known[0][1])
    else:
        result = excel.read(door.layout, data, filename, context, fits=[fit for _number, fit in known])
    used = known[result.fitted or 0][0] if mapping is not None or result.fitted is not None else None
    extra = {**options.extra, **result.extras, "period": result.period, "layout": result.layout, "filename": filename}
    if used is not None:
        extra["mapping"] = used
    if door.complete:
        extra["named"] = _named(door, result)
    return result, replace(options, extra=extra, period=options.period or result.period)


def _named(door: Door, result: Any) -> list[list[str]]:
    """Sheet, row and name of every row of a file, the refused ones included: what is named there was not taken out."""
    cell = door.layout.key_cell
    good = [(row.get("sheet"), row.get("row"), row.get(cell)) for row in result.rows]
    refused = [(*place, result.typed.get(place, {}).get(cell)) for place in result.rejected_rows]
    return [[sheet or "", str(row), cell_text(name)] for sheet, row, name in (*good, *refused)]


def compare(door: Door, result: Any, options: Options) -> list[RowChange]:
    """What saving the rows would do; nothing is written."""
    if result.outcome in ("refused", "rejected"):
        return []
    return door.save(result.rows, options, True)


def require(door: Door, verb: Verb, options: Options) -> None:
    """Errors: NotAllowed when the door is not open for the verb at the unit, or anywhere."""
    if options.unit is not None:
        if not queries.is_open_at(door, verb, options.unit):
            access.require_at(verb, door.resource, options.unit)
    elif not queries.is_open(door, verb):
        raise access.NotAllowed(door.resource, verb)


def options_as_data(options: Options) -> dict[str, Any]:
    return {
        "unit": options.unit.code if options.unit else None,
        "unit_name": options.unit.name if options.unit else None,
        "period": options.period,
        "scheme": options.scheme,
        "round": options.round,
        "extra": pack(options.extra),
    }


def options_from_data(data: dict[str, Any]) -> Options:
    options = options_from(data["unit"], data["period"], data["scheme"], data["round"])
    return replace(options, extra=unpack(data["extra"]))
