"""Charts of records: what an administrator built on a form, and what he is just building."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from flask import url_for

from app.domain.formspec import FieldType
from app.domain.rights import Resource, Verb
from app.features.forms.in_words import choices_of
from app.features.forms.models import FormChart
from app.features.forms.queries import filling, tallies
from app.features.forms.queries.tallies import Asked, Group, Tally
from app.features.forms.record_words import STATES
from app.kit import access, charts, names
from app.kit.charts import Chart, ChartTable
from app.kit.i18n import _, _l, language

KINDS = {"bar": _l("Bars"), "line": _l("Line"), "pie": _l("Parts of a whole")}
AGGREGATES = {"count": _l("Number of records"), "sum": _l("Sum"), "average": _l("Average")}


def dimension_name(code: str) -> str:
    """What a place, the period or the state is called as something to go by."""
    return {"period": _("Period"), "state": _("State")}.get(code) or names.level(code)


def records_table(params: Mapping[str, str]) -> ChartTable:
    """The figures of a stored chart (`chart`), or of one being built (`form`, `dimension`, `aggregate`, `measure`, `kind`, filters).

    Errors: NotAllowed, hidden, for what is out of reach or not there.
    """
    kind, title, asked = _asked(params)
    try:
        found = tallies.tally(asked)
    except ValueError:
        return ChartTable([], [])
    measured = found.measured
    figure = AGGREGATES.get(asked.aggregate, asked.aggregate)
    head = _("Number of records") if measured is None else f"{measured.label.in_language(language())}（{figure}）"
    by = found.by.label.in_language(language()) if found.by else dimension_name(asked.dimension)
    groups = [*found.groups, *([found.others] if found.others else [])]
    words = [*(_words(asked, found, group) for group in found.groups), *([_("All others")] if found.others else [])]
    places = 0 if measured is None else measured.places if measured.type is not FieldType.INTEGER else 0
    places = max(places, 2) if asked.aggregate == "average" else places
    rows = [[word, f"{group.value:.{places}f}"] for word, group in zip(words, groups, strict=True)]
    links = [*(_rows_of(asked, group) for group in found.groups), *([""] if found.others else [])]
    unit = measured.unit_label.in_language(language()) if measured and measured.unit_label else ""
    return ChartTable([by, f"{head}（{unit}）" if unit else head], rows, extra={"kind": kind}, links=links, title=title)


def records_options(table: ChartTable) -> Any:
    """Bars, a line or parts of a whole of `records_table`."""
    labels, values = [str(row[0]) for row in table.rows], [float(row[1]) for row in table.rows]
    name = str(table.columns[1]) if table.columns else ""
    if table.extra.get("kind") == "line":
        return charts.lines_over(labels, {name: values}, y_name=name, minimum=0)
    if table.extra.get("kind") == "pie" and labels:
        return charts.parts(labels, values, name)
    return charts.bars(labels, values, {name: (charts.PALETTE[0], range(len(labels)))}, y_name=name, minimum=0)


def _asked(params: Mapping[str, str]) -> tuple[str, str, Asked]:
    if "chart" in params:
        chart = access.find(FormChart, charts.number(params, "chart"))
        asked = tallies.asked_of(chart)
        if asked is None:
            raise access.NotAllowed(Resource.RECORDS, Verb.VIEW, hidden=True)
        return chart.kind, chart.title, asked
    form = filling.form_for(charts.number(params, "form"))
    if form is None:
        raise access.NotAllowed(Resource.RECORDS, Verb.VIEW, hidden=True)
    aggregate = params.get("aggregate", "count")
    measure = params.get("measure", "") if aggregate != "count" else ""
    asked = Asked(form, params.get("dimension", "state"), aggregate, measure, dict(params))
    return params.get("kind", "bar"), params.get("title") or str(form), asked


def _words(asked: Asked, found: Tally, group: Group) -> str:
    if not group.key:
        return _("Not stated")
    if group.name:
        return group.name
    if found.by is not None:
        if found.by.type is FieldType.BOOLEAN:
            return _("Yes") if group.key == "true" else _("No")
        return dict(choices_of(found.by)).get(group.key, group.key)
    if asked.dimension == "state" and group.key in STATES:
        return str(STATES[group.key][0])
    return names.period_name(group.key) if asked.dimension == "period" else group.key


def _rows_of(asked: Asked, group: Group) -> str:
    """The list of the records behind a figure; nothing for those the list cannot be asked for."""
    if not group.key:
        return ""
    about = dict(asked.filters)
    if asked.dimension in tallies.PLACES:
        about["unit"] = group.key
    elif asked.dimension in tallies.COMMON:
        about[asked.dimension] = group.key
    elif len(group.key) == 7 and group.key[4:5] == "-" and _goes_by_day(asked):
        about |= {f"from_{asked.dimension}": f"{group.key}-01", f"to_{asked.dimension}": _last_day(group.key)}
    else:
        about[f"q_{asked.dimension}"] = group.key
    wanted = {key: value for key, value in about.items() if key in _PLAIN or key.split("_", 1)[0] in _PREFIXES}
    return f"{url_for('RecordView.index', form_id=asked.form.id)}?{urlencode(wanted)}"


_PLAIN, _PREFIXES = {"unit", "period", "state"}, {"q", "min", "max", "from", "to"}


def _goes_by_day(asked: Asked) -> bool:
    return (asked.form.slots or {}).get(asked.dimension, "").startswith("day")


def _last_day(month: str) -> str:
    return f"{month}-{monthrange(int(month[:4]), int(month[5:]))[1]:02}"


CHARTS = [Chart("form.records", _l("Records on a form"), Resource.RECORDS, records_table, records_options)]
