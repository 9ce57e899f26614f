"""Charts on a form: built, changed, put in order, pinned to first pages, taken away."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from app.domain.errors import Problem, RuleBroken
from app.domain.rights import Verb
from app.features.forms.models import Form, FormChart
from app.features.forms.queries import tallies
from app.kit import access, roles
from app.kit.audit import acting
from app.kit.db import transaction

KINDS = ("bar", "line", "pie")
MOST_CHARTS = 30


def save_chart(form: Form, wanted: Mapping[str, Any], chart: FormChart | None = None) -> FormChart:
    """A chart of a form as it is wanted, a new one last in order.

    Shape:  `wanted` has title, kind, dimension, aggregate, measure, filters {argument: value}, pinned_roles.
    Errors: chart.title_missing, chart.bad_choice (params: what), chart.measure_missing, chart.parts_of_average,
            chart.too_many; NotAllowed without the right to edit the form.
    """
    access.require(Verb.EDIT, form)
    facts = _checked(form, wanted)
    with transaction() as session, acting("forms.save_chart"):
        if chart is None:
            others = tallies.charts_of(form)
            if len(others) >= MOST_CHARTS:
                raise RuleBroken(Problem("chart.too_many", "title", {"limit": MOST_CHARTS}))
            chart = FormChart(
                unit=form.unit, form=form, sort_order=max((one.sort_order for one in others), default=0) + 1
            )
            session.add(chart)
        for name, value in facts.items():
            setattr(chart, name, value)
        session.flush()
    return chart


def remove_chart(form: Form, chart: FormChart) -> None:
    """Take a chart away; the records it drew stay. Errors: NotAllowed without the right to edit the form."""
    access.require(Verb.EDIT, form)
    with transaction() as session, acting("forms.remove_chart"):
        session.delete(chart)


def move_chart(form: Form, chart: FormChart, forward: bool) -> None:
    """Let a chart change places with the one before it (or after it). Errors: NotAllowed."""
    access.require(Verb.EDIT, form)
    with transaction(), acting("forms.move_chart"):
        order = [*tallies.charts_of(form)]
        place = order.index(chart)
        other = place + (1 if forward else -1)
        if 0 <= other < len(order):
            order[place], order[other] = order[other], order[place]
        for number, one in enumerate(order, start=1):
            one.sort_order = number


def _checked(form: Form, wanted: Mapping[str, Any]) -> dict[str, Any]:
    dimensions = {column.code for column in tallies.dimensions_of(form)} | set(tallies.COMMON)
    measures = {column.code for column in tallies.measures_of(form)}
    aggregate, kind = wanted.get("aggregate", "count"), wanted.get("kind", "bar")
    measure = wanted.get("measure") if aggregate != "count" else None
    pinned: Sequence[str] = wanted.get("pinned_roles") or ()
    title = str(wanted.get("title") or "").strip()[:120]
    wrong = [] if title else [Problem("chart.title_missing", "title")]
    choices = {
        "kind": (kind, set(KINDS)),
        "dimension": (wanted.get("dimension"), dimensions),
        "aggregate": (aggregate, set(tallies.AGGREGATES)),
    }
    wrong += [Problem("chart.bad_choice", name) for name, (value, known) in choices.items() if value not in known]
    if aggregate != "count" and measure not in measures:
        wrong.append(Problem("chart.measure_missing", "measure"))
    if aggregate == "average" and kind == "pie":
        wrong.append(Problem("chart.parts_of_average", "kind"))
    if set(pinned) - set(roles.known()):
        wrong.append(Problem("chart.bad_choice", "pinned_roles"))
    if wrong:
        raise RuleBroken(wrong)
    filters = {key: str(value)[:120] for key, value in (wanted.get("filters") or {}).items() if value}
    return {
        "title": title,
        "kind": kind,
        "dimension": wanted["dimension"],
        "aggregate": aggregate,
        "measure": measure,
        "filters": filters,
        "pinned_roles": list(pinned),
    }
