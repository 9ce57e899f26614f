"""What bonus tells the kit."""

from __future__ import annotations

from app.features.bonus.problems import SENTENCES
from app.kit import problems


def register() -> None:
    """The sentences of bonus."""
    problems.register(SENTENCES)
