"""`flask bonus …`: batches of awards, and the what-if on workbooks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from app.domain.errors import Problem, broken
from app.domain.trial import as_json as trial_as_json
from app.features.bonus import queries, services
from app.features.bonus.excel import pay_workbook
from app.features.bonus.models import BonusBatch
from app.features.bonus.trial import trial_of_files
from app.features.org.queries import resolve_unit
from app.features.ranking.commands import settings_option
from app.features.ranking.queries import run_of_round
from app.features.ranking.services import confirm_multipliers
from app.kit.commands import acting, json_option, show
from app.kit.problems import sentence

EXISTING = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def bonus() -> None:
    """Performance awards: batches, approval, pay workbooks, what-if."""


def _as_data(batch: BonusBatch) -> dict[str, Any]:
    return {
        "batch": batch.id,
        "round": batch.ranking_run.summary["round_code"],
        "number": batch.number,
        "year": batch.year,
        "state": batch.state,
        "digest": batch.digest,
        **batch.summary,
    }


def _lines(data: dict[str, Any]) -> list[str]:
    bands = [f"{band}: {one['persons']} persons, {one['award']}" for band, one in data["bands"].items()]
    head = f"{data['round']} batch {data['number']} ({data['year']}), {data['state']}"
    return [
        head,
        *bands,
        f"persons {data['persons']}, total {data['total_award']}, payable now {data['total_payable_now']}",
    ]


def _latest(round_code: str) -> BonusBatch:
    batches = queries.batches_of_run(run_of_round(round_code, "published"))
    if not batches:
        raise broken("bonus.no_batch", "round", code=round_code)
    return batches[0]


@bonus.command("run")
@click.argument("round_code", metavar="ROUND")
@click.option("--year", type=int, help="The year of the wages; that of the round by default.")
@click.option("--reason", help="Why awards are computed anew.")
@settings_option
@json_option
@acting
def run_command(round_code: str, year: int | None, reason: str | None, settings: dict[str, str], as_json: bool) -> None:
    """Compute the awards that follow from the published ranking of a round."""
    run = run_of_round(round_code, "published", "computed")
    show(_as_data(services.run_batch(run, year=year, overrides=settings, reason=reason)), as_json, _lines)


@bonus.command("approve")
@click.argument("round_code", metavar="ROUND")
@json_option
@acting
def approve_command(round_code: str, as_json: bool) -> None:
    """Approve the newest batch of a round."""
    show(_as_data(services.approve_batch(_latest(round_code))), as_json, _lines)


@bonus.command("export")
@click.argument("round_code", metavar="ROUND")
@click.option("--out", required=True, type=click.Path(dir_okay=False, path_type=Path))
@acting
def export_command(round_code: str, out: Path) -> None:
    """Write the pay workbook of the newest batch of a round."""
    out.write_bytes(pay_workbook(*services.exported(_latest(round_code))))
    click.echo(str(out))


@bonus.command("confirm-multipliers")
@click.option("--unit", "unit_code", required=True, metavar="CODE", help="The unit whose rules are confirmed.")
@click.option("--middle", required=True, help="Multiplier of the middle band, e.g. 2.0.")
@click.option("--bottom", required=True, help="Multiplier of the bottom band, e.g. 1.0.")
@click.option("--reason", required=True, help="By which decision.")
@acting
def confirm_command(unit_code: str, middle: str, bottom: str, reason: str) -> None:
    """Propose the multipliers of the middle and the bottom band as confirmed, without which no batch can be approved.

    They hold once another person has approved them: flask ranking approve-rules CODE.
    """
    unit = resolve_unit(unit_code)
    if unit is None:
        raise broken("org.unknown_unit", "unit", unit=unit_code)
    setting = confirm_multipliers(unit, middle=middle, bottom=bottom, reason=reason)
    click.echo(f"{unit.code}: version {setting.number} proposed, middle {middle}, bottom {bottom}")


@bonus.command("trial")
@click.option("--scores", required=True, type=EXISTING, help="A score workbook, items down or villages down.")
@click.option("--wages", required=True, type=EXISTING, help="A wage workbook: pay table, dates, or columns 1月…12月.")
@click.option("--scheme", type=EXISTING, help="A scheme in JSON; the Caojing village scheme by default.")
@click.option("--units", type=EXISTING, help="The units in JSON; names as they are in the workbook by default.")
@settings_option
@json_option
@acting
def trial_command(
    scores: Path, wages: Path, scheme: Path | None, units: Path | None, settings: dict[str, str], as_json: bool
) -> None:
    """Score, rank and pay out of two workbooks, without any database."""
    trial, noticed = trial_of_files(scores, wages, scheme=scheme, units=units, settings=settings)
    result = trial_as_json(trial)
    result["warnings"] = [*(_in_words(warning) for warning in result["warnings"]), *noticed]
    show(result, as_json, _trial_lines)


def _in_words(warning: dict[str, Any]) -> dict[str, Any]:
    params = {name: value for name, value in warning.items() if name not in ("code", "where")}
    return {**warning, "message": sentence(Problem(warning["code"], warning["where"], params))}


def _trial_lines(data: dict[str, Any]) -> list[str]:
    lines = [f"{'position':>8} {'rank':>4} {'final':>7} {'deducted':>8} {'band':<10} {'x':>5}  village"]
    lines += [
        f"{v['position'] or '-':>8} {v['rank'] or '-':>4} {v['final'] or '-':>7} {v['effective'] or '-':>8} "
        f"{v['band']:<10} {v['multiplier']:>5}  {v['village']}"
        for v in data["villages"]
    ]
    totals = data["totals"]
    lines.append(f"n {data['n']}, quotas {data['top_quota']} / {data['bottom_quota']}")
    lines.append(
        f"top {totals['top']}, middle {totals['middle']}, bottom {totals['bottom']}, not ranked {totals['not_ranked']}"
    )
    lines.append(
        f"persons {totals['persons']}, total {totals['total_award']}, payable now {totals['total_payable_now']}"
    )
    return lines + [f"! {warning['message']}" for warning in data["warnings"]]


COMMANDS = [bonus]
