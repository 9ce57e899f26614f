"""Indicators of the dashboards and registers: how each is reckoned and to how many places it is shown.

A rate is shown beside its two counts, because a rate alone hides how many there were.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from app.domain.errors import Problem

_CENT = Decimal("0.01")
_TENTH = Decimal("0.1")
_HUNDRED = Decimal(100)


def percentage(part: int | Decimal, whole: int | Decimal) -> Decimal | None:
    """The share of a part in percent, two places half-up; None where there is nothing to take a share of.

    Units:  percent, e.g. the closure rate of 27 cases closed of 28 accepted.
    Source: the formula table of the twelve systems: handled ÷ received, two decimals half-up.
    >>> percentage(27, 28), percentage(17, 19), percentage(0, 0)
    (Decimal('96.43'), Decimal('89.47'), None)
    """
    return None if whole <= 0 else (Decimal(part) * _HUNDRED / whole).quantize(_CENT, ROUND_HALF_UP)


def change(now: int | Decimal, before: int | Decimal) -> Decimal | None:
    """The change against the same period before, in percent with its sign, two places half-up; None without a base.

    Source: (this − base) ÷ base.
    >>> change(6, 12), change(83, 60), change(5, 0)
    (Decimal('-50.00'), Decimal('38.33'), None)
    """
    return None if before <= 0 else (Decimal(now - before) * _HUNDRED / before).quantize(_CENT, ROUND_HALF_UP)


def average(total: int | Decimal, among: int | Decimal) -> Decimal | None:
    """How many fall on one, to one place half-up, e.g. certificates a village issues in a month.

    >>> average(510, 340), average(3, 0)
    (Decimal('1.5'), None)
    """
    return None if among <= 0 else (Decimal(total) / among).quantize(_TENTH, ROUND_HALF_UP)


def _share(first: Decimal, second: Decimal) -> Decimal | None:
    return percentage(first, second)


def _removed(before: Decimal, now: Decimal) -> Decimal | None:
    return percentage(before - now, before)


def _counted(first: Decimal, _second: Decimal) -> Decimal | None:
    return first


@dataclass(frozen=True)
class Formula:
    """How an indicator is reckoned of its two counts; a `signed` one is shown with + or −.

    `reduced_to` marks a share that says what is left, not what was taken off: its complement is said beside it.
    """

    reckon: Callable[[Decimal, Decimal], Decimal | None]
    unit: str = "%"
    signed: bool = False
    counts: int = 2
    reduced_to: bool = False


FORMULAS: Mapping[str, Formula] = {
    "reduction_rate": Formula(_removed),  # 事项压减率: before, now
    "completion_rate": Formula(_share),  # 办结率: handled, received
    "petition_change": Formula(change, signed=True),  # 信访同比: this period, the one before
    "good_rating_rate": Formula(_share),  # 好评率: good ratings, ratings
    "satisfaction": Formula(_share),  # 群众满意度: satisfied, valid answers
    "material_reduction": Formula(_removed),  # 资料精简率: materials before, now
    "step_optimisation": Formula(_removed),  # 环节优化率: steps before, now
    "time_compression": Formula(_removed),  # 时限压缩率, reduced by: days before, now
    "time_share": Formula(_share, reduced_to=True),  # 时限占比, reduced to: promised days, statutory days
    "immediate_rate": Formula(_share),  # 即办率: immediate items, items
    "online_share": Formula(_share),  # 全流程网办占比: items wholly online, items
    "certificates_per_village": Formula(average, unit=""),  # 证明月均出具: certificates in the month, villages
    "case_change": Formula(change, signed=True),  # 代办件同比: this period, the same a year before
    "attendance_rate": Formula(_share),  # 参会率: attended, should attend
    "status_share": Formula(_share),  # 达标村/示范村占比: villages with the status, villages
    "count": Formula(_counted, unit="", counts=1),
}
"""Every indicator by the name of its formula. Source: the formula table of the twelve systems."""


def value_of(formula: str, first: Decimal, second: Decimal | None) -> Decimal | None:
    """What an indicator comes to, None where it cannot be reckoned.

    >>> value_of("completion_rate", Decimal(3801), Decimal(3806)), value_of("petition_change", Decimal(51), Decimal(198))
    (Decimal('99.87'), Decimal('-74.24'))
    >>> value_of("certificates_per_village", Decimal(510), Decimal(340)), value_of("count", Decimal(216), None)
    (Decimal('1.5'), Decimal('216'))
    """
    kind = FORMULAS[formula]
    if second is None and kind.counts > 1:
        return None
    return kind.reckon(first, second if second is not None else Decimal(0))


def shown(formula: str, value: Decimal) -> str:
    """A value as it is printed: with its sign where it is a change, and with its unit.

    >>> shown("petition_change", Decimal("-74.24")), shown("case_change", Decimal("76.00")), shown("count", Decimal(216))
    ('−74.24%', '+76.00%', '216')
    """
    kind = FORMULAS[formula]
    sign = {True: "−", False: "+"}[value < 0] if kind.signed and value else ""
    return f"{sign}{abs(value) if kind.signed else value}{kind.unit}"


def complement(formula: str, value: Decimal) -> Decimal | None:
    """What was taken off where the indicator says what is left; None for every other one.

    >>> complement("time_share", Decimal("19.50")), complement("time_compression", Decimal("88.10"))
    (Decimal('80.50'), None)
    """
    return _HUNDRED - value if FORMULAS[formula].reduced_to else None


def check_counts(formula: str, first: Decimal, second: Decimal | None) -> list[Problem]:
    """What is wrong with the two counts of a value; a part is never more than its whole.

    Errors: indicator.second_missing, indicator.below_zero, indicator.part_above_whole.
    """
    kind = FORMULAS[formula]
    if kind.counts > 1 and second is None:
        return [Problem("indicator.second_missing", "second")]
    found = [Problem("indicator.below_zero", "first")] if first < 0 else []
    if second is None:
        return found
    found += [Problem("indicator.below_zero", "second")] if second < 0 else []
    if kind.reckon is _share and first > second:
        found.append(Problem("indicator.part_above_whole", "first", {"whole": second}))
    return found
