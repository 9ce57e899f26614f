"""Changing accounts and the rights table."""

from __future__ import annotations

from app.features.accounts.services.accounts import (
    add_account,
    change_own_password,
    end_own_session,
    end_sessions_after_change_of_posts,
    reset_password,
    set_active,
    set_password,
    show_roles,
    unlock,
)
from app.features.accounts.services.factors import reset_factor, set_up_own_factor
from app.features.accounts.services.rights import change_rights, check_rights, load_default_rights, look_through
from app.features.accounts.services.roles import copy_role, rename_role, switch_role

__all__ = [
    "add_account",
    "change_own_password",
    "change_rights",
    "check_rights",
    "copy_role",
    "end_own_session",
    "end_sessions_after_change_of_posts",
    "load_default_rights",
    "look_through",
    "rename_role",
    "reset_factor",
    "reset_password",
    "set_active",
    "set_password",
    "set_up_own_factor",
    "show_roles",
    "switch_role",
    "unlock",
]
