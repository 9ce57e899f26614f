"""The whole demonstration, loaded once: what a county would have after a year."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture(scope="session")
def demo_app(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A portal of its own with the demo county in it."""
    from databases import fresh_database
    from flask_migrate import upgrade

    from app import create_app, registry
    from app.cli import sync
    from app.kit import access

    folder = Path(tmp_path_factory.mktemp("demo"))
    address = f"sqlite:///{folder / 'demo.db'}"
    if os.environ.get("QINGDAN_TEST_DATABASE") == "postgresql":
        address = fresh_database(f"demo_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}")
    portal = create_app({"SQLALCHEMY_DATABASE_URI": address, "INSTANCE_DIR": folder})
    with portal.app_context():
        upgrade()
        sync()
        with access.acting_as(access.OPERATOR):
            for _name, step in registry.demo_steps():
                step()
    return portal
