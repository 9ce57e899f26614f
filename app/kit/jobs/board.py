"""The queue and the board beside it: which job is next, who is alive, how far each is, who is to stop.

All of this is in huey's own store and never in the portal's database: on SQLite a job in its one big transaction holds
the write lock, and its progress must be seen and its stop be heard all the same. What stands here may be lost at any
time; the rows of `job` are the truth, and the sweep (running.py) makes it good.
"""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

from flask import Flask, current_app
from huey import Huey
from huey.constants import EmptyData
from huey.registry import Message
from huey.serializer import Serializer

from app.kit import clock

QUEUE = "qingdan"
FILE = "jobs.db"
HEART = 20
"""Seconds without a sign of life after which a worker, and what it ran, is held for dead."""


class PlainNumbers(Serializer):  # type: ignore[misc]
    """Messages are JSON: huey's usual pickle would let whoever reaches a shared store run code in the worker."""

    def _serialize(self, data: Any) -> bytes:
        return json.dumps(data).encode()

    def _deserialize(self, data: bytes) -> Any:
        read = json.loads(bytes(data))
        return Message(*read) if isinstance(read, list) else read


def _open(app: Flask) -> Huey:
    store: str = app.config["JOB_STORE"]
    settings: dict[str, Any] = {"name": QUEUE, "results": False, "serializer": PlainNumbers()}
    if store.startswith(("redis://", "rediss://", "unix://")):
        from huey import RedisHuey

        return RedisHuey(url=store, **settings)
    if store.startswith("postgres"):
        from huey import PostgresHuey

        return PostgresHuey(dsn="postgresql" + store[store.index("://") :], **settings)
    from huey import SqliteHuey

    return SqliteHuey(filename=str(Path(app.config["INSTANCE_DIR"]) / FILE), **settings)


def queue() -> Huey:
    """The queue of this installation, opened when first asked for."""
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    if "jobs" not in app.extensions:
        found = app.extensions["jobs"] = _open(app)
        _carry(app, found)
    return app.extensions["jobs"]  # type: ignore[no-any-return]


def _carry(app: Flask, found: Huey) -> None:
    """The only task the queue knows: run the job with this number."""

    @found.task(name="run")  # type: ignore[untyped-decorator]
    def run(job_id: int) -> None:
        from app.kit.jobs.running import run as run_job

        with app.app_context():
            run_job(job_id, leaving=lambda: bool(app.extensions.get("jobs_leaving")))

    found.carry = run


def send(job_id: int) -> None:
    """Put a job into the queue; twice does no harm, for only a waiting job is taken."""
    queue().carry(job_id)


def waiting() -> int:
    """How many messages wait."""
    return int(queue().storage.queue_size())


def _put(key: str, value: dict[str, Any]) -> None:
    queue().storage.put_data(key, json.dumps(value).encode())


def _get(key: str) -> dict[str, Any]:
    found = queue().storage.peek_data(key)
    return {} if found is EmptyData or found is None else dict(json.loads(bytes(found)))


def pulse(job_id: int, attempt: int, told: dict[str, Any]) -> None:
    """A sign of life of a running job, and how far it is."""
    _put(f"live:{job_id}", {"at": clock.now().timestamp(), "attempt": attempt, **told})


def live(job_id: int) -> dict[str, Any]:
    """The last sign of life of a job: at, attempt, stage, done, total; empty when there is none."""
    return _get(f"live:{job_id}")


def forget(job_id: int) -> None:
    """Take down what stands about a job that has ended."""
    for name in ("live", "stop"):
        queue().storage.delete_data(f"{name}:{job_id}")


def ask_to_stop(job_id: int) -> None:
    """Tell whoever runs the job that its user wants it stopped."""
    _put(f"stop:{job_id}", {"at": clock.now().timestamp()})


def stop_asked(job_id: int) -> bool:
    """True when its user wants the job stopped."""
    return bool(_get(f"stop:{job_id}"))


def beats(sign: dict[str, Any]) -> bool:
    """True for a sign of life that is young enough."""
    return bool(sign) and clock.now().timestamp() - float(sign["at"]) < HEART


def sign_on() -> None:
    """A worker says that it is there; kept as one sign, for one is enough."""
    _put("worker", {"at": clock.now().timestamp()})


def sign_off() -> None:
    """The worker goes; another one that is there says so again at once."""
    queue().storage.delete_data("worker")


def worker_seen() -> datetime | None:
    """When a worker last said that it is there; None when that is too long ago to count on."""
    sign = _get("worker")
    return datetime.fromtimestamp(sign["at"], clock.now().tzinfo) if beats(sign) else None
