"""One app and one schema a session; one rolled-back transaction a test."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from browser.chromium import what_is_missing
from flask import g
from flask.testing import FlaskClient
from hypothesis import settings

os.environ.setdefault("QINGDAN_PROFILE", "testing")
settings.register_profile("house", deadline=None)  # no test fails on time; a busy machine is no bug
settings.load_profile("house")


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Tests that drive a browser say what to install where it is missing."""
    if item.get_closest_marker("browser") and what_is_missing():
        pytest.skip(what_is_missing())


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """A run without a browser must not look like a run in which the browser tests passed."""
    if any("apt-get install chromium" in str(report.longrepr) for report in terminalreporter.stats.get("skipped", [])):
        terminalreporter.write_sep("=", "THE BROWSER TESTS DID NOT RUN", red=True, bold=True)
        terminalreporter.write_line(what_is_missing())


@pytest.fixture(scope="session")
def database_uri(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A SQLite file, or with QINGDAN_TEST_DATABASE=postgresql a database on a PostgreSQL server of our own."""
    if os.environ.get("QINGDAN_TEST_DATABASE", "sqlite") == "sqlite":
        return f"sqlite:///{tmp_path_factory.mktemp('db') / 'test.db'}"
    from databases import fresh_database

    return fresh_database(os.environ.get("PYTEST_XDIST_WORKER", "main"))


class Browser(FlaskClient):
    """A browser whose requests share the test's app context, and so its session, but nothing else of it."""

    def open(self, *args: Any, **kwargs: Any) -> Any:
        for name in list(g):  # who is signed in, among others, would stay from the request before
            g.pop(name)
        return super().open(*args, **kwargs)


@pytest.fixture(scope="session")
def app(database_uri: str, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The portal with its schema and reference data."""
    from flask_migrate import upgrade

    from app import create_app, registry

    registry.load_models()  # a test file may have loaded one table alone, and Flask-AppBuilder asks for all
    from app.cli import sync

    flask_app = create_app(
        {"SQLALCHEMY_DATABASE_URI": database_uri, "INSTANCE_DIR": Path(tmp_path_factory.mktemp("instance"))}
    )
    flask_app.test_client_class = Browser
    with flask_app.app_context():
        upgrade()
        sync()
    return flask_app


@pytest.fixture(scope="session")
def world_engine(app: Any, database_uri: str, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A second database with the small county of factories/world.py in it, made once: tests start from it and roll back."""
    from databases import copied
    from factories.world import make_world
    from sqlalchemy import create_engine

    from app.kit import access
    from app.kit.db import configure_sqlite, db

    with app.app_context():
        db.session.remove()
        db.engine.dispose()
        engine = create_engine(copied(database_uri, Path(tmp_path_factory.mktemp("world"))))
        if engine.dialect.name == "sqlite":
            configure_sqlite(engine)
        empty, db.engines[None] = db.engine, engine
        with access.acting_as(access.OPERATOR):
            make_world()
        db.session.remove()
        db.engines[None] = empty
    return engine


@pytest.fixture
def session(app: Any, request: pytest.FixtureRequest) -> Iterator[Any]:
    """The database session inside an outer transaction that is rolled back; commits become savepoints."""
    from app.kit.db import db

    with_world = "world" in request.fixturenames
    with app.app_context():
        empty = db.engine
        engine = request.getfixturevalue("world_engine") if with_world else empty
        connection = engine.connect()
        outer = connection.begin()
        connection.name = engine.name
        db.engines[None] = connection
        db.session.remove()
        db.session.configure(join_transaction_mode="create_savepoint")
        try:
            yield db.session
        finally:
            db.session.remove()
            outer.rollback()
            connection.close()
            db.engines[None] = empty


@pytest.fixture
def operator(session: Any) -> Iterator[Any]:
    """The operator acts."""
    from app.kit import access

    with access.acting_as(access.OPERATOR) as who:
        yield who


@pytest.fixture
def world(operator: Any) -> Any:
    """A small county with two townships, and one account for each role in the first of each; see factories/world.py."""
    from factories.world import known_world

    return known_world()


@pytest.fixture
def client(app: Any, session: Any) -> Any:
    """A browser without a session."""
    return app.test_client()


@pytest.fixture
def sign_in(app: Any, session: Any) -> Any:
    """`sign_in(username)` gives a browser signed in to that account."""
    from factories.world import PASSWORD

    def sign(username: str) -> Any:
        browser = app.test_client()
        answer = browser.post("/login/", data={"username": username, "password": PASSWORD})
        assert answer.status_code == 302, f"{username} could not sign in"
        return browser

    return sign
