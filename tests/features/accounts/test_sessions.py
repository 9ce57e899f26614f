"""Sessions end when they should, whichever way, and what was typed is not lost with them."""

from __future__ import annotations

import html
import json
import re
import tempfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from factories.world import PASSWORD

from app.domain.rights import Role
from app.features.people.models import Person
from app.features.people.services import add_person
from app.kit import access, clock
from app.kit.db import db
from app.kit.sessions import WebSession

NEW = "Xinmima-2027-xyz"


def replayed(app: Any, cookie: Any) -> Any:
    """What a browser gets that holds nothing but this cookie."""
    thief = app.test_client()
    thief.set_cookie("qingdan_session", cookie)
    return thief.get("/account/")


def alive(app: Any, cookie: Any) -> bool:
    answer = replayed(app, cookie)
    if answer.status_code == 302:
        assert answer.location.startswith("/login/")
    return bool(answer.status_code == 200)


def cookie_of(browser: Any) -> str:
    return str(browser.get_cookie("qingdan_session").value)


# -- C06: too long idle, too old -------------------------------------------------------------------


def test_a_session_ends_after_thirty_idle_minutes_c06(world: Any, app: Any, sign_in: Any) -> None:
    with time_machine.travel(clock.now(), tick=False) as traveller:
        browser = sign_in("volunteer")
        for _ in range(3):
            traveller.shift(timedelta(minutes=29))
            assert browser.get("/account/").status_code == 200
        traveller.shift(timedelta(minutes=31))
        assert browser.get("/account/").status_code == 302
        page = browser.get("/login/").get_data(as_text=True)
        assert "登录已失效" in page


def test_a_file_that_is_not_there_signs_nobody_out(world: Any, sign_in: Any) -> None:
    browser = sign_in("volunteer")
    missing = browser.get("/static/js/gone.js")
    assert missing.status_code == 404 and "Set-Cookie" not in missing.headers
    assert browser.get("/account/").status_code == 200


def test_a_session_ends_after_twelve_hours_however_busy_c06(world: Any, sign_in: Any) -> None:
    with time_machine.travel(clock.now(), tick=False) as traveller:
        browser = sign_in("volunteer")
        for _ in range(36):
            assert browser.get("/account/").status_code == 200
            traveller.shift(timedelta(minutes=20))
        assert browser.get("/account/alive").json["left"] == 0
        traveller.shift(timedelta(minutes=1))
        assert browser.get("/account/").status_code == 302


def test_the_page_knows_how_long_it_has_and_gets_a_token_of_its_own_account_c06(world: Any, sign_in: Any) -> None:
    browser = sign_in("volunteer")
    page = browser.get("/account/").get_data(as_text=True)
    assert f'data-user="{world.users["volunteer"].id}"' in page and "js/session.js" in page
    assert 1700 < int(re.search(r'data-left="(\d+)"', page)[1]) <= 1800
    answer = browser.get("/account/alive").json
    assert answer["user"] == world.users["volunteer"].id and answer["token"]


# -- C06: what was typed stays ---------------------------------------------------------------------


@pytest.fixture
def with_tokens(app: Any, monkeypatch: Any) -> None:
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", True)


def signed_in(app: Any, username: str, browser: Any = None) -> Any:
    browser = browser or app.test_client()
    page = browser.get("/login/").get_data(as_text=True)
    data = {"username": username, "password": PASSWORD, "csrf_token": token_of(page)}
    assert browser.post("/login/", data=data).status_code == 302
    return browser


def token_of(page: str) -> str:
    return str(re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)[1])


def hidden(page: str) -> dict[str, str]:
    form = page[page.index("</ol>") : page.index("</form>", page.index("</ol>"))]
    return {
        name: html.unescape(value) for name, value in re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', form)
    }


