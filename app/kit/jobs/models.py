"""What every piece of long work says about itself."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from app.kit.access import Unscoped
from app.kit.db import Base, Instant, Stamped


class State(StrEnum):
    """Where a job stands."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


ENDED = (State.DONE, State.FAILED, State.CANCELLED)


class Job(Stamped, Base):
    """One piece of long work; the row is the truth, the queue only carries its number.

    Shape: `attempts` counts the runs, of which only the last may end the job. How far a running job is, its heart and the
    wish to stop it stand on the board (board.py), never here: on SQLite the job itself may hold the write lock.
    """

    __tablename__ = "job"
    __scope__ = Unscoped("shown to the account that asked for it, and without content to the system administrator")
    __audited__ = False

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    kind: Mapped[str] = mapped_column(String(64), index=True)
    label: Mapped[str] = mapped_column(String(200))
    user_id: Mapped[int | None] = mapped_column(Integer, index=True)  # null: the operator at the machine
    username: Mapped[str] = mapped_column(String(64))
    locale: Mapped[str] = mapped_column(String(16), default="")
    request_id: Mapped[str | None] = mapped_column(
        String(32)
    )  # of the request that asked; the trail of the job carries it
    params: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    state: Mapped[str] = mapped_column(String(16), default=State.WAITING.value, index=True)
    stage: Mapped[str] = mapped_column(String(32), default="")
    done: Mapped[int] = mapped_column(Integer, default=0)
    total: Mapped[int] = mapped_column(Integer, default=0)
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    result: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    problems: Mapped[list[Any]] = mapped_column(JSON, default=list)  # code, where, params
    queued_at: Mapped[datetime | None] = mapped_column(Instant())
    started_at: Mapped[datetime | None] = mapped_column(Instant())
    finished_at: Mapped[datetime | None] = mapped_column(Instant(), index=True)

    @property
    def ended(self) -> bool:
        """True when nothing more will happen to it."""
        return self.state in ENDED
