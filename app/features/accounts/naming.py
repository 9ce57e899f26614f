"""Whom pages name: the person behind an account, not the account."""

from __future__ import annotations

from app.features.accounts.queries import user_by_name
from app.kit import access
from app.kit.i18n import _


def account_name(username: str | None) -> str:
    """The name of the person behind an account; of the operator in words; the user name when the account is gone."""
    if username == access.OPERATOR.username:
        return _("Operator of the portal")
    user = user_by_name(username) if username else None
    return str(user) if user else username or ""
