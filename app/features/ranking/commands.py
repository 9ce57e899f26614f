"""`flask ranking …`."""

from __future__ import annotations

from typing import Any

import click

from app.domain.errors import broken
from app.features.assessment.queries import round_by_code
from app.features.org.queries import resolve_unit
from app.features.ranking import queries, services
from app.features.ranking.models import RankingRun, RuleSetting
from app.kit.commands import acting, json_option, show


def _settings(_context: Any, _option: Any, texts: tuple[str, ...]) -> dict[str, str]:
    pairs = [text.partition("=") for text in texts]
    for name, sign, _value in pairs:
        if not sign or not name.strip():
            raise click.BadParameter(f"write KEY=VALUE, not “{name}”")
    return {name.strip(): value.strip() for name, _sign, value in pairs}


settings_option = click.option(
    "--set",
    "settings",
    multiple=True,
    metavar="KEY=VALUE",
    callback=_settings,
    help="Any key of the configuration; may be repeated.",
)


@click.group()
def ranking() -> None:
    """Rankings of villages."""


def as_data(run: RankingRun) -> dict[str, Any]:
    """A run for a machine: its numbers and its lines."""
    names = {village["unit_id"]: village["name"] for village in run.inputs}
    return {
        "run": run.id,
        "round": run.summary["round_code"],
        "number": run.number,
        "state": run.state,
        "rule_version": run.rule_version,
        "digest": run.digest,
        "n": run.summary["n"],
        "counts": run.summary["counts"],
        "cuts": run.summary["cuts"],
        "warnings": run.summary["warnings"],
        "policy": run.policy,
        "villages": [
            {
                "village": names[line.village_unit_id],
                "rank": line.rank,
                "position": line.position,
                "band": line.band,
                "final": None if line.final is None else f"{line.final:.2f}",
                "tie_undecided": line.is_tie_undecided,
            }
            for line in queries.lines_of(run)
        ],
    }


def _lines(data: dict[str, Any]) -> list[str]:
    counts = data["counts"]
    head = f"{data['round']} ranking {data['number']}, {data['state']}: {data['n']} villages, "
    head += f"{counts['top']} / {counts['middle']} / {counts['bottom']}, not ranked {counts['not_ranked']}"
    rows = [
        f"{v['position'] or '-':>4} {v['rank'] or '-':>4} {v['final'] or '-':>7} {v['band']:<10} {v['village']}"
        for v in data["villages"]
    ]
    return [head, *rows]


@ranking.command("run")
@click.argument("round_code", metavar="ROUND")
@click.option("--reason", help="Why a published ranking is corrected.")
@settings_option
@json_option
@acting
def run_command(round_code: str, reason: str | None, settings: dict[str, str], as_json: bool) -> None:
    """Rank the villages of a published round."""
    run = services.run_ranking(round_by_code(round_code), overrides=settings, reason=reason)
    show(as_data(run), as_json, _lines)


@ranking.command("publish")
@click.argument("round_code", metavar="ROUND")
@json_option
@acting
def publish_command(round_code: str, as_json: bool) -> None:
    """Publish the newest ranking of a round."""
    run = queries.run_of_round(round_code)
    if run.state in ("discarded", "superseded"):
        raise broken("ranking.not_found", "round", code=round_code)
    show(as_data(services.publish_ranking(run)), as_json, _lines)


def _proposal(unit_code: str) -> RuleSetting:
    unit = resolve_unit(unit_code)
    if unit is None:
        raise broken("org.unknown_unit", "unit", unit=unit_code)
    proposal = queries.proposal_at(unit)
    if proposal is None:
        raise broken("rules.none_proposed", "unit", unit=unit.name)
    return proposal


def _rules_as_data(setting: RuleSetting) -> dict[str, Any]:
    return {"unit": setting.unit.code, "version": setting.number, "state": setting.state}


def _rules_line(data: dict[str, Any]) -> list[str]:
    return [f"{data['unit']}: version {data['version']} is {data['state']}"]


@ranking.command("approve-rules")
@click.argument("unit_code", metavar="UNIT")
@json_option
@acting
def approve_rules_command(unit_code: str, as_json: bool) -> None:
    """Put the proposed version of the rules of UNIT in force; another person must have proposed it."""
    show(_rules_as_data(services.approve_setting(_proposal(unit_code))), as_json, _rules_line)


@ranking.command("refuse-rules")
@click.argument("unit_code", metavar="UNIT")
@click.option("--reason", required=True, help="Why; whoever proposed it reads it.")
@json_option
@acting
def refuse_rules_command(unit_code: str, reason: str, as_json: bool) -> None:
    """Refuse the proposed version of the rules of UNIT, or take one's own back."""
    show(_rules_as_data(services.refuse_setting(_proposal(unit_code), reason)), as_json, _rules_line)


COMMANDS = [ranking]
