"""Charts: the only door to pyecharts. Each chart has its table, its PNG button, and JSON that holds no code.

A feature lists its charts in `charts.CHARTS`. The page calls `chart("code", **params)` in a template; the browser
fetches the options from `/charts/<code>.json` with the same parameters, under the same rights.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask import current_app, g, url_for

from app.domain.rights import Resource, Verb
from app.kit import access
from app.kit.i18n import _

# Distinguishable in grey and to colour-blind readers; patterns (decals) come on top.
PALETTE = ("#1f5fbf", "#d9822b", "#2f8f6b", "#8a5fb5", "#b5475d", "#5d6b7a")
BAND_COLOURS = {"top": "#1f5fbf", "middle": "#9db4d3", "bottom": "#c0392b", "not_ranked": "#c9ced6"}


@dataclass(frozen=True)
class ChartTable:
    """What a chart shows, as a table: `columns` are headings, `rows` text or numbers in the same order; `note` explains cuts.

    `links` lead from each row to what it is made of; where they are given there is one a row, empty for none. `title` stands
    for that of the chart where one chart shows many things.
    """

    columns: Sequence[str]
    rows: Sequence[Sequence[Any]]
    note: str = ""
    extra: Mapping[str, Any] = field(default_factory=dict)
    links: Sequence[str] = ()
    title: str = ""

    @property
    def is_empty(self) -> bool:
        return not self.rows


@dataclass(frozen=True)
class Chart:
    """One chart: `table(params)` reads within the actor's reach; `options(table)` makes the pyecharts chart of it."""

    code: str
    title: Any
    resource: Resource
    table: Callable[[Mapping[str, str]], ChartTable]
    options: Callable[[ChartTable], Any]


def find(code: str) -> Chart:
    """The chart with this code.

    Errors: NotAllowed (hidden) when there is none or the actor holds no view right on its resource.
    """
    chart = current_app.extensions["charts"].get(code)
    if chart is None or not access.holds(chart.resource, Verb.VIEW):
        raise access.NotAllowed("chart", Verb.VIEW, hidden=True)
    return chart  # type: ignore[no-any-return]


def render(code: str, **params: Any) -> Any:
    """The figure for a page: canvas, PNG button and table; nothing when the actor may not see it or there is nothing to show."""
    chart = current_app.extensions["charts"].get(code)
    if chart is None or not access.holds(chart.resource, Verb.VIEW):
        return ""
    table = chart.table({key: str(value) for key, value in params.items()})
    if table.is_empty:
        return ""
    g.has_charts = True  # the frame of the page then loads the scripts
    address = url_for("ChartView.options", code=code, **params)
    macros: Any = current_app.jinja_env.get_template("portal/chart.html").module
    return macros.chart(address, table.title or str(chart.title), table, note=table.note, tall=len(table.rows) > 20)


def options_json(code: str, params: Mapping[str, str]) -> str:
    """The ECharts options of a chart as JSON text."""
    chart = find(code)
    return str(chart.options(chart.table(params)).dump_options_with_quotes())


def number(params: Mapping[str, str], name: str) -> int:
    """The id in a parameter; NotAllowed (hidden) when it is none, as for a row that is not there."""
    text = params.get(name, "")
    if not text.isdecimal() or len(text) > 18:
        raise access.NotAllowed("chart", Verb.VIEW, hidden=True)
    return int(text)


# -- building blocks -------------------------------------------------------------------------------


def _init(decal: bool = True) -> Any:
    from pyecharts import options as opts

    return opts.InitOpts(
        animation_opts=opts.AnimationOpts(animation=False),
        aria_opts=opts.AriaOpts(is_enable=True, aria_decal_opts=opts.AriaDecalOpts(is_show=decal)),
    )


def _finish(
    chart: Any, *, x_name: str = "", y_name: str = "", legend: bool = True, rotate: int = 0, **more: Any
) -> Any:
    from pyecharts import options as opts

    chart.set_colors(list(PALETTE))
    # The plot takes the room there is; a phone has little.
    chart.options["grid"] = {
        "left": 8,
        "right": 28,
        "top": 56 if legend or y_name else 12,
        "bottom": 36 if x_name else 12,
        "containLabel": True,
    }
    chart.set_global_opts(
        legend_opts=opts.LegendOpts(is_show=legend, pos_top="0"),
        tooltip_opts=opts.TooltipOpts(trigger=more.pop("trigger", "axis")),
        xaxis_opts=opts.AxisOpts(
            name=x_name,
            name_location="middle",
            name_gap=32,
            axislabel_opts=opts.LabelOpts(rotate=rotate, interval=0 if rotate else None),
            **more.pop("x", {}),
        ),
        yaxis_opts=opts.AxisOpts(name=y_name, axislabel_opts=opts.LabelOpts(interval=0), **more.pop("y", {})),
        **more,
    )
    return chart


