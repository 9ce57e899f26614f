"""What several pages share: the month shown and the village shown, out of the address."""

from __future__ import annotations

from typing import Any

from flask import abort, request, url_for

from app.domain.errors import RuleBroken
from app.domain.periods import Period, PeriodKind
from app.domain.rights import Reach, Resource, Verb
from app.features.duties.queries import default_period, period_choices
from app.features.duties.queries.registers import RegisterLine, register_line
from app.features.org.queries import units_at
from app.kit import access
from app.kit.names import period_name


def chosen_period() -> str:
    """The period in the address or in the form, else the one to show first."""
    text = request.values.get("period", "")
    try:
        return str(Period.parse(text)) if text else default_period()
    except RuleBroken:
        return default_period()


def asked_month() -> str:
    """The month in the address or the form, else the one to show first."""
    period = chosen_period()
    return period if Period.parse(period).kind is PeriodKind.MONTH else default_period()


def register_line_of(village_id: int, period: str) -> RegisterLine:
    """The village's line in the register of a month; 404 for a village of somebody else."""
    line = register_line(village_id, period)
    if line is None:
        abort(404)
    return line


def period_links(period: str, endpoint: str, **args: Any) -> dict[str, Any]:
    """What `ui.period_picker` needs: label, previous, next and the choices, leading to `endpoint`."""
    known = period_choices()
    older = [p for p in known if p < period]
    newer = [p for p in known if p > period]
    link = lambda p: url_for(endpoint, period=p, **args)  # noqa: E731
    return {
        "label": period_name(period),
        "previous": link(older[0]) if older else "",
        "next": link(newer[-1]) if newer else "",
        "choices": [(period_name(p), link(p), p == period) for p in known],
    }


def sees_others() -> bool:
    """True when the actor sees more than his own logs: pages about whole villages are for him."""
    who = access.actor()
    return who.is_operator or any(reach is not Reach.OWN for _post, reach in who.grants(Resource.DUTIES, Verb.VIEW))


def chosen_village(villages: Any) -> Any:
    """The village of the address among those the actor sees, else the first; None when there is none."""
    wanted = request.values.get("unit", "")
    return next((village for village in villages if str(village.id) == wanted), villages[0] if villages else None)


def villages_seen() -> Any:
    """The villages the actor sees, in tree order."""
    return units_at("village")
