"""What forms together ask of a role in a month: fields, minutes, photos; and what was taken off them.

A quarterly form of twelve fields weighs four fields a month. Sums are whole numbers a year, divided once, when shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from app.domain.errors import Problem
from app.domain.formspec import Field, FieldType
from app.domain.periods import MONTHS_IN, PeriodKind, is_in_span
from app.domain.report_forms import same_question
from app.domain.reports import ONCE

_MONTHS = 12
_TENTH = Decimal("0.1")
_HUNDREDTH = Decimal("0.01")
_SECONDS = 60
_HUNDRED = Decimal(100)


def times_a_year(cycle: str | None) -> int:
    """How often a form is filled in within a year; an emergency weighs fully in its one month; without a cycle not counted.

    >>> times_a_year("quarter"), times_a_year("once"), times_a_year(None)
    (4, 12, 0)
    """
    if cycle == ONCE:
        return _MONTHS
    return _MONTHS // MONTHS_IN[PeriodKind(cycle)] if cycle else 0


@dataclass(frozen=True)
class Estimate:
    """How long an answer takes where nobody said how long the form takes. Units: seconds."""

    field_seconds: int = 30
    photo_seconds: int = 120


@dataclass(frozen=True)
class Load:
    """What is asked, as whole numbers a year. Units: `seconds` of work; the properties are per month, to one place half-up."""

    fields: int = 0
    seconds: int = 0
    photos: int = 0

    def __add__(self, other: Load) -> Load:
        return Load(self.fields + other.fields, self.seconds + other.seconds, self.photos + other.photos)

    @property
    def fields_a_month(self) -> Decimal:
        """Fields a month."""
        return _a_month(self.fields, 1)

    @property
    def minutes_a_month(self) -> Decimal:
        """Minutes a month."""
        return _a_month(self.seconds, _SECONDS)

    @property
    def photos_a_month(self) -> Decimal:
        """Photos and other files a month."""
        return _a_month(self.photos, 1)


def _a_month(count: int, unit: int) -> Decimal:
    return (Decimal(count) / (_MONTHS * unit)).quantize(_TENTH, ROUND_HALF_UP)


@dataclass(frozen=True)
class Ask:
    """One form that is asked of a role.

    Shape:  `source` is duty, report or register; `roles` fill it in; in force from `start` up to, not including, `end`.
            `minutes` is what the issuer says one filling-in takes, None: it is estimated. `owner` is the department, or who
            else asks. `ended` says how it ended (halted, merged), empty while it runs; a `is_union` has others merged into
            it. `number` is the row behind it.
    """

    name: str
    source: str
    roles: tuple[str, ...]
    cycle: str | None
    fields: tuple[Field, ...]
    start: date
    end: date | None = None
    minutes: int | None = None
    owner: str = ""
    ended: str = ""
    is_union: bool = False
    number: int = 0

    def is_in_force(self, day: date) -> bool:
        """Whether the form is asked on a day."""
        return is_in_span(day, self.start, self.end)


def load(ask: Ask, estimate: Estimate) -> Load:
    """What one form asks of one post in a year."""
    photos = sum(1 for one in ask.fields if one.type is FieldType.ATTACHMENT)
    typed = len(ask.fields) - photos
    if ask.minutes is None:
        seconds = typed * estimate.field_seconds + photos * estimate.photo_seconds
    else:
        seconds = ask.minutes * _SECONDS
    times = times_a_year(ask.cycle)
    return Load(len(ask.fields) * times, seconds * times, photos * times)


def by_role(asks: Iterable[Ask], day: date, estimate: Estimate) -> dict[str, Load]:
    """By role, what all forms in force on a day ask of one post of it."""
    sums: dict[str, Load] = {}
    for ask in asks:
        if ask.is_in_force(day):
            for role in ask.roles:
                sums[role] = sums.get(role, Load()) + load(ask, estimate)
    return sums


def by_owner(asks: Iterable[Ask], day: date, estimate: Estimate) -> dict[str, tuple[int, Load]]:
    """By who asks, how many forms are in force on a day, and what they ask of one post together."""
    sums: dict[str, tuple[int, Load]] = {}
    for ask in asks:
        if ask.is_in_force(day):
            count, so_far = sums.get(ask.owner, (0, Load()))
            sums[ask.owner] = (count + 1, so_far + load(ask, estimate))
    return sums


def trend(asks: Sequence[Ask], days: Sequence[date], estimate: Estimate) -> list[dict[str, Load]]:
    """`by_role` for each of several days, e.g. the last day of each month."""
    return [by_role(asks, day, estimate) for day in days]


@dataclass(frozen=True)
class Reduction:
    """What was taken off: before, had nothing ended, and now; `percent` to two places half-up, None where nothing was asked.

    Source: the reduction rate of 海沧, (165 − 119) ÷ 165 = 27.88 %, and of 渝北.
    """

    before: Load
    now: Load
    ended: Mapping[str, int] = field(default_factory=dict)

    @property
    def percent(self) -> Decimal | None:
        """The share of the fields that was taken off."""
        if not self.before.fields:
            return None
        off = Decimal(self.before.fields - self.now.fields) * _HUNDRED
        return (off / self.before.fields).quantize(_HUNDREDTH, ROUND_HALF_UP)


def reduction(asks: Iterable[Ask], day: date, estimate: Estimate) -> Reduction:
    """What halting and merging took off by a day: forms that ended by an act, not because their time was over.

    Shape: an ended form counts as before; what runs on the day counts as now, and as before too, except what others were
           merged into, which was not asked before.
    """
    before, now, ended = Load(), Load(), dict.fromkeys(("halted", "merged"), 0)
    for ask in asks:
        if ask.start > day:
            continue
        if ask.ended in ended and not ask.is_in_force(day):
            before += load(ask, estimate)
            ended[ask.ended] += 1
        elif ask.is_in_force(day):
            now += load(ask, estimate)
            before += Load() if ask.is_union else load(ask, estimate)
    return Reduction(before, now, ended)


# -- asked twice -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class AskedTwice:
    """A question and the forms that ask it too."""

    field: Field
    elsewhere: tuple[tuple[Ask, Field], ...]


def asked_twice(fields: Iterable[Field], others: Iterable[Ask]) -> list[AskedTwice]:
    """The questions that other forms ask as well, each with where; in the order of the form. Source: 海沧, 表格战役."""
    asks = tuple(others)
    found = [
        AskedTwice(one, tuple((ask, twin) for ask in asks for twin in ask.fields if same_question(one, twin)))
        for one in fields
    ]
    return [one for one in found if one.elsewhere]


# -- what a unit may set ---------------------------------------------------------------------------


@dataclass(frozen=True)
class Limits:
    """Limits of a unit; the defaults are those of the sources, or ours where none says a number (the seconds).

    Units: `most_overlap` percent; weekdays from 1, Monday.
    Source: 罗江: 5000 characters, 50 %, Wednesday and Thursday.
    """

    most_characters: int = 5000
    most_overlap: int = 50
    free_weekdays: tuple[int, ...] = (3, 4)
    field_seconds: int = 30
    photo_seconds: int = 120
    base_words: tuple[str, ...] = ()

    @property
    def estimate(self) -> Estimate:
        """How long an answer takes."""
        return Estimate(self.field_seconds, self.photo_seconds)


_BETWEEN = {"most_characters": (100, 50_000), "most_overlap": (1, 100), "field_seconds": (1, 600)}
_BETWEEN["photo_seconds"] = (1, 3600)


def check_limits(limits: Limits) -> list[Problem]:
    """Why these limits cannot hold. Errors as problems: reports.limit (params: least, most), reports.weekday."""
    found = [
        Problem("reports.limit", name, {"least": least, "most": most})
        for name, (least, most) in _BETWEEN.items()
        if not least <= getattr(limits, name) <= most
    ]
    if not set(limits.free_weekdays) <= set(range(1, 8)):
        found.append(Problem("reports.weekday", "free_weekdays"))
    return found


def limits_from(values: Mapping[str, object]) -> Limits:
    """The limits out of stored values; what is not stored holds as released."""
    known = {key: value for key, value in values.items() if key in Limits.__dataclass_fields__}
    return replace(Limits(), **{k: tuple(v) if isinstance(v, list) else v for k, v in known.items()})  # type: ignore[arg-type]


def limits_as_values(limits: Limits) -> dict[str, object]:
    """What differs from the release, ready to be stored."""
    released = Limits()
    pairs = ((name, getattr(limits, name)) for name in Limits.__dataclass_fields__)
    return {
        name: list(value) if isinstance(value, tuple) else value
        for name, value in pairs
        if value != getattr(released, name)
    }
