"""How many rows of a long file are done in one go, so that the others save in between."""

from __future__ import annotations

import time

CHUNK = 500
"""Rows compared or saved in one go where nothing says better; memory stays flat."""

TURN = 0.1
"""Seconds a turn is to take: nobody else saves meanwhile on SQLite, and who has waited longer looks for the lock more rarely."""

MOST = 10
"""Times as many, at most."""


class Turns:
    """How many rows are done in one go: few at first, then as many as the last turn would have done in time."""

    def __init__(self) -> None:
        self.size = self._least = max(CHUNK // 2, 1)
        self.begin()

    def begin(self) -> None:
        """A turn begins."""
        self._began = time.monotonic()

    def done(self, rows: int) -> None:
        """The turn is over with so many rows."""
        fitting = int(rows * TURN / max(time.monotonic() - self._began, 0.001))
        self.size = min(max(fitting, self._least), self.size * 2, CHUNK * MOST)
