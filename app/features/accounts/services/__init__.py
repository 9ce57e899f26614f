"""Changing accounts and the rights table."""

from __future__ import annotations

from app.features.accounts.services.accounts import (
    add_account,
    change_own_password,
    end_own_session,
    reset_password,
    set_active,
    set_password,
    show_roles,
    unlock,
)
from app.features.accounts.services.rights import load_default_rights

__all__ = [
    "add_account",
    "change_own_password",
    "end_own_session",
    "load_default_rights",
    "reset_password",
    "set_active",
    "set_password",
    "show_roles",
    "unlock",
]
