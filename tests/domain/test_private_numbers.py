"""Identity and bank-card numbers in free text: found when they are ones, left alone when they are not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.private_numbers import PrivateNumber, found_in, masked, without

IDENTITY = "11010519491231002X"
CARD = "6222021234567890128"


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (f"身份证{IDENTITY}，请核对", PrivateNumber.IDENTITY),
        ("身份证11010519491231002x", PrivateNumber.IDENTITY),
        ("110105 19491231 002X", PrivateNumber.IDENTITY),
        ("１１０１０５１９４９１２３１００２Ｘ", PrivateNumber.IDENTITY),
        (f"卡号{CARD}", PrivateNumber.BANK_CARD),
        ("卡号6222 0212 3456 7894", PrivateNumber.BANK_CARD),
        ("2026-10-01 6222021234567894", PrivateNumber.BANK_CARD),
    ],
)
def test_a_private_number_is_found_however_it_is_written_c29(text: str, kind: PrivateNumber) -> None:
    assert [found for _number, found in found_in(text)] == [kind]
    assert IDENTITY not in without(text) and CARD not in without(text) and "****" in without(text)


@pytest.mark.parametrize(
    "text",
    [
        "110105194912310021",  # the check digit is wrong
        "11010519491331002X",  # there is no thirteenth month
        "6222021234567890129",  # fails the Luhn check
        "13812345678 13812345678",
        "2026-10-01至2026-10-31，共20261031份",
        "0.4111111111111111",
        "统一代码91110105MA01A2B3C4",
        "a6222021234567890128",
    ],
)
def test_other_numbers_are_left_alone_c29(text: str) -> None:
    assert list(found_in(text)) == [] and without(text) == text


def test_what_is_shown_of_a_private_number_c29() -> None:
    assert masked(IDENTITY) == "110***********002X"
    assert masked("6222 0212 3456 7890 128") == "****0128"


@given(st.integers(0, 99999999999999999))
def test_one_check_digit_in_eleven_makes_an_identity_number_c29(number: int) -> None:
    body = f"{number:017d}"
    taken = [sign for sign in "0123456789X" if [*found_in(body + sign)] and "X" not in body]
    identities = [sign for sign in taken if next(found_in(body + sign))[1] is PrivateNumber.IDENTITY]
    assert len(identities) <= 1
