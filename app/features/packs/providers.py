"""What the kit learns from packs."""

from __future__ import annotations

from app.features.packs.problems import SENTENCES
from app.kit import problems


def register() -> None:
    """Their sentences."""
    problems.register(SENTENCES)
