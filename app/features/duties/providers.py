"""What duties tell the kit."""

from __future__ import annotations

from app.features.duties.problems import SENTENCES
from app.kit import problems


def register() -> None:
    """The sentences of duties and leads."""
    problems.register(SENTENCES)
