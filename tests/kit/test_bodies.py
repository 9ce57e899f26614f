"""What is sent is read whole before anything is done: no half form is saved, no crawling client holds the database."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from factories.installation import own_installation
from factories.world import PASSWORD

from app.features.duties.models import Lead
from app.kit import bodies
from app.kit.db import db

REPORT = {"category": "civility", "place": "桥头", "words": "栏杆松动，请派人来看"}
TYPED = "application/x-www-form-urlencoded"
BOUNDARY = "--b"


def as_form() -> tuple[bytes, str]:
    return urlencode(REPORT).encode(), TYPED


def as_parts() -> tuple[bytes, str]:
    lines = [f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{k}"\r\n\r\n{v}\r\n' for k, v in REPORT.items()]
    return "".join([*lines, f"--{BOUNDARY}--\r\n"]).encode(), f"multipart/form-data; boundary={BOUNDARY}"


def post(browser: Any, content: bytes, kind: str, said: int) -> Any:
    """A report of which `said` bytes were announced and these came; the stream just ends, as with granian."""
    return browser.post(
        "/leads/new",
        input_stream=io.BytesIO(content),
        content_type=kind,
        environ_overrides={"wsgi.input_terminated": True, "CONTENT_LENGTH": str(said)},
    )


@pytest.mark.parametrize("made", [as_form, as_parts])
@pytest.mark.parametrize("missing", [1, 20, 60])
def test_a_form_that_breaks_off_is_refused_and_nothing_of_it_saved_f16(
    world: Any, session: Any, sign_in: Any, made: Any, missing: int
) -> None:
    browser, (whole, kind) = sign_in("grid_worker"), made()
    assert post(browser, whole[:-missing], kind, len(whole)).status_code == 400
    assert session.query(Lead).count() == 0
    assert post(browser, whole, kind, len(whole)).status_code == 302
    assert session.query(Lead).one().words == REPORT["words"]


def test_the_database_is_left_alone_while_a_body_comes_in_f16(world_engine: Any, tmp_path: Path) -> None:
    """On SQLite whoever may write holds the lock from his first statement, so it must not be his before his last byte."""
    app = own_installation(world_engine, tmp_path)
    browser = app.test_client()
    assert browser.post("/login/", data={"username": "grid_worker", "password": PASSWORD}).status_code == 302
    held: list[bool] = []

    class Crawling(io.BytesIO):
        def readinto(self, buffer: Any) -> int:
            held.append(db.session().in_transaction())
            return super().readinto(buffer)

        def read(self, size: int | None = -1) -> bytes:
            held.append(db.session().in_transaction())
            return super().read(size)

    content, kind = as_form()
    answer = browser.post("/leads/new", input_stream=Crawling(content), content_length=len(content), content_type=kind)
    assert answer.status_code == 302
    assert held and not any(held)
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


def test_a_stranger_may_send_as_much_as_a_sign_in_takes_and_no_more_c37(client: Any) -> None:
    much = {"username": "a", "password": "b" * (bodies.STRANGERS + 1)}
    assert client.post("/login/", data=much).status_code == 413
    assert client.post("/login/", data={"username": "a", "password": "b"}).status_code != 413
