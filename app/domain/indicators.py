"""Indicators of the dashboards and registers: how each is reckoned and to how many places it is shown.

A rate is shown beside its two counts, because a rate alone hides how many there were.
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

_CENT = Decimal("0.01")
_TENTH = Decimal("0.1")
_HUNDRED = Decimal(100)


def percentage(part: int, whole: int) -> Decimal | None:
    """The share of a part in percent, two places half-up; None where there is nothing to take a share of.

    Units:  percent, e.g. the closure rate of 27 cases closed of 28 accepted.
    Source: the formula table of the twelve systems: handled ÷ received, two decimals half-up.
    >>> percentage(27, 28), percentage(17, 19), percentage(0, 0)
    (Decimal('96.43'), Decimal('89.47'), None)
    """
    return None if whole <= 0 else (Decimal(part) * _HUNDRED / whole).quantize(_CENT, ROUND_HALF_UP)


def change(now: int, before: int) -> Decimal | None:
    """The change against the same period before, in percent with its sign, two places half-up; None without a base.

    Source: (this − base) ÷ base.
    >>> change(6, 12), change(83, 60), change(5, 0)
    (Decimal('-50.00'), Decimal('38.33'), None)
    """
    return None if before <= 0 else (Decimal(now - before) * _HUNDRED / before).quantize(_CENT, ROUND_HALF_UP)


def average(total: int, among: int) -> Decimal | None:
    """How many fall on one, to one place half-up, e.g. certificates a village issues in a month.

    >>> average(510, 340), average(3, 0)
    (Decimal('1.5'), None)
    """
    return None if among <= 0 else (Decimal(total) / among).quantize(_TENTH, ROUND_HALF_UP)
