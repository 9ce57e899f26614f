"""One account per role for the demonstration, all with one password made for this installation."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import current_app

from app.domain.errors import broken
from app.domain.rights import Role
from app.features.accounts import passwords
from app.features.accounts.queries import user_by_name
from app.features.accounts.services import add_account, set_password, show_roles
from app.features.org.models import OrgUnit
from app.features.org.queries import unit_by_code
from app.features.people.models import Person
from app.features.people.queries import persons_named
from app.features.people.services import add_person, appoint
from app.kit import names, seed
from app.kit.i18n import _

FROM = date(2025, 1, 1)


def load_demo_accounts() -> None:
    """The persons above the grid with their posts, and an account for one person of each role."""
    password = demo_password() or _new_password()
    for entry in seed.read("demo/demo_accounts.yaml"):
        person = _person(entry)
        user = user_by_name(entry["username"])
        if user is None:
            add_account(entry["username"], password, person, must_change=False)
        else:
            set_password(user, password, must_change=False)
            show_roles(user)


def _person(entry: dict[str, Any]) -> Person:
    places = [(Role(post["role"]), _unit(post["unit"])) for post in entry["posts"]]
    first = places[0][1]
    known = persons_named(entry["person_name"], first)
    if known:
        return known[0]
    person = add_person(first, entry["person_name"])
    for role, unit in places:
        appoint(person, role, unit, from_on=FROM)
    return person


def _unit(code: str) -> OrgUnit:
    unit = unit_by_code(code)
    if unit is None:
        raise broken("org.unknown_unit", "unit", unit=code)
    return unit


def _password_file() -> Any:
    return current_app.config["INSTANCE_DIR"] / "demo-password"


def demo_password() -> str | None:
    """The password of the demo accounts of this installation; None before they are loaded."""
    file = _password_file()
    return file.read_text(encoding="utf-8").strip() if file.exists() else None


def _new_password() -> str:
    password = passwords.random_password()
    _password_file().write_text(password + "\n", encoding="utf-8")
    _password_file().chmod(0o600)
    return password


def demo_accounts() -> list[tuple[str, str]]:
    """The demo accounts as (user name, role in words); empty without the demo."""
    if demo_password() is None:
        return []
    entries = seed.read("demo/demo_accounts.yaml")
    return [(entry["username"], names.role(entry["posts"][0]["role"])) for entry in entries]


def account_lines() -> list[str]:
    """One line per demo account, and the password of all of them; empty without the demo."""
    accounts = demo_accounts()
    if not accounts:
        return []
    width = max(len(username) for username, _role in accounts)
    head = _("Demonstration accounts, all with the password %(password)s:", password=demo_password())
    return [head, *(f"  {username:<{width}}  {role}" for username, role in accounts)]


STEPS = [("accounts", load_demo_accounts)]
