"""What a cell means. Pure: a value as read comes in; the clean value, None for an empty cell, or a Bad goes out.

Every cleaner takes (value, facts): the facts a sheet states above its header (year, unit, epoch). Nothing is guessed:
what can be read two ways is Bad, with both readings. A Noted value is good and carries a warning.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

from app.kit.excel.result import NOT_APPLICABLE, UNCHANGED
from app.kit.excel.titles import Facts

CENT = Decimal("0.01")
WAN = Decimal(10000)


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


Cleaner = Callable[[Any, Facts], Any]

_EMPTY = frozenset({"", "-", "—", "–", "―", "——", "/", "无", "∅", "－", "／"})
_INVISIBLE = re.compile("[\u200b\u200c\u200d\u2060\ufeff\u00ad]")
_LOOSE = re.compile("[\\s\u200b\u200c\u200d\u2060\ufeff\u00ad]+")
_SPACES = re.compile(r"\s+")
_WORDS = re.compile(r"(人次|人|次|件|户|项|个|起|分|倍|名|场|条|天|元|月|%)$")
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)$")
_NO_PLAIN_DIGITS = re.compile("[\u00b2\u00b3\u00b9\u00bc-\u00be\u2070-\u209f\u2150-\u218b\u2460-\u24ff]")
_SCIENTIFIC = re.compile(r"\d(\.\d+)?[Ee]\+?\d+$")
_CJK_GAP = re.compile(r"(?<=[\u2e80-\U0003ffff·•．])\s+(?=[\u2e80-\U0003ffff·•．])")


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
    if _LOOSE.search(text) is None and unicodedata.is_normalized("NFKC", text):
        return text
    return _LOOSE.sub("", unicodedata.normalize("NFKC", text))


def shown(value: Any) -> str:
    """A value as the office sees it, roughly: whole numbers without a point."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, datetime) and not value.time():
        return value.date().isoformat()
    return str(value)


def empty(value: Any) -> bool:
    """Whether a cell says nothing: blank, a dash, a stroke, 无."""
    return value is None or (isinstance(value, str) and (value == "" or tight(value) in _EMPTY))


# --- text -------------------------------------------------------------------------------------------------------------


def text(value: Any, _facts: Facts | None = None) -> str | Bad | None:
    """The text without the spaces around it; a dash or 无 alone is empty."""
    if isinstance(value, tuple):
        return faulty(value)
    if not isinstance(value, str):
        return shown(value)
    if _LOOSE.search(value):
        value = _INVISIBLE.sub("", value).strip()
    return None if len(value) < 4 and tight(value) in _EMPTY else value


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
    if word in _FALSE or word in _EMPTY:
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


def phone(value: Any, _facts: Facts | None = None) -> str | Bad | None:
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
    if number in _EMPTY:
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
    if number in _EMPTY or re.fullmatch(r"[\d*]{14,18}[\dX]?|[\dX]{4}", number):
        return None
    return Bad("E41", "identity")


# --- numbers ----------------------------------------------------------------------------------------------------------


def decimal(value: Any) -> Decimal | Bad | None:
    """The number in a cell, exact; 3人, 92.5分, 4。58 and full-width digits are read, 约20 is not a number."""
    if isinstance(value, float | int):
        return Decimal(format(value, ".15g"))
    if isinstance(value, tuple):
        return faulty(value)
    if not isinstance(value, str):
        return Bad("E22", "date" if isinstance(value, date) else "")
    found = tight(value)
    if found in _EMPTY:
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
    return Bad("E23", "below_zero") if number < 0 else int(number)


def count(value: Any, facts: Facts | None = None) -> int | str | Bad | None:
    """A count that may be / = not applicable. An empty cell is not a zero."""
    if isinstance(value, str) and tight(value) == "/":
        return NOT_APPLICABLE
    return whole(value, facts)


def half_up(number: Decimal) -> Decimal:
    """The number to two places, halves away from zero."""
    return number.quantize(CENT, ROUND_HALF_UP)


def points(value: Any, _facts: Facts | None = None) -> Decimal | str | Bad | Noted | None:
    """A score to two places; / is not applicable; more places are rounded, with a warning (W03)."""
    if isinstance(value, str) and tight(value) == "/":
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


# --- dates and periods ------------------------------------------------------------------------------------------------

