"""`flask personal …`: what a person may ask of whoever keeps data about him."""

from __future__ import annotations

from typing import Any

import click

from app.domain.errors import broken
from app.features.accounts import own_data
from app.features.org.queries import resolve_unit
from app.features.people.models import Person
from app.features.people.queries import persons_named
from app.kit.commands import acting, json_option, show


@click.group()
def personal() -> None:
    """What is kept about a person: tell it, strike it off."""


def person_at(name: str, unit_text: str, where: str = "person") -> Person:
    """The only person of that name at a unit. Errors: org.unknown_unit, account.unknown_person."""
    unit = resolve_unit(unit_text)
    if unit is None:
        raise broken("org.unknown_unit", "--unit", unit=unit_text)
    persons = persons_named(name, unit)
    if len(persons) != 1:
        raise broken("account.unknown_person", where, person=name)
    return persons[0]


def _whom(command: Any) -> Any:
    command = click.option("--reason", required=True, help="Why; it stands in the trail.")(command)
    command = click.option("--unit", "unit_text", required=True, help="Where the person stands: a code, or a path.")(
        command
    )
    return click.argument("name")(command)


@personal.command("about")
@_whom
@json_option
@acting
def about_command(name: str, unit_text: str, reason: str, as_json: bool) -> None:
    """Tell everything that is kept about a person, whole, for the person himself."""
    show(own_data.about(person_at(name, unit_text), reason), as_json, _lines)


def _lines(told: dict[str, Any]) -> list[str]:
    lines = [f"{told['person']} {told['asked_on']}"]
    for part in told["kept"]:
        lines.append(f"{part['holds']}: {len(part['rows'])} ({part['kept']})")
        lines += ["  " + ", ".join(f"{k}={v}" for k, v in row.items() if v is not None) for row in part["rows"]]
    return lines


@personal.command("strike-off")
@_whom
@acting
def strike_off_command(name: str, unit_text: str, reason: str) -> None:
    """Empty what was kept for the posts of a person who holds none any more, and close his account."""
    for column in own_data.strike_off(person_at(name, unit_text), reason):
        click.echo(column)
