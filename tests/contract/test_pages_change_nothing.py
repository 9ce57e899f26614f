"""Looking changes nothing: every address, as roles that may open every page between them; and posting takes a token.

What a look does write is named in WRITTEN_BY_A_LOOK with the reason; every other table is the same before and after.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from itertools import islice
from typing import Any

import pytest
from factories.addresses import OPEN_EVERY_PAGE, addresses_of, rules_for
from factories.everything import make_everything
from sqlalchemy import select

from app.domain.rights import Role
from app.kit import access
from app.kit.db import db

WRITTEN_BY_A_LOOK = {
    "audit_entry": "views of personal data and refusals are on record",
    "audit_seal": "what is on record is sealed",
    "web_session": "when a browser was last seen",
    "request_key": "keys of forms that are over are forgotten",
}
MARKER = "考察对象"
MOST = 8  # addresses of one route: it is the route that might write, not the fiftieth table named in it


def fingerprints() -> dict[str, str]:
    """A digest over all rows of every table a look must not touch."""
    found = {}
    for table in db.metadata.sorted_tables:
        if table.name not in WRITTEN_BY_A_LOOK:
            rows = db.session.execute(select(table).order_by(*table.primary_key.columns)).all()
            found[table.name] = hashlib.sha256(repr([tuple(row) for row in rows]).encode()).hexdigest()
    return found


@pytest.fixture
def rows(world: Any, session: Any) -> dict[str, int]:
    """A row of every scoped table where every role may see it, as far as it may at all."""
    return make_everything(world, MARKER)


def query(world: Any, rows: dict[str, int]) -> dict[str, Any]:
    """What our own links carry, and what nobody should believe."""
    return {f"{table}_id": row_id for table, row_id in rows.items()} | {
        "unit": world.units["C1A"].id,
        "q": "村",
        "page": 2,
        "period": "2026-10",
        "year": 2026,
        "round": rows["assessment_round"],
        "run": rows["ranking_run"],
        "state": "approved",
        "is_published": 1,
        "delete": 1,
        "method": "POST",
    }


@pytest.mark.parametrize("role", [*OPEN_EVERY_PAGE, Role.AUDIT_ADMINISTRATOR], ids=lambda role: role.value)
def test_looking_at_every_page_changes_nothing_c33(
    role: Role, world: Any, rows: dict[str, int], app: Any, sign_in: Any
) -> None:
    browser = sign_in(role.value)
    with access.everything("the test looks behind the wall"):
        before = fingerprints()
    seen = 0
    for turn, rule in enumerate(rules_for(app, "GET"), list(Role).index(role)):
        for number, address in enumerate(islice(addresses_of(app, rule, rows), MOST)):
            answers = [browser.get(address, query_string=query(world, rows))]
            if number == 0 and turn % 3 == 0:  # every page in the other ways as a third of the roles
                answers += [browser.get(address), browser.head(address), browser.options(address)]
            assert max(answer.status_code for answer in answers) < 500, address
            seen += answers[0].status_code == 200
    with access.everything("the test looks behind the wall"):
        after = fingerprints()
    changed = sorted(name for name in before if before[name] != after[name])
    assert changed == [], f"looking as {role.value} changed {changed}"
    assert seen >= 5, "the role sees pages at all"


def test_signing_out_and_choosing_a_language_by_address_change_no_row_c33(world: Any, sign_in: Any, app: Any) -> None:
    browser = sign_in("grid_worker")
    with access.everything("the test looks behind the wall"):
        before = fingerprints()
    for address in ("/lang/en", "/lang/zh_Hans_CN", "/logout/", "/back", "/"):
        assert browser.get(address).status_code < 500
    with access.everything("the test looks behind the wall"):
        assert fingerprints() == before


@pytest.fixture
def with_tokens(app: Any) -> Iterator[None]:
    app.config["WTF_CSRF_ENABLED"] = True
    yield
    app.config["WTF_CSRF_ENABLED"] = False


def test_every_post_without_a_token_is_refused_c33(
    world: Any, rows: dict[str, int], app: Any, sign_in: Any, with_tokens: None, request: Any
) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    browser = sign_in("county_administrator")
    app.config["WTF_CSRF_ENABLED"] = True
    with access.everything("the test looks behind the wall"):
        before = fingerprints()
    tried = 0
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        for rule in rules_for(app, method):
            for address in islice(addresses_of(app, rule, rows), MOST):
                for body in ({"data": {"name": "x"}}, {"json": {"name": "x"}}, {"data": {"csrf_token": "forged"}}):
                    answer = browser.open(address, method=method, **body)
                    assert answer.status_code == 400, (method, address, answer.status_code)
                    tried += 1
    with access.everything("the test looks behind the wall"):
        assert fingerprints() == before
    assert tried > 100
    assert browser.post("/login/", data={"username": "x", "password": "y"}).status_code == 400
    assert browser.post("/logout/").status_code == 400
