"""kill -9 during an import: the file is fully there or fully absent, and sending it again makes no doubles."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import Any

import pytest
from factories.installation import own_installation
from factories.rosters import roster
from faults.killing import in_a_process, spread
from faults.state import assert_whole, counted, tell
from sqlalchemy import select

from app.features.exchange import queries, services
from app.features.exchange.models import ImportBatch
from app.kit import access
from app.kit.db import db

FILE = roster(30)
POINTS = 20


def preview() -> ImportBatch:
    options = services.options_from("C1", None, None, None)
    return services.preview(queries.door_of("roster"), FILE, "名册.xlsx", options)


def confirm_what_waits() -> None:
    with access.acting_as(access.OPERATOR):
        batch = db.session.scalars(select(ImportBatch).order_by(ImportBatch.id.desc())).first()
        services.confirm(batch)


@pytest.fixture
def waiting(world_engine: Any, tmp_path: Path) -> Any:
    """An installation in which the preview of a roster waits to be confirmed."""
    (tmp_path / "waiting").mkdir()
    app = own_installation(world_engine, tmp_path / "waiting")
    with app.app_context(), access.acting_as(access.OPERATOR):
        preview()
    return app


def engine_of(app: Any) -> Any:
    with app.app_context():
        db.session.remove()
        return db.engine


def states(app: Any) -> list[str]:
    with app.app_context():
        return list(db.session.scalars(select(ImportBatch.state).order_by(ImportBatch.id)))


def check_and_send_again(app: Any, before: dict[str, int], after: dict[str, int]) -> bool:
    """True when the import survived; either way the file is sent once more."""
    assert_whole(app)
    there = counted(app)
    assert there in (before, after), {name: n for name, n in there.items() if n not in (before[name], after[name])}
    assert states(app) == ["applied" if there == after else "previewed"]
    with app.app_context(), access.acting_as(access.OPERATOR):
        services.confirm(preview())
    for name in ("person", "post", "employment"):
        assert counted(app)[name] == after[name], f"doubles in {name}"
    assert_whole(app)
    return there == after


def test_an_import_killed_at_any_statement_is_there_or_is_not_f01(waiting: Any, tmp_path: Path, copies: Any) -> None:
    before = counted(waiting)
    whole = copies()
    _code, ticks, _took = in_a_process(whole, confirm_what_waits)
    after = counted(whole)
    assert ticks > POINTS and after["person"] == before["person"] + 30
    survived = []
    for at in spread(ticks, POINTS):
        app = copies()
        code, _ticks, _took = in_a_process(app, confirm_what_waits, at=at)
        assert code == signal.SIGKILL, f"the process was not killed at tick {at} of {ticks}"
        survived.append(check_and_send_again(app, before, after))
    assert not survived[0] and survived[-1], "the points do not span the commit"
    tell(
        f"F01: killed at {len(survived)} points of {ticks}: {sum(survived)} whole, {survived.count(False)} absent, 0 half, 0 doubled"
    )


def test_an_import_killed_from_outside_is_there_or_is_not_f01(waiting: Any, copies: Any) -> None:
    before = counted(waiting)
    whole = copies()
    _code, _ticks, took = in_a_process(whole, confirm_what_waits)
    after = counted(whole)
    survived = []
    for n in range(10):
        app = copies()
        in_a_process(app, confirm_what_waits, killed_after=took * n / 9)
        survived.append(check_and_send_again(app, before, after))
    tell(f"F01: killed from outside {len(survived)} times: {sum(survived)} whole, {survived.count(False)} absent")


@pytest.fixture
def copies(waiting: Any, fresh: Any) -> Any:
    """`copies()` gives a copy of that installation."""
    return lambda: fresh(engine_of(waiting))
