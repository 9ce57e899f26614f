"""`flask exchange …`: workbooks in and out, by the services of the screens."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from app.domain.errors import RuleBroken
from app.features.exchange import history, queries, services
from app.features.exchange.offline_commands import offline
from app.features.exchange.services import leaving, undo
from app.kit.commands import acting, json_option, show
from app.kit.exchange import Change, Options, counts
from app.kit.problems import sentence

EXIT = {"rows": 0, "rows_with_errors": 1, "rejected": 2, "refused": 2}


@click.group()
def exchange() -> None:
    """Workbooks in and out."""


@exchange.command("undo")
@click.argument("import_id", type=int)
@click.option("--reason", required=True, help="Why; it stands in the trail.")
@acting
def undo_command(import_id: int, reason: str) -> None:
    """Put every row back as it stood before a saved import, all or nothing; what builds on it is told, exit code 2."""
    click.echo(f"rows put back: {undo.undo(history.receipt(import_id), reason)}")


def _place(command: Any) -> Any:
    for option in (
        click.option("--unit", metavar="CODE", help="The unit you stand on: a code or a path of names."),
        click.option("--period", metavar="P", help="The period of the page, e.g. 2026-10, 2026H1, 2026."),
        click.option("--scheme", metavar="NAME", help="A scheme by code, name or file (score sheets)."),
        click.option("--round", "round_code", metavar="ROUND", help="A round by code (score sheets, pay)."),
    ):
        command = option(command)
    return command


@exchange.command("import")
@click.argument("sheet")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@_place
@click.option("--dry-run", is_flag=True, help="Read and compare; write nothing.")
@click.option("--valid-rows", is_flag=True, help="Save the good rows even when others were refused.")
@click.option(
    "--refused-to",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Write the refused rows there, marked, in the layout of the file.",
)
@json_option
@acting
def import_command(
    sheet: str,
    file: Path,
    unit: str | None,
    period: str | None,
    scheme: str | None,
    round_code: str | None,
    dry_run: bool,
    valid_rows: bool,
    refused_to: Path | None,
    as_json: bool,
) -> None:
    """Read a workbook, show what it would change, and save it. Exit code 0 all rows, 1 some rows refused, 2 nothing usable."""
    door = queries.door_of(sheet)
    options = _with_scheme_file(services.options_from(unit, period, scheme, round_code))
    data = file.read_bytes()
    result, options = services.read(door, data, file.name, options)
    changes = services.compare(door, result, options)
    applies = not dry_run and result.rows and (result.outcome == "rows" or valid_rows)
    if applies:
        batch = _applied(door, data, file.name, options, result, changes, valid_rows)
    if refused_to and (refused := services.refused_rows_of(data, file.name, result, changes)):
        refused_to.write_bytes(refused)
    shown = result.to_json() | {"changes": counts(changes), "applied": bool(applies)}
    if applies:
        shown["import"] = batch
    show(shown, as_json, lambda data: _lines(data, changes))
    sys.exit(EXIT[result.outcome])


def _applied(
    door: Any, data: bytes, name: str, options: Options, result: Any, changes: list[Any], only_good: bool
) -> int:
    """Save what was read as the pages do, with a receipt that can be undone; gives its number."""
    refused = [problem for change in changes if change.kind is Change.REFUSED for problem in change.problems]
    if refused and not only_good:
        raise RuleBroken(refused)
    batch = services.take_in(door, data, name, options, result)
    services.confirm(batch, only_good=only_good, at_once=True)
    return batch.id


def _with_scheme_file(options: Options) -> Options:
    """The options with the scheme read where `--scheme` names a JSON file instead of a stored scheme."""
    if not options.scheme or not Path(options.scheme).is_file():
        return options
    data = json.loads(Path(options.scheme).read_text(encoding="utf-8-sig"))
    return replace(options, scheme=None, extra={**options.extra, "scheme_data": data})


def _lines(data: dict[str, Any], changes: list[Any]) -> list[str]:
    lines = [f"{data['outcome']}: {data['row_count']}"]
    lines += [f"{i['severity']} {i['code']} {i['sheet'] or ''} {i['cell'] or ''}: {i['why']}" for i in data["issues"]]
    lines += [f"{c.label}: {sentence(p)}" for c in changes for p in c.problems]
    lines.append(", ".join(f"{kind} {number}" for kind, number in data["changes"].items()))
    if "import" in data:
        lines.append(f"import {data['import']}")
    return lines


@exchange.command("export")
@click.argument("sheet")
@_place
@click.option("--variant", metavar="V", help="The form of the layout: d1 or d2 for score sheets.")
@click.option("--whole", "reason", metavar="REASON", help="Write masked numbers whole, for this reason.")
@click.option("--plain", type=click.Choice(leaving.FORMS), help="A plain table instead: one header, one row each.")
@click.option("--out", required=True, type=click.Path(dir_okay=False, path_type=Path))
@acting
def export_command(
    sheet: str,
    unit: str | None,
    period: str | None,
    scheme: str | None,
    round_code: str | None,
    variant: str | None,
    reason: str | None,
    plain: str | None,
    out: Path,
) -> None:
    """Write a workbook of what is stored; the name of a plain table ends as it is packed (.zip for several files)."""
    options = services.options_from(unit, period, scheme, round_code, variant)
    if plain:
        content = leaving.make(leaving.Wanted(sheet, plain, options=options, reason=reason)).content
    else:
        content = services.export(queries.door_of(sheet), options, reason)
    out.write_bytes(content)
    click.echo(str(out))


@exchange.command("template")
@click.argument("sheet")
@_place
@click.option("--out", required=True, type=click.Path(dir_okay=False, path_type=Path))
@acting
def template_command(
    sheet: str, unit: str | None, period: str | None, scheme: str | None, round_code: str | None, out: Path
) -> None:
    """Write an empty workbook of the layout."""
    options = services.options_from(unit, period, scheme, round_code)
    out.write_bytes(services.template(queries.door_of(sheet), options))
    click.echo(str(out))


exchange.add_command(offline)
COMMANDS = [exchange]
