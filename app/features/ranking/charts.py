"""Charts of a ranking: the order of the villages with its bands and cut lines, and how villages moved over the rounds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.domain.rights import Resource
from app.features.org.models import OrgUnit
from app.features.ranking import queries
from app.features.ranking.models import RankingRun
from app.features.ranking.words import BANDS
from app.kit import access, charts
from app.kit.charts import BAND_COLOURS, Chart, ChartTable
from app.kit.i18n import _, _l

TREND_VILLAGES = 6


def bands_table(params: Mapping[str, str]) -> ChartTable:
    """The ranked villages in order: position, final score, band."""
    run = access.find(RankingRun, charts.number(params, "run"))
    lines = [line for line in queries.lines_of(run) if line.position is not None and line.final is not None]
    rows = [[line.village.name, line.final, line.rank, str(BANDS[line.band])] for line in lines]
    columns = [_("Village"), _("Final score"), _("Rank"), _("Band")]
    return ChartTable(columns, rows, _note(run), {"bands": [line.band for line in lines]})


def _note(run: RankingRun) -> str:
    counts = run.summary["counts"]
    return _(
        "Top band %(top)s villages, bottom band %(bottom)s; the dashed lines stand at the cuts.",
        top=counts["top"],
        bottom=counts["bottom"],
    )


def bands_options(table: ChartTable) -> Any:
    """Bars coloured by band, with a dashed line after the last of the top and before the first of the bottom."""
    bands = table.extra["bands"]
    labels = [str(row[0]) for row in table.rows]
    values = [float(row[1]) for row in table.rows]
    marks = []
    if "top" in bands:
        marks.append((_("Top band up to here"), len(bands) - 1 - bands[::-1].index("top")))
    if "bottom" in bands:
        marks.append((_("Bottom band from here"), bands.index("bottom")))
    lowest = max(0, int(min(values)) - 10)
    groups = {
        str(BANDS[band]): (BAND_COLOURS[band], [index for index, one in enumerate(bands) if one == band])
        for band in dict.fromkeys(bands)
    }
    return charts.bars(labels, values, groups, lines=marks, y_name=_("Points"), minimum=lowest)


def trend_table(params: Mapping[str, str]) -> ChartTable:
    """Final scores over the published rankings of a unit, the oldest first: the best and the last villages of the newest."""
    unit = access.find(OrgUnit, charts.number(params, "unit"))
    runs = [run for run in queries.runs_in_reach() if run.is_published and run.unit_id == unit.id][::-1]
    if len(runs) < 2:
        return ChartTable([], [])  # one point is no trend
    finals = {run.id: {line.village.name: line.final for line in queries.lines_of(run)} for run in runs}
    newest = [line.village.name for line in queries.lines_of(runs[-1]) if line.position is not None]
    half = TREND_VILLAGES // 2
    names = list(dict.fromkeys([*newest[:half], *newest[-half:]]))
    rows = [[name, *(finals[run.id].get(name) for run in runs)] for name in names]
    return ChartTable([_("Village"), *(run.summary.get("round_code", str(run.number)) for run in runs)], rows)


def trend_options(table: ChartTable) -> Any:
    """One line a village over the rounds."""
    series = {str(row[0]): [None if v is None else float(v) for v in row[1:]] for row in table.rows}
    return charts.lines_over([str(c) for c in table.columns[1:]], series, y_name=_("Final score"))


CHARTS = [
    Chart("ranking.bands", _l("Ranking with bands"), Resource.RANKINGS, bands_table, bands_options),
    Chart("ranking.trend", _l("Trend over the rounds"), Resource.RANKINGS, trend_table, trend_options),
]
