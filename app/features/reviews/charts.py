"""Charts of indicators and of the ratings of departments."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import current_app

from app.domain.rights import Resource, Verb
from app.features.org.models import OrgUnit
from app.features.reviews import words
from app.features.reviews.queries import indicators, ratings
from app.kit import access, charts, names
from app.kit.charts import Chart, ChartTable
from app.kit.i18n import _, _l, chosen


def fewest() -> int:
    """From how many villages on ratings are shown."""
    return int(current_app.config["FEWEST_RATERS"])


def trend_table(params: Mapping[str, str]) -> ChartTable:
    """An indicator at a unit, period by period, both counts beside the value."""
    unit = access.find(OrgUnit, charts.number(params, "unit"))
    access.require_at(Verb.VIEW, Resource.RECORDS, unit)
    wanted = charts.number(params, "indicator")
    row = next((one for one in indicators.indicators_at(unit) if one.id == wanted), None)
    if row is None:
        raise access.NotAllowed("chart", Verb.VIEW, hidden=True)
    found = [point for point in indicators.points(row, unit) if point.value is not None]
    columns = [_("Period"), str(row), chosen(row.first) or _("First count")]
    if row.second:
        columns.append(chosen(row.second))
    rows = [_trend_row(point, bool(row.second)) for point in found]
    return ChartTable(columns, rows if len(rows) > 1 else [], title=str(row))


def _trend_row(point: indicators.Point, has_second: bool) -> list[Any]:
    counts = [words.figure(one) for one in ([point.first, point.second] if has_second else [point.first])]
    return [names.period_name(point.period), point.value, *counts]


def trend_options(table: ChartTable) -> Any:
    """One line; its scale is its own, because a share that moves between 96 and 99 would lie flat under 100."""
    labels = [str(row[0]) for row in table.rows]
    return charts.lines_over(labels, {table.columns[1]: [float(row[1]) for row in table.rows]})


def ratings_table(params: Mapping[str, str]) -> ChartTable:
    """The averages of the departments of a unit in a half-year that is over; those with too few ratings are left out."""
    wanted = charts.number(params, "unit")
    unit = next((one for one in ratings.reading_units() if one.id == wanted), None)
    if unit is None:
        raise access.NotAllowed("chart", Verb.VIEW, hidden=True)
    period = next((one for one in ratings.periods_rated(unit) if one == params.get("period")), "")
    found = ratings.results(unit, period, fewest()) if period else []
    rows = [[str(one.department), one.average, one.raters] for one in found if one.is_shown]
    return ChartTable([_("Department"), _("Average stars"), _("Villages that rated")], rows)


def ratings_options(table: ChartTable) -> Any:
    """A bar a department, from 0 to 5."""
    labels = [str(row[0]) for row in table.rows]
    groups = {_("Average stars"): (charts.PALETTE[0], range(len(labels)))}
    return charts.bars(labels, [float(row[1]) for row in table.rows], groups, y_name=_("Stars"), minimum=0)


CHARTS = [
    Chart("reviews.indicator", _l("Trend"), Resource.RECORDS, trend_table, trend_options),
    Chart("reviews.ratings", _l("Average stars of departments"), Resource.RECORDS, ratings_table, ratings_options),
]
