"""What a cell means. Pure: a value as read comes in; the clean value, None for an empty cell, or a Bad goes out.

Every cleaner takes (value, facts): the facts a sheet states above its header (year, unit, epoch). Nothing is guessed:
what can be read two ways is Bad, with both readings. A Noted value is good and carries a warning.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

from app.domain import private_numbers
from app.kit.excel.dates import day as day
from app.kit.excel.dates import end_day as end_day
from app.kit.excel.dates import month as month
from app.kit.excel.result import NOT_APPLICABLE, UNCHANGED
from app.kit.excel.titles import Facts
from app.kit.excel.values import EMPTY, INVISIBLE, LOOSE, Bad, Noted, faulty, shown, tight

CENT = Decimal("0.01")
WAN = Decimal(10000)

Cleaner = Callable[[Any, Facts], Any]

INAPPLICABLE = frozenset({"/", "不适用"})
_SPACES = re.compile(r"\s+")
_WORDS = re.compile(r"(人次|户次|个月|人|次|件|户|项|个|起|分|倍|名|场|条|天|元|月|%)$")
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)$")
_NO_PLAIN_DIGITS = re.compile("[\u00b2\u00b3\u00b9\u00bc-\u00be\u2070-\u209f\u2150-\u218b\u2460-\u24ff]")
_SCIENTIFIC = re.compile(r"\d(\.\d+)?[Ee]\+?\d+$")
_CJK_GAP = re.compile(r"(?<=[\u2e80-\U0003ffff·•．])\s+(?=[\u2e80-\U0003ffff·•．])")

# --- text -------------------------------------------------------------------------------------------------------------


def text(value: Any, _facts: Facts | None = None) -> str | Bad | None:
    """The text without the spaces around it; a dash or 无 alone is empty, an identity or bank-card number in it is E41."""
    if isinstance(value, tuple):
        return faulty(value)
    if not isinstance(value, str):
        return shown(value)
    if LOOSE.search(value):
        value = INVISIBLE.sub("", value).strip()
    if len(value) > 15 and any(private_numbers.found_in(value)):
        return Bad("E41", "private", value=private_numbers.without(value))
    return None if len(value) < 4 and tight(value) in EMPTY else value


def skip(_value: Any, _facts: Facts | None = None) -> None:
    """Nothing: for a column whose cells say nothing about the row, such as a serial number."""


def name(value: Any, _facts: Facts | None = None) -> str | Bad | None:
    """A name: no spaces between Chinese characters; rare characters and the dot of minority names are kept."""
    found = text(value)
    if isinstance(found, str) and _SPACES.search(found):
        return _CJK_GAP.sub("", _SPACES.sub(" ", found))
    return found


_SEPARATORS = re.compile(r"[、,，;；/／\n]+")


def names(value: Any, _facts: Facts | None = None) -> tuple[str, ...] | Bad | None:
    """Several names in one cell, split at 、 , ; / or a line break."""
    found = text(value)
    if not isinstance(found, str):
        return found
    parts = (name(part) for part in _SEPARATORS.split(found))
    return tuple(part for part in parts if isinstance(part, str)) or None


def grids(value: Any, facts: Facts | None = None) -> tuple[str, ...] | Bad:
    """The sub-grids of a cell, none for an empty one."""
    found = names(value, facts)
    return () if found is None else found


def remark(value: Any, _facts: Facts | None = None) -> str | Bad | None:
    """A remark; the number of a certificate in it is written with plain digits."""
    found = text(value)
    if isinstance(found, str) and found.startswith("工作证"):
        return tight(found)
    return found


_TRUE = frozenset({"√", "✓", "✔", "是", "1", "y", "yes", "有", "true", "对", "已", "☑"})
_FALSE = frozenset({"×", "x", "✗", "✘", "否", "0", "n", "no", "无", "false", "未", "没有", "☐"})


def boolean(value: Any, _facts: Facts | None = None) -> bool | Bad:
    """√ 是 1 Y are true; × 否 0 and an empty cell are false; anything else is a question."""
    if isinstance(value, tuple):
        return faulty(value) or False
    word = tight(shown(value)).lower()
    if word in _TRUE:
        return True
    if word in _FALSE or word in EMPTY:
        return False
    return Bad("E22", "boolean")


def choice(words: Mapping[str, str], code: str = "E33", reason: str = "word") -> Cleaner:
    """A cleaner for a closed set of words, by the word as typed without spaces."""

    def clean(value: Any, _facts: Facts | None = None) -> str | Bad | None:
        found = text(value)
        if not isinstance(found, str):
            return found
        return words.get(tight(found)) or Bad(code, reason, {"choices": "、".join(dict.fromkeys(words))})

    return clean


# --- telephone and identity numbers -----------------------------------------------------------------------------------

_MASKED = re.compile(r"[\dXx]*[*＊×]{3,}[\dXx]*$")


def phone(value: Any, _facts: Facts | None = None) -> Any:
    """A telephone number as text; a number typed as 1.39E+10 has lost its digits (E41).

    An 11-digit phone stored as a whole number is accepted unless Excel shortened it before it was saved.
    """
    if isinstance(value, tuple):
        return faulty(value)
    if isinstance(value, float | int):
        whole = int(value)
        digits = str(whole)
        lost = value != whole or len(digits) > 12 or (len(digits) > 8 and len(digits.rstrip("0")) < 4)
        return Bad("E41", "phone") if lost else digits
    if not isinstance(value, str):
        return Bad("E41", "phone")
    if value.isascii() and value.isdigit():
        return value
    number = tight(value)
    if number in EMPTY:
        return None
    if _SCIENTIFIC.match(number):
        return Bad("E41", "phone")
    return UNCHANGED if _MASKED.match(number) else number


def identity(value: Any, _facts: Facts | None = None) -> Bad | None:
    """Nothing, or what is wrong: the portal keeps no identity number, but says when a file has spoilt one (E41)."""
    if isinstance(value, tuple):
        return faulty(value)
    if not isinstance(value, str):
        return Bad("E41", "identity")
    number = tight(value).upper()
    if number in EMPTY or re.fullmatch(r"[\d*]{14,18}[\dX]?|[\dX]{4}", number):
        return None
    return Bad("E41", "identity")


# --- numbers ----------------------------------------------------------------------------------------------------------


def decimal(value: Any) -> Decimal | Bad | None:
    """The number in a cell, exact; 3人, 92.5分, 4。58 and full-width digits are read, 约20 is not a number.

    A number of a million million and more is a slip, or has lost digits: E23.
    """
    found = number(value)
    return Bad("E23") if isinstance(found, Decimal) and found.adjusted() > 11 else found


def number(value: Any) -> Decimal | Bad | None:
    """The number in a cell, however large; read as `decimal` reads it."""
    if isinstance(value, float | int):
        return Decimal(format(value, ".15g"))
    if isinstance(value, tuple):
        return faulty(value)
    if not isinstance(value, str):
        return Bad("E22", "date" if isinstance(value, date) else "")
    found = tight(value)
    if found in EMPTY:
        return None
    # Compatibility form would make 32 of 3² and 1/2 of ½: not what was meant.
    return Bad("E22") if _NO_PLAIN_DIGITS.search(value) else _parsed(found)


def _parsed(found: str) -> Decimal | Bad:
    for sign in (",", "￥", "¥", "元整"):
        found = found.replace(sign, "")
    found = re.sub(r"(?<=\d)[。．](?=\d)", ".", found).replace("−", "-").replace("–", "-")
    factor = Decimal(1)
    if found.endswith(("万元", "万")):
        found, factor = found.rstrip("元").rstrip("万"), WAN
    elif found.endswith("%"):
        factor = CENT
    found = _WORDS.sub("", found)
    if not _NUMBER.match(found):
        return Bad("E22")
    try:
        return Decimal(found) * factor
    except InvalidOperation:
        return Bad("E22")


def whole(value: Any, _facts: Facts | None = None) -> int | Bad | None:
    """A count: a whole number of at least 0."""
    number = decimal(value)
    if not isinstance(number, Decimal):
        return number
    if number != number.to_integral_value():
        return Bad("E22", "whole")
    if number >= 1_000_000_000:
        return Bad("E23")
    return Bad("E23", "below_zero") if number < 0 else int(number)


def count(value: Any, facts: Facts | None = None) -> int | str | Bad | None:
    """A count that may be / = not applicable. An empty cell is not a zero."""
    if isinstance(value, str) and tight(value) in INAPPLICABLE:
        return NOT_APPLICABLE
    return whole(value, facts)


def tally(value: Any, _facts: Facts | None = None) -> int | Bad | None:
    """A count of a form in which an empty cell is a zero."""
    found = whole(value)
    return 0 if found is None else found


def half_up(number: Decimal) -> Decimal:
    """The number to two places, halves away from zero."""
    return number.quantize(CENT, ROUND_HALF_UP)


def points(value: Any, _facts: Facts | None = None) -> Decimal | str | Bad | Noted | None:
    """A score to two places; / is not applicable; more places are rounded, with a warning (W03)."""
    if isinstance(value, str) and tight(value) in INAPPLICABLE:
        return NOT_APPLICABLE
    number = decimal(value)
    if not isinstance(number, Decimal):
        return number
    rounded = half_up(number)
    if abs(rounded - number) > Decimal("0.0000001"):
        return Noted(rounded, "W03", {"rounded": f"{rounded}"})
    return rounded


def score(value: Any, facts: Facts | None = None) -> Any:
    """A score of a person or a village, from 0 to 100."""
    found = points(value, facts)
    number = found.value if isinstance(found, Noted) else found
    return Bad("E23", "score", {"max": 100}) if isinstance(number, Decimal) and not 0 <= number <= 100 else found


def money(value: Any, facts: Facts | None = None) -> Decimal | Bad | Noted | None:
    """An amount in 元, to the cent, from the unit the title states; below zero is out of range."""
    number = decimal(value)
    if not isinstance(number, Decimal):
        return number
    own_unit = isinstance(value, str) and re.search(r"[万元]", value)
    factor = Decimal(1) if facts is None or own_unit else facts.factor
    amount = number * factor
    rounded = half_up(amount)
    if rounded < 0:
        return Bad("E23", "below_zero")
    if abs(rounded - amount) > Decimal("0.00001") * factor:
        return Noted(rounded, "W03", {"rounded": f"{rounded}"})
    return rounded


def months(value: Any, _facts: Facts | None = None) -> int | Bad | None:
    """Months served in a year: 0 to 12."""
    found = whole(value)
    return Bad("E23", "months") if isinstance(found, int) and found > 12 else found


def multiplier(value: Any, _facts: Facts | None = None) -> Decimal | Bad | None:
    """A multiplier such as 2.5 or 2.5倍, without needless zeros."""
    number = decimal(value)
    if not isinstance(number, Decimal):
        return number
    if number < 0:
        return Bad("E23", "below_zero")
    return Decimal(format(number.normalize(), "f"))


def rate(value: Any, _facts: Facts | None = None) -> Decimal | Bad | None:
    """A rate as a share of 1: 95%, 0.95 and a bare 95 are the same."""
    number = decimal(value)
    if not isinstance(number, Decimal):
        return number
    written = isinstance(value, str) and "%" in tight(value)
    return number if written or number <= 1 else number * CENT


# --- names the portal knows -------------------------------------------------------------------------------------------


def village(value: Any, facts: Facts) -> str | Bad | Noted | None:
    """The official name of a village; an alias is taken with a warning (W04), an unknown name is E31."""
    found = name(value)
    if not isinstance(found, str):
        return found
    context = facts.context
    known = context.village(found)
    if known is None:
        near = context.nearest(found)
        return Bad("E31", "" if near else "nothing_near", {"nearest": list(near), "choices": "、".join(near)})
    if not known.allowed:
        return Bad("E71")
    if tight(known.name) == tight(found):
        return known.name
    return Noted(known.name, "W04", {"matched": known.name})
