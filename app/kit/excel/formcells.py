"""One answer of a form in one cell: how it is shown, and how what stands there is read back to the same answer.

A word of a closed list counts before the signs that elsewhere mean an empty cell: 无 may be a choice. A text stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any

from app.domain import private_numbers
from app.domain.formspec import NOT_APPLICABLE, REFERENCES, Field, FieldType
from app.domain.formspec.spec import NUMBERS, TEXTS
from app.kit.excel import clean
from app.kit.excel.clean import INAPPLICABLE, Cleaner
from app.kit.excel.plain import is_exact
from app.kit.excel.result import UNCHANGED
from app.kit.excel.values import Bad, empty, faulty, shown, tight

YES_NO = {"是": True, "否": False}
BETWEEN = "、"
_SEPARATORS = re.compile(r"([、,，;；\n])")
_CODE = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,49}")
_LONGEST_EXACT = Decimal(10) ** 15


def words_of(field: Field, references: Mapping[str, str] | None = None) -> dict[str, str]:
    """What a cell may say, and the answer it stands for: the labels of the choices, the names of units by `references`."""
    if field.type in (FieldType.CHOICE, FieldType.CHOICES):
        pairs = [(choice.label.zh, choice.code) for choice in field.choices]
        said = [tight(label) for label, _code in pairs]
        return {f"{label}（{code}）" if said.count(tight(label)) > 1 else label: code for label, code in pairs}
    if field.type in REFERENCES and references:
        return {name: code for code, name in references.items()}
    return {}


def drop_down(field: Field, references: Mapping[str, str] | None = None) -> tuple[str, ...]:
    """What the cell offers to choose from; nothing where several may be chosen at once."""
    if field.computed or field.type is FieldType.CHOICES:
        return ()
    return tuple(YES_NO) if field.type is FieldType.BOOLEAN else tuple(words_of(field, references))


# -- shown -----------------------------------------------------------------------------------------


def shown_answer(field: Field, answer: Any, references: Mapping[str, str] | None = None, *, days: bool = False) -> Any:
    """The answer as it stands in the cell: a number, a text, with `days` a day as a date; None for an empty one."""
    if answer is None or answer is UNCHANGED or answer in ([], ()):
        return None
    if answer == NOT_APPLICABLE:
        return "/"
    if field.type in NUMBERS:
        number = answer if isinstance(answer, int) else Decimal(str(answer))
        return number if is_exact(number) else str(answer)
    if field.type in (FieldType.CHOICE, FieldType.CHOICES):
        labels = {code: label for label, code in words_of(field).items()}
        chosen = answer if isinstance(answer, list | tuple) else (answer,)
        return BETWEEN.join(str(labels.get(code, code)) for code in chosen)
    if field.type is FieldType.BOOLEAN:
        return "是" if answer is True else "否"
    if field.type is FieldType.DATE and days:
        day = answer if isinstance(answer, date) else date.fromisoformat(str(answer))
        return day if day.year >= 1900 else day.isoformat()
    return (references or {}).get(str(answer), str(answer))


# -- read ------------------------------------------------------------------------------------------


def reader_of(field: Field, references: Mapping[str, str] | None = None, *, masked: bool = False) -> Cleaner:
    """How a cell of the field is read; `masked`: a text of stars stands for what is stored."""
    words = {tight(label): code for label, code in words_of(field, references).items()}
    return _answer(field, _plain_reader(field, words), words, masked)


def _plain_reader(field: Field, words: Mapping[str, Any]) -> Cleaner:
    if field.type is FieldType.CHOICES:
        return _several(words)
    if field.type is FieldType.CHOICE or (words and field.type in REFERENCES):
        return _word(words)
    if field.type is FieldType.BOOLEAN:
        return _flag
    if field.type is FieldType.DATE:
        return clean.day
    if field.type is FieldType.MONTH:
        return clean.month
    return number_of(field) if field.type in NUMBERS else _text


def _answer(field: Field, cleaner: Cleaner, words: Mapping[str, Any], masked: bool) -> Cleaner:
    """A cleaner that takes the stroke as an answer where the form does."""

    def read(value: Any, facts: Any = None) -> Any:
        if isinstance(value, str):
            word = tight(value)
            if field.na_allowed and word in INAPPLICABLE and word not in words:
                return NOT_APPLICABLE
            if masked and len(word) > 6 and "***" in word and field.type is FieldType.TEXT:
                return UNCHANGED
        return cleaner(value, facts)

    return read


def _text(value: Any, _facts: Any = None) -> str | Bad | None:
    """The text as it is, but no identity or bank-card number."""
    if isinstance(value, tuple):
        return faulty(value)
    text = value.strip() if isinstance(value, str) else shown(value)
    if len(text) > 15 and any(private_numbers.found_in(text)):
        return Bad("E41", "private", value=private_numbers.without(text))
    return text or None


def _word(words: Mapping[str, Any]) -> Cleaner:
    def read(value: Any, _facts: Any = None) -> Any:
        if isinstance(value, tuple):
            return faulty(value)
        word = tight(shown(value))
        if word in words:
            return words[word]
        if empty(value):
            return None
        return word if _CODE.fullmatch(word) else _not_offered(words)  # the code of a choice the form had before

    return read


def _several(words: Mapping[str, Any]) -> Cleaner:
    def read(value: Any, _facts: Any = None) -> Any:
        if isinstance(value, tuple):
            return faulty(value)
        text = shown(value)
        if tight(text) in words:
            return [words[tight(text)]]
        if empty(value):
            return None
        chosen = _split(_SEPARATORS.split(text), words)
        if chosen is None:
            return _not_offered(words)
        order = {code: place for place, code in enumerate(words.values())}
        return sorted(dict.fromkeys(chosen), key=lambda code: order.get(code, len(order)))

    return read


def _split(parts: Sequence[str], words: Mapping[str, Any]) -> list[Any] | None:
    """The choices that parts and the signs between them spell; a sign between two may be part of a label."""

    @cache
    def after(start: int) -> tuple[Any, ...] | None:
        if start >= len(parts):
            return ()
        for end in range(len(parts), start, -2):
            word = tight("".join(parts[start:end]))
            known = words.get(word) or (word if end == start + 1 and _CODE.fullmatch(word) else None)
            rest = after(end + 1) if known or not word else None
            if rest is not None:
                return (known, *rest) if known else rest
        return None

    found = after(0) if len(parts) < 400 else None
    return list(found) if found else None


def _not_offered(words: Mapping[str, Any]) -> Bad:
    return Bad("E22", "word", {"choices": BETWEEN.join(words)})


def _flag(value: Any, _facts: Any = None) -> bool | Bad | None:
    """是 or 否; an empty cell is not a no."""
    if isinstance(value, tuple):
        return faulty(value)
    return None if tight(shown(value)) == "" else clean.boolean(value)


def number_of(field: Field) -> Cleaner:
    """A cleaner for the numbers of a field: 95% is 95 where the field asks for a percentage."""

    def read(value: Any, _facts: Any = None) -> Decimal | Bad | None:
        if isinstance(value, str) and field.type is FieldType.PERCENTAGE:
            value = tight(value).removesuffix("%")
        found = clean.number(value)
        lost = isinstance(value, float) and isinstance(found, Decimal) and abs(found) >= _LONGEST_EXACT
        return Bad("E23") if lost else found

    return read


def is_typed_as_text(field: Field) -> bool:
    """True for an answer that is any text."""
    return field.type in TEXTS or field.type in REFERENCES
