"""Awards of village workers: wage base × multiplier of the band × months served, to the cent.

Source: bonus_rules §4 (Q6–Q10, Q23–Q29, Q34), §5.4, §5.5, §6. Which band a village stands in comes from ranking.py.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import ROUND_FLOOR, Decimal
from enum import StrEnum
from functools import cache

from app.domain.config import RuleConfig
from app.domain.errors import Problem
from app.domain.periods import Period
from app.domain.ranking import Band
from app.domain.types import HUNDREDTH, ZERO, Money, rounded

RULE_VERSION = "2026.1"
MONTHS = range(1, 13)


class PayStatus(StrEnum):
    """What becomes of an award: paid, held back while a case is open, or nothing."""

    PAYABLE = "payable"
    HELD = "held"
    NONE = "none"


@dataclass(frozen=True)
class Wages:
    """The wages of one employment by month (1–12), by part, in yuan; a month that was not served is absent."""

    months: Mapping[int, Mapping[str, Money]]

    def amount(self, month: int, components: Sequence[str]) -> Money:
        """The parts that count, added up."""
        return sum((self.months[month].get(part, ZERO) for part in components), ZERO)


@dataclass(frozen=True)
class Segment:
    """The service of a person in one village: which months, at which wages, and how the village stands."""

    village: str
    wages: Wages
    band: Band
    is_primary: bool = True


@dataclass(frozen=True)
class Claim:
    """A person with all the villages he served in during the year."""

    key: str
    name: str
    segments: tuple[Segment, ...]
    hold: str = "none"  # none | hold | zero
    dismissed: bool = False


@dataclass(frozen=True)
class SegmentLine:
    """How one segment counted: months, the wage they average, the multiplier, the exact amount before rounding."""

    village: str
    months: int
    average_wage: Money
    multiplier: Decimal
    exact: Decimal


@dataclass(frozen=True)
class Award:
    """The award of one person: `award` as it is due, `payable_now` what may be paid today."""

    key: str
    name: str
    village: str
    months: int
    award: Money
    payable_now: Money
    status: PayStatus
    segments: tuple[SegmentLine, ...]
    before_budget: Money | None = None


@dataclass(frozen=True)
class Awards:
    """All awards of a batch and the factor the budget left of them (None: no limit was met)."""

    awards: tuple[Award, ...]
    budget_factor: Decimal | None = None
    warnings: tuple[Problem, ...] = field(default=())

    @property
    def total(self) -> Money:
        """The sum of all awards due."""
        return sum((award.award for award in self.awards), ZERO)

    @property
    def total_payable_now(self) -> Money:
        """The sum of what may be paid today."""
        return sum((award.payable_now for award in self.awards), ZERO)


# -- months ----------------------------------------------------------------------------------------


def months_served(joined: date | None, left: date | None, year: int, cutoff_day: int = 15) -> tuple[int, ...]:
    """The months (1–12) of a year that count: in post by the cut-off day, and still on it.

    Source: bonus_rules Q23. Example:
        >>> len(months_served(date(2025, 4, 20), None, 2025)), len(months_served(None, date(2025, 10, 31), 2025))
        (8, 10)
    """
    return tuple(month for month in MONTHS if _counts(joined, left, year, month, cutoff_day))


def _counts(joined: date | None, left: date | None, year: int, month: int, cutoff_day: int) -> bool:
    cutoff = _cutoff(year, month, cutoff_day)
    return (joined is None or joined <= cutoff) and (left is None or left >= cutoff)


@cache
def _cutoff(year: int, month: int, cutoff_day: int) -> date:
    return date(year, month, min(cutoff_day, Period.month(year, month).last_day.day))


# -- multipliers -----------------------------------------------------------------------------------


def multiplier(band: Band, config: RuleConfig) -> Decimal:
    """What the average wage is multiplied by in a band; a village not ranked is paid as Q13 says."""
    middle = Decimal(config["middle_multiplier"])
    by_band = {
        Band.TOP: Decimal(config["top_multiplier"]),
        Band.MIDDLE: middle,
        Band.BOTTOM: Decimal(config["bottom_multiplier"]),
        Band.NOT_RANKED: middle if config["excluded_band"] == "middle" else ZERO,
    }
    if band is Band.BOTTOM and config["bottom_mode"] == "ratio":
        return middle * by_band[Band.BOTTOM]
    if band is Band.TOP and config["award_mode"] == "on_top":
        return middle + by_band[Band.TOP]
    return by_band[band]


def check_approvable(config: RuleConfig) -> list[Problem]:
    """Why a batch under this configuration may not be approved; empty when it may.

    Errors: bonus.multipliers_unconfirmed. Source: bonus_rules Q6, Q7.
    """
    return [] if config["multipliers_confirmed"] else [Problem("bonus.multipliers_unconfirmed")]


# -- awards ----------------------------------------------------------------------------------------


def awards(claims: Sequence[Claim], config: RuleConfig) -> Awards:
    """The award of every person, within the budget if there is one.

    Shape:  one award per claim, in their order; with a budget the awards sum to it exactly when it is exceeded.
    Units:  yuan with the places of `money_quantum`.
    """
    lines = tuple(award_of(claim, config) for claim in claims)
    limit = config["budget_limit"]
    total = sum((line.award for line in lines), ZERO)
    if limit is None or total <= limit:
        return Awards(lines)
    shares = largest_remainder([line.award for line in lines], Decimal(limit))
    scaled = tuple(_scaled(line, share) for line, share in zip(lines, shares, strict=True))
    return Awards(scaled, Decimal(limit) / total)


def award_of(claim: Claim, config: RuleConfig) -> Award:
    """The award of one person before any budget limit; rounded once, at the end of the line.

    Source: bonus_rules §5.4. Example (P4: joined 1 April, top band, nine months):
        >>> from app.domain.config import DEFAULTS
        >>> wages = Wages({m: {"base_allowance": Decimal("4233.33")} for m in range(4, 13)})
        >>> award_of(Claim("p4", "P4", (Segment("V18", wages, Band.TOP),)), DEFAULTS).award
        Decimal('7937.49')
    """
    lines = _segment_lines(claim, config)
    months = sum(line.months for line in lines)
    exact = sum((line.exact for line in lines), ZERO)
    award = rounded(exact, Decimal(config["money_quantum"])).quantize(HUNDREDTH)
    village = (lines[-1] if lines else claim.segments[-1]).village
    status = _status(claim, award, config)
    if status is PayStatus.NONE:
        award = Decimal("0.00")
    payable = award if status is PayStatus.PAYABLE else Decimal("0.00")
    return Award(claim.key, claim.name, village, months, award, payable, status, lines)


def _status(claim: Claim, award: Money, config: RuleConfig) -> PayStatus:
    gate = config["person_gate"]
    zeroed = claim.hold == "zero" or (claim.hold == "hold" and gate == "zero")
    if award == 0 or zeroed or (claim.dismissed and config["dismissal_policy"] == "none"):
        return PayStatus.NONE
    if claim.hold == "hold" and gate == "hold":
        return PayStatus.HELD
    return PayStatus.PAYABLE


@dataclass(frozen=True)
class _Month:
    """One month of a person: the wage of the post that pays it, the village it counts for, and at which rate."""

    wages: Wages
    village: str
    rate: Decimal


def _segment_lines(claim: Claim, config: RuleConfig) -> tuple[SegmentLine, ...]:
    """The months of a person gathered by village and rate, in order of time; no month counts twice (Q25, Q26)."""
    posts = sorted(claim.segments, key=lambda post: (not post.is_primary, min(post.wages.months, default=13)))
    gathered: dict[tuple[str, Decimal], dict[int, Wages]] = {}
    for month in sorted({month for post in posts for month in post.wages.months}):
        one = _month([post for post in posts if month in post.wages.months], config)
        gathered.setdefault((one.village, one.rate), {})[month] = one.wages
    return tuple(_segment_line(village, rate, months, config) for (village, rate), months in gathered.items())


def _month(held: Sequence[Segment], config: RuleConfig) -> _Month:
    """What a month with these posts counts; the first is the primary one, which pays the wage whatever the policy."""
    wages, policy = held[0].wages, config["concurrent_policy"]
    rates = [multiplier(post.band, config) for post in held]
    if policy == "higher":
        best = rates.index(max(rates))
        return _Month(wages, held[best].village, rates[best])
    rate = sum(rates, ZERO) / len(rates) if policy == "average" else rates[0]
    return _Month(wages, held[0].village, rate)


def _segment_line(village: str, rate: Decimal, months: Mapping[int, Wages], config: RuleConfig) -> SegmentLine:
    amounts = [wages.amount(month, config["wage_components"]) for month, wages in months.items()]
    base = _base(amounts, config["wage_basis"])
    return SegmentLine(village, len(amounts), rounded(base), rate, base * rate * len(amounts) / 12)


def _base(amounts: Sequence[Money], basis: str) -> Decimal:
    """The monthly wage an award is based on: the mean of the months served, else the last of them.

    The month of notice lies after the year; the wage then is that of the last month served, as for december.
    """
    if basis in ("december", "month_of_notice"):
        return amounts[-1]
    return sum(amounts, ZERO) / len(amounts)


# -- budget ----------------------------------------------------------------------------------------


def largest_remainder(amounts: Sequence[Money], budget: Money) -> list[Money]:
    """The amounts scaled to a budget, cut to the cent, the left-over cents to the largest remainders (then the earlier line).

    Units:  the result sums to `budget` exactly.
    Source: bonus_rules §5.5. Example:
        >>> a = [Decimal("12150.00"), Decimal("8641.00"), Decimal("4105.30")]
        >>> [str(x) for x in largest_remainder(a, Decimal("20000.00"))]
        ['9760.49', '6941.59', '3297.92']
    """
    total = sum(amounts, ZERO)
    exact = [amount * budget / total for amount in amounts]
    cut = [value.quantize(HUNDREDTH, rounding=ROUND_FLOOR) for value in exact]
    left = int((budget - sum(cut, ZERO)) / HUNDREDTH)
    order = sorted(range(len(amounts)), key=lambda i: (cut[i] - exact[i], i))
    for index in order[:left]:
        cut[index] += HUNDREDTH
    return cut


def _scaled(award: Award, share: Money) -> Award:
    payable = share if award.status is PayStatus.PAYABLE else Decimal("0.00")
    return replace(award, award=share, payable_now=payable, before_budget=award.award)


# -- corrections -----------------------------------------------------------------------------------


def differences(before: Mapping[str, Money], after: Mapping[str, Money]) -> dict[str, Money]:
    """What a correction adds (补发, positive) or takes back (扣回, negative) for each person; unchanged lines are left out.

    Source: bonus_rules Q32.
    """
    keys = list(dict.fromkeys([*before, *after]))
    changes = {key: after.get(key, ZERO) - before.get(key, ZERO) for key in keys}
    return {key: change for key, change in changes.items() if change}


def annual_income(monthly: Mapping[str, Money], award: Money) -> Money:
    """Twelve months of all parts, insurance included, and the award. Source: bonus_rules §6."""
    return 12 * sum(monthly.values(), ZERO) + award
