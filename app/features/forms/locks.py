"""Whether a record of a unit and period may still be written: asked of every feature that can lock a period."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from app.domain.errors import RuleBroken

Place = tuple[Any, str]  # a unit, and a period such as 2026-10
Lock = Callable[[Sequence[Place]], RuleBroken | None]
_locks: list[Lock] = []


def register_lock(function: Lock) -> None:
    """Let a feature refuse: it is asked inside the writing transaction and gives what is to be said, or None."""
    if function not in _locks:
        _locks.append(function)


def require_unlocked(places: Sequence[Place]) -> None:
    """Refuse when one of the places is locked. Errors: those of the features that lock."""
    dated = [place for place in places if place[1]]
    for lock in _locks if dated else ():
        refused = lock(dated)
        if refused is not None:
            raise refused
