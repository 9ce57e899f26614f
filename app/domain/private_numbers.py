"""Numbers that belong to a person and not into this portal: identity cards and bank cards, found in free text.

Source: GB 11643 (18 places, the last a check digit of weights mod 11) and ISO/IEC 7812 (Luhn).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import StrEnum

_RUN = re.compile(
    r"(?<![0-9A-Za-z.])(?:"
    r"\d{16,19}|\d{17}[Xx]"  # written in one
    r"|\d{4}(?:[ \-]\d{4}){3}(?:[ \-]?\d{1,3})?"  # as on a card
    r"|\d{6}[ \-]\d{8}[ \-]\d{3}[0-9Xx]|\d{6}[ \-]\d{4}[ \-]\d{4}[ \-]\d{3}[0-9Xx]"
    r")(?![0-9A-Za-z]|\.\d)"
)
_LONG = re.compile(r"(?:[0-9０-９][ \-－\u3000\xa0]?){14}")  # no shorter row of digits can be one
_FULL_WIDTH = {ord("０") + place: str(place) for place in range(10)} | {
    ord(wide): plain for wide, plain in zip("Ｘｘ－\u3000\u00a0", "Xx-  ", strict=True)
}
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK_DIGITS = "10X98765432"
_SEPARATORS = str.maketrans("", "", " -")


class PrivateNumber(StrEnum):
    """What a number is taken for."""

    IDENTITY = "identity"
    BANK_CARD = "bank_card"


def is_identity_number(digits: str) -> bool:
    """True for 18 places whose birthday may be one and whose check digit is right."""
    if not re.fullmatch(r"[1-9]\d{5}(?:18|19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[0-9Xx]", digits):
        return False
    total = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, digits, strict=False))
    return _CHECK_DIGITS[total % 11] == digits[-1].upper()


def is_bank_card(digits: str) -> bool:
    """True for 16 to 19 digits of a payment card (they begin with 3 to 6) that pass the Luhn check."""
    if not re.fullmatch(r"[3-6]\d{15,18}", digits):
        return False
    doubled = [int(digit) * (2 if place % 2 else 1) for place, digit in enumerate(reversed(digits))]
    return sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0


def kind_of(number: str) -> PrivateNumber | None:
    """What a number with or without blanks and hyphens is; None for any other."""
    digits = number.translate(_FULL_WIDTH).translate(_SEPARATORS)
    if is_identity_number(digits):
        return PrivateNumber.IDENTITY
    return PrivateNumber.BANK_CARD if is_bank_card(digits) else None


def found_in(text: str) -> Iterator[tuple[str, PrivateNumber]]:
    """Every private number of a text as it is written, with its kind; full-width digits count as digits."""
    if not _LONG.search(text):
        return
    for match in _RUN.finditer(text.translate(_FULL_WIDTH)):
        written = text[match.start() : match.end()]
        kind = kind_of(match.group())
        if kind is not None:
            yield written, kind


def masked(number: str) -> str:
    """The number as those see it who need not know it: an identity number by its first 3 and last 4 places, any other by its last 4."""
    digits = number.translate(_FULL_WIDTH).translate(_SEPARATORS)
    head = digits[:3] if len(digits) == 18 and is_identity_number(digits) else ""
    return head + "*" * (11 if head else 4) + digits[-4:]


def without(text: str) -> str:
    """The text with every private number in it masked."""
    for written, _kind in list(found_in(text)):
        text = text.replace(written, masked(written))
    return text