_CHINESE = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "○": 0, "O": 0, "元": 1}
_CHINESE_RUN = re.compile(r"[零〇○一二三四五六七八九十]+(?=[年月日号季])")
_DAY = re.compile(r"(\d{4})[-./年](\d{1,2})[-./月](\d{1,2})[日号]?(?:\d{1,2}:\d{2}(?::\d{2})?)?$")
_MONTH = re.compile(r"(\d{4})[-./年](\d{1,2})月?份?$")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})?$")
_NO_YEAR = re.compile(r"(\d{1,2})月份?(?:(\d{1,2})[日号])?$")
OPEN_END = frozenset({"至今", "现任", "在任", "在职", "open"})


def chinese_digits(found: str) -> str:
    """Chinese numerals before 年 月 日 as digits.

    >>> chinese_digits("二〇二三年九月"), chinese_digits("十二月二十一日")
    ('2023年9月', '12月21日')
    """
    return _CHINESE_RUN.sub(lambda match: _chinese_number(match[0]), found)


def _chinese_number(run: str) -> str:
    if "十" not in run:
        return "".join(str(_CHINESE[c]) for c in run).lstrip("0") or "0"
    tens, _, ones = run.partition("十")
    return str((_CHINESE[tens] if tens else 1) * 10 + (_CHINESE[ones] if ones else 0))


def day(value: Any, facts: Facts | None = None) -> str | Bad | None:
    """A date as 2023-09-05, or a month as 2023-09 when the day is not stated."""
    if isinstance(value, tuple):
        return faulty(value)
    if isinstance(value, datetime | date):
        return value.isoformat()[:10]
    if isinstance(value, float | int):
        return _day_of_number(value, facts)
    if not isinstance(value, str):
        return Bad("E22", "date")
    found = tight(value).strip("。.")
    if found in _EMPTY:
        return None
    return _day_of_text(chinese_digits(found), facts)


def end_day(value: Any, facts: Facts | None = None) -> str | Bad | None:
    """The day somebody left; 至今 and 现任 are an open end."""
    if isinstance(value, str) and tight(value) in OPEN_END:
        return "open"
    return day(value, facts)


def _day_of_text(found: str, facts: Facts | None) -> str | Bad:
    if match := _DAY.match(found):
        return _real(match[1], match[2], match[3])
    if match := _MONTH.match(found):
        return _real(match[1], match[2])
    if match := _COMPACT.match(found):
        return _real(match[1], match[2], match[3])
    if match := _NO_YEAR.match(found):
        if facts is None or facts.year is None:
            return Bad("E52", "date")
        return _real(str(facts.year), match[1], match[2])
    if re.match(r"\d{2}[-./年]\d{1,2}", found):
        return Bad("E52", "two_digits")
    if re.fullmatch(r"\d{5}(\.\d+)?", found):
        return _day_of_number(float(found), facts)
    return Bad("E22", "date")


def _real(year: str, month: str, of_month: str | None = None) -> str | Bad:
    try:
        found = date(int(year), int(month), int(of_month or 1))
    except ValueError:
        return Bad("E23", "no_such_day")
    return found.isoformat() if of_month else found.isoformat()[:7]


def _day_of_number(number: float, facts: Facts | None) -> str | Bad:
    """A serial, 20230905, 202309, or 2023.9; the number 2023.1 has lost its zero and may be January or October."""
    if number == int(number):
        whole_number = int(number)
        if 19000101 <= whole_number <= 21001231 or 190001 <= whole_number <= 210012:
            return _day_of_text(str(whole_number), facts)
        if 20000 <= whole_number <= 80000:
            return serial_day(whole_number, bool(facts and facts.date1904))
        return Bad("E22", "date")
    if 1900 <= number < 2100:
        return _month_of_number(number)
    if 20000 <= number <= 80000:
        return serial_day(int(number), bool(facts and facts.date1904))
    return Bad("E22", "date")


def _month_of_number(number: float) -> str | Bad:
    year, _, month = format(number, ".10g").partition(".")
    if month == "1":
        return Bad("E51", params={"first": f"{year}-01", "second": f"{year}-10"})
    return _real(year, month) if len(month) <= 2 else Bad("E22", "date")


def serial_day(serial: int, date1904: bool) -> str:
    """The day of an Excel serial number in the date system of the workbook.

    >>> serial_day(45174, False), serial_day(45174 - 1462, True)
    ('2023-09-05', '2023-09-05')
    """
    epoch = date(1904, 1, 1) if date1904 else date(1899, 12, 30)
    return (epoch + timedelta(days=serial)).isoformat()


def month(value: Any, facts: Facts | None = None) -> str | Bad | None:
    """A month as 2023-09; a whole date counts as its month."""
    found = day(value, facts)
    return found[:7] if isinstance(found, str) else found


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
