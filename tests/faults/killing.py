"""A process killed in the midst of its work: it counts its statements and commits and sends itself SIGKILL at the n-th."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from typing import Any

from sqlalchemy import event

from app.kit.db import db

Job = Callable[[], None]


class Counter:
    """Ticks before and after every statement, and before every commit; kills the process at tick `at`."""

    def __init__(self, at: int = 0) -> None:
        self.at, self.ticks = at, 0

    def __call__(self, *_: Any) -> None:
        self.ticks += 1
        if self.ticks == self.at:
            os.kill(os.getpid(), signal.SIGKILL)

    def listen(self) -> None:
        for name in ("before_cursor_execute", "after_cursor_execute", "commit"):
            event.listen(db.engine, name, self)


def in_a_process(app: Any, job: Job, *, at: int = 0, killed_after: float | None = None) -> tuple[int, int, float]:
    """Run the job in a process of its own: (signal that ended it, ticks it counted, seconds it took).

    With `at` it kills itself at that tick; with `killed_after` it is killed from outside.
    """
    with app.app_context():
        db.session.remove()
        db.engine.dispose()
    reading, writing = os.pipe()
    started, pid = time.perf_counter(), os.fork()
    if pid == 0:
        _work(app, job, at, writing)
    os.close(writing)
    if killed_after is not None:
        time.sleep(killed_after)
        os.kill(pid, signal.SIGKILL)
    with os.fdopen(reading) as told:
        ticks = told.read()
    _pid, status = os.waitpid(pid, 0)
    code = os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0
    assert code or os.WEXITSTATUS(status) == 0, "the job failed by itself"
    return code, int(ticks or 0), time.perf_counter() - started


def _work(app: Any, job: Job, at: int, writing: int) -> None:
    """In the child, which never returns into the test runner."""
    try:
        counter = Counter(at)
        with app.app_context():
            counter.listen()
            job()
        os.write(writing, str(counter.ticks).encode())
        os._exit(0)
    except BaseException:
        import traceback

        traceback.print_exc()
        os._exit(1)


def spread(ticks: int, points: int) -> list[int]:
    """Points over the whole run, the first and the last tick among them."""
    return sorted({1 + round(n * (ticks - 1) / (points - 1)) for n in range(points)})
