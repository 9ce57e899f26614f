"""What forms tells the kit."""

from __future__ import annotations

from app.features.forms.problems import CONSTRAINTS, SENTENCES
from app.kit import problems


def register() -> None:
    """The sentences of forms."""
    problems.register(SENTENCES)
    problems.register_constraints(CONSTRAINTS)
