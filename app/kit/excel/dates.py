"""Dates and months as people write them. What can be read two ways is Bad, with both readings."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from typing import Any

from app.kit.excel.titles import Facts
from app.kit.excel.values import EMPTY, Bad, faulty, tight

_ZEROS = "零〇○◯oO"  # the sign for zero is typed in many ways
_CHINESE = (
    {c: i for i, c in enumerate("零一二三四五六七八九")} | {str(i): i for i in range(10)} | dict.fromkeys(_ZEROS, 0)
)
_CHINESE_RUN = re.compile(rf"(?=\d*[{_ZEROS}一二三四五六七八九十])[{_ZEROS}0-9一二三四五六七八九十]+(?=[年月日号季])")
_TIME = re.compile(r"[\sT]+\d{1,2}[:：]\d{2}([:：]\d{2}(\.\d+)?)?Z?\s*$")
_DAY = re.compile(r"(\d{4})[-./年](\d{1,2})[-./月](\d{1,2})[日号]?$")
_MONTH = re.compile(r"(\d{4})[-./年](\d{1,2})月?份?$")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})?$")
_NO_YEAR = re.compile(r"(\d{1,2})月份?(?:(\d{1,2})[日号])?$")
OPEN_END = frozenset({"至今", "现任", "现职", "在任", "在职", "在岗", "open"})


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
    if len(tens) > 1 or len(ones) > 1 or "十" in ones:
        return run  # 二〇二十三: no number
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
    found = tight(_TIME.sub("", value)).strip("。.")
    if found in EMPTY:
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
