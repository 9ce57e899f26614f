"""Awards of village workers: wage base × multiplier of the band × months served, to the cent.

Source: bonus_rules §4 (Q6–Q10, Q23–Q29, Q34), §5.4, §5.5, §6. Which band a village stands in comes from ranking.py.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import ROUND_FLOOR, Decimal
from enum import StrEnum

from app.domain.config import RuleConfig
from app.domain.errors import Problem, broken
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
    last = Period.month(year, month).last_day.day
    cutoff = date(year, month, min(cutoff_day, last))
    return (joined is None or joined <= cutoff) and (left is None or left >= cutoff)


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
    months = min(12, sum(line.months for line in lines))
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


def _segment_lines(claim: Claim, config: RuleConfig) -> tuple[SegmentLine, ...]:
    """Segments with the months each may count; months served twice go by the concurrent policy (Q26)."""
    ordered = sorted(claim.segments, key=lambda s: (not s.is_primary, min(s.wages.months, default=13)))
    taken: set[int] = set()
    lines = []
    for segment in _by_policy(ordered, config):
        months = sorted(set(segment.wages.months) - taken)
        taken.update(months)
        if months:
            lines.append((months[0], _segment_line(segment, months, ordered, config)))
    return tuple(line for _, line in sorted(lines, key=lambda pair: pair[0]))


def _by_policy(segments: Sequence[Segment], config: RuleConfig) -> Sequence[Segment]:
    if config["concurrent_policy"] != "higher":
        return segments
    return sorted(segments, key=lambda s: (-multiplier(s.band, config), not s.is_primary))


def _segment_line(segment: Segment, months: Sequence[int], every: Sequence[Segment], config: RuleConfig) -> SegmentLine:
    components = config["wage_components"]
    base = _base(segment.wages, months, components, config["wage_basis"])
    factor = multiplier(segment.band, config)
    if config["concurrent_policy"] == "average":
        rates = [multiplier(other.band, config) for other in every if set(other.wages.months) & set(months)]
        factor = sum(rates, ZERO) / len(rates)
    return SegmentLine(segment.village, len(months), rounded(base), factor, base * factor * len(months) / 12)


def _base(wages: Wages, months: Sequence[int], components: Sequence[str], basis: str) -> Decimal:
    """The monthly wage an award is based on: the mean of the months served, or the last of them."""
    if basis in ("december", "month_of_notice"):
        return wages.amount(max(months), components)
    return sum((wages.amount(month, components) for month in months), ZERO) / len(months)


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


# -- amounts in words ------------------------------------------------------------------------------

_DIGITS = "零壹贰叁肆伍陆柒捌玖"
_PLACES = ("", "拾", "佰", "仟")
_GROUPS = ("", "万", "亿", "万亿")


def chinese_amount(amount: Money) -> str:
    """An amount in yuan in capitals (大写), as pay sheets carry it.

    Errors: bonus.amount_range below 0 or with more than two places.
    Example:
        >>> chinese_amount(Decimal("32833.79")), chinese_amount(Decimal("100010.05"))
        ('叁万贰仟捌佰叁拾叁元柒角玖分', '壹拾万零壹拾元零伍分')
    """
    cents = int(amount * 100)
    if amount < 0 or amount * 100 != cents or amount >= Decimal(10) ** 16:
        raise broken("bonus.amount_range", amount=amount)
    yuan, jiao, fen = cents // 100, cents // 10 % 10, cents % 10
    words = f"{_integer(yuan)}元" if yuan or not cents else ""
    if not jiao and not fen:
        return words + "整"
    if jiao:
        words += f"{_DIGITS[jiao]}角"
    elif yuan:
        words += "零"
    return words + (f"{_DIGITS[fen]}分" if fen else "整" if jiao else "")


def _integer(number: int) -> str:
    if number == 0:
        return "零"
    groups = []
    while number:
        groups.append(number % 10_000)
        number //= 10_000
    words = ""
    gap = False
    for power in range(len(groups) - 1, -1, -1):
        group = groups[power]
        if not group:
            gap = bool(words)
            continue
        if words and (gap or group < 1000):
            words += "零"
        words += _group(group) + _GROUPS[power]
        gap = False
    return words


def _group(group: int) -> str:
    words, gap = "", False
    for place in range(3, -1, -1):
        digit = group // 10**place % 10
        if not digit:
            gap = bool(words)
            continue
        words += ("零" if gap else "") + _DIGITS[digit] + _PLACES[place]
        gap = False
    return words


def parse_chinese_amount(words: str) -> Money:
    """The amount that capitals say; the reverse of `chinese_amount`.

    Errors: bonus.amount_words.
    """
    found = re.fullmatch(
        r"(?:(.+?)[元圆])?(零)?(?:([壹贰叁肆伍陆柒捌玖])角)?(?:([壹贰叁肆伍陆柒捌玖])分)?[整正]?", words.strip()
    )
    if not found or not any(found.groups()):
        raise broken("bonus.amount_words", words=words)
    yuan = _number(found[1] or "零", words)
    cents = 10 * _DIGITS.index(found[3] or "零") + _DIGITS.index(found[4] or "零")
    return (Decimal(yuan * 100 + cents) / 100).quantize(HUNDREDTH)


def _number(text: str, words: str) -> int:
    units = {"拾": 10, "佰": 100, "仟": 1000}
    total = group = digit = 0
    for character in text:
        if character in _DIGITS:
            digit = _DIGITS.index(character)
        elif character in units:
            group += (digit or 1) * units[character]
            digit = 0
        elif character == "万":
            total += (group + digit) * 10_000
            group = digit = 0
        elif character == "亿":
            total = (total + group + digit) * 100_000_000
            group = digit = 0
        else:
            raise broken("bonus.amount_words", words=words)
    return total + group + digit
