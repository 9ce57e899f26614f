"""Whom pages name: the person behind an account, not the account."""

from __future__ import annotations

from app.features.accounts.queries import user_by_name
from app.kit import access, signing
from app.kit.i18n import _


def account_name(signature: str | None) -> str:
    """The name of the person behind an account or a signature, with the person stood in for.

    Shape:  of the operator in words; the user name when the account is gone.
    """
    username, _person = signing.signed(signature)
    if username == access.OPERATOR.username:
        return _("Operator of the portal")
    user = user_by_name(username) if username else None
    return signing.person_printed(str(user) if user else username, signature)
