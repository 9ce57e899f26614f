"""What a clerk chose, what his file says, and what saving it would do; nothing is written here."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from app.domain.errors import broken
from app.domain.rights import Verb
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


def read(door: Door, data: bytes, filename: str, options: Options) -> tuple[Any, Options]:
    """What the file says, and the options with what the file states about itself in `extra`."""
    context = door.context(options)
    let_go()
    result = excel.read(door.layout, data, filename, context)
    extra = {**options.extra, **result.extras, "period": result.period, "layout": result.layout, "filename": filename}
    return result, replace(options, extra=extra, period=options.period or result.period)


def compare(door: Door, result: Any, options: Options) -> list[RowChange]:
    """What saving the rows would do; nothing is written."""
    if result.outcome in ("refused", "rejected"):
        return []
    return door.save(result.rows, options, True)


def require(door: Door, verb: Verb, options: Options) -> None:
    if options.unit is not None:
        access.require_at(verb, door.resource, options.unit)
    elif not access.holds(door.resource, verb):
        raise access.NotAllowed(door.resource, verb)


def options_as_data(options: Options) -> dict[str, Any]:
    return {
        "unit": options.unit.code if options.unit else None,
        "period": options.period,
        "scheme": options.scheme,
        "round": options.round,
        "extra": pack(options.extra),
    }


def options_from_data(data: dict[str, Any]) -> Options:
    options = options_from(data["unit"], data["period"], data["scheme"], data["round"])
    return replace(options, extra=unpack(data["extra"]))
