"""What bonus tells the kit."""

from __future__ import annotations

from app.features.bonus.problems import SENTENCES
from app.features.bonus.proof import frozen_faults
from app.kit import audit, problems


def register() -> None:
    """The sentences of bonus, and the check of what is frozen."""
    problems.register(SENTENCES)
    audit.register_check("bonus.frozen", frozen_faults)