def test_what_was_typed_into_a_dead_session_is_sent_again_after_signing_in_c06(
    world: Any, app: Any, with_tokens: None
) -> None:
    browser = signed_in(app, "county_administrator")
    person = world.persons["volunteer"]
    page = browser.get(f"/persons/edit/{person.id}").get_data(as_text=True)
    fields = {
        name: html.unescape(value)
        for name, value in re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page)
    } | {"csrf_token": token_of(page), "name": "改名", "unit": str(person.unit_id), "remarks": "第一行\r\n第二行 <b>"}
    with time_machine.travel(clock.now() + timedelta(minutes=40), tick=False):
        held = browser.post(f"/persons/edit/{person.id}", data=fields)
        text = held.get_data(as_text=True)
        assert held.status_code == 401 and "没有丢失" in text and "第二行 &lt;b&gt;" in text
        kept = hidden(text)
        assert kept["name"] == "改名" and "csrf_token" not in kept
        # too early: still not signed in, and nothing is lost
        again = browser.post(f"/persons/edit/{person.id}", data=kept)
        assert again.status_code == 401 and hidden(again.get_data(as_text=True))["remarks"] == "第一行\r\n第二行 <b>"
        signed_in(app, "county_administrator", browser)
        browser.post(f"/persons/edit/{person.id}", data=kept)
        db.session.expire_all()
        assert db.session.get(Person, person.id).name == "改名"


def test_nobody_else_sends_what_was_typed_and_no_seal_fits_other_fields_c06(
    world: Any, app: Any, with_tokens: None
) -> None:
    browser = signed_in(app, "county_administrator")
    person = world.persons["volunteer"]
    path, before = f"/persons/edit/{person.id}", person.name
    with time_machine.travel(clock.now() + timedelta(minutes=40), tick=False):
        kept = hidden(browser.post(path, data={"name": "改名", "unit": str(person.unit_id)}).get_data(as_text=True))
        other = signed_in(app, "county_clerk")
        assert other.post(path, data=kept).status_code == 400
        signed_in(app, "county_administrator", browser)
        assert browser.post(path, data=kept | {"name": "别的"}).status_code == 400
        assert browser.post(f"/persons/edit/{world.persons['evaluator'].id}", data=kept).status_code == 400
        assert browser.post(path, data={"name": "别的", "_kept": "forged"}).status_code == 400
        db.session.expire_all()
        assert db.session.get(Person, person.id).name == before


def test_a_page_of_before_is_accepted_after_signing_in_in_another_tab_c06(
    world: Any, app: Any, with_tokens: None
) -> None:
    browser = signed_in(app, "county_administrator")
    person = world.persons["volunteer"]
    path = f"/persons/edit/{person.id}"
    old = {
        "csrf_token": token_of(browser.get(path).get_data(as_text=True)),
        "name": "改名",
        "unit": str(person.unit_id),
    }
    with time_machine.travel(clock.now() + timedelta(minutes=40), tick=False):
        signed_in(app, "county_administrator", browser)
        assert browser.post(path, data=old).status_code == 400  # no browser says so: it may come from anywhere
        held = browser.post(path, data=old, headers={"Origin": "http://localhost"})
        assert held.status_code == 401 and hidden(held.get_data(as_text=True))["name"] == "改名"
        foreign = browser.post(path, data=old, headers={"Origin": "http://evil.example"})
        assert foreign.status_code == 400


def test_a_script_is_told_in_words_that_the_session_has_ended_c06(world: Any, sign_in: Any) -> None:
    browser = sign_in("volunteer")
    with time_machine.travel(clock.now() + timedelta(minutes=40), tick=False):
        answer = browser.post("/account/sessions/x/end", json={"a": 1})
        assert answer.status_code == 401 and "重新登录" in answer.json["message"]


def test_a_page_with_a_password_is_never_kept_c06(world: Any, sign_in: Any) -> None:
    browser = sign_in("volunteer")
    with time_machine.travel(clock.now() + timedelta(minutes=40), tick=False):
        answer = browser.post("/account/password", data={"present": PASSWORD, "password": NEW, "again": NEW})
        assert answer.status_code == 302 and NEW not in answer.get_data(as_text=True)


# -- C07: a replayed cookie ------------------------------------------------------------------------

Act = Callable[[Any, Any, Any, Any], None]
ENDS: dict[str, Act] = {}


def ends(act: Act) -> Act:
    ENDS[act.__name__] = act
    return act


def _command(app: Any, *args: str) -> None:
    result = app.test_cli_runner().invoke(args=[*args])
    assert result.exit_code == 0, result.output


