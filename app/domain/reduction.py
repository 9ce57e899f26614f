"""How much shorter lists have become: each list, and all of them together.

Rates are in per cent, two decimals, half up, and counted from the sums of counts, never from the rates of the lists.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

_CENT = Decimal("0.01")


@dataclass(frozen=True)
class Counted:
    """A list in two versions: how many items each had, and what the versions are called."""

    name: str
    old: int
    new: int
    old_label: str = ""
    new_label: str = ""

    @property
    def removed(self) -> int:
        """How many items fewer; negative where there are more."""
        return self.old - self.new

    @property
    def rate(self) -> Decimal | None:
        """By how many per cent it was reduced; None where there was nothing before."""
        return reduction_rate(self.old, self.new)


def reduction_rate(old: int, new: int) -> Decimal | None:
    """By how many per cent a count was reduced, two decimals, half up; None where there was nothing before.

    Source: HC-07.
    >>> reduction_rate(165, 119), reduction_rate(62, 4), reduction_rate(0, 3)
    (Decimal('27.88'), Decimal('93.55'), None)
    """
    if not old:
        return None
    return (Decimal(old - new) * 100 / Decimal(old)).quantize(_CENT, ROUND_HALF_UP)


def in_all(counted: Sequence[Counted], name: str = "") -> Counted:
    """All lists as one.

    >>> total = in_all([Counted("自治", 38, 24), Counted("证明", 20, 2)])
    >>> total.old, total.new, total.rate
    (58, 26, Decimal('55.17'))
    """
    return Counted(name, sum(one.old for one in counted), sum(one.new for one in counted))
