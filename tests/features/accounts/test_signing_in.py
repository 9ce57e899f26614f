"""Signing in: one answer to all, a lock in the database, own password first, and who ends whose sessions."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from factories.world import PASSWORD

from app.features.accounts import passwords, signing_in
from app.features.accounts.models import PortalUser
from app.kit import clock
from app.kit.audit import AuditEntry
from app.kit.sessions import WebSession

NEW = "Xinmima-2027-xyz"


def attempt(app: Any, username: str, password: str) -> Any:
    return app.test_client().post("/login/", data={"username": username, "password": password})


def got_in(answer: Any) -> bool:
    return answer.status_code == 302 and not answer.location.startswith("/login")


def fresh(session: Any, username: str) -> PortalUser:
    session.expire_all()
    return session.query(PortalUser).filter_by(username=username).one()


def test_unknown_disabled_and_wrong_get_the_same_answer_and_the_same_work(
    world: Any, app: Any, session: Any, monkeypatch: Any
) -> None:
    world.users["evaluator"].active = False
    session.commit()
    hashes: list[str] = []
    real = passwords.check_password_hash
    monkeypatch.setattr(passwords, "check_password_hash", lambda kept, typed: hashes.append(kept) or real(kept, typed))
    pages = set()
    for username, password in (("nobody", PASSWORD), ("evaluator", PASSWORD), ("volunteer", "wrong")):
        browser = app.test_client()
        answer = browser.post("/login/", data={"username": username, "password": password}, follow_redirects=True)
        text = answer.get_data(as_text=True)
        pages.add(text[text.index("<h2") : text.index("<form")])
    assert len(pages) == 1 and "用户名或密码不正确" in pages.pop()
    assert len(hashes) == 3


def test_five_wrong_passwords_lock_the_account_for_ten_minutes(world: Any, app: Any, session: Any) -> None:
    for _ in range(5):
        attempt(app, "volunteer", "wrong")
    assert not got_in(attempt(app, "volunteer", PASSWORD))
    assert fresh(session, "volunteer").locked_until is not None
    assert session.query(AuditEntry).filter_by(kind="account locked").count() == 1
    with clock.at(clock.now() + timedelta(minutes=11)):
        assert got_in(attempt(app, "volunteer", PASSWORD))


def test_the_security_administrator_unlocks(world: Any, app: Any, session: Any, sign_in: Any) -> None:
    for _ in range(5):
        attempt(app, "volunteer", "wrong")
    user_id = world.users["volunteer"].id
    assert sign_in("system_administrator").post(f"/accounts/{user_id}/unlock").status_code == 403
    assert sign_in("security_administrator").post(f"/accounts/{user_id}/unlock").status_code == 302
    assert got_in(attempt(app, "volunteer", PASSWORD))


def test_an_address_that_guesses_many_names_is_stopped(world: Any, app: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(signing_in, "FAILURES_OF_AN_ADDRESS", 4)
    for number in range(4):
        attempt(app, f"nobody{number}", "x")
    assert not got_in(attempt(app, "volunteer", PASSWORD))
    with clock.at(clock.now() + timedelta(minutes=11)):
        assert got_in(attempt(app, "volunteer", PASSWORD))


def test_the_session_id_changes_at_sign_in_and_the_cookie_is_guarded(world: Any, app: Any) -> None:
    browser = app.test_client()
    browser.get("/login/")
    planted = browser.get_cookie("qingdan_session")
    answer = browser.post("/login/", data={"username": "volunteer", "password": PASSWORD})
    kept = browser.get_cookie("qingdan_session")
    assert planted is None or planted.value != kept.value
    cookie = next(line for line in answer.headers.getlist("Set-Cookie") if line.startswith("qingdan_session"))
    assert "HttpOnly" in cookie and "SameSite=Lax" in cookie


def test_signing_out_takes_a_post(world: Any, sign_in: Any) -> None:
    browser = sign_in("volunteer")
    assert browser.get("/logout/").status_code in (404, 405)
    assert browser.get("/account/").status_code == 200
    assert browser.post("/logout/").status_code == 302
    assert browser.get("/account/").status_code == 302


def test_a_handed_out_password_leads_to_the_change_page_and_nowhere_else(
    world: Any, sign_in: Any, app: Any, session: Any
) -> None:
    admin = sign_in("system_administrator")
    page = admin.post(f"/accounts/{world.users['volunteer'].id}/reset").get_data(as_text=True)
    password = page.split('<code class="strong">')[1].split("<")[0]
    browser = app.test_client()
    assert got_in(browser.post("/login/", data={"username": "volunteer", "password": password}))
    assert browser.get("/tree/").location == "/account/password"
    assert (
        browser.post("/account/password", data={"present": password, "password": NEW, "again": NEW}).status_code == 302
    )
    assert browser.get("/account/").status_code == 200
    assert not fresh(session, "volunteer").must_change_password
    assert password not in admin.get(f"/accounts/{world.users['volunteer'].id}").get_data(as_text=True)


def test_a_handed_out_password_is_worth_nothing_after_three_days(world: Any, sign_in: Any, app: Any) -> None:
    page = sign_in("system_administrator").post(f"/accounts/{world.users['volunteer'].id}/reset").get_data(as_text=True)
    password = page.split('<code class="strong">')[1].split("<")[0]
    with clock.at(clock.now() + timedelta(hours=73)):
        assert not got_in(attempt(app, "volunteer", password))


@pytest.mark.parametrize("act", ["reset", "deactivate"])
def test_reset_and_deactivation_end_every_session_of_the_account(world: Any, sign_in: Any, act: str) -> None:
    browser, admin = sign_in("volunteer"), sign_in("system_administrator")
    assert browser.get("/account/").status_code == 200
    admin.post(f"/accounts/{world.users['volunteer'].id}/{act}")
    assert browser.get("/account/").status_code == 302


def test_nobody_deactivates_himself(world: Any, sign_in: Any, session: Any) -> None:
    sign_in("system_administrator").post(f"/accounts/{world.users['system_administrator'].id}/deactivate")
    assert fresh(session, "system_administrator").active


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"present": "wrong", "password": NEW, "again": NEW}, "当前密码不正确"),
        ({"present": PASSWORD, "password": NEW, "again": NEW + "x"}, "两次输入的新密码不一致"),
        ({"present": PASSWORD, "password": "short", "again": "short"}, "密码至少10位"),
        ({"present": PASSWORD, "password": "alllowercase", "again": "alllowercase"}, "三种"),
        ({"present": PASSWORD, "password": "Volunteer-2026", "again": "Volunteer-2026"}, "不得包含用户名"),
        ({"present": PASSWORD, "password": PASSWORD, "again": PASSWORD}, "不得使用最近"),
    ],
)
def test_a_bad_new_password_is_refused_at_its_field(world: Any, sign_in: Any, data: dict[str, str], words: str) -> None:
    answer = sign_in("volunteer").post("/account/password", data=data)
    assert answer.status_code == 200 and words in answer.get_data(as_text=True)


def test_one_sees_and_ends_one_s_own_sessions_and_no_others(world: Any, sign_in: Any, session: Any) -> None:
    here, there, other = sign_in("volunteer"), sign_in("volunteer"), sign_in("evaluator")
    names = [row.token_hash for row in session.query(WebSession).filter_by(user_id=world.users["volunteer"].id)]
    page = here.get("/account/").get_data(as_text=True)
    elsewhere = next(name for name in names if f"/account/sessions/{name}/end" in page)
    other.post(f"/account/sessions/{elsewhere}/end")
    assert there.get("/account/").status_code == 200
    here.post(f"/account/sessions/{elsewhere}/end")
    assert there.get("/account/").status_code == 302 and here.get("/account/").status_code == 200


def test_changing_the_password_ends_the_other_sessions(world: Any, sign_in: Any) -> None:
    here, there = sign_in("volunteer"), sign_in("volunteer")
    here.post("/account/password", data={"present": PASSWORD, "password": NEW, "again": NEW})
    assert here.get("/account/").status_code == 200 and there.get("/account/").status_code == 302
