"""A visitor without an account: every address and every method gives him the sign-in, or nothing at all."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

import pytest
from factories.addresses import ANYWHERE, addresses_of, rules_for
from factories.everything import make_everything

METHODS = ("GET", "POST", "HEAD", "OPTIONS", "PUT", "PATCH", "DELETE", "TRACE")
MARKER = "机密外人"
MOST = 3  # addresses of one route: who has no account is stopped before any of them is looked at
NOT_THERE = (
    "/api",
    "/api/v1/security/login",
    "/api/v1/security/refresh",
    "/api/v1/_openapi",
    "/api/v1/menu/",
    "/swagger/v1",
    "/users/list/",
    "/roles/list/",
    "/roles/delete/1",
    "/register/form",
    "/register/activation/x",
    "/resetpassword/form",
    "/resetmypassword/form",
    "/userinfoeditview/form",
    "/permissions/list/",
    "/viewmenus/list/",
    "/users/add",
    "/static/../app/config.py",
    "/static/%2e%2e/config.py",
    "/console",
    "/.env",
    "/instance/secret-key",
)


@pytest.fixture
def rows(world: Any, session: Any) -> dict[str, int]:
    return make_everything(world, MARKER)


def every_address(app: Any, rows: dict[str, int]) -> Iterator[str]:
    asked = {rule.rule: rule for method in ("GET", "POST", "PUT", "DELETE") for rule in rules_for(app, method)}
    for rule in asked.values():
        yield from islice(addresses_of(app, rule, rows), MOST)


def test_a_visitor_gets_the_sign_in_or_nothing_by_every_method_c30(
    app: Any, world: Any, rows: dict[str, int], client: Any
) -> None:
    for address in every_address(app, rows):
        for method in METHODS:
            answer = client.open(address, method=method)
            assert answer.status_code in (200, 302, 400, 401, 403, 404, 405), (method, address, answer.status_code)
            assert MARKER not in answer.text, (method, address)
            if answer.status_code == 302:
                assert "/login/" in answer.location, (method, address, answer.location)
            if answer.status_code == 200:
                assert method == "OPTIONS" and answer.text == "", (method, address)


def test_a_visitor_is_told_the_same_of_what_is_there_and_what_is_not_c30(
    app: Any, world: Any, rows: dict[str, int], client: Any
) -> None:
    nothing = dict.fromkeys(rows, 987654)
    for method in ("GET", "POST"):
        for rule in rules_for(app, method):
            pairs = zip(addresses_of(app, rule, rows), addresses_of(app, rule, nothing), strict=True)
            for there, absent in islice(pairs, MOST):
                one, other = (client.open(address, method=method) for address in (there, absent))
                assert one.status_code == other.status_code, (method, there)


@pytest.mark.parametrize("address", NOT_THERE)
def test_the_doors_of_the_framework_are_walled_up_c30(client: Any, session: Any, address: str) -> None:
    for method in METHODS:
        answer = client.open(address, method=method)
        empty = method == "OPTIONS" and answer.text == ""
        assert empty or answer.status_code in (301, 302, 308, 400, 404, 405), (method, address)
        assert client.open(address, method=method, follow_redirects=method == "GET").status_code in (200, 302, 404, 405)


def test_what_is_everybody_s_is_a_short_list_c30(app: Any) -> None:
    """The sign-in, signing out, the language, back, and files of the program: a new one must be thought about here."""
    guarded = {rule.endpoint for method in METHODS for rule in rules_for(app, method)}
    everybody = {rule.endpoint for rule in app.url_map.iter_rules()} - guarded
    assert everybody <= ANYWHERE
