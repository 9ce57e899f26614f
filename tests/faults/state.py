"""What a database must be after anything: whole, its trail verified."""

from __future__ import annotations

from typing import Any

from sqlalchemy import MetaData, func, select, text

from app.kit import verify
from app.kit.db import db

NOT_COUNTED = {"audit_seal", "web_session", "import_batch", "request_key"}
"""Sealed after the commit, or no part of what an import or a run leaves."""


FIGURES: list[str] = []


def tell(figure: str) -> None:
    """Say a figure at the end of the run; docs/security.md keeps the last ones."""
    FIGURES.append(figure)


def counted(app: Any) -> dict[str, int]:
    """Rows by table."""
    with app.app_context(), db.engine.connect() as connection:
        metadata = MetaData()
        metadata.reflect(connection)
        return {
            table.name: connection.scalar(select(func.count()).select_from(table)) or 0
            for table in metadata.sorted_tables
            if table.name not in NOT_COUNTED
        }


def assert_whole(app: Any) -> None:
    """No broken page, no reference to nothing, every entry of the trail in its place."""
    with app.app_context():
        db.session.remove()
        if db.engine.dialect.name == "sqlite":
            with db.engine.connect() as connection:
                assert connection.execute(text("PRAGMA integrity_check")).scalar() == "ok"
                assert connection.execute(text("PRAGMA foreign_key_check")).all() == []
        verdict = verify.verify()
        assert verdict.whole, (verdict.problems, verdict.checks)
