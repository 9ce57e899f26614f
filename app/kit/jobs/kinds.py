"""What kinds of long work there are, and how one of them says how far it is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from app.kit.i18n import _l


class Stopped(Exception):
    """The user asked the job to stop; whatever it wrote is rolled back."""


class Leaving(Exception):
    """The worker is being shut down; the job is put back and run again by the next one."""


class Progress:
    """How far a job is. Every call costs nothing (whoever carries it to the page does so beside), so say it often.

    Errors: Stopped and Leaving, from every call; let them pass, so that the transaction is rolled back.
    """

    def __init__(self) -> None:
        self.name, self.done, self.total = "", 0, 0
        self.stop_asked = self.leaving = False

    def stage(self, name: str, total: int = 0) -> None:
        """A new part of the work begins: one of STAGES, or of the kind's own; `total` counts its steps, 0 when unknown."""
        self.name, self.done, self.total = name, 0, total
        self._look_up()

    def step(self, done: int) -> None:
        """So many steps of this stage are done."""
        self.done = done
        self._look_up()

    def _look_up(self) -> None:
        if self.stop_asked:
            raise Stopped
        if self.leaving:
            raise Leaving

    def told(self) -> dict[str, Any]:
        """What the page shows."""
        return {"stage": self.name, "done": self.done, "total": self.total}


Work = Callable[[dict[str, Any], Progress], Mapping[str, Any] | None]

STAGES: dict[str, Any] = {
    "reading": _l("Reading the workbook"),
    "checking": _l("Checking the rows"),
    "comparing": _l("Comparing with what is stored"),
    "saving": _l("Saving"),
    "collecting": _l("Collecting the rows"),
    "writing": _l("Writing the workbook"),
    "finishing": _l("Finishing"),
}


@dataclass(frozen=True)
class Kind:
    """A kind of long work: `function(params, progress)` gives the result, a few plain facts, `url` among them."""

    code: str
    function: Work
    title: Any
    stages: Mapping[str, Any] = field(default_factory=dict)


_kinds: dict[str, Kind] = {}


def register(kind: str, function: Work, title: Any, stages: Mapping[str, Any] | None = None) -> None:
    """Tell what a kind of job does.

    The function runs as the user who asked, with his rights as of then, inside the app but outside a request, in his
    language. It saves through services, in one transaction, and may be run twice: a worker can die after its commit.
    """
    _kinds[kind] = Kind(kind, function, title, stages or {})


def kind_of(code: str) -> Kind | None:
    """The kind with this code; None for one of a release that is gone."""
    return _kinds.get(code)


def title_of(code: str) -> str:
    """What a kind of job is called."""
    kind = _kinds.get(code)
    return str(kind.title) if kind else code


def stage_words(code: str, stage: str) -> str:
    """What a stage is called; empty before the first one."""
    kind = _kinds.get(code)
    return str({**STAGES, **(kind.stages if kind else {})}.get(stage, ""))
