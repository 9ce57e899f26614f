"""Two questions of whoever watches the server, answered before Flask: no session, no host check, no line in the log.

`/healthz`: does the process live? `/readyz`: may it be given requests? The answer is one word for everybody;
the reason for a no stands in the log alone.
"""

from __future__ import annotations

import logging
import os
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import Connection, text
from sqlalchemy.exc import SQLAlchemyError

from app.kit import schema
from app.kit.db import side_connection

log = logging.getLogger(__name__)


def what_is_wrong(app: Flask) -> list[str]:
    """Why the portal cannot take requests; empty when it can."""
    wrong = []
    instance: Path = app.config["INSTANCE_DIR"]
    if shutil.disk_usage(instance).free < app.config["DISK_FREE_MB"] * 1024 * 1024:
        wrong.append(f"less than {app.config['DISK_FREE_MB']} MB free on the disk of the instance folder")
    if not os.access(instance, os.W_OK):
        wrong.append("the instance folder cannot be written")
    try:
        with app.app_context(), side_connection(writes=False) as connection:
            wrong += _wrong_with(connection)
    except SQLAlchemyError as error:
        wrong.append(f"the database does not answer: {type(error).__name__}")
    return wrong


def _wrong_with(connection: Connection) -> list[str]:
    wrong = []
    standing = schema.compared(schema.revision_of(connection))
    if standing is not schema.Standing.CURRENT:
        wrong.append(f"the schema is {standing}")
    if not _writable(connection):
        wrong.append("the database cannot be written")
    return wrong


def _writable(connection: Connection) -> bool:
    if connection.dialect.name == "sqlite":
        file = connection.engine.url.database
        return not file or os.access(file, os.W_OK)
    return bool(connection.execute(text("SHOW transaction_read_only")).scalar() == "off")


class Probes:
    """WSGI in front of the portal: answers the two probes, passes on everything else."""

    def __init__(self, app: Flask, inner: Any) -> None:
        self.app, self.inner = app, inner
        self.told: list[str] = []

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        if path == "/healthz":
            return self._answer(start_response, "200 OK", b"ok\n")
        if path != "/readyz":
            return self.inner(environ, start_response)  # type: ignore[no-any-return]
        wrong = what_is_wrong(self.app)
        if wrong != self.told:  # once, not at every probe
            log.warning("not ready: %s", "; ".join(wrong)) if wrong else log.info("ready again")
            self.told = wrong
        if wrong:
            return self._answer(start_response, "503 Service Unavailable", b"not ready\n")
        return self._answer(start_response, "200 OK", b"ready\n")

    @staticmethod
    def _answer(start_response: Any, status: str, body: bytes) -> Iterable[bytes]:
        headers = [("Content-Type", "text/plain"), ("Content-Length", str(len(body))), ("Cache-Control", "no-store")]
        start_response(status, headers)
        return [body]


def init_app(app: Flask) -> None:
    """Put the probes in front."""
    app.wsgi_app = Probes(app, app.wsgi_app)  # type: ignore[method-assign]
