"""The log of the server: one JSON line an event, every line with the number of its request, no secrets in any."""

from __future__ import annotations

import json
import logging
import re
import secrets
import sys
import time
from datetime import UTC, datetime
from typing import Any

from flask import Flask, Response, g, has_app_context, request
from werkzeug.middleware.proxy_fix import ProxyFix

from app.kit import masking

access_log = logging.getLogger("app.access")
_GIVEN_ID = re.compile(r"[0-9A-Za-z_-]{8,32}")
_SILENT = ("/static/",)
_SECRET_WORD = r"[\w-]*(?:password|passwd|passphrase|secret|token|api[_-]?key|csrf)[\w-]*"
_SECRETS = (
    (re.compile(r"(?im)\b((?:set-)?cookie|authorization)(['\"]?\s*[:=]\s*)[^\r\n]+"), r"\1\2***"),
    (re.compile(rf"(?i)\b({_SECRET_WORD})(['\"]?\s*[:=]\s*)(\"[^\"]*\"|'[^']*'|[^\s,;&)}}\]]+)"), r"\1\2***"),
    (re.compile(r"(?i)\bbearer\s+\S+"), "Bearer ***"),
    (re.compile(r"://([^:/@\s]+):[^@\s]+@"), r"://\1:***@"),
)
_NUMBER = re.compile(r"(?<![0-9A-Za-z])(?:\d{15,19}|\d{17}[Xx]|1[3-9]\d{9})(?![0-9A-Za-z])")
_CONTROL = re.compile(r"[\x00-\x1f\x7f\u0085\u2028\u2029]")


def scrub(text: str) -> str:
    """The text without passwords, tokens and cookies; numbers of telephones, identity and bank cards are masked."""
    for pattern, instead in _SECRETS:
        text = pattern.sub(instead, text)
    return _NUMBER.sub(lambda found: masking.phone(found.group()), text)


def request_id() -> str | None:
    """The number of the request being answered, or that asked for the job being done; the same in the log, in the trail and in the header X-Request-Id."""
    return g.get("request_id") if has_app_context() else None


class JsonLines(logging.Formatter):
    """One event, one line: what a user typed cannot start a line of its own, because JSON writes line ends as \\n."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "request_id": request_id(),
            "message": scrub(record.getMessage()),
            **{name: scrub(v) if isinstance(v, str) else v for name, v in getattr(record, "fields", {}).items()},
        }
        if record.exc_info:
            line["error"] = scrub(self.formatException(record.exc_info))
        text = json.dumps({key: value for key, value in line.items() if value is not None}, ensure_ascii=False)
        return _CONTROL.sub(lambda found: f"\\u{ord(found.group()):04x}", text)


class PlainLines(logging.Formatter):
    """For a developer's terminal."""

    def format(self, record: logging.LogRecord) -> str:
        fields = " ".join(f"{key}={value}" for key, value in getattr(record, "fields", {}).items())
        number = (request_id() or "-")[:8]
        text = f"{record.levelname:7} {number} {record.getMessage()} {fields}".rstrip()
        text = _CONTROL.sub(lambda found: f"\\x{ord(found.group()):02x}", scrub(text))
        return text + ("\n" + scrub(self.formatException(record.exc_info)) if record.exc_info else "")


def of_server(kind: str) -> dict[str, Any] | None:
    """What granian is told about its own lines: the same form; None leaves them as granian writes them."""
    if kind != "json":
        return None
    json_lines = {"()": f"{__name__}.{JsonLines.__name__}"}
    return {"formatters": {"generic": json_lines, "access": json_lines}}


class _Ours(logging.StreamHandler[Any]):
    """Known by its class, so that a second app of the same process takes its place instead of writing every line twice."""


def _write_to(stream: Any, formatter: logging.Formatter) -> None:
    root = logging.getLogger()
    root.handlers[:] = [handler for handler in root.handlers if not isinstance(handler, _Ours)]
    handler = _Ours(stream)
    handler.setFormatter(formatter)
    root.addHandler(handler)
    logging.getLogger("app").setLevel(logging.INFO)


def _number_request() -> None:
    given = request.headers.get("X-Request-Id", "") if _PROXIES in request.environ else ""
    g.request_id = given if _GIVEN_ID.fullmatch(given) else secrets.token_hex(8)
    g.request_began = time.perf_counter()


def _finish(response: Response) -> Response:
    number = g.get("request_id")
    if number is None:  # another hook answered before us
        return response
    response.headers["X-Request-Id"] = number
    if not request.path.startswith(_SILENT):
        actor = g.get("actor")
        fields = {
            "method": request.method,
            "path": request.path,
            "status": response.status_code,
            "ms": round((time.perf_counter() - g.request_began) * 1000),
            "user_id": actor.user_id if actor else None,
            "address": request.remote_addr,
        }
        access_log.info("request", extra={"fields": fields})
    return response


_PROXIES = "werkzeug.proxy_fix.orig"


def init_app(app: Flask) -> None:
    """Number every request, log it, and believe as many proxies about the address and the scheme as the settings name.

    To be called before any other hook is registered, so that the number is there first and the line is written last.
    """
    if app.config["PROXIES"]:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=app.config["PROXIES"], x_proto=app.config["PROXIES"], x_host=0)  # type: ignore[method-assign]
    app.before_request(_number_request)
    app.after_request(_finish)
    if app.config["LOG_FORMAT"]:
        _write_to(sys.stderr, JsonLines() if app.config["LOG_FORMAT"] == "json" else PlainLines())
