"""`flask accounts …`, and the first administrator of a new installation."""

from __future__ import annotations

import click

from app.domain.errors import RuleBroken, broken
from app.domain.rights import Role
from app.features.accounts import passwords
from app.features.accounts.models import PortalUser
from app.features.accounts.own_data_commands import person_at, personal
from app.features.accounts.queries import account_report, user_by_name
from app.features.accounts.rights_commands import rights
from app.features.accounts.services import add_account, reset_factor, reset_password, set_active
from app.features.org.models import OrgUnit
from app.features.org.queries import top_units
from app.features.org.services import add_unit
from app.features.people.services import add_person, appoint
from app.kit.commands import acting, json_option, show
from app.kit.db import transaction
from app.kit.problems import sentence


@click.group()
def accounts() -> None:
    """Accounts: who may sign in."""


@accounts.command("add")
@click.argument("username")
@click.option("--person", "person_name", required=True, help="The name of the person as it stands in the roster.")
@click.option("--unit", "unit_text", required=True, help="Where the person stands: a code, or a path of names.")
@json_option
@acting
def add_command(username: str, person_name: str, unit_text: str, as_json: bool) -> None:
    """Give a person an account with a random password for the first sign-in, printed once."""
    person = person_at(person_name, unit_text, "--person")
    password = passwords.random_password() if passwords.kept_here() else None
    add_account(username, password, person)
    show({"username": username, "password": password}, as_json, lambda r: [f"{r['username']}  {r['password'] or ''}"])


@accounts.command("reset")
@click.argument("username")
@json_option
@acting
def reset_command(username: str, as_json: bool) -> None:
    """Give an account a new random password, printed once; its sessions end."""
    password = reset_password(_user(username))
    show({"username": username, "password": password}, as_json, lambda r: [f"{r['username']}  {r['password']}"])


@accounts.command("deactivate")
@click.argument("username")
@acting
def deactivate_command(username: str) -> None:
    """An account may not sign in any more; its sessions end."""
    set_active(_user(username), False)


@accounts.command("reset-factor")
@click.argument("username")
@acting
def reset_factor_command(username: str) -> None:
    """Take the second factor off an account whose owner lost the telephone and the codes; its sessions end."""
    reset_factor(_user(username))


@accounts.command("report")
@json_option
@acting
def report_command(as_json: bool) -> None:
    """Accounts to look at: without a post in force, not used for 90 days, locked now."""
    report = {
        name: [
            {"username": user.username, "person": str(user), "last_sign_in": str(user.last_login or "")}
            for user in users
        ]
        for name, users in account_report().items()
    }
    show(report, as_json, _report_lines)


def _report_lines(report: dict[str, list[dict[str, str]]]) -> list[str]:
    heads = {"no_post": "No post in force", "dormant": "Not used for 90 days", "locked": "Locked now"}
    return [
        line
        for name, rows in report.items()
        for line in (
            f"{heads[name]}: {len(rows)}",
            *(f"  {r['username']}  {r['person']}  {r['last_sign_in']}" for r in rows),
        )
    ]


def _user(username: str) -> PortalUser:
    user = user_by_name(username)
    if user is None:
        raise broken("account.unknown", "username", username=username)
    return user


def ask_for_first_administrator() -> None:
    """Ask for what is missing: a top unit, the name of a person, a user name and a password that is not weak."""
    top = _top_unit()
    name = click.prompt("Name of the first system administrator")
    username = click.prompt("User name")
    while True:
        password = _ask_password()
        try:
            with transaction():
                person = add_person(top, name)
                appoint(person, Role.SYSTEM_ADMINISTRATOR, top)
                add_account(username, password, person, must_change=False)
            break
        except RuleBroken as refusal:
            for problem in refusal.problems:
                click.echo(sentence(problem), err=True)
            if any(problem.where == "username" for problem in refusal.problems):
                username = click.prompt("User name")
    click.echo(f"{username}: {name}, system administrator of {top.name}")


def _ask_password() -> str | None:
    if not passwords.kept_here():
        return None
    return str(click.prompt("Password", hide_input=True, confirmation_prompt=True))


def _top_unit() -> OrgUnit:
    units = [unit for unit in top_units() if unit.level in ("prefecture", "county")]
    if units:
        return units[0]
    click.echo("There are no units yet: first the county or prefecture at the top.")
    level = click.prompt("Level", type=click.Choice(["county", "prefecture"]), default="county")
    name = click.prompt("Its name")
    return add_unit(level, click.prompt("Its code"), name)


COMMANDS = [accounts, personal, rights]
