"""Every role, at every address, with a stranger's ids: nothing is shown, nothing is changed.

Generated from the url map: a new route is covered by existing, and an argument the test cannot fill fails it.
"""

from __future__ import annotations

import os
from typing import Any

import pytest
from factories.addresses import addresses_of, built, rules_for
from factories.strangers import fingerprint, make_strangers, rows_at
from werkzeug.routing import Rule

from app.domain.rights import Role
from app.kit import access

COUNTY_ROLES = {
    Role.COUNTY_ADMINISTRATOR,
    Role.COUNTY_CLERK,
    Role.SYSTEM_ADMINISTRATOR,
    Role.SECURITY_ADMINISTRATOR,
    Role.AUDIT_ADMINISTRATOR,
}
SEES_EVERYTHING = {
    # the system administrator's own subject: units, posts and accounts of the whole installation
    Role.SYSTEM_ADMINISTRATOR: {"units", "posts", "accounts"},
    Role.SECURITY_ADMINISTRATOR: {"accounts", "rights"},
    Role.AUDIT_ADMINISTRATOR: {"audit"},
}


ONE_OF_EACH_REACH = [
    Role.SUPERVISOR,
    Role.SUB_GRID_LEADER,
    Role.GRID_WORKER,
    Role.SUPERVISION_COMMITTEE,
    Role.EVALUATOR,
    Role.COUNTY_ADMINISTRATOR,
]
LOOKED_AFTER = 10  # routes, then all rows are compared: the message names them
# Rights are the same on every database, the SQL made of a reach is not: PostgreSQL is asked by one role of each reach.
ROLES = ONE_OF_EACH_REACH if os.environ.get("QINGDAN_TEST_DATABASE") == "postgresql" else list(Role)


@pytest.fixture
def stranger(world: Any, request: Any) -> dict[str, Any]:
    """Units, rows and the marker of a place outside the role's reach."""
    from app.features.org.services import add_unit

    role = request.node.callspec.params["role"]
    marker = "机密外人"
    if role in COUNTY_ROLES:
        top = add_unit("county", "D", f"{marker}县")
        township = add_unit("township", "D1", f"{marker}镇", top)
    else:
        top = world.units["C"]
        township = add_unit("township", "C9", f"{marker}镇", top)
    village = add_unit("village", "Z1A", f"{marker}村", township)
    grid = add_unit("total_grid", "Z1A-G1", f"{marker}总网格", village)
    sub = add_unit("sub_grid", "Z1A-G1-01", f"{marker}子网格", grid)
    levels = {"township": township, "village": village, "total_grid": grid, "sub_grid": sub}
    levels["county"] = top if role in COUNTY_ROLES else township
    with access.everything("the test makes a stranger"):
        rows = make_strangers(levels, marker)
    return {"units": levels, "rows": rows, "marker": marker}


def _view_resource(app: Any, rule: Rule) -> str:
    name = rule.endpoint.split(".")[0]
    view = next((v for v in app.appbuilder.baseviews if v.endpoint == name), None)
    return str(getattr(view, "class_permission_name", ""))


def _query(stranger: dict[str, Any]) -> dict[str, Any]:
    units = stranger["units"]
    asked: dict[str, Any] = {
        "unit": units["village"].code,
        "unit_id": units["village"].id,
        "village": units["village"].id,
    }
    asked |= {f"{table}_id": row_id for table, row_id in stranger["rows"].items()}
    return asked | {
        "round": stranger["rows"].get("assessment_round"),
        "sheet": stranger["rows"].get("sheet"),
        "run": stranger["rows"].get("ranking_run"),
    }


def _as_often_as_it_tells(rule: Rule, first: dict[str, Any], last: dict[str, Any]) -> list[dict[str, Any]]:
    """Both ways of asking where no row stands in the address, else and on PostgreSQL the one that names more."""
    lists = not rule.arguments and access.db.session.get_bind().dialect.name == "sqlite"
    return [first, last] if lists else [last]


@pytest.mark.parametrize("role", ROLES, ids=lambda role: role.value)
def test_nothing_of_a_stranger_is_shown(
    role: Role, world: Any, stranger: dict[str, Any], app: Any, sign_in: Any
) -> None:
    browser = sign_in(role.value)
    for rule in rules_for(app, "GET"):
        if _view_resource(app, rule) in SEES_EVERYTHING.get(role, ()):
            continue
        for address in addresses_of(app, rule, stranger["rows"]):
            if role is Role.SYSTEM_ADMINISTRATOR and address.startswith(("/lookup/org_unit", "/lookup/post")):
                continue
            for query in _as_often_as_it_tells(rule, {}, _query(stranger)):
                answer = browser.get(address, query_string=query)
                assert answer.status_code < 500, (address, answer.status_code)
                if answer.status_code == 200 and not answer.is_streamed:
                    assert stranger["marker"] not in answer.get_data(as_text=True), (
                        f"{role.value} reads a stranger's row at {address} {query}"
                    )


@pytest.mark.parametrize("role", ROLES, ids=lambda role: role.value)
def test_nothing_of_a_stranger_is_changed(
    role: Role, world: Any, stranger: dict[str, Any], app: Any, sign_in: Any
) -> None:
    browser = sign_in(role.value)
    with access.everything("the test looks behind the wall"):
        before, standing = fingerprint(stranger["rows"]), rows_at(stranger["units"])
    form = {key: str(value) for key, value in _query(stranger).items()}
    form |= {
        "rowid": str(stranger["rows"].get("duty", 1)),
        "person": form.get("person_id", ""),
        "parent": form["unit_id"],
    }
    asked: list[str] = []
    routes = list(rules_for(app, "POST"))
    for number, rule in enumerate(routes, 1):
        if _view_resource(app, rule) not in SEES_EVERYTHING.get(role, ()):
            asked.append(rule.rule)
            for address in addresses_of(app, rule, stranger["rows"]):
                for sent in _as_often_as_it_tells(rule, {"json": form}, {"data": form | {"unit": form["unit_id"]}}):
                    answer = browser.post(address, **sent)
                    assert answer.status_code < 500, (address, answer.status_code)
        if number % LOOKED_AFTER and number < len(routes):
            continue
        with access.everything("the test looks behind the wall"):
            assert fingerprint(stranger["rows"]) == before, f"{role.value} changed a stranger's row at one of {asked}"
            assert rows_at(stranger["units"]) == standing, (
                f"{role.value} made a row at a stranger's unit at one of {asked}"
            )
        asked.clear()


def test_a_visitor_without_an_account_gets_nothing_but_the_sign_in(world: Any, app: Any, client: Any) -> None:
    for method in ("GET", "POST"):
        for rule in rules_for(app, method):
            values = {name: 1 if "Integer" in type(rule._converters[name]).__name__ else "1" for name in rule.arguments}
            answer = client.open(built(app, rule, values), method=method)
            assert answer.status_code in (302, 401, 403, 404, 405), (rule.rule, answer.status_code)
            if answer.status_code == 302:
                assert "/login/" in answer.location, rule.rule
