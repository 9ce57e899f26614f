"""Whose hand a row shows: the account, and the person stood in for; kept with the row, printed as names.

A signature is the user name, with `|` and the id of a person behind it when whoever acted did it in his stead.
"""

from __future__ import annotations

from typing import Any

from flask import current_app
from flask_babel import force_locale

from app.domain.rights import Verb
from app.kit import access, lookup
from app.kit.i18n import _

_FOR = "|"


def signature(row: Any, verb: Verb | None = None) -> str:
    """The signature of the actor under what he does to this row, e.g. `kaohe`, or `kaohe|17` in the stead of person 17."""
    who, post = access.actor(), access.stands_in_by(row, verb)
    return f"{who.username}{_FOR}{post.stands_in_for_id}" if post else who.username


def signed(text: str | None) -> tuple[str, int | None]:
    """The user name and the id of the person stood in for, out of a signature."""
    username, _bar, person = (text or "").partition(_FOR)
    return username, int(person) if person.isdecimal() else None


def printed(name: str, stands_in_for: str | None) -> str:
    """A name as pages print it: with the name of the person stood in for, if there is one."""
    return str(_("%(name)s (for %(other)s)", name=name, other=stands_in_for)) if stands_in_for else name


def person_printed(name: str, text: str | None) -> str:
    """The name behind a signature, with the person stood in for."""
    person_id = signed(text)[1]
    name = _("the server") if name == access.OPERATOR.name else name
    return printed(name, lookup.name("person", person_id) if person_id else None)


def kept_name(row: Any, verb: Verb | None = None) -> str:
    """The name of the actor as it is kept with a row and printed later, in the language of the records."""
    who = access.actor()
    with force_locale(current_app.config["BABEL_DEFAULT_LOCALE"]):
        return printed(who.name or who.username, access.on_behalf_of(row, verb))[:64]
