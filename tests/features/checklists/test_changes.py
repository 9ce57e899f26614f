"""The one way to change a list: who does what when, what it asks for, and what is left when it is rolled back."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from factories.browsing import of

from app.domain.errors import RuleBroken
from app.domain.list_change import Comparison
from app.domain.rights import Reach, Resource, Role, Verb
from app.domain.rights_change import digest_of
from app.features.accounts.queries import rights_table, user_by_name
from app.features.accounts.services import change_rights
from app.features.checklists import services
from app.features.checklists.models import GovernanceList, ListChange, ListItem, ListOpinion
from app.features.checklists.queries import items_of_list
from app.features.checklists.queries.changes import change_of, opinions_on, reductions, running_change
from app.features.checklists.queries.directory import redline_of
from app.features.checklists.queries.extending import extended_by, lists_above
from app.features.checklists.queries.impact import Resting, impact_of, register_impact, resting_on
from app.features.checklists.services import load_list
from app.kit import access
from app.kit.audit import AuditEntry

POWERS: dict[str, Any] = {
    "code": "powers",
    "kind": "power",
    "name": {"zh": "小微权力"},
    "items": [
        {"code": "001", "name": "村务公开", "facets": {"responsible_party": "村民委员会"}},
        {"code": "002", "name": "印章管理", "facets": {"responsible_party": "村民委员会"}},
    ],
}


COMPARED = list(Comparison)


@pytest.fixture
def powers(world: Any) -> GovernanceList:
    return load_list(world.units["C"], POWERS)[0]


def person(name: str) -> Any:
    return access.acting_as(access.actor_of_user(user_by_name(name).id))


CLERK, FIRST, SECOND = "county_clerk", "county_administrator", "county_administrator_b"


def prepared(base: GovernanceList, by: str = CLERK) -> ListChange:
    """A change as far as those who approve."""
    with person(by):
        change = services.propose(base, "law", "民法典施行，条文调整", ["petition"])
        services.save_item(change.draft, {"title": "财务公开", "facets": {"responsible_party": "村民委员会"}})
        services.consult(change)
        services.give_opinion(change, {"body": "群众代表会议", "outcome": "agreed"})
        services.review(change)
        services.give_opinion(change, {"body": "县司法局", "outcome": "agreed", "compared": COMPARED})
        services.lay_before(change, "2027")
    return change


def refused(code: str, act: Callable[[], Any]) -> None:
    with pytest.raises(RuleBroken) as refusal:
        act()
    assert code in {problem.code for problem in refusal.value.problems}


def test_a_list_changes_by_consultation_legality_two_persons_publication_and_filing_jy_10_yu_09_yb_38_yb_39(
    powers: GovernanceList, session: Any
) -> None:
    change = prepared(powers)
    with person(CLERK):
        refused("change.laid_before", lambda: services.save_item(change.draft, {"title": "代办"}))
    with person(FIRST):
        services.approve(change)
        refused("change.same_person", lambda: services.approve(change))
    session.rollback()
    with person(SECOND):
        services.approve(change)
        refused("change.no_channel", lambda: services.publish(change, [" "]))
        services.publish(change, ["村务公开栏"])
    assert (powers.state, change.draft.state, str(change.draft.effective_from)) == (
        "superseded",
        "published",
        "2027-01-01",
    )
    assert str(powers.effective_to) == "2027-01-01"
    with person(CLERK):
        services.file_change(change, "州民政局、州委组织部、州委农办", None)
    assert change.stage == "filed" and redline_of(change.draft).counts["added"] == 1
    assert (change.trigger, change.sources) == ("law", ["petition"])


def test_whoever_proposed_a_change_approves_it_neither_first_nor_second_nor_by_a_form_jy_10(
    powers: GovernanceList, session: Any, sign_in: Any
) -> None:
    change = prepared(powers, by=FIRST)
    with person(FIRST):
        refused("change.same_person", lambda: services.approve(change))
    session.rollback()
    browser = sign_in(FIRST)
    page = browser.get(f"/list-changes/{change.id}").text
    assert 'value="approve"' not in page and "财务公开" in page
    browser.post(f"/list-changes/{change.id}/decide", data=of(change, act="approve"))
    session.expire_all()
    assert change.stage == "approval"
    sign_in(SECOND).post(f"/list-changes/{change.id}/decide", data=of(change, act="approve"))
    session.expire_all()
    assert change.stage == "approved_once"


def test_nothing_is_skipped_and_an_objection_of_legality_stands_until_it_is_answered_hc_08(
    powers: GovernanceList, session: Any
) -> None:
    with person(CLERK):
        change = services.propose(powers, "policy", "放管服改革")
        refused("change.already_running", lambda: services.propose(powers, "policy", "再提一次"))
        refused("change.not_now", lambda: services.lay_before(change, "2027"))
        services.consult(change)
        refused("change.nobody_consulted", lambda: services.review(change))
        refused("change.say_what", lambda: services.give_opinion(change, {"body": "党员大会", "outcome": "objected"}))
        services.give_opinion(change, {"body": "党员大会", "outcome": "objected", "words": "环节太多"})
        services.review(change)
        refused("change.no_legality_review", lambda: services.lay_before(change, "2027"))
        for outcome, words in (("objected", "缺上位法依据"), ("agreed", "")):
            said = {"body": "县自然资源局", "item_code": "002", "outcome": outcome, "words": words}
            services.give_opinion(change, said | {"compared": COMPARED})
            if outcome == "objected":
                refused("change.objection_to_item", lambda: services.lay_before(change, "2027"))
        refused("change.no_period", lambda: services.lay_before(change, "明年"))
        services.lay_before(change, "2027H1")
    assert [(one.body, one.item_code) for one in opinions_on(change)][1:] == [("县自然资源局", "002")] * 2


def test_an_opinion_that_has_not_compared_the_draft_with_all_three_does_not_count_jy_09(
    powers: GovernanceList, sign_in: Any
) -> None:
    with person(CLERK):
        change = services.propose(powers, "policy", "放管服改革")
        services.consult(change)
        services.give_opinion(change, {"body": "党员大会", "outcome": "agreed"})
        services.review(change)
        services.give_opinion(change, {"body": "县司法局", "outcome": "agreed", "compared": COMPARED[:3]})
        refused("change.not_compared", lambda: services.lay_before(change, "2027"))
    browser, address = sign_in(CLERK), f"/list-changes/{change.id}"
    assert "未作数" in browser.get(address).text
    browser.post(f"{address}/opinion", data=of(change, body="县司法局", outcome="agreed", compared=COMPARED))
    browser.post(f"{address}/prepare", data=of(change, act="lay_before", period="2027"))
    assert change.stage == "approval"


def test_what_is_in_force_is_not_written_to_and_a_refused_change_leaves_it_as_it_was(
    powers: GovernanceList, session: Any
) -> None:
    refused("list.in_force", lambda: services.save_item(powers, {"title": "代办"}))
    item = items_of_list(powers)[0]
    item.title = "改了"
    with pytest.raises(RuleBroken, match=r"list\.in_force"):
        session.flush()
    session.rollback()
    change = prepared(powers)
    with person(FIRST):
        refused("reason_required", lambda: services.refuse(change, " "))
        services.refuse(change, "依据不足")
    assert (change.stage, change.draft.state, powers.state) == ("refused", "withdrawn", "published")
    assert running_change(powers) is None


def test_rolled_back_before_first_use_nothing_is_left_but_the_trail_and_what_held_holds_again(
    powers: GovernanceList, session: Any
) -> None:
    before = {(one.code, one.title, one.list_id) for one in session.query(ListItem)}
    change = prepared(powers)
    for name in (FIRST, SECOND):
        with person(name):
            services.approve(change)
    with person(SECOND):
        services.publish(change, ["村务公开栏"])
        draft_id = change.draft_id
        services.roll_back(change)
    session.expire_all()
    assert (powers.state, powers.is_published, powers.effective_to) == ("published", True, None)
    assert {(one.code, one.title, one.list_id) for one in session.query(ListItem)} == before
    assert session.query(ListChange).count() == session.query(ListOpinion).count() == 0
    assert session.get(GovernanceList, draft_id) is None
    trail = session.query(AuditEntry).filter_by(table_name="governance_list", row_id=str(draft_id))
    assert {"edit", "delete"} & {entry.kind for entry in trail}


def test_a_version_that_is_used_is_not_rolled_back_and_the_preview_says_what_rests_on_the_list(
    powers: GovernanceList, session: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from app.features.checklists.queries import impact as asked

    monkeypatch.setattr(asked, "_counting", [])
    register_impact(lambda row: [Resting("待办履职", 4 if row.is_published else 0)])
    assert [one.in_words for one in resting_on(powers)] == ["待办履职 4"]
    change = prepared(powers)
    assert [one.count for one in impact_of(change.draft, powers).resting] == [4]
    for name in (FIRST, SECOND):
        with person(name):
            services.approve(change)
    with person(SECOND):
        services.publish(change, ["村务公开栏"])
        refused("change.in_use", lambda: services.roll_back(change))


def test_the_preview_counts_points_owners_places_and_says_when_years_do_not_compare_hc_13(world: Any) -> None:
    data = {
        "code": "scores",
        "kind": "assessment",
        "name": {"zh": "考核清单"},
        "stated_count": 3,
        "items": [
            {"code": "A1", "name": "例会", "facets": {"full_score": "60", "scoring_standard": "每月1次，缺1次扣5分"}},
            {"code": "A2", "name": "巡查", "facets": {"full_score": "30"}},
        ],
    }
    base = load_list(world.units["C"], data, "X@1")[0]
    change = services.propose(base, "practice", "完善计分")
    found = impact_of(change.draft, base, "2027H2")
    assert (found.total, found.open_places, found.splits_year) == (Decimal(90), 1, "2027")
    assert impact_of(change.draft, base, "2027").splits_year == ""
    services.consult(change)
    services.give_opinion(change, {"body": "党员大会", "outcome": "agreed"})
    services.review(change)
    services.give_opinion(change, {"body": "县司法局", "outcome": "agreed", "compared": COMPARED})
    refused("change.total_not_full", lambda: services.lay_before(change, "2027"))


HAICANG = [(38, 24), (61, 55), (11, 10), (27, 21), (8, 7), (20, 2)]


def test_the_reduction_of_each_list_and_in_all_is_that_of_haicang_hc_06_hc_07(world: Any, sign_in: Any) -> None:
    for number, (old, new) in enumerate(HAICANG, start=1):
        versions = [{"label": "2016", "count": old}, {"label": "2020", "count": new}]
        data = {"code": f"HC-L{number}", "kind": "self_governance", "name": {"zh": f"清单{number}"}}
        load_list(world.units["C"], data | {"stated_count": new, "versions": versions}, "HC@1")
    (group,) = reductions()
    assert (group.total.old, group.total.new, group.total.rate) == (165, 119, Decimal("27.88"))
    assert [str(one.rate) for one in group.lists] == ["36.84", "9.84", "9.09", "22.22", "12.50", "90.00"]
    page = sign_in("township_head").get("/list-changes/reduction").text
    assert "27.88%" in page and ">165<" in page and ">119<" in page


def test_a_change_counts_as_a_version_of_its_own_beside_those_the_source_states_nh_04(world: Any) -> None:
    versions = [{"label": "2016", "count": 3}, {"label": "2020", "count": 2}]
    named = [{"code": "1", "name": "甲"}, {"code": "2", "name": "乙"}]
    base = load_list(world.units["C"], POWERS | {"versions": versions, "items": named, "stated_count": 2}, "P@1")[0]
    change = services.propose(base, "practice", "归并")
    services.remove_item(items_of_list(change.draft)[1])
    for act in (
        lambda: services.consult(change),
        lambda: services.give_opinion(change, {"body": "党员大会", "outcome": "agreed"}),
        lambda: services.review(change),
        lambda: services.give_opinion(change, {"body": "司法局", "outcome": "agreed", "compared": COMPARED}),
        lambda: services.lay_before(change, "2027"),
        lambda: services.approve(change),
        lambda: services.approve(change),
        lambda: services.publish(change, ["公开栏"]),
    ):
        act()
    (group,) = reductions()
    assert [(one.old, one.new) for one in group.lists] == [(3, 1)]
    again, written = load_list(world.units["C"], POWERS | {"items": named}, "P@2")
    assert written and again.state == "draft" and change.draft.is_published  # a pack proposes now like anybody else
    assert (running := running_change(change.draft)) is not None and running.draft is again


def test_a_township_adds_a_special_list_that_is_read_together_with_the_countys_mn_15_ly_03(
    powers: GovernanceList, world: Any, session: Any, sign_in: Any
) -> None:
    browser = sign_in("township_head")
    page = browser.get(f"/list-changes/new?extends={powers.id}").text
    assert "甲镇" in page and "试验县" not in page.split("<select")[1].split("</select>")[0]
    form = {
        "unit": world.units["C1"].id,
        "extends": powers.id,
        "name": "甲镇特色清单",
        "trigger": "practice",
        "reason": "民宿集中",
    }
    assert browser.post("/list-changes/new", data=form).status_code == 302
    change = session.query(ListChange).one()
    assert (change.draft.kind, change.draft.extends_id, change.draft.unit.code) == ("power", powers.id, "C1")
    browser.post(f"/list-drafts/{change.draft_id}/item", data={"title": "民宿备案", "step-0-name": "受理"})
    assert [item.title for item in items_of_list(change.draft)] == ["民宿备案"]
    assert lists_above(change.draft) == [powers] and extended_by(powers) == []
    text = browser.get(f"/list-directory/{change.draft_id}").text
    assert "民宿备案" in text and "印章管理" in text
    assert sign_in("township_head_2").get(f"/list-directory/{change.draft_id}").status_code == 404
    refused("list.not_above", lambda: services.propose_list(world.units["C"], "power", "x", "law", "y", powers))


def test_where_the_rights_table_lets_it_the_village_prepares_its_special_list_and_the_township_approves(
    powers: GovernanceList, world: Any, session: Any, sign_in: Any
) -> None:
    assert sign_in("chief_grid_leader").get(f"/list-changes/new?extends={powers.id}").status_code == 403
    given = {
        (Role.CHIEF_GRID_LEADER.value, Resource.LISTS, Verb.VIEW): Reach.VILLAGE,
        (Role.CHIEF_GRID_LEADER.value, Resource.LISTS, Verb.IMPORT): Reach.VILLAGE,
        (Role.TOWNSHIP_HEAD.value, Resource.LISTS, Verb.APPROVE): Reach.SUBTREE,
    }
    change_rights(given, "特色清单由村里起草、镇里批准", digest_of(rights_table()))
    leader = sign_in("chief_grid_leader")
    choices = leader.get(f"/list-changes/new?extends={powers.id}").text.split('name="unit"')[1].split("</select>")[0]
    assert choices.count("<option") == 1 and str(world.units["C1A"].name) in choices
    form = {"extends": powers.id, "name": "特色清单", "trigger": "practice", "reason": "民宿集中"}
    assert leader.post("/list-changes/new", data=form | {"unit": world.units["C1B"].id}).status_code in (302, 403, 404)
    assert session.query(ListChange).count() == 0
    leader.post("/list-changes/new", data=form | {"unit": world.units["C1A"].id})
    change = session.query(ListChange).one()
    leader.post(f"/list-drafts/{change.draft_id}/item", data={"title": "民宿备案", "step-0-name": "受理"})
    change.stage = "approval"
    session.commit()
    decide = f"/list-changes/{change.id}/decide"
    assert leader.post(decide, data=of(change, act="approve")).status_code == 403
    sign_in("township_head").post(decide, data=of(change, act="approve"))
    session.expire_all()
    assert (change.stage, (change.first_approved_by or "")[:13]) == ("approved_once", "township_head")


def test_a_leader_reads_the_list_and_finds_no_change_of_it(powers: GovernanceList, sign_in: Any) -> None:
    change = prepared(powers)
    browser = sign_in("chief_grid_leader")
    assert browser.get(f"/list-directory/{powers.id}").status_code == 200
    for address in (
        f"/list-changes/{change.id}",
        f"/list-drafts/{change.draft_id}",
        f"/list-directory/{change.draft_id}",
    ):
        assert browser.get(address).status_code in (403, 404)
    assert change_of(change.draft) is change
