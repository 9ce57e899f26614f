"""Accounts, the rights table, and the commands."""

from __future__ import annotations

import json
from typing import Any

from app.domain.rights import Role
from app.features.accounts import passwords
from app.features.accounts.commands import ask_for_first_administrator
from app.features.accounts.models import PortalUser
from app.features.accounts.services import reset_password
from app.features.people.services import add_person


def test_the_system_administrator_gives_a_person_an_account(world: Any, sign_in: Any, session: Any) -> None:
    person = add_person(world.units["C1A"], "郑新人")
    browser = sign_in("system_administrator")
    assert "郑新人" in browser.get("/accounts/add?q=郑新").get_data(as_text=True)
    page = browser.post(f"/accounts/add?person={person.id}", data={"username": "zhengxin"}).get_data(as_text=True)
    assert "首次登录密码" in page
    made = session.query(PortalUser).filter_by(username="zhengxin").one()
    assert made.person_id == person.id and made.must_change_password


def test_a_user_name_that_is_taken_is_refused_and_stays_in_the_form(world: Any, sign_in: Any) -> None:
    person = add_person(world.units["C1A"], "郑新人")
    answer = sign_in("system_administrator").post(f"/accounts/add?person={person.id}", data={"username": "volunteer"})
    text = answer.get_data(as_text=True)
    assert "已被使用" in text and 'value="volunteer"' in text


def test_only_the_system_administrator_changes_accounts(world: Any, sign_in: Any) -> None:
    user_id = world.users["volunteer"].id
    assert sign_in("security_administrator").get("/accounts/").status_code == 200
    assert sign_in("security_administrator").post(f"/accounts/{user_id}/reset").status_code == 403
    for username in ("county_administrator", "audit_administrator", "volunteer"):
        assert sign_in(username).get("/accounts/").status_code == 403


def test_the_system_administrator_cannot_become_another_of_the_three_by_a_reset_c15(world: Any, sign_in: Any) -> None:
    browser = sign_in("system_administrator")
    for username in ("security_administrator", "audit_administrator"):
        user = world.users[username]
        before = user.password
        page = browser.post(f"/accounts/{user.id}/reset", follow_redirects=True).get_data(as_text=True)
        assert "flask accounts reset" in page and user.password == before
    assert reset_password(world.users["audit_administrator"])  # the operator at the machine may


def test_an_account_that_is_not_there_is_not_found(world: Any, sign_in: Any) -> None:
    assert sign_in("system_administrator").get("/accounts/99999").status_code == 404


def test_the_rights_table_is_read_by_the_security_administrator_alone(world: Any, sign_in: Any) -> None:
    page = sign_in("security_administrator").get("/rights/roles/volunteer").get_data(as_text=True)
    assert "志愿者" in page and "已公布的结果" in page
    assert sign_in("system_administrator").get("/rights/").status_code == 403


def test_one_s_own_page_says_posts_and_rights_in_words(world: Any, sign_in: Any) -> None:
    page = sign_in("sub_grid_leader").get("/account/").get_data(as_text=True)
    assert "子网格长" in page and "甲东村总网格" in page and "仅本单位" in page


def test_every_role_is_a_framework_role_with_permissions(world: Any, session: Any) -> None:
    from app.features.accounts.models import FabRole

    kept = {role.name: len(role.permissions) for role in session.query(FabRole)}
    assert all(kept.get(role.value) for role in Role)


def test_accounts_are_added_by_command_with_a_password_shown_once(app: Any, world: Any, session: Any) -> None:
    add_person(world.units["C1A"], "郑新人")
    runner = app.test_cli_runner()
    args = ["accounts", "add", "zhengxin", "--person", "郑新人", "--unit", "C1A", "--json"]
    result = runner.invoke(args=args)
    assert result.exit_code == 0, result.output
    assert len(json.loads(result.output)["password"]) >= 10
    again = runner.invoke(args=args)
    assert again.exit_code == 2
    refused = runner.invoke(args=[*args[:2], "other", *args[3:], "--as", "county_administrator"])
    assert refused.exit_code == 2


def test_the_first_administrator_makes_the_first_unit_and_no_weak_password(
    app: Any, operator: Any, monkeypatch: Any, session: Any
) -> None:
    answers = iter(["county", "新县", "XX", "王管理", "wangguanli", "password", "Admin123", "Lanmu-4821-qi"])
    monkeypatch.setattr("click.prompt", lambda *args, **kwargs: next(answers))
    ask_for_first_administrator()
    user = session.query(PortalUser).filter_by(username="wangguanli").one()
    assert user.person.unit.name == "新县"
    assert passwords.matches("Lanmu-4821-qi", user.password)


def test_the_demonstration_prints_one_account_per_role_with_one_password(app: Any, operator: Any, session: Any) -> None:
    from app.features.accounts import demo as accounts
    from app.features.org import demo as org
    from app.features.people import demo as people

    for _name, step in (*org.STEPS, *people.STEPS, *accounts.STEPS):
        step()
    lines = accounts.account_lines()
    assert len(lines) == 1 + len(accounts.demo_accounts()) >= 15 and "县级管理员" in "".join(lines)
    assert passwords.matches(
        accounts.demo_password() or "", session.query(PortalUser).filter_by(username="dudao").one().password
    )
