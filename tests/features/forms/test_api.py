"""The interface for machines: keys, the same rights and sentences as on the screen, and a description that is true."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app.features.accounts.models import ApiKey
from app.features.accounts.services import keys
from app.features.forms.models import FormRecord
from app.features.forms.services import publish_form
from app.kit import access, bearers, clock, openapi

SPEC = {
    "code": "patrol",
    "version": 1,
    "title": {"zh": "巡查记录"},
    "sections": [
        {
            "code": "main",
            "title": {"zh": "巡查"},
            "fields": [
                {"code": "kind", "label": {"zh": "类别"}, "type": "choice", "choices": ["fire", "flood"], "required": True,
                 "is_listed": True},
                {"code": "cost", "label": {"zh": "费用"}, "type": "money", "min": 0, "is_listed": True},
                {"code": "double", "label": {"zh": "双倍"}, "type": "money", "computed": "cost * 2"},
            ],
        }
    ],
}  # fmt: skip


@pytest.fixture
def form(world, session):
    form = publish_form(SPEC, world.units["C"], settings={"keeper_level": "village", "needs_review": True}).form
    session.commit()
    return form


def key_of(world, username, *, may_write=True, days=30):
    with access.acting_as(access.actor_of_user(world.users[username].id)):
        return {"Authorization": f"Bearer {keys.make_key('试', days, may_write)}"}


def test_a_machine_writes_reads_and_is_refused_in_words(app, world, form):
    machine, mine = app.test_client(), key_of(world, "county_administrator")
    there = f"/api/v1/forms/{form.id}/records"
    refused = machine.post(
        there, json={"unit": world.units["C1A"].id, "answers": {"cost": -1}, "submit": True}, headers=mine
    )
    assert refused.status_code == 422
    assert {(p["code"], p["where"]) for p in refused.get_json()["problems"]} == {
        ("answer.required", "kind"),
        ("answer.below_min", "cost"),
    }
    made = machine.post(
        there, json={"unit": world.units["C1A"].id, "answers": {"kind": "fire", "cost": "2.50"}}, headers=mine
    )
    assert made.status_code == 201 and made.get_json()["answers"]["double"] == "5.00"
    found = machine.get(made.headers["Location"], headers=mine).get_json()
    again = {"answers": {"kind": "flood", "cost": "3"}, "submit": True, "version": found["version"]}
    assert machine.put(f"/api/v1/records/{found['id']}", json=again, headers=mine).get_json()["state"] == "submitted"
    assert machine.put(f"/api/v1/records/{found['id']}", json=again, headers=mine).status_code in (409, 422)
    assert machine.get(f"{there}?q_kind=flood", headers=mine).get_json()["total"] == 1
    figures = machine.get(f"/api/v1/forms/{form.id}/figures?dimension=kind&aggregate=sum&measure=cost", headers=mine)
    assert figures.get_json()["rows"] == [["flood", "3.00"]]
    stranger = key_of(world, "supervisor_2")
    assert machine.get(f"/api/v1/records/{found['id']}", headers=stranger).status_code == 404
    assert machine.get(there, headers=stranger).get_json()["total"] == 0


def test_a_key_opens_only_the_interface_only_as_far_as_it_says_and_only_until_it_ends(app, world, form, session):
    machine, reader = app.test_client(), key_of(world, "county_administrator", may_write=False)
    assert machine.get("/api/v1/forms", headers=reader).status_code == 200
    assert machine.post(f"/api/v1/forms/{form.id}/records", json={}, headers=reader).status_code == 403
    assert machine.get("/home/", headers=reader).status_code == 302  # to the sign-in
    assert machine.get("/api/v1/forms").status_code == 401
    assert machine.get("/api/v1/forms", headers={"Authorization": "Bearer qd_wrong"}).status_code == 401
    key = session.query(ApiKey).one()
    assert key.digest not in reader["Authorization"]
    assert keys.open_with(reader["Authorization"].removeprefix("Bearer "))[1] is False
    session.refresh(key)
    assert key.used_at is not None
    key.expires_on = clock.today() - timedelta(days=1)
    session.commit()
    assert machine.get("/api/v1/forms", headers=reader).status_code == 401
    key.expires_on, world.users["county_administrator"].active = clock.today(), False
    session.commit()
    assert machine.get("/api/v1/forms", headers=reader).status_code == 401


def test_a_key_is_shown_once_and_revoked_by_its_owner_alone(world, session, sign_in):
    browser = sign_in("evaluator")
    shown = browser.post("/account/keys/", data={"name": "报表平台", "days": "30"}).get_data(as_text=True)
    assert "qd_" in shown and "qd_" not in browser.get("/account/keys/").get_data(as_text=True).replace("qd_…", "")
    key = session.query(ApiKey).one()
    assert sign_in("county_administrator").post(f"/account/keys/{key.id}/revoke").status_code == 404
    browser.post(f"/account/keys/{key.id}/revoke")
    session.refresh(key)
    assert key.revoked_at is not None
    assert browser.post("/account/keys/", data={"name": " ", "days": "9999"}).status_code == 422


def test_every_route_of_the_interface_is_described_and_the_forms_have_schemas(app, world, form, sign_in):
    page = sign_in("county_administrator").get("/api/v1/openapi.json").get_json()
    known = {openapi._ARGUMENT.sub(lambda m: "{" + m[2] + "}", rule.rule) for rule in app.url_map.iter_rules()}
    ours = {path for path in known if path.startswith(bearers.PATH)} - {"/api/v1/", "/api/v1/openapi.json"}
    assert set(page["paths"]) == ours
    schema = page["components"]["schemas"][f"form_{form.id}_patrol"]["properties"]
    assert schema["kind"]["enum"] == ["fire", "flood"] and schema["double"]["readOnly"]
    assert "巡查记录" in sign_in("county_administrator").get("/api/v1/").get_data(as_text=True)


def test_a_browser_that_is_signed_in_still_needs_its_token(app, world, form, session, sign_in):
    browser = sign_in("county_administrator")
    app.config["WTF_CSRF_ENABLED"] = True
    try:
        answer = browser.post(f"/api/v1/forms/{form.id}/records", json={"unit": world.units["C1A"].id, "answers": {}})
        assert answer.status_code == 400
    finally:
        app.config["WTF_CSRF_ENABLED"] = False
    with access.everything("test"):
        assert session.query(FormRecord).count() == 0
