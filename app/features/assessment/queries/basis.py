"""What the sheets of a round are reckoned on."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select

from app.domain.periods import Period
from app.features.assessment.models import AssessmentRound
from app.features.assessment.queries.schemes import parts_of
from app.features.assessment.reckoning import SUB_GRIDS, Basis, domain_scheme
from app.features.org.models import OrgUnit
from app.features.org.queries import current
from app.kit import access
from app.kit.db import db


def basis_of(round_: AssessmentRound) -> Basis:
    """Scheme, rules, months and sub-grid counts of a round; five statements, so take it once for many sheets."""
    parts = parts_of(round_.scheme)
    span = Period.parse(round_.period)
    rules = domain_scheme(round_.scheme, parts.aspects, parts.items, parts.deductions)
    counted = any((item.params or {}).get("expected") == SUB_GRIDS for item in parts.items)
    return Basis(round_.scheme, parts, rules, len(span.months()), _sub_grids(round_, span) if counted else {})


def _sub_grids(round_: AssessmentRound, span: Period) -> dict[int, int]:
    owner = getattr(OrgUnit, f"{round_.unit.level}_id") == round_.unit_id
    statement: Any = select(OrgUnit.village_id, func.count()).where(OrgUnit.level == "sub_grid", owner)
    with access.everything("sub-grids are counted, not shown"):
        rows = db.session.execute(current(statement, span.last_day).group_by(OrgUnit.village_id)).tuples().all()
    return {village_id: count for village_id, count in rows if village_id is not None}
