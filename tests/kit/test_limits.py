"""What one person may ask of the portal: requests a minute, sizes, shapes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from app.config import settings
from app.kit import limits


@pytest.fixture
def counting(app: Any) -> Iterator[Any]:
    """The portal counts, with small limits; what was counted is forgotten afterwards."""
    before, app.config["LIMITS"] = app.config["LIMITS"], {cost.value: "3 per minute" for cost in limits.Cost}
    app.extensions["limits"].storage.reset()
    yield app
    app.config["LIMITS"] = before
    app.extensions["limits"].storage.reset()


def test_too_many_acts_in_a_minute_are_refused_in_chinese_and_what_was_typed_is_kept_c37(
    counting: Any, world: Any, sign_in: Any
) -> None:
    browser = sign_in("county_administrator")
    for _ in range(3):
        assert browser.post("/units/add", data={"name": ""}).status_code != 429
    answer = browser.post("/units/add", data={"name": "甲三村"})
    assert answer.status_code == 429
    assert 0 < int(answer.headers["Retry-After"]) <= 60
    assert "操作太频繁" in answer.text and "没有保存" in answer.text and "甲三村" in answer.text
    assert browser.get("/units/list/").status_code == 200, "reading goes on"


def test_one_account_does_not_use_up_what_another_may_do_c37(counting: Any, world: Any, sign_in: Any) -> None:
    first, second = sign_in("county_administrator"), sign_in("township_head")
    for _ in range(4):
        last = first.post("/units/add", data={})
    assert last.status_code == 429
    assert second.post("/units/add", data={}).status_code != 429


def test_sign_ins_are_counted_by_address_c37(counting: Any, session: Any, client: Any) -> None:
    for _ in range(3):
        assert client.post("/login/", data={"username": "x", "password": "y"}).status_code != 429
    assert client.post("/login/", data={"username": "z", "password": "y"}).status_code == 429
    elsewhere = client.post(
        "/login/", data={"username": "z", "password": "y"}, environ_base={"REMOTE_ADDR": "10.0.0.9"}
    )
    assert elsewhere.status_code != 429


def test_a_machine_is_counted_by_its_key_and_not_as_a_sign_in_c37(counting: Any, session: Any, client: Any) -> None:
    def write(key: str) -> int:
        answer = client.post("/api/v1/records/1/review", json={}, headers={"Authorization": f"Bearer {key}"})
        return int(answer.status_code)

    assert [write("qd_one") for _ in range(4)] == [401, 401, 401, 429]
    assert write("qd_two") == 401
    assert client.post("/login/", data={"username": "x", "password": "y"}).status_code != 429


def test_uploads_and_downloads_have_limits_of_their_own_c37(counting: Any, world: Any, sign_in: Any) -> None:
    browser = sign_in("county_administrator")
    for _ in range(3):
        assert browser.get("/exchange/template/roster.xlsx").status_code == 200
    assert browser.get("/exchange/template/roster.xlsx").status_code == 429
    for _ in range(3):
        assert browser.post("/exchange/import/roster", data={}).status_code != 429
    assert browser.post("/exchange/import/roster", data={}).status_code == 429


def test_a_machine_is_told_in_json_when_to_come_back_c37(counting: Any, world: Any, sign_in: Any) -> None:
    browser = sign_in("county_administrator")
    answers = [browser.post("/units/add", json={}) for _ in range(4)]
    assert answers[-1].status_code == 429 and answers[-1].is_json and answers[-1].headers["Retry-After"]


def test_the_usual_limits_are_generous_and_every_page_that_makes_a_file_is_counted_c37(app: Any) -> None:
    usual = {name: int(words.split()[0]) for name, words in settings("development")["LIMITS"].items()}
    assert set(usual) == {cost.value for cost in limits.Cost}
    assert usual["write"] >= 120 and usual["upload"] >= 20 and usual["export"] >= 30
    uncounted = [
        rule.rule
        for rule in app.url_map.iter_rules()
        if re.search(r"\.(xlsx|csv|zip|pdf)$", rule.rule)
        and getattr(app.view_functions[rule.endpoint], "__cost__", None) is None
    ]
    assert uncounted == []


@pytest.mark.parametrize(
    ("settings", "body"),
    [
        ({"MAX_CONTENT_LENGTH": 1000}, {"data": {"words": "字" * 2000}}),
        ({"MAX_FORM_MEMORY_SIZE": 1000}, {"data": {"words": "字" * 2000}}),
        ({"MAX_FORM_PARTS": 5}, {"data": {f"f{n}": "1" for n in range(20)}, "content_type": "multipart/form-data"}),
        ({"MAX_JSON_LENGTH": 1000}, {"json": {"words": "字" * 2000}}),
    ],
    ids=["body", "form", "parts", "json"],
)
def test_what_is_too_large_is_refused_in_chinese_c37(
    app: Any, world: Any, sign_in: Any, monkeypatch: pytest.MonkeyPatch, settings: dict[str, int], body: Any
) -> None:
    browser = sign_in("county_administrator")
    for name, value in settings.items():
        monkeypatch.setitem(app.config, name, value)
    answer = browser.post("/units/add", **body)
    assert answer.status_code == 413
    said = answer.json["message"] if answer.is_json else answer.text
    assert "50" in said and "没有保存" in said


def test_the_limits_of_a_request_are_set(app: Any) -> None:
    assert app.config["MAX_CONTENT_LENGTH"] == 50 * 1024 * 1024
    assert app.config["MAX_FORM_MEMORY_SIZE"] <= 8 * 1024 * 1024 and app.config["MAX_FORM_PARTS"] <= 20_000


@pytest.mark.parametrize(
    "request_of",
    [
        lambda browser: browser.get("/units/list/?q=%00"),
        lambda browser: browser.get("/units/list/?unit=" + "9" * 40),
        lambda browser: browser.get("/units/list/?q=" + "x" * 20_000),
        lambda browser: browser.get("/units/list/?_external=1&_scheme=javascript"),
        lambda browser: browser.post("/units/add", data={"name": "a\x00b"}),
        lambda browser: browser.post("/units/add", data="[" * 100_000, content_type="application/json"),
        lambda browser: browser.post("/units/add", json={"name": "a\x00b"}),
    ],
    ids=["nul", "endless number", "long query", "bent links", "nul in a form", "deep json", "nul in json"],
)
def test_what_no_page_sends_is_refused_before_it_is_used_c37(world: Any, sign_in: Any, request_of: Any) -> None:
    assert request_of(sign_in("county_administrator")).status_code == 400


QUERIES = [
    {"page": "-1"},
    {"page": "999999999999"},
    {"page": "x"},
    {"unit": "999999999999"},
    {"unit": "-1", "role": "x", "q": "%' OR 1=1 --"},
    {"round": "0", "run": "0", "sheet": "x", "month": "2026-13", "period": "9999-99", "year": "0"},
    {"period": "0000-00", "year": "999999", "unit_id": "2147483648"},
    {"psize_UnitView": "many"},
    {"page_UnitView": "next"},
    {"page_UnitView": "99999999", "psize_UnitView": "999999999", "_oc_UnitView": "nothing", "_od_UnitView": "x"},
    {"_flt_0_name": "x", "_flt_99_name": "x", "_flt_0_parent": "999999999999"},
]


@pytest.mark.parametrize("query", QUERIES, ids=lambda query: ",".join(query))
def test_no_value_in_an_address_breaks_a_page_c37(app: Any, world: Any, sign_in: Any, query: dict[str, str]) -> None:
    browser = sign_in("county_administrator")
    for rule in app.url_map.iter_rules():
        if "GET" not in (rule.methods or ()) or rule.endpoint in ("SignInView.logout",):
            continue
        values = {name: 1 if "Integer" in type(rule._converters[name]).__name__ else "1" for name in rule.arguments}
        with app.test_request_context():
            address = app.url_map.bind("localhost").build(rule.endpoint, values, method="GET")
        assert browser.get(address, query_string=query).status_code < 500, (address, query)
