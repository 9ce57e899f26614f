"""Rows as the trail tells them, as ready JSON: one template for all new rows of a write, in which only what differs is put in.

It says the same as `audit` says of an object of the session; a test holds one against the other.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from json.encoder import encode_basestring_ascii
from typing import Any

from sqlalchemy import inspect

from app.kit import audit, masking, personal, saving
from app.kit.writing import each

Row = Mapping[str, Any]
_dumped = json.JSONEncoder(default=audit.plain).encode


def words_of(rows: Iterable[Row], name: str) -> str:
    """All words of a column in one text, a line each: what nothing is found in here, no row holds."""
    return "\n".join(text for one in rows for text in saving.texts_in(one.get(name)))


class Telling:
    """How the rows of a model stand in the trail: plain, and masked as the register says."""

    def __init__(self, model: type[Any]) -> None:
        self.table = model.__tablename__
        self.names = [attribute.columns[0].name for attribute in inspect(model).column_attrs]
        named = personal.entries_of(self.table)
        self.masked = {name for name in self.names if name in named and _is_masked(named[name])}
        self.free = {name for name in self.masked if _is_only_free(named[name])}

    def value(self, name: str, value: Any) -> Any:
        """One value, plain and masked."""
        plain = audit.plain(value)
        return masking.value(self.table, name, plain) if name in self.masked else plain

    def changes(self, pairs: Mapping[str, tuple[Any, Any]]) -> str:
        """What was changed of a row: column -> before and after."""
        return _dumped({name: [self.value(name, one) for one in pair] for name, pair in pairs.items()})

    def new(self, rows: Sequence[Row], ready: Mapping[str, Sequence[str | None]]) -> Iterator[str]:
        """All columns of each new row; `ready` holds the columns that are JSON already."""
        first = rows[0]
        differing = [name for name in self.names if any(one[name] is not first[name] for one in rows)]
        parts = [f"{_dumped(name)}: " for name in self.names]
        for at, name in enumerate(self.names):
            same = "%s" if name in differing else self._texts(name, rows[:1], {})[0].replace("%", "%%")
            parts[at] = parts[at].replace("%", "%%") + same
        template = "{" + ", ".join(parts) + "}"
        if not differing:
            return iter([template % ()] * len(rows))
        return map(template.__mod__, zip(*(self._texts(name, rows, ready) for name in differing), strict=True))

    def _texts(self, name: str, rows: Sequence[Row], ready: Mapping[str, Sequence[str | None]]) -> Sequence[str]:
        """A column as JSON, value by value."""
        if name not in self.masked or (name in self.free and _is_clean(words_of(rows, name))):
            if name in ready:
                return [text or "null" for text in ready[name]]
            return each(_text, (one[name] for one in rows))
        return [_dumped(self.value(name, one[name])) for one in rows]


def _text(value: Any) -> str:
    if type(value) is int:
        return str(value)
    return encode_basestring_ascii(value) if type(value) is str else _dumped(value)


def _is_clean(words: str) -> bool:
    return masking.text(words) == words


def _is_masked(entry: personal.Entry) -> bool:
    return entry.mask is not personal.Mask.OPEN or not entry.in_trail or entry.free


def _is_only_free(entry: personal.Entry) -> bool:
    return entry.free and entry.mask is personal.Mask.OPEN and entry.in_trail


__all__ = ["Telling", "words_of"]
