"""Passwords: two named policies, and the same rules on every path that sets one."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from factories.world import PASSWORD

from app import config
from app.domain.errors import RuleBroken
from app.features.accounts import passwords, settings
from app.features.accounts.commands import ask_for_first_administrator
from app.features.accounts.models import PortalUser
from app.features.accounts.security import OnePath
from app.features.accounts.services import add_account, change_own_password, reset_password, set_password
from app.features.people.services import add_person
from app.kit import access

ROOT = Path(__file__).resolve().parents[3]
GOOD = "Lanmu-4821-qi"
FACTS = (["zhangsan", "13900001234"], ["张三丰", "河山镇", "甲东村"])


@pytest.fixture(params=["dengbao", "asvs"])
def policy(app: Any, request: pytest.FixtureRequest, monkeypatch: Any) -> Iterator[str]:
    monkeypatch.setitem(app.config, passwords.RULES, passwords.chosen(request.param))
    with app.app_context():
        yield request.param


def refusal(password: str, *former: str) -> str:
    try:
        passwords.check(password, *FACTS, former)
    except RuleBroken as broken:
        return broken.problems[0].code.removeprefix("account.password_")
    return ""


@pytest.mark.parametrize(
    ("password", "dengbao", "asvs"),
    [
        (GOOD, "", ""),
        ("Qz7-tx", "short", "short"),
        ("Qz7-txw9", "short", ""),
        ("onlysmallletters", "simple", ""),
        ("correct horse battery staple", "simple", ""),
        ("山高水长路远天宽地阔人和", "simple", ""),
        ("12345678901", "simple", "common"),
        ("password", "short", "common"),
        ("Password-2026", "common", "common"),
        ("Qwertyuiop-1", "common", "common"),
        ("Woaini1314520!", "common", "common"),
        ("Admin@123456", "common", "common"),
        ("Aa1-Aa1-Aa1-", "common", "common"),
        ("My-Zhangsan-9", "name", "name"),
        ("13900001234-Ab", "name", "name"),
        ("Ab-00001234-xy", "name", "name"),
        ("Zhang-San-Feng-7", "name", "name"),
        ("Sanfeng-Zhang-88", "name", "name"),
        ("Zsf-19900101", "name", "name"),
        ("Hszen-Heshan-77", "name", "name"),
        ("Jia-Dong-Cun-01", "name", "name"),
        ("x" * 20 + "Qz7-tx" * 17, "", ""),
        ("Qz7-tx" * 30, "long", "long"),
    ],
)
def test_each_policy_refuses_what_it_says_c01_c02(password: str, dengbao: str, asvs: str, policy: str) -> None:
    assert refusal(password) == (dengbao if policy == "dengbao" else asvs)


def test_three_thousand_common_passwords_of_the_allowed_length_are_refused_c02(app: Any, monkeypatch: Any) -> None:
    from zxcvbn.frequency_lists import FREQUENCY_LISTS

    monkeypatch.setitem(app.config, passwords.RULES, passwords.chosen("asvs"))
    with app.app_context():
        long_enough = [one for one in FREQUENCY_LISTS["passwords"] if len(one) >= 8]
        assert len(long_enough) >= 3000
        assert {refusal(one) for one in long_enough[:3000]} == {"common"}


def test_the_last_five_passwords_cannot_be_used_again_c01(world: Any, session: Any) -> None:
    user, used = world.users["volunteer"], [PASSWORD]
    with access.acting_as(access.actor_of_user(user.id)):
        for number in range(6):
            new = f"Lanmu-482{number}-qi"
            change_own_password(user, used[-1], new, new, "")
            used.append(new)
        for old in used[-5:]:
            with pytest.raises(RuleBroken) as refused:
                change_own_password(user, used[-1], old, old, "")
            assert refused.value.problems[0].code == "account.password_used"
        change_own_password(user, used[-1], used[0], used[0], "")


def test_a_password_of_ninety_days_leads_to_the_change_page_again_and_again_c01(
    world: Any, sign_in: Any, session: Any
) -> None:
    import time_machine

    from app.kit import clock

    later = clock.now().timestamp() + 91 * 86400
    with time_machine.travel(later, tick=False):
        assert sign_in("volunteer").get("/tree/").location == "/account/password"
        browser = sign_in("volunteer")  # an old password is no one-use password
        assert browser.get("/tree/").location == "/account/password"
        browser.post("/account/password", data={"present": PASSWORD, "password": GOOD, "again": GOOD})
        assert browser.get("/account/").status_code == 200


def test_the_asvs_policy_asks_for_no_change_however_old_c02(
    world: Any, app: Any, sign_in: Any, monkeypatch: Any
) -> None:
    import time_machine

    from app.kit import clock

    monkeypatch.setitem(app.config, passwords.RULES, passwords.chosen("asvs"))
    with time_machine.travel(clock.now().timestamp() + 900 * 86400, tick=False):
        assert sign_in("volunteer").get("/account/").status_code == 200


def test_the_page_lets_one_paste_and_a_password_manager_fill_in_c02(world: Any, sign_in: Any) -> None:
    page = sign_in("volunteer").get("/account/password").get_data(as_text=True)
    assert 'autocomplete="new-password"' in page and 'autocomplete="current-password"' in page
    assert "onpaste" not in page and "maxlength" not in page


# -- every path ------------------------------------------------------------------------------------

WEAK = "Volunteer-2026"


def _own_page(world: Any, sign_in: Any, app: Any, monkeypatch: Any) -> str:
    answer = sign_in("volunteer").post("/account/password", data={"present": PASSWORD, "password": WEAK, "again": WEAK})
    assert answer.status_code == 200 and "field-error" in answer.get_data(as_text=True)
    return "refused"


def _page_add(world: Any, sign_in: Any, app: Any, monkeypatch: Any) -> str:
    person = add_person(world.units["C1A"], "郑新人")
    browser = sign_in("system_administrator")
    text = browser.post(f"/accounts/add?person={person.id}", data={"username": "zhengxin", "password": WEAK}).get_data(
        as_text=True
    )
    return text.split('<code class="strong">')[1].split("<")[0]


def _page_reset(world: Any, sign_in: Any, app: Any, monkeypatch: Any) -> str:
    browser, user = sign_in("system_administrator"), world.users["volunteer"]
    text = browser.post(f"/accounts/{user.id}/reset", data={"password": WEAK}).get_data(as_text=True)
    return text.split('<code class="strong">')[1].split("<")[0]


def _command(app: Any, *args: str) -> str:
    import json

    result = app.test_cli_runner().invoke(args=["accounts", *args, "--json"])
    assert result.exit_code == 0, result.output
    return str(json.loads(result.output)["password"])


def _command_add(world: Any, sign_in: Any, app: Any, monkeypatch: Any) -> str:
    add_person(world.units["C1A"], "郑新人")
    return _command(app, "add", "zhengxin", "--person", "郑新人", "--unit", "C1A")


def _command_reset(world: Any, sign_in: Any, app: Any, monkeypatch: Any) -> str:
    return _command(app, "reset", "volunteer")


def _first_administrator(world: Any, sign_in: Any, app: Any, monkeypatch: Any) -> str:
    answers = iter(["王管理", "wangguanli", "Wangguanli-88", "Shiyan-Xian-88", "Admin@123456", GOOD])
    monkeypatch.setattr("click.prompt", lambda *args, **kwargs: next(answers))
    ask_for_first_administrator()
    return "refused" if not list(answers) else "taken"


def _demo(world: Any, sign_in: Any, app: Any, monkeypatch: Any) -> str:
    from app.features.accounts import demo
    from app.features.org import demo as org
    from app.features.people import demo as people

    for _name, step in (*org.STEPS, *people.STEPS, *demo.STEPS):
        step()
    return demo.demo_password() or ""


PATHS = {
    "accounts.views.own:_change": _own_page,
    "accounts.views.others:add": _page_add,
    "accounts.views.others:reset": _page_reset,
    "accounts.commands:add_command": _command_add,
    "accounts.commands:reset_command": _command_reset,
    "accounts.commands:ask_for_first_administrator": _first_administrator,
    "accounts.demo:load_demo_accounts": _demo,
}


@pytest.mark.parametrize("path", PATHS)
def test_every_path_that_sets_a_password_refuses_a_weak_one_or_makes_a_random_one_c01(
    path: str, world: Any, sign_in: Any, app: Any, monkeypatch: Any
) -> None:
    made = PATHS[path](world, sign_in, app, monkeypatch)
    if made != "refused":
        passwords.check(made, ["volunteer", "zhengxin"], ["郑新人", "甲东村"])
        assert len(made) >= 14 and made != WEAK


def _functions() -> Iterator[tuple[str, str, set[str]]]:
    """(module, function, names it calls) of the whole product."""
    for file in sorted((ROOT / "app").rglob("*.py")):
        module = (
            ".".join(file.relative_to(ROOT / "app" / "features").with_suffix("").parts)
            if "features" in file.parts
            else file.stem
        )
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef):
                called = {
                    getattr(call.func, "attr", getattr(call.func, "id", ""))
                    for call in ast.walk(node)
                    if isinstance(call, ast.Call)
                }
                yield module, node.name, called


def test_the_paths_above_are_all_there_are_c01() -> None:
    functions = list(_functions())
    assert {name for _, name, called in functions if "generate_password_hash" in called} == {"hashed", "_nobodys"}
    keepers = {(module, name) for module, name, called in functions if "hashed" in called}
    assert keepers == {("accounts.services.accounts", "_keep")}
    ours = [(name, called) for module, name, called in functions if module.startswith("accounts.")]
    services = {name for name, called in ours if "_keep" in called and name != "_keep"}
    assert services == {"add_account", "set_password", "reset_password", "change_own_password"}
    doors = {f"{module}:{name}" for module, name, called in functions if called & services}
    assert doors - {"accounts.security:reset_password"} == set(PATHS)


def test_flask_appbuilder_itself_sets_no_password_and_makes_no_account_c01(app: Any, world: Any) -> None:
    manager = app.appbuilder.sm
    for refused in (manager.add_user, manager.add_register_user, manager.reset_password):
        with pytest.raises(OnePath):
            refused("x", "y", "z", "a@b.invalid", None, "Lanmu-4821-qi")
    assert not [rule.rule for rule in app.url_map.iter_rules() if "resetpassword" in rule.rule.lower()]


@pytest.mark.parametrize("service", [set_password, add_account, reset_password])
def test_no_service_sets_a_password_without_the_right_to_accounts_c01(service: Any, world: Any, session: Any) -> None:
    arguments = {
        set_password: lambda: set_password(world.users["evaluator"], GOOD, must_change=False),
        add_account: lambda: add_account("zhengxin", GOOD),
        reset_password: lambda: reset_password(world.users["evaluator"]),
    }
    with access.acting_as(access.actor_of_user(world.users["volunteer"].id)), pytest.raises(access.NotAllowed):
        arguments[service]()


# -- settings --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("QINGDAN_PASSWORD_POLICY", "strong"),
        ("QINGDAN_PASSWORD_LENGTH", "6"),
        ("QINGDAN_PASSWORD_LENGTH", "ten"),
        ("QINGDAN_SECOND_FACTOR", "maybe"),
        ("QINGDAN_AUTH", "openid"),
    ],
)
def test_a_setting_nobody_knows_stops_the_start_c01(name: str, value: str, monkeypatch: Any) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(config.UnsafeConfiguration, match=name):
        settings.configure({"TESTING": True})


def test_length_history_and_age_are_an_installation_s_own_c01(monkeypatch: Any) -> None:
    for name, value in (("LENGTH", "14"), ("HISTORY", "3"), ("MAX_DAYS", "0")):
        monkeypatch.setenv(f"QINGDAN_PASSWORD_{name}", value)
    chosen: dict[str, Any] = {"TESTING": True}
    settings.configure(chosen)
    rules = chosen[passwords.RULES]
    assert (rules.shortest, rules.history, rules.max_days) == (14, 3, None)


def test_no_default_account_comes_with_an_installation_c10(session: Any) -> None:
    assert session.query(PortalUser).count() == 0  # after the schema, the rights and the reference data
