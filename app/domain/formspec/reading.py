"""Reading one answer: from what was typed, or stands in a cell or in JSON, to a clean value of the type of its field."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal

from app.domain.formspec.spec import MOST_ATTACHMENTS, NOT_APPLICABLE, NUMBERS, TEXTS, Field, FieldType

HALF_WIDTH = str.maketrans("０１２３４５６７８９．，＋－／：％　", "0123456789.,+-/:% ")
_NUMBER = re.compile(r"[+-]?([0-9]{1,18}|[0-9]{1,3}(,[0-9]{3}){1,5})(\.[0-9]{1,10})?")
_DATE = re.compile(r"([0-9]{4})(?:[-/.]|年)([0-9]{1,2})(?:[-/.]|月)([0-9]{1,2})日?")
_MONTH = re.compile(r"([0-9]{4})(?:[-/.]|年)([0-9]{1,2})月?")
_YES, _NO = {"true", "1", "yes", "on", "y", "是", "√"}, {"false", "0", "no", "off", "n", "否", "×"}
_UNSTORABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]")
_BETWEEN = re.compile("[、,，;；\n]")


class Refused(Exception):
    """One answer cannot be taken; carries the code and the values of its problem."""

    def __init__(self, code: str, **params: object) -> None:
        super().__init__(code)
        self.code, self.params = code, params


def typed(field: Field, raw: object) -> object:
    """The clean value of one answer; None for an empty one, "NA" where that is an answer.

    Shape:  int, Decimal, str, date, bool; a month as `2026-10`; several choices a tuple of codes in the order of the
            form; attachments a tuple of keys. Repeating rows are read where their columns are (answers).
    Errors: Refused, with the codes of `check_answers`.
    """
    if isinstance(raw, str):
        raw = raw.strip()
    if raw is None or raw == "" or raw == [] or raw == ():
        return None
    if field.na_allowed and isinstance(raw, str) and raw in (NOT_APPLICABLE, "/", "／"):
        return NOT_APPLICABLE
    return _READERS[field.type](field, raw)


def cut(field: Field, number: Decimal) -> Decimal | int:
    """The number with the places of its field, half-up."""
    places = 0 if field.type is FieldType.INTEGER else field.places
    try:
        shorter = number.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
    except ArithmeticError as error:
        raise Refused("answer.not_a_number") from error
    return int(shorter) if field.type is FieldType.INTEGER else shorter


def within(field: Field, number: Decimal | int) -> Decimal | int:
    """The number when it is within the limits of its field."""
    if field.min is not None and number < field.min:
        raise Refused("answer.below_min", min=field.min, value=number)
    if field.max is not None and number > field.max:
        raise Refused("answer.above_max", max=field.max, value=number)
    return number


def fits(text: str, pattern: str) -> bool:
    """True when a text has the form of a mask.

    >>> fits("粤A12345", "?@#####"), fits("12-3", "##-##"), fits("吉办发〔2023〕13号", "*〔####〕*号")
    (True, False, True)
    """
    reachable = {0}
    for sign in text:
        reachable = {after for place in _with_skips(reachable, pattern) for after in _steps(sign, place, pattern)}
        if not reachable:
            return False
    return len(pattern) in _with_skips(reachable, pattern)


def _with_skips(places: set[int], pattern: str) -> set[int]:
    """The places, and those behind every * that may stand for nothing."""
    found = set(places)
    for place in sorted(places):
        while place < len(pattern) and pattern[place] == "*":
            place += 1
            found.add(place)
    return found


def _steps(sign: str, place: int, pattern: str) -> list[int]:
    if place >= len(pattern):
        return []
    asked = pattern[place]
    if asked == "*":
        return [place]
    if asked == "#":
        return [place + 1] if sign in "0123456789" else []
    if asked == "@":
        return [place + 1] if sign.isascii() and sign.isalpha() else []
    return [place + 1] if asked in ("?", sign) else []


def _number(field: Field, raw: object) -> Decimal | int:
    text = raw.translate(HALF_WIDTH).replace(" ", "") if isinstance(raw, str) else _as_text(raw)
    if field.type is FieldType.PERCENTAGE:
        text = text.removesuffix("%")
    if field.type is FieldType.MONEY:
        text = text.removesuffix("元").removeprefix("¥").removeprefix("￥")
    if not _NUMBER.fullmatch(text):
        raise Refused("answer.not_a_number", value=text[:30])
    number = Decimal(text.replace(",", ""))
    if field.type is FieldType.INTEGER and number != number.to_integral_value():
        raise Refused("answer.not_whole", value=text)
    return within(field, cut(field, number))


def _as_text(raw: object) -> str:
    """A number as plain digits; anything else as a text no number looks like."""
    if isinstance(raw, bool) or not isinstance(raw, int | float | Decimal):
        return "?"
    number = Decimal(str(raw)) if not isinstance(raw, int) or abs(raw) < 10**18 else Decimal("NaN")
    return f"{number:f}" if number.is_finite() and abs(number.adjusted()) < 19 else "?"


def _text(field: Field, raw: object) -> str:
    if not isinstance(raw, str):
        plain = isinstance(raw, int | Decimal | date) and not isinstance(raw, bool)
        raw = (raw.isoformat() if isinstance(raw, date) else str(raw)) if plain else None
    if raw is None or _UNSTORABLE.search(str(raw)):
        raise Refused("answer.bad_text")
    text = str(raw).replace("\r\n", "\n").replace("\r", "\n")
    if len(text) > field.length_limit:
        raise Refused("answer.too_long", limit=field.length_limit, length=len(text))
    if field.pattern and not fits(text, field.pattern):
        raise Refused("answer.bad_pattern", pattern=field.pattern, value=text[:30])
    return text


def _date(_field: Field, raw: object) -> date:
    if isinstance(raw, date):
        return raw.date() if isinstance(raw, datetime) else raw
    found = _DATE.fullmatch(raw.translate(HALF_WIDTH)) if isinstance(raw, str) else None
    if found is None:
        raise Refused("answer.bad_date", value=str(raw)[:30])
    try:
        return date(*(int(part) for part in found.groups()))
    except ValueError as error:
        raise Refused("answer.bad_date", value=str(raw)[:30]) from error


def _month(_field: Field, raw: object) -> str:
    if isinstance(raw, date):
        return f"{raw.year:04}-{raw.month:02}"
    found = _MONTH.fullmatch(raw.translate(HALF_WIDTH)) if isinstance(raw, str) else None
    if found is None or not 1 <= int(found[2]) <= 12 or int(found[1]) < 1000:
        raise Refused("answer.bad_month", value=str(raw)[:30])
    return f"{found[1]}-{int(found[2]):02}"


def _choice(field: Field, raw: object) -> str:
    for choice in field.choices:
        if raw == choice.code or (isinstance(raw, str) and raw in (choice.label.zh, choice.label.en, choice.label.ko)):
            return choice.code
    raise Refused("answer.bad_choice", value=str(raw)[:30])


def _choices(field: Field, raw: object) -> tuple[str, ...]:
    parts = _BETWEEN.split(raw) if isinstance(raw, str) else raw
    if not isinstance(parts, Sequence):
        raise Refused("answer.bad_choice", value=str(raw)[:30])
    named = [part.strip() if isinstance(part, str) else part for part in parts]
    chosen = {_choice(field, part) for part in named if part != ""}
    return tuple(choice.code for choice in field.choices if choice.code in chosen)


def _flag(_field: Field, raw: object) -> bool:
    text = str(raw).lower()
    if text not in _YES | _NO:
        raise Refused("answer.bad_flag", value=text[:30])
    return text in _YES


def _reference(_field: Field, raw: object) -> int | str:
    """The key of a unit, person or item: a positive number, or a code. Whether it exists is asked elsewhere."""
    if isinstance(raw, str) and raw.isascii() and raw.isdigit() and len(raw) < 19:
        raw = int(raw)
    if isinstance(raw, int) and not isinstance(raw, bool) and 0 < raw < 2**63:
        return raw
    if isinstance(raw, str) and len(raw) <= 50 and re.fullmatch(r"[A-Za-z][A-Za-z0-9_-]*", raw):
        return raw
    raise Refused("answer.bad_reference", value=str(raw)[:30])


def _attachments(_field: Field, raw: object) -> tuple[int, ...]:
    """The keys of files; whether they are this record's is asked elsewhere."""
    parts = raw.split(",") if isinstance(raw, str) else raw if isinstance(raw, Sequence) else [raw]
    keys = [int(str(part)) if str(part).strip().isascii() and str(part).strip().isdigit() else 0 for part in parts]
    if any(not 0 < key < 2**63 for key in keys):
        raise Refused("answer.bad_attachment")
    if len(keys) > MOST_ATTACHMENTS:
        raise Refused("answer.too_many_attachments", limit=MOST_ATTACHMENTS)
    return tuple(dict.fromkeys(keys))


_READERS: dict[FieldType, Callable[[Field, object], object]] = {
    **dict.fromkeys(NUMBERS, _number),
    **dict.fromkeys(TEXTS, _text),
    FieldType.DATE: _date,
    FieldType.MONTH: _month,
    FieldType.CHOICE: _choice,
    FieldType.CHOICES: _choices,
    FieldType.BOOLEAN: _flag,
    FieldType.UNIT_REF: _reference,
    FieldType.PERSON_REF: _reference,
    FieldType.LIST_ITEM: _reference,
    FieldType.ATTACHMENT: _attachments,
}
