"""The rights matrix: changed by way of a redline, with a reason, by the security administrator alone."""

from __future__ import annotations

import re
from typing import Any

import pytest

from app.domain.errors import RuleBroken
from app.domain.rights import Reach, Resource, Role, Verb
from app.domain.rights_change import digest_of
from app.features.accounts.models import RightsEntry
from app.features.accounts.queries import rights_table
from app.features.accounts.services import change_rights
from app.kit import access
from app.kit.audit import AuditEntry

PAGE = "/rights/roles/evaluator"
CELL = (Role.EVALUATOR.value, Resource.PAY, Verb.EXPORT)


def as_shown(browser: Any, page: str = PAGE) -> dict[str, str]:
    """The inputs of a page's form, as a browser would send them."""
    text = browser.get(page).get_data(as_text=True)
    data = dict(re.findall(r'<input type="hidden" name="(was-[^"]+|seen)" value="([^"]*)"', text))
    for name, options in re.findall(r'<select class="form-control" id="[^"]+" name="([^"]+)".*?>(.*?)</select>', text):
        data[name] = re.findall(r'value="([^"]+)" selected', options)[0]
    return data


def codes(refusal: Any) -> set[str]:
    return {problem.code for problem in refusal.value.problems}


def test_a_change_goes_over_the_redline_and_holds_at_once_with_its_reason_in_the_trail(
    world: Any, sign_in: Any, session: Any
) -> None:
    browser = sign_in("security_administrator")
    data = as_shown(browser) | {"pay-export": "subtree"}
    page = browser.post(f"{PAGE}/redline", data=data).get_data(as_text=True)
    assert "<del>" in page and "工资" in page and "本单位及下级" in page
    assert rights_table().get(CELL) is None
    refused = browser.post(f"{PAGE}/save", data=data)
    assert refused.status_code == 200 and rights_table().get(CELL) is None
    assert browser.post(f"{PAGE}/save", data=data | {"reason": "镇里的要求"}).status_code == 302
    assert rights_table()[CELL] is Reach.SUBTREE
    entry = session.query(AuditEntry).filter_by(kind="rights change").one()
    assert entry.username == "security_administrator" and entry.action == "accounts.change_rights"
    assert entry.changes == {"reason": "镇里的要求", "cells": {"evaluator:pay:export": ["none", "subtree"]}}
    assert access.actor_of_user(world.users["evaluator"].id).holds(Resource.PAY, Verb.EXPORT)


def test_a_table_changed_meanwhile_is_refused_and_the_input_kept(world: Any, sign_in: Any) -> None:
    browser = sign_in("security_administrator")
    mine = as_shown(browser) | {"pay-export": "subtree"}
    other = {("volunteer", Resource.RANKINGS, Verb.VIEW): Reach.NONE}
    with access.acting_as(access.OPERATOR):
        change_rights(other, "别人的改动", digest_of(rights_table()))
    for address in (f"{PAGE}/redline", f"{PAGE}/save"):
        page = browser.post(address, data=mine | {"reason": "镇里的要求"}).get_data(as_text=True)
        assert "刚才有人保存了" in page
        assert re.search(r'name="pay-export".*?<option value="subtree" selected', page, re.S)
    assert rights_table().get(CELL) is None
    again = as_shown(browser) | {"pay-export": "subtree", "reason": "镇里的要求"}
    assert browser.post(f"{PAGE}/save", data=again).status_code == 302


def test_only_the_security_administrator_changes_rights(world: Any, sign_in: Any) -> None:
    data = as_shown(sign_in("security_administrator")) | {"pay-export": "subtree", "reason": "因为"}
    for role in set(Role) - {Role.SECURITY_ADMINISTRATOR}:
        assert sign_in(role.value).post(f"{PAGE}/save", data=data).status_code == 403, role
        with access.acting_as(access.actor_of_user(world.users[role.value].id)), pytest.raises(access.NotAllowed):
            change_rights({CELL: Reach.SUBTREE}, "因为", digest_of(rights_table()))


