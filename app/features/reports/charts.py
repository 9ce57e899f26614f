"""Charts of the burden meter."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.domain import burden as meter
from app.domain.rights import Resource, Verb
from app.features.org.models import OrgUnit
from app.features.reports.queries import burden, limits
from app.kit import access, charts, names
from app.kit.charts import Chart, ChartTable
from app.kit.i18n import _, _l


def _unit(params: Mapping[str, str]) -> OrgUnit:
    unit: OrgUnit = access.find(OrgUnit, charts.number(params, "unit"))
    access.require_at(Verb.VIEW, Resource.RECORDS, unit)
    return unit


def trend_table(params: Mapping[str, str]) -> ChartTable:
    """Fields a month asks of each role, the latest twelve months; months before anything was asked are left out."""
    unit = _unit(params)
    asks, months = burden.asks_at(unit), burden.months_shown()
    loads = meter.trend(asks, [burden.day_of(month) for month in months], limits.limits_at(unit).estimate)
    while loads and not any(
        load.fields for load in loads[0].values()
    ):  # months in which nothing was asked yet say nothing
        loads, months = loads[1:], months[1:]
    roles = sorted({role for month in loads for role, load in month.items() if load.fields})
    rows = [
        [month.strftime("%Y-%m"), *(one.get(role, meter.Load()).fields_a_month for role in roles)]
        for month, one in zip(months, loads, strict=True)
    ]
    return ChartTable([_("Month"), *map(names.role, roles)], rows if roles else [])


def trend_options(table: ChartTable) -> Any:
    """One line a role."""
    months = [str(row[0]) for row in table.rows]
    series = {str(name): [float(row[n]) for row in table.rows] for n, name in enumerate(table.columns[1:], start=1)}
    return charts.lines_over(months, series, y_name=_("Fields"), minimum=0)


def owners_table(params: Mapping[str, str]) -> ChartTable:
    """Fields a month by who asks for them, the heaviest first."""
    unit = _unit(params)
    estimate = limits.limits_at(unit).estimate
    owners = meter.by_owner(burden.asks_at(unit), burden.day_of(burden.months_shown()[-1]), estimate)
    ranked = sorted(owners.items(), key=lambda pair: -pair[1][1].fields)
    rows = [[owner or _("Duties and registers"), count, load.fields_a_month] for owner, (count, load) in ranked]
    return ChartTable([_("Asked by"), _("Forms"), _("Fields a month")], rows)


def owners_options(table: ChartTable) -> Any:
    """A bar a department."""
    owners = [str(row[0]) for row in table.rows]
    groups = {_("Fields a month"): (charts.PALETTE[0], range(len(owners)))}
    return charts.bars(owners, [float(row[2]) for row in table.rows], groups, y_name=_("Fields"), minimum=0)


CHARTS = [
    Chart("reports.burden", _l("Fields a month asks of each role"), Resource.RECORDS, trend_table, trend_options),
    Chart("reports.owners", _l("Fields a month by who asks"), Resource.RECORDS, owners_table, owners_options),
]