def bars(
    labels: Sequence[str],
    values: Sequence[float],
    groups: Mapping[str, tuple[str, Sequence[int]]],
    *,
    lines: Sequence[tuple[str, int]] = (),
    x_name: str = "",
    y_name: str = "",
    minimum: float | None = None,
) -> Any:
    """Bars in the given order. `groups` are name -> (colour, indexes of its bars): each is a series with a pattern and a
    legend entry of its own. `lines` are dashed marks (label, index of the bar they stand at)."""
    from pyecharts import options as opts
    from pyecharts.charts import Bar

    chart = Bar(init_opts=_init()).add_xaxis(list(labels))
    marks = opts.MarkLineOpts(
        is_silent=True,
        symbol="none",
        label_opts=opts.LabelOpts(formatter="{b}", position="end"),
        linestyle_opts=opts.LineStyleOpts(type_="dashed", color="#333", width=2),
        data=[opts.MarkLineItem(name=label, x=labels[index]) for label, index in lines],
    )
    for position, (name, (colour, members)) in enumerate(groups.items()):
        mine = set(members)
        chart.add_yaxis(
            name,
            [value if index in mine else None for index, value in enumerate(values)],
            stack="all",
            category_gap="25%",
            color=colour,
            itemstyle_opts=opts.ItemStyleOpts(color=colour),
            label_opts=opts.LabelOpts(is_show=len(labels) <= 16),
            markline_opts=marks if lines and position == 0 else None,
        )
    crowded = len(labels) > 8
    return _finish(
        chart, x_name=x_name, y_name=y_name, legend=len(groups) > 1, rotate=60 if crowded else 0, y={"min_": minimum}
    )


def lines_over(
    labels: Sequence[str],
    series: Mapping[str, Sequence[float | None]],
    *,
    y_name: str = "",
    minimum: float | None = None,
) -> Any:
    """One line a series over the same labels; symbols differ, so that lines are told apart in grey."""
    from pyecharts import options as opts
    from pyecharts.charts import Line

    symbols = ("circle", "rect", "triangle", "diamond", "pin", "arrow")
    chart = Line(init_opts=_init()).add_xaxis(list(labels))
    for index, (name, values) in enumerate(series.items()):
        chart.add_yaxis(
            name,
            list(values),
            symbol=symbols[index % 6],
            symbol_size=9,
            label_opts=opts.LabelOpts(is_show=len(series) <= 2),
        )
    return _finish(chart, y_name=y_name, y={"min_": minimum})


def parts(labels: Sequence[str], values: Sequence[float], name: str) -> Any:
    """Parts of a whole, each with its figure and share beside it."""
    from pyecharts import options as opts
    from pyecharts.charts import Pie

    chart = Pie(init_opts=_init())
    chart.add(
        name,
        [list(pair) for pair in zip(labels, values, strict=True)],
        radius=["35%", "68%"],
        label_opts=opts.LabelOpts(formatter="{b}: {c} ({d}%)"),
    )
    chart.set_colors(list(PALETTE))
    chart.set_global_opts(legend_opts=opts.LegendOpts(is_show=False), tooltip_opts=opts.TooltipOpts())
    return chart


def radar(axes: Sequence[tuple[str, float]], series: Mapping[str, Sequence[float]]) -> Any:
    """A profile over axes (name, maximum); one outline a series."""
    from pyecharts import options as opts
    from pyecharts.charts import Radar

    chart = Radar(init_opts=_init())
    chart.add_schema(schema=[opts.RadarIndicatorItem(name=name, max_=top) for name, top in axes], shape="polygon")
    for index, (name, values) in enumerate(series.items()):
        chart.add(
            name,
            [list(values)],
            color=PALETTE[index],
            linestyle_opts=opts.LineStyleOpts(width=2, type_="solid" if index == 0 else "dashed"),
            areastyle_opts=opts.AreaStyleOpts(opacity=0.15 if index == 0 else 0),
            label_opts=opts.LabelOpts(is_show=False),
        )
    chart.set_colors(list(PALETTE))
    chart.set_global_opts(legend_opts=opts.LegendOpts(pos_top="0"), tooltip_opts=opts.TooltipOpts())
    return chart


def heat(
    columns: Sequence[str], rows: Sequence[str], cells: Sequence[tuple[int, int, float]], *, unit: str = "%"
) -> Any:
    """A heat map: `cells` are (column, row, value 0-100), dark is more; each cell says its figure, so no pattern is needed."""
    from pyecharts import options as opts
    from pyecharts.charts import HeatMap

    chart = HeatMap(init_opts=_init(decal=False)).add_xaxis(list(columns))
    chart.add_yaxis(
        _("Completion"),
        list(rows),
        [list(cell) for cell in cells],
        label_opts=opts.LabelOpts(is_show=True, formatter="{@[2]}" + unit),
        itemstyle_opts=opts.ItemStyleOpts(border_color="#fff", border_width=2),
    )
    return _finish(
        chart,
        legend=False,
        trigger="item",
        visualmap_opts=opts.VisualMapOpts(
            is_show=False, min_=0, max_=100, range_color=["#f6e7d8", "#c9d8ec", "#6f9bd1", "#1f5fbf"]
        ),
    )


def histogram(labels: Sequence[str], counts: Sequence[int], name: str, *, x_name: str, y_name: str) -> Any:
    """Counts by class."""
    groups = {name: (PALETTE[0], range(len(labels)))}
    return bars(labels, [float(count) for count in counts], groups, x_name=x_name, y_name=y_name, minimum=0)


def init_app(app: Any, charts: Sequence[Chart]) -> None:
    """Make the charts known to pages."""
    app.extensions["charts"] = {chart.code: chart for chart in charts}
    app.jinja_env.globals["chart"] = render
