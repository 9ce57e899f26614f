"""Setting up a second factor, and taking it off an account whose owner has lost it."""

from __future__ import annotations

from app.domain.errors import broken
from app.domain.rights import Resource, Verb
from app.features.accounts import second_factor
from app.features.accounts.models import PortalUser
from app.kit import access
from app.kit.audit import acting
from app.kit.db import transaction
from app.kit.sessions import end_sessions_of


def set_up_own_factor(user: PortalUser, sealed: str, code: str) -> list[str]:
    """The recovery codes of the factor that holds from now on, to be shown once.

    Shape:  `sealed` is the secret the page showed; a code out of it proves that the telephone has it.
    Errors: account.factor_there, account.code_wrong; NotAllowed for another's account.
    """
    if user.id != access.actor().user_id:
        raise access.NotAllowed(Resource.ACCOUNTS, Verb.EDIT)
    if user.totp_secret is not None:
        raise broken("account.factor_there", "code")
    with transaction(), acting("accounts.set_up_factor"):
        codes = second_factor.enrol(user, sealed, code)
        if codes is None:
            raise broken("account.code_wrong", "code")
    return codes


def reset_factor(user: PortalUser) -> None:
    """The account has no second factor any more and is signed out everywhere; the next sign-in sets one up if one is required.

    Errors: account.own, account.no_factor; NotAllowed without the right over rights (security).
    """
    if not access.holds(Resource.RIGHTS, Verb.EDIT):
        raise access.NotAllowed(Resource.RIGHTS, Verb.EDIT)
    if user.id == access.actor().user_id:
        raise broken("account.own")
    if user.totp_secret is None:
        raise broken("account.no_factor")
    with transaction(), acting("accounts.reset_factor"):
        second_factor.forget(user)
        end_sessions_of(user.id)
