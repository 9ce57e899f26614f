"""The only clock. Business dates are those of Asia/Shanghai; instants are kept in UTC."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")
_set: ContextVar[datetime | None] = ContextVar("clock", default=None)


def now() -> datetime:
    """The present instant, in UTC, aware."""
    return _set.get() or datetime.now(UTC)


def today() -> date:
    """The business date in Shanghai."""
    return now().astimezone(SHANGHAI).date()


@contextmanager
def at(instant: datetime) -> Iterator[None]:
    """Run with the clock standing at `instant`: for tests and for replaying a demo."""
    token = _set.set(instant)
    try:
        yield
    finally:
        _set.reset(token)
