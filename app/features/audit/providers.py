"""What audit tells the kit."""

from __future__ import annotations

from app.features.audit.problems import SENTENCES
from app.features.audit.words import RECORDS
from app.kit import names, problems


def register() -> None:
    """The sentences of verify, and what the rows of each table are called."""
    problems.register(SENTENCES)
    names.register_records(RECORDS)
