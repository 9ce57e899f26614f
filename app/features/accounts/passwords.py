"""What a password must be, under one of two named policies, and how it is hashed and tried."""

from __future__ import annotations

import secrets
import string
from collections.abc import Iterable
from dataclasses import dataclass

from werkzeug.security import check_password_hash, generate_password_hash

from app.domain.errors import Problem, RuleBroken


@dataclass(frozen=True)
class Policy:
    """Shape: `kinds` of the four character kinds asked for; `history` former passwords refused; `max_days` until a change."""

    shortest: int
    kinds: int
    history: int
    max_days: int | None


POLICIES = {
    "dengbao": Policy(shortest=10, kinds=3, history=5, max_days=90),
    "asvs": Policy(shortest=12, kinds=1, history=0, max_days=None),
}
"""`dengbao` asks for complexity and regular change (GB/T 22239-2019), `asvs` forbids both and asks for length (OWASP ASVS 5.0)."""

COMMON = (
    "password",
    "qwerty",
    "admin",
    "123456",
    "abc123",
    "111111",
    "888888",
    "woaini",
    "iloveyou",
    "letmein",
    "qingdan",
)
_chosen = POLICIES["dengbao"]
_KINDS = (str.islower, str.isupper, str.isdigit, lambda character: not character.isalnum())


def choose(name: str) -> None:
    """Use the policy of this name in this process."""
    global _chosen
    _chosen = POLICIES[name]


def policy() -> Policy:
    """The policy in use."""
    return _chosen


def check(password: str, personal: Iterable[str | None] = (), former: Iterable[str] = ()) -> None:
    """Refuse a password that is weak, holds something personal, or was used before.

    Shape:  `personal` are the user name, the phone …; `former` the hashes of earlier passwords.
    Errors: account.password_short, account.password_simple, account.password_common, account.password_name,
            account.password_used.
    """
    problems = [Problem(code, "password", params) for code, params in _weak(password, personal)]
    if not problems and any(check_password_hash(old, password) for old in former):
        problems.append(Problem("account.password_used", "password", {"count": _chosen.history}))
    if problems:
        raise RuleBroken(problems)


def _weak(password: str, personal: Iterable[str | None]) -> Iterable[tuple[str, dict[str, object]]]:
    lowered = password.lower()
    if len(password) < _chosen.shortest:
        yield "account.password_short", {"least": _chosen.shortest}
    elif sum(any(test(character) for character in password) for test in _KINDS) < _chosen.kinds:
        yield "account.password_simple", {}
    elif (
        len(set(password)) < 5
        or any(lowered.strip(string.punctuation + string.digits) == word for word in COMMON)
        or lowered.strip(string.punctuation) in COMMON
    ):
        yield "account.password_common", {}
    if any(part and len(part) >= 3 and part.lower() in lowered for part in personal):
        yield "account.password_name", {}


def random_password() -> str:
    """A password nobody chose: 14 characters of three kinds that cannot be taken for one another."""
    letters = "abcdefghjkmnpqrstuvwxyz"
    parts = ["".join(secrets.choice(letters) for _ in range(4)) for _ in range(2)]
    digits = "".join(secrets.choice("23456789") for _ in range(4))
    return f"{parts[0].capitalize()}-{parts[1]}-{digits}"


def hashed(password: str, method: str = "scrypt") -> str:
    """The hash under which a password is kept."""
    return generate_password_hash(password, method=method)


_NOBODYS = hashed(secrets.token_hex(16))


def matches(password: str, stored: str | None) -> bool:
    """Whether the password is the stored one; the same work is done when there is none."""
    return check_password_hash(stored or _NOBODYS, password) and stored is not None
