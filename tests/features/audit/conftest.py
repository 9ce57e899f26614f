"""A portal of its own, with a database and an instance folder of its own: seals need real commits."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, make_url, text

TRIGGERS = {
    "audit_entry": ("never_changed", "kept", "never_replaced", "never_emptied"),
    "audit_seal": ("never_changed", "kept", "never_replaced", "never_emptied"),
}


class Portal:
    """The app, and beside it the owner of the database, who takes the triggers away first."""

    def __init__(self, app: Any, uri: str) -> None:
        self.app, self.uri = app, uri

    def act(self, count: int = 1, name: str = "sign-in") -> None:
        """Write `count` entries, each in a commit of its own."""
        from app.kit import access, audit
        from app.kit.db import transaction

        for n in range(count):
            with self.app.app_context(), access.acting_as(access.OPERATOR), transaction(), audit.acting("accounts.add"):
                audit.record(name, "ab_user", n, {"username": ["", f"村民{n}"]})

    def verify(self, against: tuple[int, str] | None = None) -> Any:
        from app.kit.verify import verify

        with self.app.app_context():
            return verify(against)

    def codes(self) -> list[str]:
        """What verify finds, but for the missing triggers, which every tampering needs."""
        return [problem.code for problem in self.verify().problems if problem.code != "audit.unguarded"]

    def owner(self, *statements: str, guards: bool = False) -> None:
        """Run statements as the owner of the database; without `guards` he has dropped the triggers."""
        engine = create_engine(self.uri)
        with engine.begin() as connection:
            if not guards:
                for table, names in TRIGGERS.items():
                    on = f" ON {table}" if engine.dialect.name == "postgresql" else ""
                    for name in names:
                        connection.execute(text(f"DROP TRIGGER IF EXISTS {table}_{name}{on}"))
            for statement in statements:
                connection.execute(text(statement))
        engine.dispose()

    def rows(self, statement: str) -> list[Any]:
        engine = create_engine(self.uri)
        with engine.connect() as connection:
            found = list(connection.execute(text(statement)).all())
        engine.dispose()
        return found


@pytest.fixture(scope="session")
def empty_schema(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A database with the schema and nothing in it, to be copied."""
    from databases import fresh_database
    from flask_migrate import upgrade

    from app import create_app
    from app.extensions import db

    folder = tmp_path_factory.mktemp("schema")
    uri = f"sqlite:///{folder / 'schema.db'}"
    if os.environ.get("QINGDAN_TEST_DATABASE", "sqlite") != "sqlite":
        uri = fresh_database(f"audit_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}")
    app = create_app({"SQLALCHEMY_DATABASE_URI": uri, "INSTANCE_DIR": Path(folder)})
    with app.app_context():
        upgrade()
        db.session.remove()
        db.engine.dispose()
    return uri


@pytest.fixture
def portal(empty_schema: str, tmp_path: Path) -> Iterator[Portal]:
    """A portal with an empty trail of its own."""
    from databases import copied

    from app import create_app
    from app.extensions import db

    uri = copied(empty_schema, tmp_path)
    app = create_app({"SQLALCHEMY_DATABASE_URI": uri, "INSTANCE_DIR": tmp_path})
    yield Portal(app, make_url(uri).render_as_string(hide_password=False))
    with app.app_context():
        db.session.remove()
        db.engine.dispose()
