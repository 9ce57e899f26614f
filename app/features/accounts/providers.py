"""What accounts tells the kit."""

from __future__ import annotations

from app.features.accounts import queries
from app.kit import access, commands


def register() -> None:
    """Who is behind an account."""
    access.register_provider("actor_of", queries.actor_of)
    commands.register_user_lookup(queries.user_by_name)
