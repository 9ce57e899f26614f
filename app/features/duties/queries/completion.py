"""How far the villages are: completion by village and month, and the sums of the monthly records."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import func, select

from app.domain.transitions import DutyState
from app.features.duties.models import Duty
from app.features.duties.queries.work import HANDED_IN, MONTHLY_RECORD, OWED
from app.features.forms.models import FormVersion
from app.features.org.models import OrgUnit
from app.features.org.queries import units_below
from app.kit import access
from app.kit.db import db

COUNTED = (
    "meetings",
    "patrols",
    "reception_days",
    "reception_visitors",
    "leads_received",
    "leads_accepted",
    "leads_closed",
    "should_attend",
    "attended",
    "visits",
)


@dataclass(frozen=True)
class CompletionCell:
    """How far one village is in one period. `submitted` counts what is handed in, `missing` what is not; `late` came late."""

    village_id: int
    village_code: str
    village_name: str
    period: str
    due: int = 0
    submitted: int = 0
    confirmed: int = 0
    returned: int = 0
    late: int = 0
    missing: int = 0


@dataclass(frozen=True)
class VillageTotals:
    """Sums of the monthly records of a village over periods; a field nobody filled in is absent, which is not 0.

    `records` counts the records handed in, `expected` those that were due.
    """

    village_id: int
    village_code: str
    village_name: str
    expected: int
    records: int
    sums: dict[str, int] = field(default_factory=dict)


def _villages(unit: Any, written: Collection[int]) -> Sequence[OrgUnit]:
    """The villages at, above or below a unit, and behind them those that were when their logs were written."""
    if unit.village_id is not None:
        with access.everything("the village above a grid"):
            return [db.session.get_one(OrgUnit, unit.village_id)]
    now = units_below(unit, "village")
    gone = set(written) - {village.id for village in now} - {None}
    if not gone:
        return now
    with access.everything("a village that was moved or merged keeps its months where they were written"):
        return [*now, *db.session.scalars(select(OrgUnit).where(OrgUnit.id.in_(gone)).order_by(OrgUnit.code))]


def completion(unit: Any, periods: Sequence[str]) -> list[CompletionCell]:
    """One cell per village at, above or below a unit and period, villages in tree order; counts what the actor may see."""
    statement = access.visible(
        select(Duty.village_id, Duty.period, Duty.state, Duty.is_late, func.count()), Duty
    ).where(getattr(Duty, f"{unit.level}_id") == unit.id, Duty.period.in_(periods))
    tally: dict[tuple[int, str], Counter[str]] = {}
    for village_id, period, state, is_late, count in db.session.execute(
        statement.group_by(Duty.village_id, Duty.period, Duty.state, Duty.is_late)
    ).tuples():
        _add(tally.setdefault((village_id, period), Counter()), state, is_late, count)
    return [
        CompletionCell(v.id, v.code, v.name, period, **tally.get((v.id, period), Counter()))
        for v in _villages(unit, {village_id for village_id, _period in tally})
        for period in periods
    ]


def _add(cell: Counter[str], state: str, is_late: bool, count: int) -> None:
    cell["due"] += count
    cell["submitted"] += count * (state in HANDED_IN)
    cell["missing"] += count * (state in OWED)
    cell["confirmed"] += count * (state == DutyState.CONFIRMED)
    cell["returned"] += count * (state == DutyState.RETURNED)
    cell["late"] += count * bool(is_late and state in HANDED_IN)


def monthly_totals(unit: Any, periods: Sequence[str]) -> list[VillageTotals]:
    """Sums of the monthly records (layout c) that are handed in, per village at or below a unit over the periods."""
    statement = access.visible(select(Duty.village_id, Duty.state, Duty.answers), Duty).join(
        FormVersion, FormVersion.id == Duty.form_version_id
    )
    statement = statement.where(
        FormVersion.code == MONTHLY_RECORD, getattr(Duty, f"{unit.level}_id") == unit.id, Duty.period.in_(periods)
    )
    with access.everything("limited above; the form only says which duties are monthly records"):
        rows = db.session.execute(statement.order_by(Duty.id)).tuples().all()
    villages = _villages(unit, {village_id for village_id, _state, _answers in rows})
    return [_totals(village, [(state, a) for v, state, a in rows if v == village.id]) for village in villages]


def _totals(village: OrgUnit, records: Sequence[tuple[str, dict[str, Any]]]) -> VillageTotals:
    handed_in = [answers for state, answers in records if state in HANDED_IN]
    sums: dict[str, int] = {}
    for name in COUNTED:
        numbers = [answers[name] for answers in handed_in if isinstance(answers.get(name), int)]
        if numbers:
            sums[name] = sum(numbers)
    return VillageTotals(village.id, village.code, village.name, len(records), len(handed_in), sums)
