"""`flask org …`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from app.domain.errors import broken
from app.features.org import queries, services
from app.kit import reference
from app.kit.commands import acting, json_option, show


@click.group()
def org() -> None:
    """Units: from the prefecture down to the sub-grid."""


@org.command("load")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@json_option
@acting
def load_command(file: Path, as_json: bool) -> None:
    """Load the units of a county or a town from JSON, and give them the list packs; loading again changes nothing."""
    loaded = services.load_units(read_json(file), file_name=file.stem)
    reference.load()
    show(loaded.to_json(), as_json, lambda r: [f"{r['new']} new, {r['changed']} changed, {r['same']} same"])


def read_json(file: Path) -> Any:
    """The contents of a JSON file. Errors: org.not_json."""
    try:
        return json.loads(file.read_text(encoding="utf-8-sig"))
    except ValueError as error:
        raise broken("org.not_json", file.name) from error


@org.command("list")
@click.option("--level", help="Only units of this level, e.g. village.")
@json_option
@acting
def list_command(level: str | None, as_json: bool) -> None:
    """List the units within reach, in tree order."""
    units = [
        {"code": unit.code, "name": unit.name, "level": unit.level, "depth": depth}
        for unit, depth in queries.in_tree_order(queries.all_units())
        if level in (None, unit.level)
    ]
    show(units, as_json, lambda rows: [f"{'  ' * row['depth']}{row['code']}  {row['name']}" for row in rows])


COMMANDS = [org]
