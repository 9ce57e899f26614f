"""What ranking tells the kit."""

from __future__ import annotations

from app.features.ranking.problems import SENTENCES
from app.features.ranking.proof import frozen_faults
from app.kit import audit, problems


def register() -> None:
    """The sentences of ranking, and the check of what is frozen."""
    problems.register(SENTENCES)
    audit.register_check("ranking.frozen", frozen_faults)
