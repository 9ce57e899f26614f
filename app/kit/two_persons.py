"""Two persons: what one asks for or has made, another decides.

Persons are compared, not accounts, and whoever stands in for somebody counts as that person too: he may not decide
what the other asked, nor the other what he asked in his stead. The operator at the machine may do both; the trail says so.
"""

from __future__ import annotations

from collections.abc import Iterable

from app.domain.errors import Problem, RuleBroken
from app.kit import access
from app.kit.signing import signed

Side = frozenset[int | str]


def side_of(signature: str | None) -> Side:
    """The persons behind a signature: whoever signed, and whom he stood in for. An account without a person is its name."""
    username, stood_in_for = signed(signature)
    return frozenset({access.person_of(username) or username, *([stood_in_for] if stood_in_for else [])}) - {""}


def own_side(who: access.Actor | None = None) -> Side:
    """The persons as whom the actor counts: himself, and everybody he stands in for today."""
    who = who or access.actor()
    return frozenset({who.person_id or who.username, *(p.stands_in_for_id for p in who.posts if p.stands_in_for_id)})


def is_other(signatures: Iterable[str | None]) -> bool:
    """True when the actor is another person than those who signed; the operator always is."""
    who = access.actor()
    if who.is_operator:
        return True
    own = own_side(who)
    return not any(own & side_of(signature) for signature in signatures if signature)


def require_other(signatures: Iterable[str | None], code: str, where: str = "") -> None:
    """Refuse what the actor, or whom he stands in for, has asked for or made himself.

    Errors: the code given (params: name).
    """
    if not is_other(signatures):
        who = access.actor()
        raise RuleBroken(Problem(code, where, {"name": who.name or who.username}))
