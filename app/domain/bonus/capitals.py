"""Amounts in capitals (大写), as pay sheets carry them, both ways."""

from __future__ import annotations

import re
from decimal import Decimal

from app.domain.errors import broken
from app.domain.types import HUNDREDTH, Money

_DIGITS = "零壹贰叁肆伍陆柒捌玖"
_UNITS = {"拾": 10, "佰": 100, "仟": 1000}
_TEN_THOUSAND, _HUNDRED_MILLION = 10**4, 10**8
_ONE = "[壹贰叁肆伍陆柒捌玖]"
_BELOW_TEN_THOUSAND = re.compile(f"(?:零?{_ONE}仟)?(?:零?{_ONE}佰)?(?:零?{_ONE}?拾)?零?{_ONE}?")
LIMIT = Decimal(10) ** 16


def chinese_amount(amount: Money) -> str:
    """An amount in yuan in capitals, as pay sheets carry it.

    Errors: bonus.amount_range below 0, from 10^16 or with more than two places.
    Example:
        >>> chinese_amount(Decimal("32833.79")), chinese_amount(Decimal("100010.05"))
        ('叁万贰仟捌佰叁拾叁元柒角玖分', '壹拾万零壹拾元零伍分')
    """
    if not 0 <= amount < LIMIT or amount != amount.quantize(HUNDREDTH):
        raise broken("bonus.amount_range", amount=amount)
    cents = int(amount * 100)
    yuan, jiao, fen = cents // 100, cents // 10 % 10, cents % 10
    words = f"{_integer(yuan)}元" if yuan or not cents else ""
    if not jiao and not fen:
        return words + "整"
    if jiao:
        words += f"{_DIGITS[jiao]}角"
    elif yuan:
        words += "零"
    return words + (f"{_DIGITS[fen]}分" if fen else "整")


def _integer(number: int) -> str:
    """A whole number in capitals: what stands before 亿 and before 万 is read as a number of its own."""
    if number == 0:
        return "零"
    for size, unit in ((_HUNDRED_MILLION, "亿"), (_TEN_THOUSAND, "万")):
        if number >= size:
            return _joined(_integer(number // size) + unit, number % size, size // 10)
    for unit, size in reversed(_UNITS.items()):
        if number >= size:
            return _joined(_DIGITS[number // size] + unit, number % size, size // 10)
    return _DIGITS[number]


def _joined(words: str, rest: int, full: int) -> str:
    """The words with what is left, after one 零 where the next place is empty."""
    return words + ("零" if rest < full else "") + _integer(rest) if rest else words


def parse_chinese_amount(words: str) -> Money:
    """The amount that capitals say; the reverse of `chinese_amount`. 圆 and 正 stand for 元 and 整.

    Errors: bonus.amount_words.
    Example:
        >>> parse_chinese_amount("人民币壹佰圆零伍分")
        Decimal('100.05')
    """
    text = words.strip().removeprefix("人民币")
    found = re.fullmatch(
        r"(?:(.+?)[元圆])?零?(?:([壹贰叁肆伍陆柒捌玖])角)?零?(?:([壹贰叁肆伍陆柒捌玖])分)?[整正]?", text
    )
    if not found or not any(found.groups()):
        raise broken("bonus.amount_words", words=words)
    cents = 10 * _DIGITS.index(found[2] or "零") + _DIGITS.index(found[3] or "零")
    return (Decimal(_number(found[1] or "零", words) * 100 + cents) / 100).quantize(HUNDREDTH)


def _number(text: str, words: str) -> int:
    """The number words say; 亿 and 万 part them, the higher first."""
    for size, unit in ((_HUNDRED_MILLION, "亿"), (_TEN_THOUSAND, "万")):
        head, found, tail = text.rpartition(unit)
        if found:
            return _number(head, words) * size + (_number(tail, words) if tail else 0)
    if not text or not _BELOW_TEN_THOUSAND.fullmatch(text):
        raise broken("bonus.amount_words", words=words)
    total = digit = 0
    for character in text:
        if character in _UNITS:
            total, digit = total + (digit or 1) * _UNITS[character], 0
        else:
            digit = _DIGITS.index(character)
    return total + digit
