"""The log: numbered requests, one line an event, no secrets."""

from __future__ import annotations

import io
import json
import logging
from typing import Any

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from app.kit import logs


def small_app(proxies: int = 0) -> Flask:
    app = Flask("small")
    app.config.update(PROXIES=proxies, LOG_FORMAT="")
    logs.init_app(app)

    @app.get("/where")
    def where() -> Any:
        from flask import request

        return {"address": request.remote_addr, "scheme": request.scheme, "id": logs.request_id()}

    return app


def written(message: str, formatter: logging.Formatter | None = None, **fields: Any) -> str:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(formatter or logs.JsonLines())
    record = logging.LogRecord("app.x", logging.INFO, __file__, 1, message, (), None)
    record.fields = fields
    handler.emit(record)
    return stream.getvalue()


def test_the_number_of_a_request_is_ours_unless_a_known_proxy_gave_one() -> None:
    given_id = {"X-Request-Id": "0123456789abcdef0123456789abcdef", "X-Forwarded-For": "203.0.113.9"}
    direct = small_app().test_client().get("/where", headers=given_id)
    assert direct.headers["X-Request-Id"] == direct.json["id"] != given_id["X-Request-Id"]
    assert direct.json["address"] == "127.0.0.1"
    behind = small_app(proxies=1).test_client().get("/where", headers=given_id)
    assert behind.headers["X-Request-Id"] == given_id["X-Request-Id"]
    assert behind.json["address"] == "203.0.113.9"


def test_only_as_many_proxies_are_believed_as_there_are_c23() -> None:
    forged = {"X-Forwarded-For": "6.6.6.6, 203.0.113.9", "X-Forwarded-Proto": "https"}
    answer = small_app(proxies=1).test_client().get("/where", headers=forged).json
    assert answer["address"] == "203.0.113.9" and answer["scheme"] == "https"


@pytest.mark.parametrize("bad", ["x", "a" * 33, "two words here", 'quote"quote"', "line%0aline"])
def test_a_number_that_is_no_number_is_replaced(bad: str) -> None:
    answer = small_app(proxies=1).test_client().get("/where", headers={"X-Request-Id": bad})
    assert answer.headers["X-Request-Id"] != bad


def test_a_line_holds_who_what_and_how_long_and_no_query(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, logger="app.access"):
        small_app().test_client().get("/where?phone=13800138000")
    (record,) = [r for r in caplog.records if r.name == "app.access"]
    assert record.fields["method"] == "GET" and record.fields["path"] == "/where" and record.fields["status"] == 200
    assert "13800138000" not in written(record.getMessage(), **record.fields)
    assert json.loads(written("x"))["time"].endswith("+00:00")


@given(st.text())
def test_no_text_makes_a_second_line_c27(text: str) -> None:
    for formatter in (logs.JsonLines(), logs.PlainLines()):
        assert len(written(text, formatter).rstrip("\n").splitlines()) <= 1
    assert len(written("m", path=text).rstrip("\n").splitlines()) == 1


@pytest.mark.parametrize(
    "text",
    [
        "password=Canary7 rest",
        "{'new_password': 'Canary7'}",
        '"token": "Canary7"',
        "Cookie: qingdan_session=Canary7; other=Canary7",
        "Authorization: Basic Canary7",
        "bearer Canary7",
        "postgresql://portal:Canary7@db/qingdan",
        "csrf_token=Canary7&x=1",
        "BACKUP_PASSPHRASE=Canary7",
    ],
)
def test_a_secret_never_reaches_the_log_c27(text: str) -> None:
    assert "Canary7" not in written(text)


def test_numbers_of_persons_are_masked_c27() -> None:
    assert "13812341234" not in written("x", path="/search/13812341234")
    line = written("phone 13812341234, identity 222401199001011234, card 6222021234567890123, row 20261125")
    assert "13812341234" not in line and "138****1234" in line
    assert "222401199001011234" not in line and "6222021234567890123" not in line and "20261125" in line


def test_the_error_of_a_line_is_scrubbed_too_c27() -> None:
    try:
        raise ValueError("token=Canary7")
    except ValueError as error:
        record = logging.LogRecord("app.x", 40, __file__, 1, "failed", (), (type(error), error, error.__traceback__))
    assert "Canary7" not in logs.JsonLines().format(record)


def test_the_lines_of_the_server_itself_have_the_same_form() -> None:
    import subprocess
    import sys

    code = (
        "import logging; from granian.log import LogLevels, configure_logging; from app.kit.logs import of_server;"
        "configure_logging(LogLevels.info, of_server('json')); logging.getLogger('_granian').info('Listening\\nat')"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=logs.__file__.rsplit("/app/")[0]
    )
    assert json.loads(done.stdout)["message"] == "Listening\nat" and len(done.stdout.splitlines()) == 1, done.stderr
