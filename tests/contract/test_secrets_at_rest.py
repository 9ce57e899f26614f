"""Who copies the database gets nothing by which one could sign in: no password, no code, no session, no key."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from factories.world import PASSWORD
from sqlalchemy import select

from app.features.accounts import second_factor
from app.features.accounts.services import reset_password
from app.kit.db import db


@pytest.fixture
def everything(session: Any) -> Any:
    """`everything()` is the whole database as text, as `strings` would show it."""

    def read() -> str:
        session.flush()
        rows = [row for table in db.metadata.sorted_tables for row in session.execute(select(table)).all()]
        return "\n".join(repr(tuple(row)) for row in rows)

    return read


def test_no_secret_can_be_read_in_the_database_c31(
    app: Any, world: Any, session: Any, sign_in: Any, everything: Any
) -> None:
    browser = sign_in("grid_worker")
    sealed = second_factor.new_secret()
    world.users["volunteer"].totp_secret = sealed
    handed_out = reset_password(world.users["evaluator"])
    session.commit()
    text = everything()
    plain = second_factor.opened(sealed)
    secrets = {
        "a password": PASSWORD,
        "a password handed out": handed_out,
        "the secret of a second factor": plain,
        "the same, as bytes": repr(base64.b32decode(plain))[2:-1],
        "a cookie": browser.get_cookie("qingdan_session").value,
        "the key of the installation": app.config["SECRET_KEY"],
    }
    assert sealed in text, "the search looks in the right place"
    assert [what for what, secret in secrets.items() if secret in text] == []


def test_what_is_sealed_opens_with_the_key_of_the_installation_alone_c31(app: Any, world: Any) -> None:
    sealed = second_factor.new_secret()
    key = app.config["SECRET_KEY"]
    app.config["SECRET_KEY"] = "another-installation-0123456789abcdef0123456789"
    try:
        assert second_factor.opened(sealed) is None
    finally:
        app.config["SECRET_KEY"] = key
    assert second_factor.opened(sealed)
    assert second_factor.opened(sealed[:-4] + ("AAA=" if sealed[-4:] != "AAA=" else "BBB=")) is None, "touched"
