"""Charts of a round: the profile of one village against the median, and how the scores are spread."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from app.domain.rights import Resource
from app.features.assessment.models import AssessmentRound
from app.features.assessment.queries import aspect_medians, find_sheet, parts_of, results_in_reach
from app.kit import access, charts
from app.kit.charts import Chart, ChartTable
from app.kit.i18n import _, _l

CLASS_WIDTH = 5


def profile_table(params: Mapping[str, str]) -> ChartTable:
    """Earned points of a sheet by aspect, the median of the round, and the maximum."""
    sheet = find_sheet(charts.number(params, "sheet"))
    results = results_in_reach(sheet.round, live=not sheet.is_published)
    result = next((one for one in results if one.unit_id == sheet.unit_id), None)
    medians = aspect_medians(sheet.round)
    if result is None or result.final is None or not medians:
        return ChartTable([], [])
    rows = [
        [aspect.name, result.aspects.get(aspect.code, Decimal(0)), medians.get(aspect.code, Decimal(0)), aspect.maximum]
        for aspect in parts_of(sheet.round.scheme).aspects
    ]
    columns = [_("Aspect"), result.unit_name, _("Median of the round"), _("Maximum")]
    return ChartTable(columns, rows, _("Items that do not apply are left out of both figures."))


def profile_options(table: ChartTable) -> Any:
    """The radar of `profile_table`."""
    axes = [(str(row[0]), float(row[3])) for row in table.rows]
    series = {str(table.columns[i]): [float(row[i]) for row in table.rows] for i in (1, 2)}
    return charts.radar(axes, series)


def distribution_table(params: Mapping[str, str]) -> ChartTable:
    """How many villages have a final score in each class of five points."""
    round_ = access.find(AssessmentRound, charts.number(params, "round"))
    finals = [r.final for r in results_in_reach(round_, live=not round_.is_published) if r.final is not None]
    if len(finals) < 2:
        return ChartTable([], [])
    classes = _classes(finals)
    rows = [[f"{low}–{low + CLASS_WIDTH}", sum(_in(final, low) for final in finals)] for low in classes]
    return ChartTable([_("Final score"), _("Villages")], rows)


def _classes(finals: Sequence[Decimal]) -> range:
    first = int(min(finals)) // CLASS_WIDTH * CLASS_WIDTH
    return range(first, min(100, int(max(finals)) + 1), CLASS_WIDTH)


def _in(final: Decimal, low: int) -> bool:
    return low <= final < low + CLASS_WIDTH or (final == 100 and low == 100 - CLASS_WIDTH)


def distribution_options(table: ChartTable) -> Any:
    """The histogram of `distribution_table`."""
    labels, counts = [str(row[0]) for row in table.rows], [int(row[1]) for row in table.rows]
    return charts.histogram(labels, counts, _("Villages"), x_name=_("Final score"), y_name=_("Villages"))


CHARTS = [
    Chart("assessment.profile", _l("Profile by aspect"), Resource.SCORES, profile_table, profile_options),
    Chart(
        "assessment.distribution",
        _l("Spread of the final scores"),
        Resource.SCORES,
        distribution_table,
        distribution_options,
    ),
]
