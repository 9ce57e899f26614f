"""What every answer carries: page, error, redirect, JSON, download, file of the program."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

KINDS = {
    "sign-in": "/login/",
    "page": "/units/list/",
    "form": "/units/add",
    "json": "/lookup/person?q=x",
    "download": "/exchange/template/roster.xlsx",
    "absent": "/no-such-page",
    "forbidden": "/rights/",
    "redirect": "/",
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_answer_keeps_others_out_and_is_kept_by_nobody_c34(world: Any, sign_in: Any, kind: str) -> None:
    headers = sign_in("county_administrator").get(KINDS[kind]).headers
    policy = headers["Content-Security-Policy"]
    assert "script-src 'self' 'nonce-" in policy and "unsafe-eval" not in policy
    assert "unsafe-inline" not in policy.split("script-src")[1].split(";")[0]
    assert all(f"{part} 'none'" in policy for part in ("frame-ancestors", "object-src", "base-uri"))
    assert "form-action 'self'" in policy and "http" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Cache-Control"] == "no-store"


def test_the_nonce_is_another_one_each_time_c34(client: Any, session: Any) -> None:
    policies = {client.get("/login/").headers["Content-Security-Policy"] for _ in range(3)}
    assert len(policies) == 3


def test_files_of_the_program_may_be_kept_and_say_what_they_are_c34(client: Any, session: Any) -> None:
    answer = client.get("/static/portal.css")
    assert answer.headers["Cache-Control"].startswith("public")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "Set-Cookie" not in answer.headers


@pytest.fixture
def production_like(app: Any) -> Iterator[None]:
    app.config["PREFERRED_URL_SCHEME"] = "https"
    yield
    app.config["PREFERRED_URL_SCHEME"] = "http"


def test_browsers_are_told_to_come_by_https_only_once_they_have_c34(
    client: Any, session: Any, production_like: None
) -> None:
    assert (
        "max-age=31536000" in client.get("/login/", base_url="https://localhost").headers["Strict-Transport-Security"]
    )
    assert "Strict-Transport-Security" not in client.get("/login/", base_url="http://localhost").headers


def test_elsewhere_nothing_is_said_about_https_c34(client: Any, session: Any) -> None:
    assert "Strict-Transport-Security" not in client.get("/login/", base_url="https://localhost").headers
