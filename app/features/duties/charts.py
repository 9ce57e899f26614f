"""Charts of the monthly duties."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.domain.errors import RuleBroken
from app.domain.periods import Period
from app.domain.rights import Resource
from app.features.duties.queries import completion
from app.features.duties.queries.periods import default_period
from app.features.duties.queries.registers import by_kind, register_townships, registers_of
from app.features.org.models import OrgUnit
from app.kit import access, charts
from app.kit.charts import Chart, ChartTable
from app.kit.i18n import _, _l

MONTHS_SHOWN = 6


def _months(last: str) -> list[str]:
    period = Period.parse(last)
    months = [period]
    while len(months) < MONTHS_SHOWN:
        months.insert(0, months[0].previous())
    return [str(month) for month in months]


def completion_table(params: Mapping[str, str]) -> ChartTable:
    """Percent of the due duties that are handed in, villages down, months across; a month or a village without duties is left out."""
    unit = access.find(OrgUnit, charts.number(params, "unit"))
    cells = completion(unit, _months(params.get("period") or default_period()))
    periods = sorted({cell.period for cell in cells if cell.due})
    villages = list(dict.fromkeys(cell.village_name for cell in cells if cell.due))
    shares = {(c.village_name, c.period): 100 * c.submitted // c.due for c in cells if c.due}
    rows = (
        [[name, *(_percent(shares.get((name, period))) for period in periods)] for name in villages] if periods else []
    )
    return ChartTable(
        [_("Village"), *periods], rows, extra={"shares": shares, "periods": periods, "villages": villages}
    )


def _percent(share: int | None) -> str:
    return "—" if share is None else f"{share}%"


def completion_options(table: ChartTable) -> Any:
    """The heat map of `completion_table`; the first village on top."""
    periods, villages = table.extra["periods"], table.extra["villages"][::-1]
    cells = [(periods.index(p), villages.index(v), share) for (v, p), share in table.extra["shares"].items()]
    return charts.heat(periods, villages, cells, unit="%")


def certificates_table(params: Mapping[str, str]) -> ChartTable:
    """Certificates of a month by kind, over the villages the actor sees; kinds that should not be issued are marked."""
    try:
        period = str(Period.parse(params.get("period", "")))
    except RuleBroken:
        period = default_period()
    unit = next((one for one in register_townships() if str(one.id) == params.get("unit")), None)
    kinds = by_kind(registers_of([period], unit))
    rows = [[str(kind.label), count, _("No") if kind.is_forbidden else _("Yes")] for kind, count in kinds]
    note = _("Kinds that villages should not issue are drawn apart.")
    forbidden = [kind.is_forbidden for kind, _count in kinds]
    return ChartTable(
        [_("Name of the certificate"), _("Issued"), _("May be issued")], rows, note, {"forbidden": forbidden}
    )


def certificates_options(table: ChartTable) -> Any:
    """Bars by kind, those that should not be issued in another colour."""
    forbidden = table.extra["forbidden"]
    groups = {
        _("May be issued"): (charts.PALETTE[0], [i for i, one in enumerate(forbidden) if not one]),
        _("Should not be issued"): (charts.PALETTE[4], [i for i, one in enumerate(forbidden) if one]),
    }
    labels, values = [str(row[0]) for row in table.rows], [float(row[1]) for row in table.rows]
    return charts.bars(labels, values, groups, y_name=_("Certificates"), minimum=0)


CHARTS = [
    Chart(
        "duties.certificates",
        _l("Certificates by kind"),
        Resource.DUTIES,
        certificates_table,
        certificates_options,
    ),
    Chart(
        "duties.completion",
        _l("Completion by village and month"),
        Resource.DUTIES,
        completion_table,
        completion_options,
    ),
]
