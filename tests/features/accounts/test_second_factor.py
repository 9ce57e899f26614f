"""The second factor: who owes it, what opens before it, and that a code is good once."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pyotp
import pytest
import time_machine
from factories.world import PASSWORD

from app.features.accounts import second_factor
from app.features.accounts.models import PortalUser
from app.kit import access, clock
from app.kit.audit import AuditEntry
from app.kit.db import db


@pytest.fixture(autouse=True)
def asked_for(app: Any, monkeypatch: Any) -> None:
    monkeypatch.setitem(app.config, "SECOND_FACTOR", "required_roles")


@pytest.fixture(autouse=True)
def standing() -> Any:
    with time_machine.travel(clock.now(), tick=False) as traveller:
        yield traveller


def password_given(app: Any, username: str) -> Any:
    browser = app.test_client()
    answer = browser.post("/login/", data={"username": username, "password": PASSWORD})
    assert answer.location == "/login/code", answer.location
    return browser


def enrolled(app: Any, username: str) -> tuple[str, list[str]]:
    """The secret and the recovery codes of an account that sets up its factor at its sign-in."""
    browser = password_given(app, username)
    page = browser.get("/login/code").get_data(as_text=True)
    secret = re.search(r"<code>([A-Z2-7 ]+)</code>", page)[1].replace(" ", "")
    assert "<svg" in page and "<script" not in page[page.index("<svg") : page.index("</svg>")]
    done = browser.post("/login/code", data={"code": code_of(secret)})
    assert done.status_code == 200 and browser.get("/account/").status_code == 200
    return secret, re.findall(r"<li><code>([a-z0-9-]+)</code>", done.get_data(as_text=True))


def code_of(secret: str, later: int = 0) -> str:
    return pyotp.TOTP(secret).at(int(clock.now().timestamp()) + later)


def entered(app: Any, username: str, code: str) -> bool:
    browser = password_given(app, username)
    browser.post("/login/code", data={"code": code})
    return bool(browser.get("/account/").status_code == 200)


def test_the_three_administrators_and_publishers_owe_a_code_and_others_do_not_c09(world: Any, app: Any) -> None:
    owing = {name for name, user in world.users.items() if second_factor.owed(user)}
    assert owing >= {"system_administrator", "security_administrator", "audit_administrator", "county_administrator"}
    assert not owing & {"volunteer", "grid_worker", "sub_grid_leader", "village_supervision_committee"}
    answer = app.test_client().post("/login/", data={"username": "volunteer", "password": PASSWORD})
    assert answer.location == "/"


def test_who_may_publish_owes_a_code_whatever_the_role_is_called_c09(world: Any) -> None:
    from app.domain.rights import Resource, Verb

    for user in world.users.values():
        who = access.actor_of_user(user.id)
        publishes = any(
            who.holds(resource, verb)
            for resource in (Resource.SCORES, Resource.RANKINGS, Resource.PAY, Resource.RULES)
            for verb in (Verb.PUBLISH, Verb.APPROVE)
        )
        assert not publishes or second_factor.owed(user), user.username


def test_the_same_code_is_refused_the_second_time_c09(world: Any, app: Any, standing: Any) -> None:
    secret, _codes = enrolled(app, "security_administrator")
    assert not entered(app, "security_administrator", code_of(secret))  # the one that set it up
    standing.shift(timedelta(seconds=30))
    code = code_of(secret)
    assert entered(app, "security_administrator", code)
    assert not entered(app, "security_administrator", code)


def test_a_code_of_the_half_minute_before_or_after_is_taken_and_none_further_away_c09(
    world: Any, app: Any, standing: Any
) -> None:
    secret, _codes = enrolled(app, "security_administrator")
    standing.shift(timedelta(minutes=10))
    assert not entered(app, "security_administrator", code_of(secret, -60))
    assert not entered(app, "security_administrator", code_of(secret, 60))
    assert entered(app, "security_administrator", code_of(secret, -30))
    assert entered(app, "security_administrator", code_of(secret, 30))
    assert not entered(app, "security_administrator", code_of(secret))  # older than the last one used


def test_no_page_but_its_own_opens_between_password_and_code_c09(world: Any, app: Any) -> None:
    browser = password_given(app, "system_administrator")
    for rule in app.url_map.iter_rules():
        if (
            "GET" in rule.methods
            and not rule.arguments
            and rule.endpoint.split(".")[-1] not in ("second_step", "login")
        ):
            answer = browser.get(rule.rule)
            assert answer.status_code in (302, 308, 401, 403, 404) or b"system_administrator" not in answer.data, rule
    assert browser.get("/account/").location.startswith("/login/")
    assert browser.get("/accounts/").location.startswith("/login/")


def test_the_second_step_opens_to_nobody_who_has_not_given_a_password_c09(world: Any, app: Any) -> None:
    browser = app.test_client()
    assert browser.get("/login/code").location == "/login/"
    assert browser.post("/login/code", data={"code": "123456"}).location == "/login/"


def test_the_second_step_waits_five_minutes_c09(world: Any, app: Any, standing: Any) -> None:
    browser = password_given(app, "system_administrator")
    standing.shift(timedelta(minutes=6))
    assert browser.get("/login/code").location == "/login/"


@pytest.mark.parametrize("act", ["deactivate", "reset"])
def test_what_ends_sessions_ends_the_waiting_for_a_code_too_c09(world: Any, app: Any, session: Any, act: str) -> None:
    secret, _codes = enrolled(app, "county_administrator")
    browser, user = password_given(app, "county_administrator"), world.users["county_administrator"]
    result = app.test_cli_runner().invoke(args=["accounts", act, user.username])
    assert result.exit_code == 0, result.output
    browser.post("/login/code", data={"code": code_of(secret, 30)})
    assert browser.get("/account/").status_code == 302


def test_five_wrong_codes_lock_the_account_and_a_right_password_between_does_not_help_c09(
    world: Any, app: Any, session: Any, standing: Any
) -> None:
    secret, _codes = enrolled(app, "security_administrator")
    standing.shift(timedelta(minutes=1))
    for _ in range(5):
        assert not entered(app, "security_administrator", "000000")
    answer = app.test_client().post("/login/", data={"username": "security_administrator", "password": PASSWORD})
    assert answer.location.startswith("/login/?") or answer.location == "/login/"
    assert session.query(AuditEntry).filter_by(kind="account locked").count() == 1
    standing.shift(timedelta(minutes=11))
    assert entered(app, "security_administrator", code_of(secret))


def test_a_recovery_code_signs_in_once_c09(world: Any, app: Any) -> None:
    _secret, codes = enrolled(app, "security_administrator")
    assert len(codes) == len(set(codes)) == 10
    assert entered(app, "security_administrator", codes[3].upper().replace("-", " "))
    assert not entered(app, "security_administrator", codes[3])
    assert entered(app, "security_administrator", codes[4])


@pytest.mark.parametrize("code", ["", "12345", "abcdef", "１２３４５６", "٠١٢٣٤٥", "0" * 200])
def test_what_is_no_code_is_refused_c09(world: Any, app: Any, code: str) -> None:
    enrolled(app, "security_administrator")
    assert not entered(app, "security_administrator", code)


def test_a_copied_table_gives_neither_codes_nor_recovery_codes_c09(world: Any, app: Any, session: Any) -> None:
    secret, codes = enrolled(app, "security_administrator")
    user = session.query(PortalUser).filter_by(username="security_administrator").one()
    session.refresh(user)
    assert secret not in user.totp_secret and not {code.replace("-", "") for code in codes} & set(user.recovery_codes)
    trail = str([entry.changes for entry in session.query(AuditEntry)])
    assert user.totp_secret not in trail and user.recovery_codes[0] not in trail and secret not in trail


def test_the_key_may_change_while_the_old_one_is_named_c09(world: Any, app: Any, monkeypatch: Any) -> None:
    sealed, old = second_factor.new_secret(), app.config["SECRET_KEY"]
    secret = second_factor.opened(sealed)
    monkeypatch.setitem(app.config, "SECRET_KEY", "another-key-0123456789abcdef0123456789")
    assert second_factor.opened(sealed) is None
    monkeypatch.setitem(app.config, "SECRET_KEY_FALLBACKS", [old])
    assert second_factor.opened(sealed) == secret


def test_the_security_administrator_takes_off_a_lost_factor_c09(
    world: Any, app: Any, session: Any, sign_in: Any
) -> None:
    enrolled(app, "county_administrator")
    user_id = world.users["county_administrator"].id
    app.config["SECOND_FACTOR"] = "off"
    assert sign_in("system_administrator").post(f"/accounts/{user_id}/reset-factor").status_code == 403
    assert sign_in("security_administrator").post(f"/accounts/{user_id}/reset-factor").status_code == 302
    session.expire_all()
    user = db.session.get(PortalUser, user_id)
    assert user.totp_secret is None and user.recovery_codes is None
    assert session.query(AuditEntry).filter_by(action="accounts.reset_factor", table_name="ab_user").count() == 1
    app.config["SECOND_FACTOR"] = "required_roles"
    enrolled(app, "county_administrator")  # the next sign-in sets up a new one


def test_anybody_may_set_up_a_factor_and_then_owes_it_c09(world: Any, app: Any, sign_in: Any, standing: Any) -> None:
    browser = sign_in("volunteer")
    page = browser.get("/account/second-factor").get_data(as_text=True)
    secret = re.search(r"<code>([A-Z2-7 ]+)</code>", page)[1].replace(" ", "")
    wrong = browser.post("/account/second-factor", data={"code": "000000"}).get_data(as_text=True)
    assert "验证码不正确" in wrong and secret in wrong.replace(" ", "")
    assert "恢复码" in browser.post("/account/second-factor", data={"code": code_of(secret)}).get_data(as_text=True)
    assert browser.get("/account/second-factor").location == "/account/"
    standing.shift(timedelta(minutes=1))
    assert entered(app, "volunteer", code_of(secret))


def test_a_handed_out_password_and_a_factor_to_set_up_follow_one_another_c03_c09(
    world: Any, app: Any, operator: Any
) -> None:
    from app.features.accounts.services import reset_password

    password = reset_password(world.users["security_administrator"])
    browser = app.test_client()
    for _ in range(2):  # who gives up before the code has not used the password up
        answer = browser.post("/login/", data={"username": "security_administrator", "password": password})
        assert answer.location == "/login/code"
    page = browser.get("/login/code").get_data(as_text=True)
    secret = re.search(r"<code>([A-Z2-7 ]+)</code>", page)[1].replace(" ", "")
    browser.post("/login/code", data={"code": code_of(secret)})
    assert browser.get("/accounts/").location == "/account/password"
    again = app.test_client().post("/login/", data={"username": "security_administrator", "password": password})
    assert again.location == "/login/"
