"""What audit tells the kit."""

from __future__ import annotations

from app.features.audit.problems import SENTENCES
from app.kit import problems


def register() -> None:
    """The sentences of verify."""
    problems.register(SENTENCES)
