"""Typed rows as JSON and back, for the time between preview and confirm."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Text, types

from app.kit import excel


def pack(value: Any) -> Any:
    """A value as JSON that `unpack` turns into the same value: decimals, dates and "unchanged" keep their type."""
    return json.loads(dumped(value))


def unpack(value: Any) -> Any:
    """The value that was packed."""
    if isinstance(value, list):
        return [unpack(part) for part in value]
    if not isinstance(value, dict):
        return value
    return _marked({key: unpack(part) for key, part in value.items()})


def _as_marked(value: Any) -> Any:
    """What JSON does not have, as an object of one key that says what it is."""
    if isinstance(value, Decimal):
        return {"$decimal": format(value, "f")}
    if isinstance(value, datetime):
        return {"$instant": value.isoformat()}
    if isinstance(value, date):
        return {"$date": value.isoformat()}
    if value is excel.UNCHANGED:
        return {"$unchanged": True}
    return dict(value) if isinstance(value, Mapping) else str(value)


def _marked(found: dict[str, Any]) -> Any:
    if len(found) != 1:
        return found
    ((key, value),) = found.items()
    if key == "$decimal":
        return Decimal(value)
    if key == "$date":
        return date.fromisoformat(value)
    if key == "$instant":
        return datetime.fromisoformat(value)
    return excel.UNCHANGED if key == "$unchanged" else found


dumped = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=_as_marked).encode
_EMPTY = {dict: "{}", list: "[]"}
_MADE: dict[str, Callable[[], Any]] = {text: kind for kind, text in _EMPTY.items()}
loaded = json.JSONDecoder(object_hook=_marked).decode


class Packed(types.TypeDecorator[Any]):
    """Typed values in a column, as text: written once, searched by what is in it, and back with their types."""

    impl = Text
    cache_ok = True

    def coerce_compared_value(self, op: Any, value: Any) -> Any:
        """What is looked for in it is text."""
        return Text() if isinstance(value, str) else self

    def process_bind_param(self, value: Any, dialect: Any) -> str | None:
        if not value and value is not None:
            return _EMPTY.get(type(value)) or dumped(value)
        return None if value is None else dumped(value)

    def process_result_value(self, value: Any, dialect: Any) -> Any:
        made = _MADE.get(value)  # most rows say nothing beside what is typed in them
        return made() if made else None if value is None else loaded(value)
