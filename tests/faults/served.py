"""The portal served in a process of its own, asked over real connections."""

from __future__ import annotations

import http.client
import os
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from factories.world import PASSWORD

ROOT = Path(__file__).resolve().parents[2]
BOUNDARY = "----torn"
MULTIPART = f"multipart/form-data; boundary={BOUNDARY}"
TYPED = "application/x-www-form-urlencoded"
UPLOAD = "/exchange/import/roster"
THREADS = 4


def free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return int(listening.getsockname()[1])


class Server:
    """The portal served by granian in a process of its own, and one account signed in to it."""

    def __init__(self, app: Any, folder: Path) -> None:
        self.port, self.temporary = free_port(), folder / "temporary"
        self.temporary.mkdir()
        self.log = (folder / "log").open("w")
        environment = os.environ | {
            "QINGDAN_PROFILE": "testing",
            "QINGDAN_INSTANCE": str(folder),
            "DATABASE_URL": app.config["SQLALCHEMY_DATABASE_URI"],
            "TMPDIR": str(self.temporary),
        }
        command = ["-m", "granian", "--interface", "wsgi", "--factory", "app:create_app", "--port", str(self.port)]
        self.process = subprocess.Popen(
            [sys.executable, *command, "--workers", "1", "--blocking-threads", str(THREADS)],
            cwd=ROOT,
            env=environment,
            stdout=self.log,
            stderr=self.log,
        )
        self.cookie = ""
        self._wait()
        self.cookie = self.sign_in("county_administrator")

    def _wait(self) -> None:
        for _ in range(600):  # a busy machine starts slowly
            try:
                self.ask("GET", "/login/")
            except OSError:
                time.sleep(0.2)
            else:
                return
        raise AssertionError("the server did not start")

    def ask(self, method: str, path: str, body: bytes = b"", patience: int = 20, **headers: str) -> Any:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=patience)
        connection.request(method, path, body, {"Cookie": self.cookie, **headers})
        answer = connection.getresponse()
        answer.words = answer.read().decode()
        connection.close()
        return answer

    def post(self, path: str, **fields: str) -> Any:
        return self.ask("POST", path, urlencode(fields).encode(), **{"Content-Type": TYPED})

    def sign_in(self, username: str) -> str:
        self.cookie = ""
        answer = self.post("/login/", username=username, password=PASSWORD)
        assert answer.status == 302 and answer.getheader("Set-Cookie"), answer.status
        return str(answer.getheader("Set-Cookie")).split(";")[0]

    def opened(self, length: int, path: str = UPLOAD, kind: str = MULTIPART) -> socket.socket:
        """A connection that has said it will send so many bytes of a form."""
        client = socket.create_connection(("127.0.0.1", self.port), timeout=20)
        head = [
            f"POST {path} HTTP/1.1",
            "Host: 127.0.0.1",
            f"Cookie: {self.cookie}",
            f"Content-Type: {kind}",
            f"Content-Length: {length}",
            "",
            "",
        ]
        client.sendall("\r\n".join(head).encode())
        return client

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(20)


def form(content: bytes, filename: str = "r.xlsx") -> bytes:
    """The form of an upload as a browser sends it."""
    parts = [
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="unit"\r\n\r\nC1\r\n'.encode(),
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="{filename}"\r\n\r\n'.encode(),
        content,
        f"\r\n--{BOUNDARY}--\r\n".encode(),
    ]
    return b"".join(parts)
