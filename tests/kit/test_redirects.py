"""Where `next` may lead: nowhere but to a page of this portal."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from factories.world import PASSWORD

from app.kit import redirects

ELSEWHERE = [
    "http://evil.example/",
    "https://evil.example/",
    "//evil.example/",
    "///evil.example/",
    "/\\evil.example",
    "\\\\evil.example",
    "/%5Cevil.example",
    "/%2F/evil.example",
    "https:evil.example",
    "javascript:alert(1)",
    "\t//evil.example",
    "/\t/evil.example",
    "/%09/evil.example",
    "http://localhost@evil.example/",
    "evil.example",
    "/ok\r\nSet-Cookie: a=b",
    "",
]
HERE = ["/roster/", "/accounts/?state=locked&page=2", "/tree/?q=%E6%9D%91", "/a//b?next=//c"]


@pytest.mark.parametrize("address", ELSEWHERE)
def test_an_address_elsewhere_is_none_c36(address: str) -> None:
    assert redirects.local(address) == ""


@pytest.mark.parametrize("address", HERE)
def test_a_path_of_the_portal_stays_as_it_is_c36(address: str) -> None:
    assert redirects.local(address) == address


@pytest.mark.parametrize("host", ["localhost", "evil.example"])
@pytest.mark.parametrize("address", ELSEWHERE)
def test_signing_in_leads_only_to_a_page_of_the_portal_c36(
    world: Any, app: Any, monkeypatch: Any, address: str, host: str
) -> None:
    monkeypatch.setitem(app.config, "TRUSTED_HOSTS", ["localhost"])
    browser = app.test_client()
    data = {"username": "volunteer", "password": PASSWORD}
    answer = browser.post("/login/", query_string={"next": address}, data=data, headers={"Host": host})
    if host != "localhost":
        assert answer.status_code == 400
        return
    assert answer.location == "/"
    again = browser.get("/login/", query_string={"next": address})
    assert again.location == "/"  # for whoever is signed in already, too


def test_signing_in_leads_where_one_wanted_to_go_c36(world: Any, app: Any) -> None:
    wanted = "/accounts/?state=locked&page=2"
    data = {"username": "volunteer", "password": PASSWORD}
    assert app.test_client().post("/login/", query_string={"next": wanted}, data=data).location == wanted
    refused = app.test_client().post("/login/", query_string={"next": wanted}, data=data | {"password": "x"})
    assert refused.location == "/login/?next=%2Faccounts/%3Fstate%3Dlocked%26page%3D2" or "next=" in refused.location


def test_an_ordinary_sign_in_is_no_invalid_redirect_in_the_log_c36(world: Any, app: Any, caplog: Any) -> None:
    with caplog.at_level(logging.WARNING):
        app.test_client().post("/login/", data={"username": "volunteer", "password": PASSWORD})
    assert "Invalid redirect" not in caplog.text
