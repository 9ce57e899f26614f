"""Personal data as those see it who may not see it whole: the one place where it is masked.

Which column is masked how is said by the register of fields (app/kit/personal.py).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from wtforms import StringField

from app.domain import private_numbers
from app.kit import personal
from app.kit.personal import Mask

SIGN = "*"
WITHHELD = SIGN * 3
VISIBLE_HEAD, VISIBLE_TAIL = 3, 4
_MOBILE = re.compile(r"(?<![0-9A-Za-z.])(?:\+?86[ \-]?)?(1[3-9]\d)[ \-]?(\d{4})[ \-]?(\d{4})(?![0-9A-Za-z])")


def phone(number: str | None) -> str:
    """A telephone number as 138****1234; of a short one only the last two digits; empty for none."""
    if not number:
        return ""
    if len(number) <= VISIBLE_HEAD + VISIBLE_TAIL:
        return SIGN * 4 + number[-2:]
    return number[:VISIBLE_HEAD] + SIGN * 4 + number[-VISIBLE_TAIL:]


def text(words: str) -> str:
    """Words with every telephone, identity and bank-card number in them masked: for the trail and for logs."""
    return _MOBILE.sub(lambda match: f"{match[1]}{SIGN * 4}{match[3]}", private_numbers.without(words))


def is_masked(value: str | None) -> bool:
    """True for a value that went out masked and comes back: it means unchanged."""
    return bool(value) and SIGN * 4 in str(value)


def value(table: str, column: str, given: Any) -> Any:
    """A value of a column as the trail may keep it: masked as the register says, numbers in free words masked too."""
    found = personal.entry(table, column)
    if found is None or given is None:
        return given
    if found.mask is Mask.WITHHELD or not found.in_trail:
        return WITHHELD
    if found.mask is Mask.PHONE:
        return phone(str(given))
    return _words(given) if found.free else given


def _words(given: Any) -> Any:
    if isinstance(given, str):
        return text(given)
    if isinstance(given, Mapping):
        return {key: _words(part) for key, part in given.items()}
    return [_words(part) for part in given] if isinstance(given, list | tuple) else given


def columns(table: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """The values of a row of a table with its personal columns masked."""
    return {name: value(table, name, given) for name, given in values.items()}


def formatters(table: str) -> dict[str, Callable[[Any], str]]:
    """How generated lists and pages show the masked columns of a table."""
    shown: Mapping[Mask, Callable[[Any], str]] = {Mask.PHONE: phone, Mask.WITHHELD: lambda _value: WITHHELD}
    return {name: shown[mask] for name, mask in personal.masks_of(table).items()}


class MaskedField(StringField):  # type: ignore[misc]
    """A field that shows the number masked; what comes back masked leaves the stored one as it is."""

    def process_data(self, value: Any) -> None:
        super().process_data(phone(value))

    def populate_obj(self, obj: Any, name: str) -> None:
        if not is_masked(self.data):
            setattr(obj, name, (self.data or "").strip() or None)
