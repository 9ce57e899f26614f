"""How one signs in here: read from the environment, and from a file with Flask-AppBuilder's own names for a directory."""

from __future__ import annotations

import os
from collections.abc import MutableMapping
from typing import Any

from flask import Config
from flask_appbuilder.const import AUTH_DB, AUTH_LDAP, AUTH_OAUTH

from app.config import UnsafeConfiguration
from app.features.accounts import passwords

AUTH_TYPES = {"database": AUTH_DB, "ldap": AUTH_LDAP, "oidc": AUTH_OAUTH}
SECOND_FACTOR = ("off", "required_roles")
_NEVER = ("AUTH_USER_REGISTRATION", "AUTH_ROLES_SYNC_AT_LOGIN", "AUTH_GROUPS_SYNC_AT_LOGIN")


def configure(config: MutableMapping[str, Any]) -> None:
    """Fill in what the app was not given: the password policy, the second factor, where passwords are checked.

    Errors: UnsafeConfiguration for a name there is none of, and for a file that would let accounts make themselves.
    """
    config.setdefault("PASSWORD_POLICY", os.environ.get("QINGDAN_PASSWORD_POLICY", "dengbao"))
    config[passwords.RULES] = passwords.chosen(
        config["PASSWORD_POLICY"],
        shortest=_number("QINGDAN_PASSWORD_LENGTH"),
        history=_number("QINGDAN_PASSWORD_HISTORY"),
        max_days=_number("QINGDAN_PASSWORD_MAX_DAYS"),
    )
    production = not (config.get("DEMO") or config.get("TESTING"))
    default = "required_roles" if production else "off"
    config.setdefault("SECOND_FACTOR", os.environ.get("QINGDAN_SECOND_FACTOR", default))
    _one_of("QINGDAN_SECOND_FACTOR", config["SECOND_FACTOR"], SECOND_FACTOR)
    old_keys = [key for key in os.environ.get("QINGDAN_OLD_SECRET_KEYS", "").split(",") if key]
    config["SECRET_KEY_FALLBACKS"] = config.get("SECRET_KEY_FALLBACKS") or old_keys
    config.setdefault("AUTH", os.environ.get("QINGDAN_AUTH", "database"))
    _one_of("QINGDAN_AUTH", config["AUTH"], tuple(AUTH_TYPES))
    config["AUTH_TYPE"] = AUTH_TYPES[config["AUTH"]]
    if file := os.environ.get("QINGDAN_SETTINGS"):
        config.update(_of_file(file))
    _check_directory(config)


def _number(name: str) -> int | None:
    text = os.environ.get(name, "")
    if text and not text.isdecimal():
        raise UnsafeConfiguration(f"{name} is a whole number, not {text!r}.")
    return int(text) if text else None


def _one_of(name: str, value: str, known: tuple[str, ...]) -> None:
    if value not in known:
        raise UnsafeConfiguration(f"{name} is {value!r}; there are: {', '.join(known)}.")


def _of_file(path: str) -> dict[str, Any]:
    """The settings of a file: only those that say how one signs in, so that the file loosens nothing else."""
    read = Config(os.getcwd())
    read.from_pyfile(path)
    strange = [name for name in read if not name.startswith(("AUTH_LDAP_", "OAUTH_PROVIDERS"))]
    if strange:
        raise UnsafeConfiguration(
            f"{path} sets {', '.join(sorted(strange))}; only AUTH_LDAP_… and OAUTH_PROVIDERS are read from it."
        )
    return dict(read)


def _check_directory(config: MutableMapping[str, Any]) -> None:
    for name in _NEVER:
        if config.get(name):
            raise UnsafeConfiguration(f"{name} is on: accounts are made here, and rights come from posts.")
    if config["AUTH"] == "ldap" and not config.get("AUTH_LDAP_SERVER"):
        raise UnsafeConfiguration("QINGDAN_AUTH is ldap: QINGDAN_SETTINGS must name a file with AUTH_LDAP_SERVER.")
    if config["AUTH"] == "oidc":
        providers = config.get("OAUTH_PROVIDERS") or ()
        if not providers:
            raise UnsafeConfiguration("QINGDAN_AUTH is oidc: QINGDAN_SETTINGS must name a file with OAUTH_PROVIDERS.")
        for provider in providers:
            if not provider.get("issuer"):
                raise UnsafeConfiguration(
                    f"OAUTH_PROVIDERS: {provider.get('name')!r} has no issuer; say whose tokens are believed."
                )