@ends
def signing_out(world: Any, app: Any, sign_in: Any, own: Any) -> None:
    assert own.post("/logout/").status_code == 302


@ends
def deactivation_on_the_page(world: Any, app: Any, sign_in: Any, own: Any) -> None:
    sign_in("system_administrator").post(f"/accounts/{world.users['volunteer'].id}/deactivate")


@ends
def deactivation_by_command(world: Any, app: Any, sign_in: Any, own: Any) -> None:
    _command(app, "accounts", "deactivate", "volunteer")


@ends
def a_reset_on_the_page(world: Any, app: Any, sign_in: Any, own: Any) -> None:
    sign_in("system_administrator").post(f"/accounts/{world.users['volunteer'].id}/reset")


@ends
def a_reset_by_command(world: Any, app: Any, sign_in: Any, own: Any) -> None:
    _command(app, "accounts", "reset", "volunteer")


@ends
def one_s_own_new_password_elsewhere(world: Any, app: Any, sign_in: Any, own: Any) -> None:
    sign_in("volunteer").post("/account/password", data={"present": PASSWORD, "password": NEW, "again": NEW})


@ends
def ending_it_from_another_browser(world: Any, app: Any, sign_in: Any, own: Any) -> None:
    elsewhere = sign_in("volunteer")
    page = elsewhere.get("/account/").get_data(as_text=True)
    elsewhere.post(re.search(r"/account/sessions/\w+/end", page)[0])


@ends
def taking_off_the_second_factor(world: Any, app: Any, sign_in: Any, own: Any) -> None:
    from app.features.accounts import second_factor

    world.users["volunteer"].totp_secret = second_factor.new_secret()
    db.session.commit()
    sign_in("security_administrator").post(f"/accounts/{world.users['volunteer'].id}/reset-factor")


@ends
def taking_off_the_second_factor_by_command(world: Any, app: Any, sign_in: Any, own: Any) -> None:
    from app.features.accounts import second_factor

    world.users["volunteer"].totp_secret = second_factor.new_secret()
    db.session.commit()
    _command(app, "accounts", "reset-factor", "volunteer")


@ends
def closing_the_unit_of_the_post(world: Any, app: Any, sign_in: Any, own: Any) -> None:
    from app.features.org.services import close_unit

    close_unit(world.posts["volunteer"].unit, clock.today() + timedelta(days=30))


@ends
def an_appointment_on_the_page_of_the_person(world: Any, app: Any, sign_in: Any, own: Any) -> None:
    person, grid = world.persons["volunteer"], world.units["C1A-G1-02"]
    sign_in("county_administrator").post(
        f"/person/{person.id}/appoint", data={"role": "grid_worker", "unit": grid.id, "from_on": str(clock.today())}
    )


@ends
def the_last_day_of_a_post_on_the_page(world: Any, app: Any, sign_in: Any, own: Any) -> None:
    post, browser = world.posts["volunteer"], sign_in("county_administrator")
    page = browser.get(f"/person/{post.person_id}").get_data(as_text=True)
    form = page[page.index(f"/person/posts/{post.id}/end") :]
    carried = dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', form[: form.index("</form>")]))
    browser.post(f"/person/posts/{post.id}/end", data=carried | {"to_on": "2030-01-01"})


@ends
def an_edited_post_in_the_list(world: Any, app: Any, sign_in: Any, own: Any) -> None:
    post = world.posts["volunteer"]
    data = {"person": post.person_id, "role": "grid_worker", "unit": post.unit_id, "from_on": "2025-01-01"}
    browser = sign_in("county_administrator")
    page = browser.get(f"/posts/edit/{post.id}").get_data(as_text=True)
    carried = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page))
    browser.post(f"/posts/edit/{post.id}", data=carried | data)


@ends
def a_deleted_post(world: Any, app: Any, sign_in: Any, own: Any) -> None:
    sign_in("county_administrator").post(f"/posts/delete/{world.posts['volunteer'].id}")


@ends
def a_roster_by_command(world: Any, app: Any, sign_in: Any, own: Any) -> None:
    person = world.persons["volunteer"]
    entry = {
        "village": "甲东村",
        "sub_grids": ["第二子网格"],
        "role": "grid_worker",
        "person_name": person.name,
        "phone": person.phone,
    }
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "roster.json"
        file.write_text(json.dumps([entry], ensure_ascii=False), encoding="utf-8")
        _command(app, "people", "load", str(file), "--unit", "C1")


