"""Migrations own every table."""

from __future__ import annotations

from typing import Any

import pytest
from flask_migrate import downgrade, upgrade


@pytest.fixture
def empty_app(tmp_path: Any) -> Any:
    from app import create_app

    return create_app({"SQLALCHEMY_DATABASE_URI": f"sqlite:///{tmp_path / 'm.db'}", "INSTANCE_DIR": tmp_path})


def test_the_models_and_the_schema_agree(app: Any) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.runtime.migration import MigrationContext

    from app.extensions import db

    with app.app_context(), db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, db.metadata) == []


def test_up_down_and_up_again(empty_app: Any) -> None:
    from sqlalchemy import inspect

    from app.extensions import db

    with empty_app.app_context():
        upgrade()
        downgrade(revision="base")
        assert set(inspect(db.engine).get_table_names()) <= {"alembic_version"}
        upgrade()
        assert "org_unit" in inspect(db.engine).get_table_names()
