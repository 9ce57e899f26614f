"""What the columns of accounts and rights are called: tables the framework brought, and the table of rights."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.kit.i18n import _l

COUNTED = frozenset(
    {"changed_by_fk", "changed_on", "created_by_fk", "created_on", "fail_login_count", "last_login", "last_name"}
    | {"login_count", "password_history", "totp_last_step"}
)
"""What is counted with every sign-in and says nothing to a reader."""

ACCOUNT_LABELS: Mapping[str, Any] = {
    "active": _l("Switched on"),
    "email": _l("Address of the account"),
    "first_name": _l("Name"),
    "initial_used_at": _l("First password used on"),
    "locked_until": _l("Locked until"),
    "must_change_password": _l("Has to change the password"),
    "password": _l("Password"),
    "password_set_at": _l("Password set on"),
    "permission_id": _l("Permission"),
    "reach": _l("How far"),
    "recovery_codes": _l("Recovery codes"),
    "resource": _l("Kind of thing"),
    "totp_secret": _l("Key of the second factor"),
    "totp_since": _l("Second factor since"),
    "username": _l("User name"),
    "verb": _l("Right"),
    "view_menu_id": _l("Kind of thing"),
}
