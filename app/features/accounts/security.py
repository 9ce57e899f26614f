"""The security manager over our own accounts."""

from __future__ import annotations

from app.features.accounts.models import PortalUser
from app.kit.security import PortalSecurityManager


class AccountsSecurityManager(PortalSecurityManager):
    """Signs in `PortalUser` accounts."""

    user_model = PortalUser
