"""What ranking tells the kit."""

from __future__ import annotations

from app.features.ranking.problems import SENTENCES
from app.kit import problems


def register() -> None:
    """The sentences of ranking."""
    problems.register(SENTENCES)
