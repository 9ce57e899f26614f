"""Whatever is typed, addressed or sent: one event is one line of the log, without secrets and without whole numbers."""

from __future__ import annotations

import io
import json
import logging
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.kit import logs

PHONE, IDENTITY, CARD, PASSWORD = "13912345678", "11010519491231002X", "6222021234567890128", "Geheim-2026-abc"
NASTY = st.text(st.sampled_from("a中\r\n\t\x00\x1b\x85\u2028\u2029%{}\"'\\;=&0"), max_size=30)


def line(message: str, *args: Any, fields: dict[str, Any] | None = None, formatter: Any = None) -> str:
    record = logging.LogRecord("app.test", logging.WARNING, __file__, 1, message, args, None)
    if fields is not None:
        record.fields = fields
    return str((formatter or logs.JsonLines()).format(record))


@given(NASTY, NASTY)
def test_no_text_starts_a_line_of_its_own_c27(before: str, after: str) -> None:
    forged = f'{before}\r\n{{"level": "INFO", "message": "signed in"}}{after}'
    for formatter in (logs.JsonLines(), logs.PlainLines()):
        written = line("refused %s", forged, formatter=formatter)
        assert not any(sign in written for sign in "\r\n\x00\x1b\x85\u2028\u2029")
    assert json.loads(line("refused %s", forged))["level"] == "WARNING"


@given(st.sampled_from([PHONE, IDENTITY, CARD]), NASTY.filter(lambda text: not text or text[-1] not in "a0"))
def test_no_whole_number_reaches_the_log_whatever_stands_before_it_c27(number: str, before: str) -> None:
    for formatter in (logs.JsonLines(), logs.PlainLines()):
        assert number not in line("said %s", f"{before}{number}，完", formatter=formatter)


@given(
    st.sampled_from(["password", "passwd", "csrf_token", "totp_secret", "new_password", "api-key"]),
    st.sampled_from(["=", ": ", "': '", '": "', " = "]),
)
def test_no_secret_reaches_the_log_by_its_name_c27(name: str, between: str) -> None:
    assert PASSWORD not in line(f"form {name}{between}{PASSWORD}&next=1")


@pytest.fixture
def log(app: Any) -> Any:
    """What the portal writes to its log meanwhile."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logs.JsonLines())
    root = logging.getLogger()
    before = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield stream
    root.removeHandler(handler)
    root.setLevel(before)


def test_a_request_leaves_no_password_cookie_token_or_number_in_the_log_c27(
    log: Any, world: Any, sign_in: Any, client: Any
) -> None:
    from factories.world import PASSWORD as RIGHT

    client.post("/login/", data={"username": f"x\r\nINFO {PHONE}", "password": PASSWORD})
    browser = sign_in("county_administrator")
    cookie = browser.get_cookie("qingdan_session").value
    person = world.persons["grid_worker"]
    browser.get(
        f"/roster/?q={PHONE}&password={PASSWORD}", headers={"User-Agent": f"x {CARD}", "X-Forwarded-For": "a\tb"}
    )
    browser.post(f"/persons/edit/{person.id}", data={"name": "x", "phone": PHONE, "remarks": IDENTITY})
    browser.post(f"/person/{person.id}/unmask", data={"reason": f"打 {PHONE}"})
    browser.get(f"/persons/show/{PHONE}%0d%0aforged")
    written = log.getvalue()
    assert written, "something was logged"
    for secret in (PHONE, IDENTITY, CARD, PASSWORD, RIGHT, cookie):
        assert secret not in written
    assert all(json.loads(one)["level"] for one in written.splitlines())


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
@given(NASTY)
def test_an_address_writes_one_line_whatever_it_holds_c27(session: Any, client: Any, log: Any, text: str) -> None:
    from urllib.parse import quote

    log.seek(0)
    log.truncate()
    client.get("/nothing/" + quote(text, safe=""))
    lines = [one for one in log.getvalue().splitlines() if json.loads(one)["logger"] == "app.access"]
    assert len(lines) == 1
