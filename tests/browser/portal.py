"""A live portal on a loopback port, as a person in front of a browser finds it."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

from werkzeug.serving import WSGIRequestHandler, make_server


class _Quiet(WSGIRequestHandler):
    def log_request(self, *_args: Any, **_kwargs: Any) -> None:
        """Say nothing: the test reports what it saw."""


class LivePortal:
    """The portal of `make run`, its security switched on, on a fresh SQLite database of its own."""

    def __init__(self, folder: Path) -> None:
        from app import create_app

        self.app = create_app(
            {
                "PROFILE": "development",
                "SECRET_KEY": "browser-tests-only-0123456789abcdef",
                "SQLALCHEMY_DATABASE_URI": f"sqlite:///{folder / 'portal.db'}",
                "INSTANCE_DIR": folder / "instance",
                "CHECK_SCHEMA": False,  # the command that makes the schema comes next
                # Hundreds of sign-ins a minute from one address are the work of this test.
                "FAB_PASSWORD_HASH_METHOD": "pbkdf2:sha256:1",
            }
        )
        self._server: Any = None

    def command(self, *words: str) -> str:
        """Run `flask …` and give what it printed."""
        result = self.app.test_cli_runner().invoke(args=list(words))
        assert result.exit_code == 0, f"flask {' '.join(words)}: {result.output}\n{result.exception!r}"
        return str(result.output)

    def start(self) -> None:
        self._server = make_server("127.0.0.1", 0, self.app, threaded=True, request_handler=_Quiet)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"
