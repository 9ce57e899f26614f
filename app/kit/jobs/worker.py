"""Who runs the jobs: a process beside the server, one by hand, or, where there is none, a thread of the server itself."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import threading
import time
from typing import Any

from flask import Flask, current_app
from sqlalchemy.exc import DBAPIError

from app.kit.db import db
from app.kit.jobs import board, running

log = logging.getLogger(__name__)

SIGNS_EVERY, SWEEPS_EVERY = 3, 15
_helping = threading.Lock()


def work(*, beside: int | None = None) -> None:
    """Run jobs until told to end (SIGTERM: what runs is put back at its next step), or until the server it is beside is gone."""
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    consumer = board.queue().create_consumer(
        workers=1, periodic=False, max_delay=1, backoff=1.1, graceful_signal="TERM", shutdown_timeout=20
    )
    over = threading.Event()
    watcher = threading.Thread(target=_watch, args=(app, consumer, over, beside), name="job-signs", daemon=True)
    watcher.start()
    try:
        consumer.run()
    finally:
        over.set()
        watcher.join(timeout=5)
        board.sign_off()


def _watch(app: Flask, consumer: Any, over: threading.Event, beside: int | None) -> None:
    """Say that a worker is there, take up what others left, tell the job when the worker is to go."""
    turn = 0
    while not over.wait(0 if turn == 0 else 0.5):
        app.extensions["jobs_leaving"] = consumer.stop_flag.is_set() or consumer._signum is not None
        if beside is not None and os.getppid() != beside:
            log.warning("the server is gone: the worker beside it ends")
            os.kill(os.getpid(), signal.SIGTERM)
            beside = None
        if turn % (SIGNS_EVERY * 2) == 0:
            _guarded(app, board.sign_on)
        if turn % (SWEEPS_EVERY * 2) == 0:
            _guarded(app, running.sweep)
        turn += 1


def _guarded(app: Flask, act: Any) -> None:
    """A database or a store that is away for a moment ends no worker."""
    try:
        with app.app_context():
            try:
                act()
            finally:
                db.session.remove()
    except Exception:
        log.warning("%s failed", act.__name__, exc_info=True)


def ensure_somebody_works() -> None:
    """Where no worker is there (`flask run`, or the one there was has died) a thread of this process empties the queue."""
    if board.worker_seen() is not None or not _helping.acquire(blocking=False):
        return
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    log.warning("no worker runs: jobs are run inside the server until the queue is empty")
    threading.Thread(target=_help, args=(app,), name="job-helper", daemon=True).start()


def _help(app: Flask) -> None:
    try:
        _guarded(app, running.sweep)
        while True:
            with app.app_context():
                found = board.queue().dequeue()
                if found is None:
                    return
                board.queue().execute(found)
    except DBAPIError:
        log.warning("the queue could not be emptied", exc_info=True)
    finally:
        _helping.release()


class Beside:
    """The worker process that `portal serve` keeps beside itself: started again when it dies, ended with the server."""

    def __init__(self, command: list[str] | None = None) -> None:
        self.command = command or [sys.executable, "-m", "app", "portal", "work", "--beside", str(os.getpid())]
        self.over, self.process = threading.Event(), self._begin()
        board.sign_on()  # for the worker, which takes some seconds to begin: nobody need stand in for it meanwhile
        self.watcher = threading.Thread(target=self._keep, name="job-worker", daemon=True)
        self.watcher.start()

    def _begin(self) -> subprocess.Popen[bytes]:
        # In a session of its own: Ctrl+C in the terminal is for the server, which then ends the worker in order.
        return subprocess.Popen(self.command, start_new_session=True)

    def _keep(self) -> None:
        pause = 1
        while True:
            began = time.monotonic()
            code = self.process.wait()
            if self.over.is_set():
                return
            pause = 1 if time.monotonic() - began > 60 else min(pause * 2, 60)
            log.error("the worker ended with %s; started again in %s s", code, pause)
            if self.over.wait(pause):
                return
            self.process = self._begin()

    def end(self) -> None:
        """Ask it to go, and make it go when it does not."""
        self.over.set()
        self.process.terminate()
        try:
            self.process.wait(25)
        except subprocess.TimeoutExpired:
            self.process.kill()
