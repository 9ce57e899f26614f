"""Copies of listed answers beside a record: what lists, filters and charts read instead of JSON."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from app.domain.formspec import NOT_APPLICABLE
from app.features.forms.models import slot_names

LONGEST = 120
_PLACES = Decimal("0.000001")
_ALL = tuple(name for names in slot_names().values() for name in names)


def copied(slots: Mapping[str, str], clean: Mapping[str, Any]) -> dict[str, Any]:
    """By column, the copies of clean answers; columns no field uses are empty.

    Shape: several choices are joined by commas, yes is `true`; a text is cut at 120 signs, "NA" stands only in texts.
    """
    values: dict[str, Any] = dict.fromkeys(_ALL)
    for code, slot in slots.items():
        values[slot] = _copy(slot, clean.get(code))
    return values


def _copy(slot: str, answer: Any) -> Any:
    if answer is None:
        return None
    if slot.startswith("text"):
        return as_copied_text(answer)
    if answer == NOT_APPLICABLE:
        return None
    if slot.startswith("day"):
        return answer if isinstance(answer, date) else None
    return Decimal(answer).quantize(_PLACES, ROUND_HALF_UP) if isinstance(answer, int | Decimal) else None


def as_copied_text(answer: Any) -> str:
    """An answer as it stands in a text column."""
    if isinstance(answer, bool):
        return "true" if answer else "false"
    text = ",".join(answer) if isinstance(answer, tuple) else str(answer)
    return text[:LONGEST]
