"""`flask people …`."""

from __future__ import annotations

import json
from pathlib import Path

import click

from app.domain.errors import broken
from app.features.org.queries import resolve_unit
from app.features.people.roster import load_roster
from app.kit.commands import acting, json_option, show


@click.group()
def people() -> None:
    """Persons and their posts."""


@people.command("load")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--unit", "unit_text", required=True, help="The township or village: a code, or a path of names.")
@json_option
@acting
def load_command(file: Path, unit_text: str, as_json: bool) -> None:
    """Load the posts of a township from JSON; loading the file again changes nothing."""
    unit = resolve_unit(unit_text)
    if unit is None:
        raise broken("org.unknown_unit", "--unit", unit=unit_text)
    try:
        entries = json.loads(file.read_text(encoding="utf-8-sig"))
    except ValueError as error:
        raise broken("people.not_json", file.name) from error
    if not isinstance(entries, list):
        raise broken("people.not_json", file.name)
    result = load_roster(entries, unit)
    show(result, as_json, lambda counts: [", ".join(f"{count} {kind}" for kind, count in counts.items())])


COMMANDS = [people]
