"""Reference data: what every installation has. `portal init`, `portal sync` and `org load` bring it in step.

Steps come from the features (`reference.STEPS`); each is idempotent and gives units that came later what they lack.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from app.kit import access

Step = tuple[str, Callable[[], object]]
_steps: list[Step] = []


def register(steps: Sequence[Step]) -> None:
    """Say what there is to load, in order; called once when the app is made."""
    _steps[:] = steps


def load() -> list[str]:
    """Run every step as the operator; returns their names."""
    with access.acting_as(access.OPERATOR):
        for _name, step in _steps:
            step()
    return [name for name, _step in _steps]
