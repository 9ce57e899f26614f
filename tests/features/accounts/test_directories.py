"""Where a directory or another server knows the passwords: who gets in, and which pages are not there."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest
from factories.installation import own_installation
from factories.world import PASSWORD

from app import config
from app.features.accounts import settings
from app.features.accounts.models import PortalUser
from app.features.accounts.queries import user_by_name
from app.features.accounts.services import add_account, change_own_password, reset_password, set_password
from app.kit import access
from app.kit.db import db

LDAP = {
    "AUTH": "ldap",
    "AUTH_LDAP_SERVER": "ldaps://directory.invalid",
    "AUTH_LDAP_USERNAME_FORMAT": "uid=%s,ou=people,dc=county",
}
ISSUER = "https://login.county.invalid/realms/office"
OIDC = {
    "AUTH": "oidc",
    "OAUTH_PROVIDERS": [
        {"name": "office", "issuer": ISSUER, "token_key": "access_token", "remote_app": {"client_id": "portal"}}
    ],
}


class Directory:
    """A directory with one password, as the module `ldap` shows it."""

    INVALID_CREDENTIALS = type("INVALID_CREDENTIALS", (Exception,), {})
    OPT_REFERRALS = OPT_X_TLS_REQUIRE_CERT = OPT_X_TLS_ALLOW = OPT_X_TLS_NEWCTX = OPT_X_TLS_DEMAND = 0

    def __init__(self) -> None:
        self.binds: list[str] = []

    def initialize(self, _server: str) -> Directory:
        return self

    def set_option(self, *_option: Any) -> None:
        pass

    def simple_bind_s(self, who: str, password: str) -> None:
        self.binds.append(who)
        if password not in ("in-the-directory", ""):
            raise self.INVALID_CREDENTIALS


class Server:
    """Another server that vouches for whom it is told to."""

    def __init__(self) -> None:
        self.claims: dict[str, Any] | None = {}

    def authorize_redirect(self, redirect_uri: str, **_more: Any) -> Any:
        from flask import redirect

        return redirect(f"https://login.county.invalid/authorize?redirect_uri={redirect_uri}")

    def authorize_access_token(self) -> Any:
        if self.claims is None:
            raise ValueError("mismatching_state")
        return {"access_token": "x", "userinfo": self.claims}


@pytest.fixture
def directory(monkeypatch: Any) -> Directory:
    made = Directory()
    monkeypatch.setitem(sys.modules, "ldap", made)
    return made


def sign_in(portal: Any, username: str, password: str) -> bool:
    browser = portal.test_client()
    browser.post("/login/", data={"username": username, "password": password})
    return bool(browser.get("/account/").status_code == 200)


def test_with_a_directory_its_password_opens_the_account_that_is_there_already(
    world_engine: Any, tmp_path: Path, directory: Directory
) -> None:
    portal = own_installation(world_engine, tmp_path, **LDAP)
    assert sign_in(portal, "volunteer", "in-the-directory")
    assert directory.binds == ["uid=volunteer,ou=people,dc=county"]
    assert not sign_in(portal, "volunteer", PASSWORD)  # the hash kept here opens nothing any more
    assert not sign_in(portal, "volunteer", "")  # a bind without a password would be one as nobody
    assert not sign_in(portal, "stranger", "in-the-directory")
    with portal.app_context():
        assert user_by_name("stranger") is None


def test_with_a_directory_a_disabled_locked_or_left_account_stays_out(
    world_engine: Any, tmp_path: Path, directory: Directory
) -> None:
    portal = own_installation(world_engine, tmp_path, **LDAP)
    for _ in range(5):
        assert not sign_in(portal, "volunteer", "wrong")
    assert not sign_in(portal, "volunteer", "in-the-directory")
    with portal.app_context():
        db.session.query(PortalUser).filter_by(username="evaluator").update({"active": False})
        db.session.commit()
    assert not sign_in(portal, "evaluator", "in-the-directory")


def came_back(portal: Any, server: Server, claims: dict[str, Any] | None, wanted: str = "") -> Any:
    portal.appbuilder.sm.oauth_remotes["office"] = server
    server.claims, browser = claims, portal.test_client()
    sent = browser.get(f"/login/office?next={wanted}")
    assert sent.location.startswith("https://login.county.invalid/authorize")
    answer = browser.get("/oauth-authorized/office?code=1&state=2")
    return answer.location, browser.get("/account/").status_code == 200


def test_with_another_server_only_its_own_issuer_is_believed(world_engine: Any, tmp_path: Path) -> None:
    portal, server = own_installation(world_engine, tmp_path, **OIDC), Server()
    good = {"iss": ISSUER, "preferred_username": "volunteer", "groups": ["county_administrator"]}
    assert came_back(portal, server, good, "/roster/") == ("/roster/", True)
    assert came_back(portal, server, good, "//evil.example/") == ("/", True)
    for claims in (
        good | {"iss": "https://login.county.invalid/realms/other"},
        good | {"iss": ISSUER + ".evil.example"},
        {"preferred_username": "volunteer"},
        {"iss": ISSUER},
        {"iss": ISSUER, "preferred_username": "stranger"},
        {"iss": ISSUER, "preferred_username": ["volunteer"]},
        {},
        None,
    ):
        assert came_back(portal, server, claims) == ("/login/", False), claims
    assert portal.test_client().get("/login/elsewhere").status_code == 404
    assert portal.test_client().get("/oauth-authorized/elsewhere").status_code == 404
    with portal.app_context(), access.acting_as(access.OPERATOR):
        user = user_by_name("volunteer")
        assert user_by_name("stranger") is None
        assert {post.role for post in access.actor_of_user(user.id).posts} == {"volunteer"}  # rights come from posts


def test_the_page_of_another_server_asks_for_no_password(world_engine: Any, tmp_path: Path) -> None:
    page = own_installation(world_engine, tmp_path, **OIDC).test_client().get("/login/").get_data(as_text=True)
    assert "/login/office" in page and 'type="password"' not in page


# -- what is not there -----------------------------------------------------------------------------

PASSWORD_ROUTES = ("OwnAccountView.password", "AccountView.reset")


@pytest.mark.parametrize(("kind", "more"), [("ldap", LDAP), ("oidc", OIDC)])
def test_no_route_sets_a_password_that_is_kept_elsewhere(
    kind: str, more: dict[str, Any], world_engine: Any, tmp_path: Path, directory: Directory
) -> None:
    portal, server = own_installation(world_engine, tmp_path, **more), Server()
    browsers = {}
    for username in ("volunteer", "system_administrator"):
        browsers[username] = portal.test_client()
        if kind == "ldap":
            browsers[username].post("/login/", data={"username": username, "password": "in-the-directory"})
        else:
            portal.appbuilder.sm.oauth_remotes["office"] = server
            server.claims = {"iss": ISSUER, "preferred_username": username}
            browsers[username].get("/oauth-authorized/office")
    with portal.app_context():
        user_id = user_by_name("volunteer").id
        before = user_by_name("volunteer").password
    data = {"present": PASSWORD, "password": "Lanmu-4821-qi", "again": "Lanmu-4821-qi"}
    for method in ("get", "post"):
        assert getattr(browsers["volunteer"], method)("/account/password", data=data).status_code == 404
    assert browsers["system_administrator"].post(f"/accounts/{user_id}/reset").status_code == 404
    assert "/account/password" not in browsers["volunteer"].get("/account/").get_data(as_text=True)
    assert "/reset" not in browsers["system_administrator"].get(f"/accounts/{user_id}").get_data(as_text=True)
    if kind == "oidc":  # there the form with a password is none either
        answer = portal.test_client().post("/login/", data={"username": "volunteer", "password": PASSWORD})
        assert answer.status_code == 405
    with portal.app_context():
        assert user_by_name("volunteer").password == before
    setting = [
        rule.endpoint
        for rule in portal.url_map.iter_rules()
        if "POST" in rule.methods and any(word in rule.rule for word in ("password", "reset"))
    ]
    assert {one for one in setting if "factor" not in one} == set(PASSWORD_ROUTES)


@pytest.mark.parametrize("more", [LDAP, OIDC])
def test_no_service_and_no_command_sets_a_password_that_is_kept_elsewhere(
    more: dict[str, Any], world_engine: Any, tmp_path: Path, directory: Directory
) -> None:
    from app.domain.errors import RuleBroken

    portal = own_installation(world_engine, tmp_path, **more)
    with portal.app_context():
        user = user_by_name("volunteer")
        with access.acting_as(access.OPERATOR):
            for refused in (
                lambda: reset_password(user),
                lambda: set_password(user, "Lanmu-4821-qi", must_change=False),
                lambda: add_account("another", "Lanmu-4821-qi"),
            ):
                with pytest.raises(RuleBroken) as refusal:
                    refused()
                assert refusal.value.problems[0].code == "account.no_passwords_here"
            assert add_account("another", None).password is None
        with access.acting_as(access.actor_of_user(user.id)), pytest.raises(RuleBroken):
            change_own_password(user, PASSWORD, "Lanmu-4821-qi", "Lanmu-4821-qi", "")
        assert portal.test_cli_runner().invoke(args=["accounts", "reset", "volunteer"]).exit_code == 2


def test_an_account_without_a_password_opens_to_none_where_passwords_are_kept_here(world: Any, app: Any) -> None:
    db.session.query(PortalUser).filter_by(username="volunteer").update({"password": None})
    db.session.commit()
    for password in ("", "None", PASSWORD):
        assert not sign_in(app, "volunteer", password)


def test_there_is_no_second_door_to_sign_in_by(app: Any) -> None:
    doors = {rule.rule for rule in app.url_map.iter_rules() if "POST" in rule.methods and "login" in rule.rule}
    assert doors == {"/login/", "/login/code"}
    words = ("/api/v1/security", "/register/", "registeruser", "resetmypassword", "oauth", "saml", "users/", "userinfo")
    assert not [rule.rule for rule in app.url_map.iter_rules() if any(word in rule.rule.lower() for word in words)]


# -- settings --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "text", "words"),
    [
        ("ldap", "", "AUTH_LDAP_SERVER"),
        ("oidc", "", "OAUTH_PROVIDERS"),
        ("oidc", "OAUTH_PROVIDERS = [{'name': 'office', 'remote_app': {}}]", "issuer"),
        ("ldap", "AUTH_LDAP_SERVER = 'x'\nWTF_CSRF_ENABLED = False", "WTF_CSRF_ENABLED"),
        ("ldap", "AUTH_LDAP_SERVER = 'x'\nAUTH_USER_REGISTRATION = True", "AUTH_USER_REGISTRATION"),
        ("database", "SECRET_KEY = 'x'", "SECRET_KEY"),
    ],
)
def test_a_settings_file_says_how_one_signs_in_and_loosens_nothing_else(
    kind: str, text: str, words: str, tmp_path: Path, monkeypatch: Any
) -> None:
    file = tmp_path / "sign_in.py"
    file.write_text(text, encoding="utf-8")
    monkeypatch.setenv("QINGDAN_AUTH", kind)
    monkeypatch.setenv("QINGDAN_SETTINGS", str(file))
    with pytest.raises(config.UnsafeConfiguration, match=words):
        settings.configure({"TESTING": True})


def test_a_settings_file_is_read_with_the_names_of_flask_appbuilder(tmp_path: Path, monkeypatch: Any) -> None:
    file = tmp_path / "sign_in.py"
    file.write_text("AUTH_LDAP_SERVER = 'ldaps://directory'\nAUTH_LDAP_USE_TLS = False\n", encoding="utf-8")
    monkeypatch.setenv("QINGDAN_AUTH", "ldap")
    monkeypatch.setenv("QINGDAN_SETTINGS", str(file))
    chosen: dict[str, Any] = {"TESTING": True}
    settings.configure(chosen)
    assert chosen["AUTH_LDAP_SERVER"] == "ldaps://directory" and chosen["AUTH_TYPE"] == settings.AUTH_TYPES["ldap"]
