"""Setting the limits of a unit."""

from __future__ import annotations

from app.domain.burden import Limits, check_limits, limits_as_values
from app.domain.errors import RuleBroken
from app.domain.rights import Resource, Verb
from app.features.org.models import OrgUnit
from app.features.reports.models import BurdenSetting
from app.features.reports.queries.limits import setting_at
from app.kit import access
from app.kit.audit import acting
from app.kit.db import transaction


def save_limits(unit: OrgUnit, limits: Limits) -> BurdenSetting:
    """The limits of a unit, which hold for everybody below it; what equals the release is not stored.

    Errors: reports.limit, reports.weekday; NotAllowed without the right to edit the rules of the unit.
    """
    access.require_at(Verb.EDIT, Resource.RULES, unit)
    if problems := check_limits(limits):
        raise RuleBroken(problems)
    with transaction() as session, acting("reports.save_limits"):
        row = setting_at(unit) or BurdenSetting(unit=unit, values={})
        row.values = limits_as_values(limits)
        session.add(row)
    return row
