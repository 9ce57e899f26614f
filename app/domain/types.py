"""Small exact values shared by the rules."""

from __future__ import annotations

from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal
from enum import StrEnum

Points = Decimal  # 0-100, two places once stored
Money = Decimal  # yuan, two places once stored
Percent = Decimal  # a ratio: 0.25 is 25 %

HUNDREDTH = Decimal("0.01")
ZERO = Decimal(0)


class Rounding(StrEnum):
    """How a number is cut to its last place."""

    HALF_UP = "half_up"
    FLOOR = "floor"
    CEIL = "ceil"


_MODES = {Rounding.HALF_UP: ROUND_HALF_UP, Rounding.FLOOR: ROUND_FLOOR, Rounding.CEIL: ROUND_CEILING}


def rounded(value: Decimal, quantum: Decimal = HUNDREDTH, mode: Rounding = Rounding.HALF_UP) -> Decimal:
    """`value` as a multiple of `quantum`.

    Source: bonus_rules, preamble (half up unless said otherwise).
    Example:
        >>> rounded(Decimal("88.125"))
        Decimal('88.13')
    """
    return (value / quantum).quantize(Decimal(1), rounding=_MODES[mode]) * quantum
