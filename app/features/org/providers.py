"""What org tells the kit."""

from __future__ import annotations

from app.features.org import queries
from app.features.org.models import OrgUnit
from app.kit import access, lookup


def register() -> None:
    """The tree for scope, and units for look-ups."""
    access.register_provider("ancestors_of", queries.ancestors_of)
    lookup.register(OrgUnit, OrgUnit.name, OrgUnit.code)
