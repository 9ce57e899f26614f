"""`flask rights …`: the rights table read and changed at the machine, by the same service as the matrix."""

from __future__ import annotations

import click

from app.domain.errors import broken
from app.domain.rights import Grant, Reach, Resource, Verb
from app.domain.rights_change import digest_of
from app.features.accounts.queries import rights_table
from app.features.accounts.services import change_rights
from app.features.accounts.services.rights import require_rights
from app.kit.commands import acting, json_option, show


@click.group()
def rights() -> None:
    """The rights table: which role may do what, and how far."""


@rights.command("show")
@click.argument("role", required=False)
@json_option
@acting
def show_command(role: str | None, as_json: bool) -> None:
    """The cells of the table, of one role or of all."""
    require_rights(Verb.VIEW)
    cells = {":".join(cell): reach.value for cell, reach in sorted(rights_table().items()) if role in (None, cell[0])}
    show(cells, as_json, lambda found: [f"{cell}={reach}" for cell, reach in found.items()])


@rights.command("change")
@click.argument("cells", nargs=-1, required=True, metavar="ROLE:RESOURCE:VERB=REACH...")
@click.option("--reason", required=True, help="Why; it stays in the audit trail.")
@json_option
@acting
def change_command(cells: tuple[str, ...], reason: str, as_json: bool) -> None:
    """Change cells of the table, all or none of them."""
    changed = change_rights(dict(map(_cell, cells)), reason, digest_of(rights_table()))
    show({"changed": changed}, as_json, lambda result: [str(result["changed"])])


def _cell(text: str) -> tuple[Grant, Reach]:
    cell, _equals, reach = text.partition("=")
    try:
        role, resource, verb = cell.split(":")
        return (role, Resource(resource), Verb(verb)), Reach(reach)
    except ValueError as wrong:
        raise broken("rights.bad_cell", "cells", text=text) from wrong
