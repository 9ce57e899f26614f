"""Typed rows as JSON and back, for the time between preview and confirm."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from app.kit import excel


def pack(value: Any) -> Any:
    """A value as JSON that `unpack` turns into the same value: decimals, dates and "unchanged" keep their type."""
    if isinstance(value, Decimal):
        return {"$decimal": format(value, "f")}
    if isinstance(value, date):
        return {"$date": value.isoformat()}
    if value is excel.UNCHANGED:
        return {"$unchanged": True}
    if isinstance(value, Mapping):
        return {str(key): pack(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [pack(part) for part in value]
    return value


def unpack(value: Any) -> Any:
    """The value that was packed."""
    if isinstance(value, list):
        return [unpack(part) for part in value]
    if not isinstance(value, dict):
        return value
    if "$decimal" in value:
        return Decimal(value["$decimal"])
    if "$date" in value:
        return date.fromisoformat(value["$date"])
    if "$unchanged" in value:
        return excel.UNCHANGED
    return {key: unpack(part) for key, part in value.items()}
