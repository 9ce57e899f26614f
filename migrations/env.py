"""Alembic inside the app: every table, Flask-AppBuilder's included, comes from here."""

from alembic import context
from flask import current_app
from sqlalchemy.types import TypeDecorator

database = current_app.extensions["migrate"].db


def render_item(kind, item, _context):
    """Our exact types are written as the plain type they are kept in, so that a migration needs nothing of the app."""
    if kind == "type" and isinstance(item, TypeDecorator):
        return f"sa.{type(item.impl_instance).__name__}()"
    return False


def run() -> None:
    """All pending steps in one transaction, on SQLite too: a step that fails leaves the database as it was."""
    with database.engine.connect() as connection:
        on_sqlite = connection.dialect.name == "sqlite"
        if on_sqlite:  # a table that is made anew must not take the rows along that refer to it
            connection.connection.driver_connection.execute("PRAGMA foreign_keys=OFF")
        context.configure(
            connection=connection,
            target_metadata=database.metadata,
            render_as_batch=on_sqlite,
            transactional_ddl=True,
            compare_type=True,
            render_item=render_item,
        )
        try:
            with context.begin_transaction():
                context.run_migrations()
                if on_sqlite:
                    refuse_dangling_rows(connection)
        finally:
            if on_sqlite:
                connection.connection.driver_connection.execute("PRAGMA foreign_keys=ON")


def refuse_dangling_rows(connection) -> None:
    """SQLite checks no reference while its foreign keys are off."""
    if dangling := connection.exec_driver_sql("PRAGMA foreign_key_check").fetchmany(5):
        raise RuntimeError(f"the migration would leave rows that refer to nothing: {dangling}")


run()