@ends
def a_roster_out_of_a_workbook(world: Any, app: Any, sign_in: Any, own: Any) -> None:
    from app.features.people.roster import save_roster
    from app.kit.exchange import Options

    person = world.persons["volunteer"]
    row = {
        "village": "甲东村",
        "sub_grids": ["第二子网格"],
        "role": "grid_worker",
        "person_name": person.name,
        "phone": person.phone,
    }
    with access.acting_as(access.actor_of_user(world.users["county_administrator"].id)):
        save_roster([row], Options(unit=world.units["C1"]), dry_run=False)


@pytest.mark.parametrize("way", ENDS)
def test_a_replayed_cookie_is_dead_after_every_way_of_ending_c07(
    way: str, world: Any, app: Any, sign_in: Any, session: Any
) -> None:
    own = sign_in("volunteer")
    cookie = cookie_of(own)
    assert alive(app, cookie)
    ENDS[way](world, app, sign_in, own)
    assert not alive(app, cookie)


def test_a_post_that_stays_as_it_is_ends_no_session_c07(world: Any, app: Any, sign_in: Any) -> None:
    cookie = cookie_of(sign_in("volunteer"))
    world.posts["volunteer"].remarks = "新备注"
    db.session.commit()
    assert alive(app, cookie)


def test_a_person_with_an_account_is_not_deleted_under_it_c07(world: Any, app: Any, sign_in: Any) -> None:
    cookie, person = cookie_of(sign_in("volunteer")), world.persons["volunteer"]
    sign_in("county_administrator").post(f"/persons/delete/{person.id}")
    db.session.expire_all()
    assert (db.session.get(Person, person.id) is not None) or not alive(app, cookie)


def test_an_ended_session_keeps_nothing_but_whose_it_was_c07(world: Any, app: Any, sign_in: Any, session: Any) -> None:
    browser = sign_in("volunteer")
    browser.get("/account/")
    sign_in("system_administrator").post(f"/accounts/{world.users['volunteer'].id}/reset")
    rows = session.query(WebSession).filter_by(user_id=world.users["volunteer"].id).all()
    assert rows and {row.payload for row in rows} == {"{}"}


# -- C08 -------------------------------------------------------------------------------------------


def test_the_session_id_changes_at_sign_in_and_a_planted_one_is_worth_nothing_c08(world: Any, app: Any) -> None:
    browser = app.test_client()
    browser.get("/login/")
    browser.post("/login/", data={"username": "volunteer", "password": "wrong"})
    planted = cookie_of(browser)
    browser.post("/login/", data={"username": "volunteer", "password": PASSWORD})
    assert cookie_of(browser) != planted and not alive(app, planted) and alive(app, cookie_of(browser))


@pytest.mark.parametrize("secure", [True, False])
def test_the_cookie_is_guarded_c08(world: Any, app: Any, monkeypatch: Any, secure: bool) -> None:
    monkeypatch.setitem(app.config, "SESSION_COOKIE_SECURE", secure)
    answer = app.test_client().post("/login/", data={"username": "volunteer", "password": PASSWORD})
    cookie = next(line for line in answer.headers.getlist("Set-Cookie") if line.startswith("qingdan_session"))
    assert "HttpOnly" in cookie and "SameSite=Lax" in cookie and ("Secure" in cookie) is secure
    assert "Expires" not in cookie and "Domain" not in cookie


def test_a_copied_table_of_sessions_opens_nothing_c08(world: Any, app: Any, sign_in: Any, session: Any) -> None:
    browser = sign_in("volunteer")
    kept = session.query(WebSession).filter_by(user_id=world.users["volunteer"].id).one()
    assert kept.token_hash != cookie_of(browser) and not alive(app, kept.token_hash)


def test_a_new_account_has_no_sessions_and_its_first_post_does_no_harm_c07(world: Any, session: Any) -> None:
    from app.features.people.services import appoint

    person = add_person(world.units["C1A"], "郑新人")
    assert appoint(person, Role.VOLUNTEER, world.units["C1A-G1-01"]).id
