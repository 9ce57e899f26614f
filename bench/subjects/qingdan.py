"""The portal itself: the list of posts, and a leader who hands in his month."""

from __future__ import annotations

import os
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bench import county
from bench.children import serve
from bench.web import LOG, Browser, median_ms, pages

PERIOD = "2026-10"
os.environ.setdefault("QINGDAN_PROFILE", "testing")


def statements_of(engine: Any) -> Any:
    """A context manager that collects the statements of an engine."""
    from sqlalchemy import event

    @contextmanager
    def counted() -> Iterator[list[str]]:
        seen: list[str] = []

        def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
            seen.append(statement)

        event.listen(engine, "before_cursor_execute", note)
        yield seen
        event.remove(engine, "before_cursor_execute", note)

    return counted


def open_months(app: Any, periods: list[str]) -> None:
    """Give the posts of the first township their duties."""
    from app.features.duties.services import open_period
    from app.features.org.queries import unit_by_code
    from app.kit import access

    with app.app_context(), access.acting_as(access.OPERATOR):
        for period in periods:
            open_period(period, units=[unit_by_code("B00")])


def records(database: str) -> list[tuple[int, str]]:
    """The monthly records that may be handed in, with the name of their leader's account, by period and leader."""
    with sqlite3.connect(database) as raw:
        return raw.execute(
            "SELECT duty.id, ab_user.username, duty.period FROM duty JOIN ab_user ON ab_user.person_id = duty.person_id "
            "JOIN form_version ON form_version.id = duty.form_version_id WHERE form_version.code = 'monthly_record' "
            "ORDER BY duty.period, duty.id"
        ).fetchall()


def fields_of(duty_id: int, period: str) -> dict[str, str]:
    """The form of the month as a leader sends it."""
    return {"period": period, "act": "submit"} | {f"d{duty_id}-{name}": value for name, value in LOG.items()}


class Submitting:
    """One leader who hands in the same record again and again; between, the record is put back, untimed."""

    def __init__(self, app: Any, database: str) -> None:
        self.database = database
        open_months(app, [PERIOD])
        self.duty = next(key for key, username, _period in records(database) if username == "leader")
        self.browser = Browser(app).sign_in("/login/", "leader", county.PASSWORD).keep_token("/duties/")

    def submit(self, times: int) -> dict[str, float]:
        fields = fields_of(self.duty, PERIOD)
        taken = median_ms(lambda: self.browser.send("/duties/", fields), range(times), self._put_back)
        with sqlite3.connect(self.database) as raw:
            state = raw.execute("SELECT state FROM duty WHERE id = ?", (self.duty,)).fetchone()[0]
            noted = raw.execute("SELECT count(*) FROM audit_entry WHERE action = 'duties.submit'").fetchone()[0]
        if state != "submitted" or noted < times:
            raise RuntimeError(f"the log is {state} after {noted} notes in the trail")
        return {"ms": taken}

    def _put_back(self) -> None:
        with sqlite3.connect(self.database) as raw:
            raw.execute("UPDATE duty SET state='open', answers='{}', submitted_at=NULL WHERE id = ?", (self.duty,))


def main(database: str) -> None:
    from app.kit.db import db

    app = county.make_app(Path(database))
    people = {who: Browser(app).sign_in("/login/", who, county.PASSWORD) for who in ("county", "township")}
    with app.app_context():
        counted = statements_of(db.engine)
    submitting = Submitting(app, database)
    serve(
        {
            "page": pages(people, lambda page: f"/posts/list/?page_PostView={page}", counted),
            "submit": submitting.submit,
        }
    )


if __name__ == "__main__":
    main(sys.argv[1])
