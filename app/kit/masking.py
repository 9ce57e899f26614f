"""Personal data as those see it who may not see it whole: the one place where it is masked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from wtforms import StringField

SIGN = "*"
VISIBLE_HEAD, VISIBLE_TAIL = 3, 4


def phone(number: str | None) -> str:
    """A telephone number as 138****1234; of a short one only the last two digits; empty for none."""
    if not number:
        return ""
    if len(number) <= VISIBLE_HEAD + VISIBLE_TAIL:
        return SIGN * 4 + number[-2:]
    return number[:VISIBLE_HEAD] + SIGN * 4 + number[-VISIBLE_TAIL:]


def is_masked(text: str | None) -> bool:
    """True for a value that went out masked and comes back: it means unchanged."""
    return bool(text) and SIGN * 4 in str(text)


def columns(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values of a row with its personal columns masked, for the audit trail."""
    return {
        name: phone(value) if name == "phone" and isinstance(value, str) else value for name, value in values.items()
    }


class MaskedField(StringField):  # type: ignore[misc]
    """A field that shows the number masked; what comes back masked leaves the stored one as it is."""

    def process_data(self, value: Any) -> None:
        super().process_data(phone(value))

    def populate_obj(self, obj: Any, name: str) -> None:
        if not is_masked(self.data):
            setattr(obj, name, (self.data or "").strip() or None)
