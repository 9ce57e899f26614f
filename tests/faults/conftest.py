"""Installations for the fault tests: always a database of one's own, for processes are killed on it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from factories.installation import own_installation
from faults.served import Server
from faults.state import FIGURES

from app.kit.db import db


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What stands in this folder takes minutes and runs by `make faults`."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.faults)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """The figures the run found."""
    for figure in FIGURES:
        terminalreporter.write_line(figure)


@pytest.fixture
def fresh(world_engine: Any, tmp_path: Path) -> Any:
    """`fresh()` gives the portal on a new copy of the small county."""
    made: list[Any] = []

    def make(engine: Any = None, **settings: Any) -> Any:
        folder = tmp_path / f"copy{len(made)}"
        folder.mkdir()
        made.append(own_installation(world_engine if engine is None else engine, folder, **settings))
        return made[-1]

    return make


@pytest.fixture
def served(fresh: Any, tmp_path: Path) -> Iterator[tuple[Any, Server]]:
    app = fresh()
    folder = tmp_path / "served"
    folder.mkdir()
    with app.app_context():
        db.session.remove()
        db.engine.dispose()
    server = Server(app, folder)
    yield app, server
    server.stop()
