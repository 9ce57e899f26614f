"""Signing in: one answer to all, a lock in the database, own password first, and who ends whose sessions."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from factories.apart import together
from factories.installation import own_installation
from factories.world import PASSWORD
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from app.domain.errors import RuleBroken
from app.features.accounts import passwords, second_factor, signing_in
from app.features.accounts.models import PortalUser
from app.features.accounts.queries import user_by_name
from app.features.accounts.services import add_account, reset_password
from app.kit import access, clock
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


@pytest.mark.parametrize("factor", ["off", "required_roles"])
def test_every_refusal_gets_the_same_answer_and_the_same_work_c05(
    world: Any, app: Any, session: Any, monkeypatch: Any, factor: str
) -> None:
    monkeypatch.setitem(app.config, "SECOND_FACTOR", factor)
    world.users["evaluator"].active = False
    world.users["grid_worker"].locked_until = clock.now() + timedelta(minutes=5)
    world.users["supervisor"].must_change_password, world.users["supervisor"].initial_used_at = True, clock.now()
    world.users["township_head"].totp_secret = second_factor.new_secret()
    world.posts["sub_grid_leader"].to_on = clock.today() - timedelta(days=1)
    session.commit()
    hashes: list[str] = []
    real = passwords.check_password_hash
    monkeypatch.setattr(passwords, "check_password_hash", lambda kept, typed: hashes.append(kept) or real(kept, typed))
    pages = set()
    refused = {"nobody", "evaluator", "grid_worker", "supervisor", "sub_grid_leader"}
    for username in sorted(refused | {"volunteer", "township_head", "security_administrator"}):
        browser = app.test_client()
        password = PASSWORD if username in refused else "wrong"
        answer = browser.post("/login/", data={"username": username, "password": password}, follow_redirects=True)
        text = answer.get_data(as_text=True)
        pages.add((answer.status_code, text[text.index("<h2") : text.index("<form")]))
    assert len(pages) == 1 and "用户名或密码不正确" in pages.pop()[1]
    assert len(hashes) == 8 and len({kept.split("$")[0] for kept in hashes}) == 1
    assert got_in(attempt(app, "chief_grid_leader", PASSWORD)) and len(hashes) == 9


def test_a_lock_holds_for_every_server_process_and_over_a_restart_c04(
    app: Any, world_engine: Any, tmp_path: Any
) -> None:
    from app import create_app

    first = own_installation(world_engine, tmp_path)
    settings = {name: first.config[name] for name in ("SQLALCHEMY_DATABASE_URI", "INSTANCE_DIR")}
    second = create_app(settings)
    for number in range(5):
        assert not got_in(attempt((first, second)[number % 2], "volunteer", "wrong"))
    assert not got_in(attempt(first, "volunteer", PASSWORD)) and not got_in(attempt(second, "volunteer", PASSWORD))
    assert not got_in(attempt(create_app(settings), "volunteer", PASSWORD))
    assert got_in(attempt(second, "evaluator", PASSWORD))


def test_a_locked_account_is_shown_as_locked_and_found_by_it_c04(world: Any, app: Any, sign_in: Any) -> None:
    for _ in range(5):
        attempt(app, "volunteer", "wrong")
    browser = sign_in("security_administrator")
    page = browser.get(f"/accounts/{world.users['volunteer'].id}").get_data(as_text=True)
    assert "已锁定" in page and "/unlock" in page
    listed = browser.get("/accounts/?state=locked").get_data(as_text=True)
    assert ">volunteer<" in listed and ">evaluator<" not in listed


def test_five_wrong_passwords_lock_the_account_for_ten_minutes_c04(world: Any, app: Any, session: Any) -> None:
    for _ in range(5):
        attempt(app, "volunteer", "wrong")
    assert not got_in(attempt(app, "volunteer", PASSWORD))
    assert fresh(session, "volunteer").locked_until is not None
    assert session.query(AuditEntry).filter_by(kind="account locked").count() == 1
    with clock.at(clock.now() + timedelta(minutes=11)):
        assert got_in(attempt(app, "volunteer", PASSWORD))


def test_the_security_administrator_unlocks_c04(world: Any, app: Any, session: Any, sign_in: Any) -> None:
    for _ in range(5):
        attempt(app, "volunteer", "wrong")
    user_id = world.users["volunteer"].id
    assert sign_in("system_administrator").post(f"/accounts/{user_id}/unlock").status_code == 403
    assert sign_in("security_administrator").post(f"/accounts/{user_id}/unlock").status_code == 302
    assert got_in(attempt(app, "volunteer", PASSWORD))


def test_an_address_that_guesses_many_names_is_stopped_c04(world: Any, app: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(signing_in, "FAILURES_OF_AN_ADDRESS", 4)
    for number in range(4):
        attempt(app, f"nobody{number}", "x")
    assert not got_in(attempt(app, "volunteer", PASSWORD))
    with clock.at(clock.now() + timedelta(minutes=11)):
        assert got_in(attempt(app, "volunteer", PASSWORD))


def test_signing_out_takes_a_post(world: Any, sign_in: Any) -> None:
    browser = sign_in("volunteer")
    assert browser.get("/logout/").status_code in (404, 405)
    assert browser.get("/account/").status_code == 200
    assert browser.post("/logout/").status_code == 302
    assert browser.get("/account/").status_code == 302


def test_a_handed_out_password_leads_to_the_change_page_and_nowhere_else_c03(
    world: Any, sign_in: Any, app: Any, session: Any
) -> None:
    admin = sign_in("system_administrator")
    page = admin.post(f"/accounts/{world.users['volunteer'].id}/reset").get_data(as_text=True)
    password = page.split('<code class="strong">')[1].split("<")[0]
    browser = app.test_client()
    assert got_in(browser.post("/login/", data={"username": "volunteer", "password": password}))
    for path in ("/tree/", "/account/", "/home/", "/accounts/", "/account/second-factor"):
        assert browser.get(path).location == "/account/password", path
    assert (
        browser.post("/account/password", data={"present": password, "password": NEW, "again": NEW}).status_code == 302
    )
    assert browser.get("/account/").status_code == 200
    assert not fresh(session, "volunteer").must_change_password
    assert password not in admin.get(f"/accounts/{world.users['volunteer'].id}").get_data(as_text=True)


def test_a_handed_out_password_is_worth_nothing_after_three_days_c03(world: Any, sign_in: Any, app: Any) -> None:
    page = sign_in("system_administrator").post(f"/accounts/{world.users['volunteer'].id}/reset").get_data(as_text=True)
    password = page.split('<code class="strong">')[1].split("<")[0]
    with clock.at(clock.now() + timedelta(hours=73)):
        assert not got_in(attempt(app, "volunteer", password))


def handed_out(world: Any, sign_in: Any) -> str:
    page = sign_in("system_administrator").post(f"/accounts/{world.users['volunteer'].id}/reset").get_data(as_text=True)
    return str(page.split('<code class="strong">')[1].split("<")[0])


def test_a_handed_out_password_opens_once_c03(world: Any, sign_in: Any, app: Any) -> None:
    password = handed_out(world, sign_in)
    assert got_in(attempt(app, "volunteer", password))
    assert not got_in(attempt(app, "volunteer", password))
    again = handed_out(world, sign_in)
    assert (
        again != password
        and not got_in(attempt(app, "volunteer", password))
        and got_in(attempt(app, "volunteer", again))
    )


def test_two_reach_for_a_handed_out_password_and_one_gets_it_c03(app: Any, world_engine: Any, tmp_path: Any) -> None:
    portal = own_installation(world_engine, tmp_path)
    with portal.app_context(), access.acting_as(access.OPERATOR):
        password = reset_password(user_by_name("volunteer"))
    answers = together(*[lambda: attempt(portal, "volunteer", password)] * 4)
    assert sum(got_in(answer) for answer in answers) == 1


def test_a_reset_never_gives_the_same_password_twice_c03() -> None:
    made = {passwords.random_password() for _ in range(500)}
    assert len(made) == 500 and all(len(one) == 14 for one in made)


def test_who_holds_no_post_any_more_cannot_sign_in_the_day_after_c11(world: Any, app: Any, session: Any) -> None:
    with time_machine.travel(clock.now(), tick=False) as traveller:
        world.posts["volunteer"].to_on = clock.today()
        session.commit()
        assert got_in(attempt(app, "volunteer", PASSWORD))
        traveller.shift(timedelta(days=1))
        assert not got_in(attempt(app, "volunteer", PASSWORD))


def test_leavers_and_unused_accounts_are_reported_c11(world: Any, app: Any, session: Any, sign_in: Any) -> None:
    world.posts["volunteer"].to_on = clock.today() - timedelta(days=1)
    for user in session.query(PortalUser):
        user.last_login = clock.now().replace(tzinfo=None)
    world.users["evaluator"].last_login = clock.now().replace(tzinfo=None) - timedelta(days=91)
    session.commit()
    result = app.test_cli_runner().invoke(args=["accounts", "report", "--json"])
    report = {name: [row["username"] for row in rows] for name, rows in json.loads(result.output).items()}
    assert report == {"no_post": ["volunteer"], "dormant": ["evaluator"], "locked": []}
    browser = sign_in("system_administrator")
    for state, username in (("no_post", "volunteer"), ("dormant", "evaluator")):
        page = browser.get(f"/accounts/?state={state}").get_data(as_text=True)
        assert f">{username}<" in page and ">supervisor<" not in page


def test_a_person_has_one_account_c11(world: Any, session: Any) -> None:
    with pytest.raises(RuleBroken) as refusal:
        add_account("second", "Lanmu-4821-qi", world.persons["volunteer"])
    assert refusal.value.problems[0].code == "account.person_has_one"
    session.execute(update(PortalUser).where(PortalUser.username == "evaluator").values(person_id=None))
    with pytest.raises(IntegrityError):
        session.execute(
            update(PortalUser).where(PortalUser.username == "evaluator").values(person_id=world.persons["volunteer"].id)
        )


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
