"""Entering wages, and the gate of an award: who is put on hold."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import select

from app.domain.errors import Problem, RuleBroken, broken
from app.domain.rights import Resource, Verb
from app.features.bonus.models import Wage
from app.features.bonus.queries.wages import PARTS, parts_of, wages_in
from app.features.people.models import Employment
from app.kit import access
from app.kit.audit import acting
from app.kit.db import db, transaction

GATES = ("none", "hold", "zero")
MONTH = re.compile(r"(19|2\d)\d\d-(0[1-9]|1[0-2])$")
HIGHEST = Decimal(1_000_000)
CENT = Decimal("0.01")


@dataclass(frozen=True)
class WageRow:
    """The parts of the wage of one employment in some months; `parts` None takes the wages of the months away."""

    employment_id: int
    months: tuple[str, ...]
    parts: Mapping[str, Decimal | None] | None


def save_wages(rows: Sequence[WageRow]) -> int:
    """The number of months whose wage is new, changed or taken away; all rows are saved, or none.

    Units:  yuan with at most two decimals; a part left out or None is 0.00.
    Errors: bonus.wage_negative, bonus.wage_too_high, bonus.wage_places, bonus.bad_month (where: `employment id/part`);
            NotAllowed at an employment outside the actor's reach.
    """
    employments = _employments(rows)
    _check(rows)
    wages = wages_in(employments.values(), sorted({month for row in rows for month in row.months}))
    with transaction(), acting("bonus.save_wages"):
        return sum(_save(employments[row.employment_id], row, wages[row.employment_id]) for row in rows)


def _employments(rows: Sequence[WageRow]) -> dict[int, Employment]:
    wanted = {row.employment_id for row in rows}
    with access.everything("the right is asked of each employment below"):
        statement = select(Employment).where(Employment.id.in_(wanted))
        found = {employment.id: employment for employment in db.session.scalars(statement)}
    for employment_id in wanted:
        if employment_id not in found or not may_enter_wages(found[employment_id]):
            raise access.NotAllowed(Resource.PAY, Verb.EDIT, hidden=True)
    return found


def may_enter_wages(employment: Employment) -> bool:
    """True when the actor may write the wages of an employment, on the screen or out of a workbook."""
    return any(access.can(verb, wage_of(employment)) for verb in (Verb.EDIT, Verb.IMPORT))


def wage_of(employment: Employment, month: str = "") -> Wage:
    """A wage as it would hang on the tree, not yet in the session: to ask for the right, or to be added."""
    wage = Wage(employment_id=employment.id, person_id=employment.person_id, month=month, unit_id=employment.unit_id)
    for level in ("prefecture", "county", "township", "village", "total_grid", "sub_grid"):
        setattr(wage, f"{level}_id", getattr(employment, f"{level}_id"))
    return wage


def _check(rows: Sequence[WageRow]) -> None:
    problems = [problem for row in rows for problem in _row_problems(row)]
    if problems:
        raise RuleBroken(problems)


def _row_problems(row: WageRow) -> list[Problem]:
    found = [Problem("bonus.bad_month", str(row.employment_id), {"month": m}) for m in row.months if not MONTH.match(m)]
    for part, value in (row.parts or {}).items():
        code = _value_problem(value)
        if code:
            found.append(Problem(code, f"{row.employment_id}/{part}", {"value": str(value), "highest": str(HIGHEST)}))
    return found


def _value_problem(value: Decimal | None) -> str | None:
    if value is None:
        return None
    if value < 0:
        return "bonus.wage_negative"
    if value > HIGHEST:
        return "bonus.wage_too_high"
    return None if value == value.quantize(CENT) else "bonus.wage_places"


def _save(employment: Employment, row: WageRow, stored: Mapping[str, Wage]) -> int:
    parts = None if row.parts is None else {part: row.parts.get(part) or Decimal(0) for part in PARTS}
    return sum(_save_month(employment, month, parts, stored.get(month)) for month in row.months)


def _save_month(employment: Employment, month: str, parts: Mapping[str, Decimal] | None, wage: Wage | None) -> bool:
    if parts is None:
        if wage is not None:
            db.session.delete(wage)
        return wage is not None
    if wage is not None and parts_of(wage) == parts:
        return False
    wage = wage or wage_of(employment, month)
    for part, value in parts.items():
        setattr(wage, part, value)
    db.session.add(wage)
    return True


def set_gate(employment: Employment, gate: str, *, reason: str) -> None:
    """Put the award of an employment on hold, deny it (dismissal), or let it go, with the reason on record.

    Errors: bonus.unknown_gate, reason_required; NotAllowed without the right to edit the pay of the employment.
    """
    if gate not in GATES:
        raise broken("bonus.unknown_gate", "gate", gate=gate)
    if not reason.strip():
        raise broken("reason_required", "reason")
    if not may_enter_wages(employment):
        raise access.NotAllowed(Resource.PAY, Verb.EDIT, hidden=True)
    with transaction(), acting("bonus.set_gate"), access.everything("the gate of an award belongs to pay"):
        employment.hold, employment.remarks = gate, reason.strip()[:400]
        db.session.flush()
