"""`flask packs …`."""

from __future__ import annotations

from pathlib import Path

import click

from app.domain.errors import broken
from app.features.org.models import OrgUnit
from app.features.org.queries import resolve_unit
from app.features.packs import queries, services
from app.features.packs.parts import PARTS
from app.kit.commands import acting, json_option, show

_unit_option = click.option("--unit", "unit_text", help="Where: a code, or a path of names; without it the top unit.")


@click.group()
def packs() -> None:
    """List packs: what there is, loading, comparing, exporting, taking in."""


def _unit(text: str | None) -> OrgUnit:
    if text is None:
        return queries.owner(None)
    unit = resolve_unit(text)
    if unit is None:
        raise broken("pack.unknown_unit", "--unit", unit=text)
    return unit


@packs.command("list")
@_unit_option
@json_option
@acting
def list_command(unit_text: str | None, as_json: bool) -> None:
    """The packs there are, with what they bring and which version is loaded."""
    found = [
        {
            "code": card.pack.code,
            "name": str(card.pack.name),
            "version": card.pack.version,
            "loaded": card.load.version if card.load else None,
            **card.pack.counts(),
        }
        for card in queries.gallery(_unit(unit_text))
    ]
    show(
        found, as_json, lambda rows: [f"{r['code']}  v{r['version']}  {r['loaded'] or '-'}  {r['name']}" for r in rows]
    )


@packs.command("load")
@click.argument("code")
@_unit_option
@click.option("--update", is_flag=True, help="Bring it up to date as well; what was changed here is kept.")
@json_option
@acting
def load_command(code: str, unit_text: str | None, update: bool, as_json: bool) -> None:
    """Load a pack: what is not there yet is made."""
    unit = _unit(unit_text)
    pack = queries.pack_named(unit, code)
    load = services.load_pack(pack, unit)
    if update:
        load = services.update_pack(pack, unit)
    show({"code": load.code, "version": load.version, **load.counts}, as_json, lambda r: [str(r)])


@packs.command("compare")
@click.argument("code")
@_unit_option
@json_option
@acting
def compare_command(code: str, unit_text: str | None, as_json: bool) -> None:
    """How each thing of a pack stands here, and the figures that are not held as the source states them."""
    unit = _unit(unit_text)
    pack = queries.pack_named(unit, code)
    rows = [
        {"part": one.part, "code": one.code, "standing": one.difference.value, "values": len(one.changes)}
        for one in queries.standing_at(unit, pack)
    ]
    rows += [
        {"part": "figure", "code": one.capability, "standing": f"{one.stated} / {one.held}", "values": 1}
        for one in queries.figures(unit, pack)
        if not one.agrees
    ]
    show(rows, as_json, lambda found: [f"{r['part']:<11}{r['code']:<24}{r['standing']}" for r in found])


@packs.command("export")
@click.argument("code")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--name", required=True, help="The name of the pack in Chinese.")
@click.option("--version", type=click.IntRange(1, 100000), default=1)
@_unit_option
@acting
def export_command(code: str, file: Path, name: str, version: int, unit_text: str | None) -> None:
    """Write the unit's own lists, with its procedures, forms and indicators, into a file."""
    unit = _unit(unit_text)
    lists = [row.id for row in PARTS["lists"].rows(unit)]
    file.write_bytes(services.export_pack(unit, code, name, version, lists, PARTS))


@packs.command("take-in")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@_unit_option
@acting
def take_in_command(file: Path, unit_text: str | None) -> None:
    """Keep a pack somebody else exported, to look at and to load."""
    made = services.take_in(_unit(unit_text), file.read_bytes())
    show({"code": made.code, "version": made.version}, False, lambda r: [f"{r['code']}@{r['version']}"])


COMMANDS = [packs]
