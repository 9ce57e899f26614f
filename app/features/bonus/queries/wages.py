"""Reading wages: who is employed where in a year, and what he earned in which month."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import or_, select
from sqlalchemy.orm import joinedload

from app.domain.rights import Resource, Verb
from app.features.bonus.models import Wage
from app.features.org.models import OrgUnit
from app.features.org.queries import unit_by_code, units_at
from app.features.people.models import Employment
from app.kit import access
from app.kit.db import db
from app.kit.versions import digest

PARTS = ("base_allowance", "post_allowance", "insurance_allowance", "title_allowance", "rank_allowance")
ZERO = Decimal(0)


@dataclass(frozen=True)
class WageLine:
    """One row of the wage screen: an employment with its parts in the first of the months asked for.

    `months` are those of the year with a wage; `varies` says that the parts are not the same in all months asked for.
    """

    employment: Employment
    parts: Mapping[str, Decimal | None]
    months: tuple[str, ...]
    varies: bool
    stamp: str  # the version of the wages of the months asked for, as a form carries it

    @property
    def monthly(self) -> Decimal | None:
        """What the parts add up to; None when no wage was entered."""
        known = [value for value in self.parts.values() if value is not None]
        return sum(known, ZERO) if known else None


def villages_in_reach(verb: Verb = Verb.VIEW) -> list[OrgUnit]:
    """Villages at whose wages the actor may do `verb`, in the order of the tree."""
    return [unit for unit in units_at("village") if access.can_at(verb, Resource.PAY, unit)]


def employments_below(unit: OrgUnit, year: int) -> Sequence[Employment]:
    """Employments on the pay roll at or below a unit during a year, by village and then as they were entered.

    The caller has required his right on the pay of the unit; the persons need not lie in his reach.
    """
    statement = (
        select(Employment)
        .join(Employment.unit)
        .where(getattr(Employment, f"{unit.level}_id") == unit.id, Employment.payroll_eligible.is_(True))
        .where(or_(Employment.from_on.is_(None), Employment.from_on <= date(year, 12, 31)))
        .where(or_(Employment.to_on.is_(None), Employment.to_on >= date(year, 1, 1)))
        .options(joinedload(Employment.person), joinedload(Employment.unit))
        .order_by(OrgUnit.sort_order, OrgUnit.code, Employment.id)
    )
    with access.everything("the pay roll of a unit whose pay the actor may see"):
        return db.session.scalars(statement).unique().all()


def wages_in(employments: Iterable[Employment], months: Sequence[str]) -> dict[int, dict[str, Wage]]:
    """Wages by employment id and month, for employments found before."""
    found: dict[int, dict[str, Wage]] = {employment.id: {} for employment in employments}
    statement = select(Wage).where(Wage.month.in_(list(months)))
    with access.everything("the wages of employments already found"):
        for chunk in _chunks(sorted(found)):
            for wage in db.session.scalars(statement.where(Wage.employment_id.in_(chunk)).order_by(Wage.month)):
                found[wage.employment_id][wage.month] = wage
    return found


def wage_parts_in(employments: Iterable[Employment], months: Sequence[str]) -> dict[int, dict[str, dict[str, Decimal]]]:
    """The parts of the wages by employment id and month, to calculate with: plain values, not rows to be changed."""
    found: dict[int, dict[str, dict[str, Decimal]]] = {employment.id: {} for employment in employments}
    statement = select(Wage.employment_id, Wage.month, *(getattr(Wage, part) for part in PARTS))
    statement = statement.where(Wage.month.in_(list(months))).order_by(Wage.month)
    with access.everything("the wages of employments already found"):
        for chunk in _chunks(sorted(found)):
            for employment_id, month, *parts in db.session.execute(statement.where(Wage.employment_id.in_(chunk))):
                found[employment_id][month] = dict(zip(PARTS, parts, strict=True))
    return found


def _chunks(ids: Sequence[int], size: int = 500) -> Iterable[Sequence[int]]:
    return (ids[start : start + size] for start in range(0, len(ids), size))


def year_months(year: int, first: int = 1, last: int = 12) -> tuple[str, ...]:
    """The months of a year as "2025-01", from the first to the last."""
    return tuple(f"{year}-{month:02d}" for month in range(first, last + 1))


def months_in_force(employment: Employment, months: Sequence[str]) -> tuple[str, ...]:
    """Those of the months in which the employment is in force on some day."""
    first = employment.from_on.isoformat()[:7] if employment.from_on else ""
    last = employment.to_on.isoformat()[:7] if employment.to_on else "9999"
    return tuple(month for month in months if first <= month <= last)


def parts_of(wage: Wage) -> dict[str, Decimal]:
    """The parts of a wage by name."""
    return {part: getattr(wage, part) for part in PARTS}


def wage_lines(village: OrgUnit, year: int, first: int, last: int) -> list[WageLine]:
    """The rows of the wage screen of a village for a range of months.

    Errors: NotAllowed without the right to see the pay of the village.
    """
    access.require_at(Verb.VIEW, Resource.PAY, village)
    employments = employments_below(village, year)
    wages = wages_in(employments, year_months(year))
    asked = year_months(year, first, last)
    return [_line(employment, wages[employment.id], asked) for employment in employments]


def _line(employment: Employment, wages: Mapping[str, Wage], asked: Sequence[str]) -> WageLine:
    shown = [parts_of(wages[month]) for month in asked if month in wages]
    parts: Mapping[str, Decimal | None] = shown[0] if shown else dict.fromkeys(PARTS)
    stamp = digest([[month, sorted(parts_of(wages[month]).items())] for month in asked if month in wages])
    return WageLine(employment, parts, tuple(sorted(wages)), any(one != shown[0] for one in shown), stamp)


def village_in_reach(code: str) -> OrgUnit | None:
    """The village with this code whose pay the actor may see."""
    unit = unit_by_code(code) if code else None
    return unit if unit and unit.level == "village" and access.can_at(Verb.VIEW, Resource.PAY, unit) else None
