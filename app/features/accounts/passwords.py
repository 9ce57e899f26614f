"""What a password must be, under one of two named policies, and how it is hashed and tried."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cache

from flask import current_app
from werkzeug.security import check_password_hash, generate_password_hash

from app.config import UnsafeConfiguration
from app.domain.errors import Problem, RuleBroken
from app.features.accounts import guessable

LONGEST = 128


@dataclass(frozen=True)
class Policy:
    """Shape: `kinds` of the four character kinds asked for, 0 for none; `history` former passwords refused; `max_days` until a change."""

    shortest: int
    advised: int
    kinds: int
    history: int
    max_days: int | None


POLICIES = {
    "dengbao": Policy(shortest=10, advised=12, kinds=3, history=5, max_days=90),
    "asvs": Policy(shortest=8, advised=15, kinds=0, history=0, max_days=None),
}
"""`dengbao` asks for complexity and regular change (GB/T 22239-2019), `asvs` forbids both and advises length (OWASP ASVS 5.0)."""

RULES = "PASSWORD_RULES"
"""Key of the app's settings under which the policy in use stands."""

_FLOOR = 8  # no setting goes below
_KINDS = (str.islower, str.isupper, str.isdigit, lambda character: not character.isalnum())


def chosen(
    name: str, *, shortest: int | None = None, history: int | None = None, max_days: int | None = None
) -> Policy:
    """The policy of this name, with the figures an installation sets for itself.

    Units:  max_days 0 asks for no regular change.
    Errors: UnsafeConfiguration for a policy there is none of and for a length under 8.
    """
    if name not in POLICIES:
        raise UnsafeConfiguration(f"QINGDAN_PASSWORD_POLICY is {name!r}; there are: {', '.join(POLICIES)}.")
    policy = POLICIES[name]
    if shortest is not None and not _FLOOR <= shortest <= LONGEST:
        raise UnsafeConfiguration(f"QINGDAN_PASSWORD_LENGTH is {shortest}; it goes from {_FLOOR} to {LONGEST}.")
    return replace(
        policy,
        shortest=policy.shortest if shortest is None else shortest,
        advised=max(policy.advised, shortest or 0),
        history=policy.history if history is None else history,
        max_days=policy.max_days if max_days is None else max_days or None,
    )


def policy() -> Policy:
    """The policy in use."""
    return current_app.config[RULES]  # type: ignore[no-any-return]


def kept_here() -> bool:
    """False where a directory or another server knows the passwords: then none is set, changed or tried here."""
    return bool(current_app.config["AUTH"] == "database")


def check(
    password: str, personal: Iterable[str | None] = (), names: Iterable[str] = (), former: Iterable[str] = ()
) -> None:
    """Refuse a password that is weak, holds something personal, or was used before.

    Shape:  `personal` are the user name, the phone …; `names` those of the person and of his units, in characters;
            `former` the hashes of earlier passwords.
    Errors: account.password_short, account.password_long, account.password_simple, account.password_common,
            account.password_name, account.password_used.
    """
    problems = [Problem(code, "password", params) for code, params in _weak(password, personal, names)]
    if not problems and any(check_password_hash(old, password) for old in former):
        problems.append(Problem("account.password_used", "password", {"count": max(policy().history, 1)}))
    if problems:
        raise RuleBroken(problems)


def _weak(
    password: str, personal: Iterable[str | None], names: Iterable[str]
) -> Iterable[tuple[str, dict[str, object]]]:
    rules = policy()
    if len(password) < rules.shortest:
        yield "account.password_short", {"least": rules.shortest}
    elif len(password) > LONGEST:
        yield "account.password_long", {"most": LONGEST}
    elif sum(any(test(character) for character in password) for test in _KINDS) < rules.kinds:
        yield "account.password_simple", {}
    elif guessable.is_common(password):
        yield "account.password_common", {}
    if _holds(password, personal) or guessable.holds_name(password, names):
        yield "account.password_name", {}


def _holds(password: str, personal: Iterable[str | None]) -> bool:
    lowered, digits = password.lower(), re.sub(r"\D", "", password)
    parts = [part.lower() for part in personal if part and len(part) >= 3]
    numbers = [number for part in parts if len(number := re.sub(r"\D", "", part)) >= 7]
    return any(part in lowered for part in parts) or any(number[-8:] in digits for number in numbers)


def random_password() -> str:
    """A password nobody chose: 14 characters of four kinds that cannot be taken for one another; without vowels it spells no name."""
    letters = "bcdfghjkmnpqrstvwxz"
    parts = ["".join(secrets.choice(letters) for _ in range(4)) for _ in range(2)]
    digits = "".join(secrets.choice("23456789") for _ in range(4))
    return f"{parts[0].capitalize()}-{parts[1]}-{digits}"


def hashed(password: str) -> str:
    """The hash under which a password is kept."""
    return generate_password_hash(password, method=_method())


def _method() -> str:
    return str(current_app.config.get("FAB_PASSWORD_HASH_METHOD", "scrypt"))  # the tests use a cheap one


@cache
def _nobodys(method: str) -> str:
    return generate_password_hash(secrets.token_hex(16), method=method)


def matches(password: str, stored: str | None) -> bool:
    """Whether the password is the stored one; the same work is done when there is none."""
    return check_password_hash(stored or _nobodys(_method()), password) and stored is not None
