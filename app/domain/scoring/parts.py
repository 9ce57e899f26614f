"""What scoring speaks of: schemes with items and deductions, facts and occurrences, lines and scores.

Nothing is calculated here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum

from app.domain.errors import Problem, broken
from app.domain.types import ZERO, Points

RULE_VERSION = "2026.1"
"""Named on every snapshot; changed whenever a rule below gives another figure for the same input."""

FULL = Decimal(100)


class Calc(StrEnum):
    """The six ways an item is calculated."""

    RATIO = "ratio"
    PER_FAULT = "per_fault"
    PER_UNIT = "per_unit"
    TIERED = "tiered"
    GRADED = "graded"
    MANUAL = "manual"


class Status(StrEnum):
    """What a score sheet amounts to."""

    SCORED = "scored"
    INCOMPLETE = "incomplete"
    NOT_ASSESSABLE = "not_assessable"
    NOT_SCORED = "not_scored"


@dataclass(frozen=True)
class Aspect:
    """An aspect of a scheme with the sum of its items."""

    code: str
    name: str
    max: Points


@dataclass(frozen=True)
class Item:
    """A scored item.

    Shape: `expected` is a number for ratio items whose denominator is fixed (per `Scheme.months`), None where the evaluator
    enters it; `target` the share that earns full marks; `unit` the points a fault costs or a unit earns; `tiers` are
    (threshold, points) from the highest; `grades` points by grade.
    """

    code: str
    aspect: str
    name: str
    max: Points
    calc: Calc = Calc.MANUAL
    expected: Decimal | None = None
    target: Decimal = Decimal(1)
    unit: Decimal | None = None
    tiers: tuple[tuple[Decimal, Points], ...] = ()
    grades: Mapping[str, Points] = field(default_factory=dict)
    na_allowed: bool = False


@dataclass(frozen=True)
class Level:
    """A level of a graded deduction, e.g. criticised by the county or by the city."""

    code: str
    name: str
    points: Points


@dataclass(frozen=True)
class DeductionItem:
    """A deduction item (反向扣分项目): `points` each time, or by `levels`; at most `cap`; mitigation as factors by reason."""

    code: str
    name: str
    cap: Points
    points: Points | None = None
    levels: tuple[Level, ...] = ()
    per: str = ""
    mitigation: Mapping[str, Decimal] = field(default_factory=dict)


@dataclass(frozen=True)
class Scheme:
    """An assessment list as the rules need it; `months` is the period that `Item.expected` is written for."""

    code: str
    name: str
    aspects: tuple[Aspect, ...]
    items: tuple[Item, ...]
    deductions: tuple[DeductionItem, ...] = ()
    subject: str = "village"
    months: int = 12
    full_score: Points = FULL
    total_cap: Points = Decimal(20)
    floor_total: Points | None = ZERO
    min_applicable: Points = Decimal(60)

    def item(self, code: str) -> Item:
        """The item with this code.

        Errors: scoring.unknown_item.
        """
        for item in self.items:
            if item.code == code:
                return item
        raise broken("scoring.unknown_item", code, item=code)

    def deduction(self, code: str) -> DeductionItem:
        """The deduction item with this code.

        Errors: scoring.unknown_deduction.
        """
        for item in self.deductions:
            if item.code == code:
                return item
        raise broken("scoring.unknown_deduction", code, item=code)


@dataclass(frozen=True)
class Fact:
    """What the evaluator entered for an item: points, or the fact its calculation asks for, or not applicable."""

    points: Points | None = None
    actual: Decimal | None = None
    expected: Decimal | None = None
    faults: Decimal | None = None
    units: Decimal | None = None
    rate: Decimal | None = None
    grades: tuple[str, ...] = ()
    not_applicable: bool = False
    reason: str = ""

    @property
    def is_empty(self) -> bool:
        """Nothing was entered."""
        given = (self.points, self.actual, self.faults, self.units, self.rate)
        return not self.not_applicable and not self.grades and all(value is None for value in given)


@dataclass(frozen=True)
class Occurrence:
    """One recorded fact of a deduction item. A waived one stays on record and counts nothing."""

    item: str
    count: int = 1
    level: str | None = None
    points: Points | None = None
    happened_on: date | None = None
    clause: str = ""
    note: str = ""
    self_reported: bool = False
    waived: bool = False
    waive_reason: str = ""
    same_fact: str | None = None


@dataclass(frozen=True)
class ItemLine:
    """One line of the score slip: `exact` is the figure before rounding; `limit` says which bound was met (cap, floor)."""

    item: Item
    points: Points | None
    fact: Fact
    exact: Decimal | None = None
    limit: str = ""


@dataclass(frozen=True)
class OccurrenceLine:
    """One occurrence with the points it counts and why it counts nothing, if so (waived, same_fact)."""

    occurrence: Occurrence
    points: Points
    note: str = ""


@dataclass(frozen=True)
class DeductionLine:
    """One deduction item of the slip: raw sum, and what is left after its cap."""

    item: DeductionItem
    occurrences: tuple[OccurrenceLine, ...]
    raw: Points
    capped: Points


@dataclass(frozen=True)
class AspectScore:
    """Earned and applicable points of an aspect."""

    earned: Points
    applicable: Points


@dataclass(frozen=True)
class Score:
    """Everything a total rests on. All points have two places; None where the status is not `scored`."""

    status: Status
    lines: tuple[ItemLine, ...]
    deductions: tuple[DeductionLine, ...]
    aspects: Mapping[str, AspectScore]
    earned: Points | None = None
    applicable: Points | None = None
    base: Points | None = None
    raw: Points = ZERO
    item_capped: Points = ZERO
    effective: Points = ZERO
    unfloored: Points | None = None
    final: Points | None = None
    missing: tuple[str, ...] = ()
    warnings: tuple[Problem, ...] = ()
