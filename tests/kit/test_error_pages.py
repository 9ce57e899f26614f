"""Error pages: each kind of failure forced, as a page and as JSON."""

from __future__ import annotations

import errno
import logging
import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask, abort
from sqlalchemy.exc import DataError, IntegrityError, OperationalError
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import TooManyRequests

from app.domain.errors import broken
from app.domain.rights import Resource, Verb
from app.kit.access import NotAllowed
from app.kit.audit import AuditUnavailable

SQL = "UPDATE person SET phone = '13912345678'"


class FromDatabase(Exception):
    """What a driver says; no driver of ours is asked."""


def database_said(kind: type[Any], words: str) -> Exception:
    return kind(SQL, {}, FromDatabase(words))  # type: ignore[no-any-return]


def trail_on_a_full_disk() -> Exception:
    error = AuditUnavailable("insert failed")
    error.__cause__ = database_said(OperationalError, "database or disk is full")
    return error


FAILURES: dict[str, tuple[Any, int, str]] = {
    "integrity": (lambda: database_said(IntegrityError, "UNIQUE constraint failed: person.phone"), 409, "没有保存"),
    "locked": (lambda: database_said(OperationalError, "database is locked"), 503, "没有保存"),
    "deadlock": (lambda: database_said(OperationalError, "deadlock detected"), 503, "没有保存"),
    "away": (lambda: database_said(OperationalError, "server closed the connection unexpectedly"), 503, "没有保存"),
    "full": (lambda: database_said(OperationalError, "database or disk is full"), 507, "磁盘"),
    "full-file": (lambda: OSError(errno.ENOSPC, "No space left on device", "/srv/secret-place"), 507, "磁盘"),
    "too-large-number": (lambda: database_said(DataError, "integer out of range"), 400, "没有保存"),
    "trail": (lambda: AuditUnavailable("insert failed"), 503, "审计"),
    "trail-full": (trail_on_a_full_disk, 507, "磁盘"),
    "stale": (lambda: StaleDataError("expected 1 row"), 409, "保存"),
    "hidden": (lambda: NotAllowed(Resource.PERSONS, Verb.VIEW, hidden=True), 404, "没有找到"),
    "refused": (lambda: NotAllowed(Resource.PERSONS, Verb.EDIT), 403, "您"),
    "bug": (lambda: ZeroDivisionError("secret inside"), 500, "没有保存"),
    "file": (lambda: FileNotFoundError("/srv/secret-place"), 500, "没有保存"),
    "too-many": (lambda: TooManyRequests(retry_after=17), 429, "没有保存"),
}
LEAKS = re.compile(r"UPDATE person|13912345678|Traceback|sqlalchemy|File &#34;|/srv/|secret inside|UNIQUE|\.py", re.I)


@pytest.fixture(scope="module")
def failing_app(app: Any) -> Iterator[Flask]:
    """A portal that does not hide its errors from its own pages, with an address for every failure."""
    from app import create_app

    settings = {name: app.config[name] for name in ("SQLALCHEMY_DATABASE_URI", "INSTANCE_DIR")}
    portal = create_app(settings | {"TESTING": False, "PROPAGATE_EXCEPTIONS": False})

    def fail(name: str) -> Any:
        if name.isdecimal():
            abort(int(name))
        raise FAILURES[name][0]()

    portal.add_url_rule("/fail/<name>", "fail", fail, methods=["GET", "POST"])
    yield portal


def text_of(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


@pytest.mark.parametrize("name", FAILURES)
def test_a_failure_says_in_chinese_what_became_of_the_input_and_nothing_of_the_inside_c40(
    failing_app: Flask, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    _make, status, word = FAILURES[name]
    with caplog.at_level(logging.ERROR):
        answer = failing_app.test_client().post(f"/fail/{name}", data={"remarks": "我写的备注"})
    assert answer.status_code == status
    assert word in text_of(answer.text)
    assert not LEAKS.search(answer.text.replace("fail/" + name, "")), LEAKS.search(answer.text)
    assert "我写的备注" in answer.text, "what was typed can be copied from the page"
    number = re.search(r"<strong>([0-9A-Za-z]+)</strong>", answer.text)
    assert number
    if status >= 500 or name in ("integrity", "too-large-number"):
        assert any(number[1] in record.getMessage() for record in caplog.records), "the number stands in the log"


@pytest.mark.parametrize("name", FAILURES)
def test_a_machine_gets_the_same_as_json_c40(failing_app: Flask, name: str) -> None:
    _make, status, _word = FAILURES[name]
    answer = failing_app.test_client().post(f"/fail/{name}", json={"a": 1})
    assert answer.status_code == status and answer.is_json
    assert set(answer.json) == {"error", "message", "incident"} and all(answer.json.values())
    assert not LEAKS.search(answer.text)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 413, 414, 415, 429, 500, 501, 502])
def test_every_status_has_chinese_words_c40(failing_app: Flask, status: int) -> None:
    answer = failing_app.test_client().get(f"/fail/{status}")
    assert answer.status_code == status
    assert re.search(r"[一-鿿]{4}", text_of(answer.text[answer.text.index("<h1") :]))


def test_a_refusal_of_a_rule_is_json_for_a_machine_c40(failing_app: Flask) -> None:
    FAILURES["rule"] = (lambda: broken("reason_required", "reason"), 422, "")
    answer = failing_app.test_client().post("/fail/rule", json={})
    del FAILURES["rule"]
    assert answer.status_code == 422 and answer.json["problems"][0]["code"] == "reason_required"


def test_too_many_requests_say_how_long_to_wait_c37(failing_app: Flask) -> None:
    assert failing_app.test_client().post("/fail/too-many").headers["Retry-After"] == "17"


def test_a_missing_token_is_refused_with_words_c40(failing_app: Flask) -> None:
    failing_app.config["WTF_CSRF_ENABLED"] = True
    try:
        answer = failing_app.test_client().post("/login/", data={"username": "x", "password": "y"})
    finally:
        failing_app.config["WTF_CSRF_ENABLED"] = False
    assert answer.status_code == 400 and "重新" in text_of(answer.text)


def test_another_host_is_refused_in_plain_chinese_c36(failing_app: Flask) -> None:
    failing_app.config["TRUSTED_HOSTS"] = ["portal.example.cn"]
    try:
        client = failing_app.test_client()
        refused = client.get("/login/", headers={"Host": "evil.example.com"})
        forwarded = client.get("/login/", headers={"Host": "portal.example.cn", "X-Forwarded-Host": "evil.example.com"})
        posing = client.get("/login/", headers={"Host": "evil.example.com", "X-Forwarded-Host": "portal.example.cn"})
    finally:
        failing_app.config["TRUSTED_HOSTS"] = None
    assert refused.status_code == posing.status_code == 400
    assert "不是本系统的网址" in refused.text and "evil" not in refused.text
    assert forwarded.status_code == 200 and "evil" not in forwarded.text


def test_the_page_is_there_even_when_the_database_is_not_c40(
    failing_app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    from app.kit.sessions import DatabaseSessions

    def gone(*_args: Any) -> Any:
        raise database_said(OperationalError, "connection refused")

    monkeypatch.setattr(DatabaseSessions, "open_session", gone)
    answer = failing_app.test_client().get("/login/")
    assert answer.status_code == 503
    assert "没有保存" in answer.text and not LEAKS.search(answer.text)
