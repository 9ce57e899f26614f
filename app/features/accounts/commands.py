"""Commands of accounts."""

from __future__ import annotations

import click

from app.domain.rights import Role
from app.features.accounts.services import add_account
from app.features.org.queries import units_at
from app.features.people.services import add_person, appoint


def ask_for_first_administrator() -> None:
    """Ask for a user name and a password, and make the first system administrator at the top unit."""
    username = click.prompt("User name of the first system administrator")
    password = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    top = (*units_at("prefecture"), *units_at("county"))
    if not top:
        raise click.ClickException("Load the units first: flask org load FILE, then run this again.")
    person = add_person(top[0], username)
    appoint(person, Role.SYSTEM_ADMINISTRATOR, top[0])
    add_account(username, password, person)
    click.echo(f"{username}: system administrator of {top[0]}")
