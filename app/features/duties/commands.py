"""`flask duties …`: periods and logs, by the services of the screens."""

from __future__ import annotations

from collections import Counter
from typing import Any

import click

from app.domain.errors import broken
from app.domain.rights import Verb
from app.features.duties import services
from app.features.duties.queries import duties_below
from app.features.duties.queries.work import TO_REVIEW
from app.features.org.queries import resolve_unit
from app.kit.commands import acting, json_option, show
from app.kit.problems import sentence

unit_option = click.option("--unit", metavar="CODE", help="Only there: a unit by code or by a path of names.")


@click.group()
def duties() -> None:
    """Duties of a period: open, submit, confirm, close."""


def _unit(text: str) -> Any:
    unit = resolve_unit(text)
    if unit is None:
        raise broken("org.unknown_unit", "unit", unit=text)
    return unit


def _units(text: str | None) -> list[Any] | None:
    return [_unit(text)] if text else None


@duties.command("open")
@click.argument("period")
@unit_option
@json_option
@acting
def open_command(period: str, unit: str | None, as_json: bool) -> None:
    """Give every post its duties of PERIOD, e.g. 2026-10; run it again to catch up with new posts."""
    done = services.open_period(period, units=_units(unit))
    result = {
        "period": done.period,
        "townships": done.townships,
        "created": done.created,
        "reassigned": done.reassigned,
        "total": done.total,
    }
    show(result, as_json, _pairs)


@duties.command("close")
@click.argument("period")
@unit_option
@json_option
@acting
def close_command(period: str, unit: str | None, as_json: bool) -> None:
    """Lock PERIOD: nothing of it can be written any more."""
    rows = services.close_period(period, units=_units(unit))
    show({"period": period, "closed": [row.unit.code for row in rows]}, as_json, _pairs)


@duties.command("reopen")
@click.argument("period")
@click.option("--reason", default="", help="Why it is asked for, or refused; it stays in the trail.")
@click.option("--allow", "decision", flag_value="allow", help="Allow what another person has asked for.")
@click.option("--refuse", "decision", flag_value="refuse", help="Refuse it, or take back what one has asked for.")
@unit_option
@json_option
@acting
def reopen_command(period: str, reason: str, decision: str | None, unit: str | None, as_json: bool) -> None:
    """Ask to open a locked PERIOD again; another person allows it with --allow.

    The operator may do both, one after the other; the trail shows it.
    """
    if decision == "allow":
        rows, done = services.allow_reopen(period, units=_units(unit)), "reopened"
    elif decision == "refuse":
        rows, done = services.refuse_reopen(period, reason, units=_units(unit)), "refused"
    else:
        rows, done = services.ask_reopen(period, reason, units=_units(unit)), "asked"
    show({"period": period, done: [row.unit.code for row in rows]}, as_json, _pairs)


@duties.command("submit")
@click.argument("unit")
@click.argument("period")
@json_option
@acting
def submit_command(unit: str, period: str, as_json: bool) -> None:
    """Hand in what is written and complete at or below UNIT in PERIOD; the rest stays."""
    submitted, waiting = services.submit_ready(duties_below(_unit(unit), period, Verb.SUBMIT))
    show({"period": period, "submitted": len(submitted), "waiting": len(waiting)}, as_json, _pairs)


@duties.command("confirm")
@click.argument("unit")
@click.argument("period")
@json_option
@acting
def confirm_command(unit: str, period: str, as_json: bool) -> None:
    """Confirm what is handed in at or below UNIT in PERIOD."""
    below = duties_below(_unit(unit), period, Verb.CONFIRM)
    outcomes = services.confirm([duty for duty in below if duty.state in TO_REVIEW])
    refused = [outcome.problem for outcome in outcomes if outcome.problem]
    reasons = Counter(sentence(problem) for problem in refused)
    result = {"period": period, "confirmed": len(outcomes) - len(refused), "refused": dict(reasons)}
    show(result, as_json, _pairs)


def _pairs(result: dict[str, Any]) -> list[str]:
    return [
        f"{key}: {', '.join(map(str, value)) if isinstance(value, list) else value}" for key, value in result.items()
    ]


COMMANDS = [duties]
