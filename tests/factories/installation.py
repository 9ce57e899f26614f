"""Installations of a test's own: a database that is no transaction of somebody else, for threads, processes and restarts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from databases import copied


def own_installation(engine: Any, folder: Path, **settings: Any) -> Any:
    """The portal on a copy of the small county of factories/world.py."""
    from app import create_app

    engine.dispose()  # a database is copied only while nobody is connected
    uri = copied(engine.url.render_as_string(hide_password=False), folder)
    return create_app(
        {"SQLALCHEMY_DATABASE_URI": uri, "INSTANCE_DIR": folder, "BACKUP_DIR": folder / "backups"} | settings
    )


def empty_installation(folder: Path, like: Any, name: str = "target", **settings: Any) -> Any:
    """The portal on a new database without any table, of the same kind as the engine `like`, or of the kind named."""
    from databases import fresh_database

    from app import create_app

    kind = like if isinstance(like, str) else like.dialect.name
    folder.mkdir(exist_ok=True, parents=True)
    uri = f"sqlite:///{folder / 'empty.db'}" if kind == "sqlite" else fresh_database(name)
    return create_app(
        {"SQLALCHEMY_DATABASE_URI": uri, "INSTANCE_DIR": folder, "BACKUP_DIR": folder / "backups"} | settings
    )


def digests(app: Any) -> dict[str, tuple[int, str]]:
    """By table: how many rows, and a digest over all their values whatever their order and the kind of the database."""
    import hashlib
    import json

    from sqlalchemy import MetaData, select

    from app.kit.db import Base, db

    with app.app_context():
        metadata = MetaData()
        metadata.reflect(db.engine)
        found = {}
        with db.engine.connect() as connection:
            for table in metadata.sorted_tables:
                ours = Base.metadata.tables.get(table.name, table)
                columns = [ours.c.get(c.name, c) for c in table.c]
                rows = connection.execute(select(*columns)).all()
                lines = sorted(json.dumps([str(v) if v is not None else None for v in row]) for row in rows)
                found[table.name] = (len(lines), hashlib.sha256("\n".join(lines).encode()).hexdigest())
    return found