@pytest.mark.parametrize(
    ("cell", "reach", "code"),
    [
        (("security_administrator", Resource.RIGHTS, Verb.EDIT), Reach.NONE, "rights.own_role"),
        (("system_administrator", Resource.ACCOUNTS, Verb.EDIT), Reach.NONE, "rights.fixed"),
        (("audit_administrator", Resource.PAY, Verb.VIEW), Reach.ALL, "rights.no_business"),
        (("evaluator", Resource.RIGHTS, Verb.EDIT), Reach.SUBTREE, "rights.administration"),
        (("county_clerk", Resource.AUDIT, Verb.VIEW), Reach.SUBTREE, "rights.administration"),
        (("county_clerk", Resource.ACCOUNTS, Verb.EDIT), Reach.OWN, "rights.administration"),
        (("county_clerk", Resource.SETTINGS, Verb.EDIT), Reach.OWN, "rights.administration"),
        (("evaluator", Resource.PAY, Verb.VIEW), Reach.ALL, "rights.no_such_reach"),
        (("evaluator", Resource.PAY, Verb.VIEW), Reach.PUBLISHED, "rights.no_such_reach"),
        (("evaluator", Resource.PAY, Verb.APPEAL), Reach.OWN, "rights.no_such_cell"),
        (("evaluator", Resource.SCORES, Verb.VIEW), Reach.PUBLISHED, "rights.view_narrower"),
        (("volunteer", Resource.DUTIES, Verb.EDIT), Reach.OWN, "rights.view_narrower"),
        (("mayor", Resource.DUTIES, Verb.VIEW), Reach.OWN, "rights.unknown_role"),
        (("evaluator", Resource.PAY, Verb.VIEW), Reach.SUBTREE, "rights.nothing_changed"),
    ],
)
def test_what_may_not_be_in_the_table_is_refused_in_words(
    world: Any, session: Any, cell: Any, reach: Reach, code: str
) -> None:
    before = rights_table()
    who = access.actor_of_user(world.users["security_administrator"].id)
    with access.acting_as(who), pytest.raises(RuleBroken) as refusal:
        change_rights({cell: reach}, "试一试", digest_of(before))
    assert code in codes(refusal)
    assert rights_table() == before


def test_one_bad_cell_among_good_ones_changes_nothing(world: Any) -> None:
    changes = {CELL: Reach.SUBTREE, ("evaluator", Resource.AUDIT, Verb.VIEW): Reach.SUBTREE}
    with pytest.raises(RuleBroken):
        change_rights(changes, "两处", digest_of(rights_table()))
    assert rights_table().get(CELL) is None


def test_the_framework_shows_the_changed_rights_at_once(world: Any, session: Any) -> None:
    from app.features.accounts.models import FabRole

    change_rights({CELL: Reach.SUBTREE}, "显示", digest_of(rights_table()))
    session.expire_all()
    role = session.query(FabRole).filter_by(name="evaluator").one()
    assert "can_export on pay" in {str(pair).replace("can export", "can_export") for pair in role.permissions}


def test_a_cell_that_reaches_nothing_is_no_row(world: Any, session: Any) -> None:
    cell = ("volunteer", Resource.RANKINGS, Verb.VIEW)
    change_rights({cell: Reach.NONE}, "不再公开", digest_of(rights_table()))
    assert session.query(RightsEntry).filter_by(role="volunteer", resource="rankings").count() == 0
    assert cell not in rights_table()


def test_the_overview_by_thing_names_roles_and_reaches(world: Any, sign_in: Any) -> None:
    page = sign_in("security_administrator").get("/rights/resources?about=pay").get_data(as_text=True)
    assert "考核员" in page and "本单位及下级" in page


def test_rights_are_changed_by_command_under_the_same_guards(app: Any, world: Any) -> None:
    run = app.test_cli_runner().invoke
    done = run(args=["rights", "change", "evaluator:pay:export=subtree", "--reason", "镇里的要求", "--json"])
    assert done.exit_code == 0 and '"changed": 1' in done.output, done.output
    assert "evaluator:pay:export=subtree" in run(args=["rights", "show", "evaluator"]).output
    for cell in ("evaluator:rights:edit=subtree", "evaluator:pay:nothing=subtree", "evaluator:pay:export=subtree"):
        assert run(args=["rights", "change", cell, "--reason", "试"]).exit_code == 2, cell
    by_other = ["rights", "change", "evaluator:pay:export=none", "--reason", "试", "--as", "county_administrator"]
    assert run(args=by_other).exit_code == 2
    assert run(args=["rights", "show", "--as", "county_administrator"]).exit_code == 2
    assert rights_table()[CELL] is Reach.SUBTREE
