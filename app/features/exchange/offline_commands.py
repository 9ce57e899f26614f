"""`flask exchange offline …`: the workbook without a network, by the services of its pages."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import click

from app.domain.errors import broken
from app.features.exchange import queries
from app.features.exchange.services import offline as services
from app.features.exchange.services import offline_saving
from app.features.exchange.services.offline_comparing import in_words
from app.features.org.queries import resolve_unit
from app.kit.commands import acting, json_option, show


@click.group("offline")
def offline() -> None:
    """Workbooks filled in without a network."""


def _unit(text: str) -> Any:
    found = resolve_unit(text)
    if found is None:
        raise broken("exchange.unknown_unit", "unit", unit=text)
    return found


@offline.command("make")
@click.option("--unit", required=True, metavar="CODE", help="The unit it is for: a code or a path of names.")
@click.option("--period", required=True, metavar="P", help="The month, e.g. 2026-10.")
@click.option("--out", required=True, type=click.Path(dir_okay=False, path_type=Path))
@acting
def make_command(unit: str, period: str, out: Path) -> None:
    """Write one workbook with everything you may fill in at a unit in a month."""
    out.write_bytes(services.make(_unit(unit), period).content)
    click.echo(str(out))


@offline.command("compare")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--unit", metavar="CODE", help="Refuse a workbook of another unit.")
@json_option
@acting
def compare_command(file: Path, unit: str | None, as_json: bool) -> None:
    """Compare a workbook that came back three ways; nothing is saved. Exit code 1 when conflicts wait or rows are refused."""
    batch = services.compare(file.read_bytes(), file.name, _unit(unit) if unit else None)
    rows = [
        {
            "id": row.id,
            "sheet": row.sheet,
            "row": row.row,
            "kind": row.kind,
            "label": row.label,
            "cells": {name: {"outcome": cell["outcome"], "words": cell["words"]} for name, cell in row.cells.items()},
            "problems": [in_words(problem) for problem in row.problems],
        }
        for row in services.rows_of(batch)
    ]
    sheets = [
        {**sheet, "problems": [in_words(problem) for problem in sheet["problems"]]}
        for sheet in batch.result["shown"]["sheets"]
    ]
    show({"import": batch.id, "sheets": sheets, "rows": rows}, as_json, _lines)
    sys.exit(int(any(row["kind"] in ("conflict", "refused", "gone") for row in rows)))


def _lines(data: dict[str, Any]) -> list[str]:
    lines = [f"import {data['import']}"]
    for sheet in data["sheets"]:
        lines.append(f"{sheet['name']}: " + ", ".join(f"{kind} {count}" for kind, count in sheet["cells"].items()))
        lines += sheet["problems"]
    for row in data["rows"]:
        cells = (f"{name} [{' | '.join(cell['words'])}]" for name, cell in row["cells"].items())
        lines.append(" ".join([str(row["id"]), row["kind"], row["sheet"], row["label"], *cells, *row["problems"]]))
    return lines


@offline.command("apply")
@click.argument("number", type=int)
@click.option("--take", type=click.Choice(["mine", "theirs"]), help="Decide every conflict that is still open.")
@click.option("--choices", type=click.File(encoding="utf-8"), help="JSON: {row id: {field: mine or theirs}}.")
@json_option
@acting
def apply_command(number: int, take: str | None, choices: Any, as_json: bool) -> None:
    """Save a compared workbook (the number that `compare` gave): your cells, and the conflicts as chosen."""
    batch = queries.batch_of_mine(number)
    chosen = json.load(choices) if choices else {}
    offline_saving.choose(
        batch, {(int(row), name): pick for row, fields in chosen.items() for name, pick in fields.items()}
    )
    if take:
        offline_saving.choose_all(batch, take)
    show(
        offline_saving.apply(batch),
        as_json,
        lambda counts: [", ".join(f"{kind} {count}" for kind, count in counts.items())],
    )
