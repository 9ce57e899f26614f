"""The values of cells before they mean anything: faulty ones, empty ones, and the two verdicts of a cleaner."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

EMPTY = frozenset({"", "-", "—", "–", "―", "--", "——", "---", "———", "/", "无", "∅", "－", "／"})
INVISIBLE = re.compile("[\u200b\u200c\u200d\u2060\ufeff\u00ad]")
LOOSE = re.compile("[\\s\u200b\u200c\u200d\u2060\ufeff\u00ad]+")


@dataclass(frozen=True)
class Bad:
    """A value that is not taken: the code, the reason inside the code, and what a sentence needs."""

    code: str
    reason: str = ""
    params: Mapping[str, Any] = field(default_factory=dict)
    value: Any = None  # the part that is wrong, when it is not the whole cell


@dataclass(frozen=True)
class Noted:
    """A value that is taken, with a warning."""

    value: Any
    code: str
    params: Mapping[str, Any] = field(default_factory=dict)


def faulty(value: Any) -> Bad | None:
    """The Bad of a cell that is an error or a formula without a saved value."""
    if isinstance(value, tuple):
        return Bad(value[0], params={"typed": value[1]}, value=value[1])
    return None


def tight(text: str) -> str:
    """The text in compatibility form without any space: for numbers, codes and comparison, never for display.

    >>> tight("４，５ ００．０")
    '4,500.0'
    """
    if LOOSE.search(text) is None and unicodedata.is_normalized("NFKC", text):
        return text
    return LOOSE.sub("", unicodedata.normalize("NFKC", text))


def shown(value: Any) -> str:
    """A value as the office sees it, roughly: whole numbers without a point."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, datetime) and not value.time():
        return value.date().isoformat()
    return str(value)


def empty(value: Any) -> bool:
    """Whether a cell says nothing: blank, a dash, a stroke, 无."""
    return value is None or (isinstance(value, str) and (value == "" or tight(value) in EMPTY))
