"""Changing the rights table."""

from __future__ import annotations

from sqlalchemy import select

from app.domain.rights import DEFAULT_RIGHTS
from app.features.accounts.models import RightsEntry
from app.kit.audit import acting
from app.kit.db import db, transaction


def load_default_rights() -> None:
    """Fill an empty rights table with the default one; a changed table is left as it is."""
    if db.session.scalar(select(RightsEntry.id).limit(1)):
        return
    with transaction() as session, acting("accounts.load_default_rights"):
        session.add_all(
            RightsEntry(role=role.value, resource=resource.value, verb=verb.value, reach=reach.value)
            for (role, resource, verb), reach in DEFAULT_RIGHTS.items()
        )
