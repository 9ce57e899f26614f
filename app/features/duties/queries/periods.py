"""Reading periods: which are open, which are locked, and since when."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import select

from app.domain.periods import Period, PeriodState
from app.domain.rights import Resource, Verb
from app.features.duties.models import DutyPeriod
from app.features.org.queries import units_at, units_below
from app.kit import access, clock
from app.kit.db import db


def townships_of(unit: Any) -> Sequence[Any]:
    """The townships at or below a unit, or the one above it."""
    if unit.level in ("prefecture", "county", "township"):
        return units_below(unit, "township")
    with access.everything("the township above a unit"):
        return [db.session.get_one(type(unit), unit.township_id)] if unit.township_id else []


def townships_where(verb: Verb) -> list[Any]:
    """The townships at which the actor may do `verb` on duties, in order."""
    return [unit for unit in units_at("township") if _may(verb, unit)]


def _may(verb: Verb, unit: Any) -> bool:
    try:
        access.require_at(verb, Resource.DUTIES, unit)
    except access.NotAllowed:
        return False
    return True


def period_rows(period: str | None = None) -> Sequence[DutyPeriod]:
    """The periods the actor sees, newest first; those of one period if given."""
    statement = access.visible(select(DutyPeriod), DutyPeriod)
    if period:
        statement = statement.where(DutyPeriod.period == period)
    return db.session.scalars(statement.order_by(DutyPeriod.period.desc(), DutyPeriod.unit_id)).all()


def period_choices() -> list[str]:
    """The periods the actor may leaf through, newest first."""
    return sorted({row.period for row in period_rows()}, reverse=True)


def default_period() -> str:
    """The period to show first: the newest that is open, else the newest, else the present month."""
    rows = period_rows()
    still_open = [row.period for row in rows if row.state == PeriodState.OPEN]
    if still_open:
        return max(still_open)
    return rows[0].period if rows else str(Period.containing(clock.today()))


def closed_row(places: Collection[tuple[int | None, str]], *, lock: bool = False) -> DutyPeriod | None:
    """The first closed period among (township id, period), None when all may be written; `lock` as in `closed_rows`."""
    return next(iter(closed_rows(places, lock=lock).values()), None)


def closed_rows(
    places: Collection[tuple[int | None, str]], *, lock: bool = False
) -> dict[tuple[int | None, str], DutyPeriod]:
    """The closed periods among (township id, period), in the order in which they were opened.

    With `lock` the rows are held until the transaction ends, so that nobody closes a period meanwhile.
    """
    statement = select(DutyPeriod).where(
        DutyPeriod.township_id.in_({township for township, _period in places}),
        DutyPeriod.period.in_({period for _township, period in places}),
    )
    if lock:
        statement = statement.with_for_update(read=True).execution_options(populate_existing=True)
    with access.everything("whether a period is locked concerns whoever writes in it"):
        rows = db.session.scalars(statement.order_by(DutyPeriod.id)).all()
    wanted = set(places)
    at = {(row.township_id, row.period): row for row in rows if row.state == PeriodState.CLOSED}
    return {place: row for place, row in at.items() if place in wanted}
