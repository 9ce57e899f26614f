"""What the kit learns from reviews."""

from __future__ import annotations

from app.features.reviews.problems import SENTENCES
from app.kit import problems


def register() -> None:
    """Their sentences."""
    problems.register(SENTENCES)
