"""Amounts of money in Chinese capitals, as the last line of a payroll has them."""

from __future__ import annotations

from decimal import Decimal

_DIGITS = "零壹贰叁肆伍陆柒捌玖"
_VALUES = {c: i for i, c in enumerate(_DIGITS)} | {"两": 2, "〇": 0}
_UNITS = {"拾": 10, "佰": 100, "仟": 1000}
_GROUPS = ("", "万", "亿")


def amount(text: str) -> Decimal | None:
    """The amount a text in capitals names, None when it is none.

    >>> amount("贰佰玖拾贰万零叁佰玖拾肆元柒角伍分"), amount("捌万伍仟壹佰捌拾捌元整")
    (Decimal('2920394.75'), Decimal('85188.00'))
    """
    total, upper, group, digit = 0, 0, 0, 0  # upper: the 亿 already read
    cents, whole_done = 0, False
    for sign in text.strip().rstrip("整正"):
        if sign in _VALUES:
            digit = _VALUES[sign]
        elif sign in _UNITS:
            group, digit = group + (digit or 1) * _UNITS[sign], 0
        elif sign == "万":
            total, group, digit = (total + group + digit) * 10**4, 0, 0
        elif sign == "亿":
            upper, total, group, digit = (total + group + digit) * 10**8, 0, 0, 0
        elif sign in "元圆":
            total, group, digit, whole_done = upper + total + group + digit, 0, 0, True
        elif sign in "角分":
            cents, digit = cents + digit * (10 if sign == "角" else 1), 0
        else:
            return None
    if not whole_done and (group or digit or total or upper):
        return None
    return Decimal(total) + Decimal(cents).scaleb(-2) if whole_done or cents else None


def in_capitals(value: Decimal) -> str:
    """The amount in capitals.

    >>> in_capitals(Decimal("2920394.75")), in_capitals(Decimal("10000.05")), in_capitals(Decimal("0"))
    ('贰佰玖拾贰万零叁佰玖拾肆元柒角伍分', '壹万元零伍分', '零元整')
    """
    cents = int(value.scaleb(2).to_integral_value())
    whole, (dime, cent) = cents // 100, divmod(cents % 100, 10)
    text = (_whole(whole) or "零") + "元" if whole or not cents else ""
    if not dime and not cent:
        return text + "整"
    tail = _DIGITS[dime] + "角" if dime else ("零" if whole else "")
    return text + tail + (_DIGITS[cent] + "分" if cent else "")


def _whole(number: int) -> str:
    text, gap = "", False
    for place in (2, 1, 0):
        number_here, number = divmod(number, 10 ** (4 * place))
        if not number_here:
            gap = gap or bool(text)
            continue
        if text and (gap or number_here < 1000):
            text += "零"
        text += _group(number_here) + _GROUPS[place]
        gap = False
    return text


def _group(number: int) -> str:
    text, gap = "", False
    for unit, name in ((1000, "仟"), (100, "佰"), (10, "拾"), (1, "")):
        digit, number = divmod(number, unit)
        if digit:
            text += ("零" if gap and text else "") + _DIGITS[digit] + name
            gap = False
        else:
            gap = True
    return text
