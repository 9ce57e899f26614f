"""A person at a browser, over real HTTP: a cookie, the tokens of the forms, and what went wrong."""

from __future__ import annotations

import http.client
import json
import re
import uuid
from typing import Any
from urllib.parse import urlencode

_INPUT = re.compile(r"<input\b[^>]*>")
_NAME = re.compile(r'\bname="(csrf_token|request_key)"')
_VALUE = re.compile(r'\bvalue="([^"]*)"')
_TOKEN = re.compile(r'data-token="([^"]+)"')


class Failed(Exception):
    """An answer nobody should get under load."""


class Browser:
    """One account on one connection."""

    def __init__(self, port: int) -> None:
        self.port, self.cookie, self.requests = port, "", 0

    def get(self, path: str) -> str:
        """The page."""
        return self._ask("GET", path, b"", {}, (200,)).decode(errors="replace")

    def post(self, page: str, path: str, fields: dict[str, str], accept: tuple[int, ...] = (302,)) -> bytes:
        """Send a form that stands on `page`."""
        body = urlencode({**self.tokens(page), **fields}).encode()
        return self._ask("POST", path, body, {"Content-Type": "application/x-www-form-urlencoded"}, accept)

    def send(self, token: str, path: str, data: dict[str, Any]) -> Any:
        """What our own scripts send."""
        headers = {
            "Content-Type": "application/json",
            "Accept": "application/json",
            "X-CSRFToken": token,
            "X-Request-Key": uuid.uuid4().hex,
        }
        return json.loads(self._ask("POST", path, json.dumps(data).encode(), headers, (200,)))

    def tokens(self, page: str) -> dict[str, str]:
        """The hidden inputs of a page."""
        inputs = [one for one in _INPUT.findall(self.get(page)) if _NAME.search(one) and _VALUE.search(one)]
        return {_NAME.search(one)[1]: _VALUE.search(one)[1] for one in inputs}  # type: ignore[index]

    def token_of(self, page: str) -> str:
        """The token a script finds on a page."""
        found = _TOKEN.search(self.get(page))
        return found[1] if found else ""

    def _ask(self, method: str, path: str, body: bytes, headers: dict[str, str], accept: tuple[int, ...]) -> bytes:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request(method, path, body, {**headers, "Cookie": self.cookie})
            answer = connection.getresponse()
            content = answer.read()
        finally:
            connection.close()
        self.requests += 1
        if cookie := answer.getheader("Set-Cookie"):
            self.cookie = cookie.split(";")[0]
        if answer.status not in accept:
            raise Failed(f"{method} {path}: {answer.status} {answer.getheader('Location') or ''} {content[:200]!r}")
        self.location = answer.getheader("Location") or ""
        return content
