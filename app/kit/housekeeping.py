"""What is done once a day: each step by itself, so that one that fails stops none of the others."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from app.kit.db import db

log = logging.getLogger(__name__)

Step = Callable[[], Any]


@dataclass(frozen=True)
class Outcome:
    """How a step went; `words` is what it did, or why it failed."""

    name: str
    done: bool
    words: str


def run(steps: Mapping[str, Step]) -> list[Outcome]:
    """Run the steps in their order; a failure is logged with its cause and told."""
    return [_one(name, step) for name, step in steps.items()]


def _one(name: str, step: Step) -> Outcome:
    try:
        result = step()
    except Exception as error:
        db.session.rollback()
        log.exception("daily step failed: %s", name)
        return Outcome(
            name, False, f"{type(error).__name__}: {str(error).strip().splitlines()[0] if str(error) else ''}"
        )
    return Outcome(name, True, "done" if result is None else str(result))
