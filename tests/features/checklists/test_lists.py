"""The four lists: what is loaded, who reads what, what may be changed."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from factories.browsing import of

from app.domain.errors import RuleBroken
from app.features.checklists.models import GovernanceList, ListItem
from app.features.checklists.pack import caojing
from app.features.checklists.queries import items_of, lists_overview
from app.features.checklists.services import load_lists
from app.kit import access
from app.kit.audit import AuditEntry


@pytest.fixture
def lists(world: Any) -> Any:
    load_lists()
    return world


def the_list(session: Any, kind: str) -> Any:
    return session.query(GovernanceList).filter_by(kind=kind).one()


def item(session: Any, code: str) -> Any:
    return session.query(ListItem).filter_by(code=code).one()


def test_there_are_21_responsibilities_three_procedures_and_six_systems(lists: Any) -> None:
    roles = Counter(row.role for row in items_of("responsibility"))
    assert list(roles.values()) == [3, 5, 5, 4, 4] and roles.total() == 21
    assert list(roles) == ["supervisor", "chief_grid_leader", "grid_instructor", "sub_grid_leader", "grid_worker"]
    assert len(items_of("procedure")) == 3
    assert [row.code for row in items_of("system")] == ["S1", "S2", "S3", "S4", "S5", "S6"]


def test_what_is_marked_as_text_is_what_the_pack_says(lists: Any) -> None:
    stated = {data["code"]: data for data in caojing()["responsibility_list"]["items"]}
    for row in items_of("responsibility"):
        data = stated[row.code]
        assert row.source_of("title") == "text"
        assert (row.title, row.source_phrase) == (data["title_zh"], data["source_phrase_zh"])
        assert {row.source_of(name) for name in ("requirement", "cycle", "evidence")} == {"derived"}
        assert row.requirement == data["derived"]["requirement_zh"]
    for row, data in zip(items_of("system"), caojing()["system_list"]["systems"], strict=True):
        assert row.facets["defines"] == data["defines"]["items_zh"] and row.source_of("defines") == "text"


def test_loading_again_changes_nothing_and_keeps_what_an_administrator_proposed(lists: Any, session: Any) -> None:
    item(session, "R05").requirement = "岗位空缺15日内补齐"
    session.commit()
    assert load_lists() == 0
    assert item(session, "R05").requirement == "岗位空缺15日内补齐"
    assert session.query(GovernanceList).count() == 4


def test_a_county_that_comes_later_gets_its_lists(lists: Any, session: Any) -> None:
    from app.features.org.services import add_unit

    add_unit("county", "D", "后来县")
    assert load_lists() == 4 + 21 + 3 + 6
    assert session.query(GovernanceList).count() == 8


def test_below_a_prefecture_the_lists_stand_at_the_prefecture(operator: Any, session: Any) -> None:
    from app.features.org.services import add_unit

    top = add_unit("prefecture", "P", "试验州")
    add_unit("county", "PC", "州内县", top)
    load_lists()
    assert {row.unit.code for row in session.query(GovernanceList)} == {"P"}


def test_the_overview_counts_the_items_of_each_list(lists: Any) -> None:
    (one,) = lists_overview(access.OPERATOR)
    counted = {card.kind.value: card.count for card in one.cards}
    assert (counted["responsibility"], counted["system"]) == (21, 6)
    assert list(counted) == ["responsibility", "procedure", "system", "assessment"]


def test_a_role_reads_its_own_items_first(lists: Any, session: Any, sign_in: Any) -> None:
    page = sign_in("sub_grid_leader").get(f"/four-lists/{the_list(session, 'responsibility').id}")
    words = page.get_data(as_text=True)
    assert page.status_code == 200
    assert words.index('id="sub_grid_leader"') < words.index('id="supervisor"')
    assert words.count('<tr id="R') == 21
    ranked = sign_in("sub_grid_leader").get(page.request.path + "?order=rank").get_data(as_text=True)
    assert ranked.index('id="supervisor"') < ranked.index('id="sub_grid_leader"')
    only = sign_in("sub_grid_leader").get(page.request.path + "?role=grid_worker").get_data(as_text=True)
    assert only.count('<tr id="R') == 4


def test_source_tags_are_for_administrators(lists: Any, session: Any, sign_in: Any) -> None:
    address = f"/four-lists/{the_list(session, 'responsibility').id}"
    assert 'class="source-tag' in sign_in("county_administrator").get(address).get_data(as_text=True)
    for username in ("chief_grid_leader", "county_clerk", "volunteer"):
        assert 'class="source-tag' not in sign_in(username).get(address).get_data(as_text=True)


def test_the_system_page_says_what_each_lays_down_and_records(lists: Any, session: Any, sign_in: Any) -> None:
    page = sign_in("grid_worker").get(f"/four-lists/{the_list(session, 'system').id}").get_data(as_text=True)
    for words in ("时间地点、接待事项、处置原则", "每月15日", 'id="S6"', "S6"):
        assert words in page


def test_a_volunteer_sees_published_lists_only(lists: Any, session: Any, sign_in: Any) -> None:
    browser = sign_in("volunteer")
    the = the_list(session, "responsibility")
    assert browser.get(f"/four-lists/{the.id}").status_code == 200
    the.is_published = False
    session.commit()
    assert browser.get(f"/four-lists/{the.id}").status_code == 404
    assert the.name not in browser.get("/four-lists/").get_data(as_text=True)
    assert item(session, "R01").title not in browser.get("/list-items/list/?_flt_3_code=R01").get_data(as_text=True)


def test_a_draft_is_seen_by_its_editor_alone(lists: Any, session: Any, sign_in: Any) -> None:
    the = the_list(session, "responsibility")
    the.is_published = False
    session.commit()
    assert sign_in("county_administrator").get(f"/four-lists/{the.id}").status_code == 200
    assert sign_in("township_head").get(f"/four-lists/{the.id}").status_code == 404


def test_a_strangers_list_and_item_are_not_found(lists: Any, session: Any, sign_in: Any) -> None:
    from app.features.org.services import add_unit

    other = add_unit("county", "D", "外县")
    load_lists()
    theirs = session.query(GovernanceList).filter_by(unit_id=other.id, kind="responsibility").one()
    their_item = session.query(ListItem).filter_by(list_id=theirs.id, code="R01").one()
    for username in ("county_administrator", "chief_grid_leader", "volunteer"):
        browser = sign_in(username)
        assert browser.get(f"/four-lists/{theirs.id}").status_code == 404
        assert browser.get(f"/list-catalogue/show/{theirs.id}").status_code == 404
        assert browser.get(f"/list-items/show/{their_item.id}").status_code == 404
    assert sign_in("county_administrator").get(f"/list-items/edit/{their_item.id}").status_code == 404


def test_an_administrator_changes_what_we_propose_and_it_is_in_the_trail(
    lists: Any, session: Any, sign_in: Any
) -> None:
    row = item(session, "R09")
    form = of(row, requirement="每月指导联系子网格2次", cycle="month", evidence="指导记录", sort_order="9")
    answer = sign_in("county_administrator").post(f"/list-items/edit/{row.id}", data=form)
    assert answer.status_code == 302
    session.expire_all()
    assert row.requirement == "每月指导联系子网格2次"
    entry = session.query(AuditEntry).filter_by(table_name="list_item", kind="edit", row_id=str(row.id)).one()
    assert entry.username == "county_administrator" and "requirement" in entry.changes


def test_a_forged_form_does_not_change_what_the_source_says(lists: Any, session: Any, sign_in: Any) -> None:
    row = item(session, "R09")
    forged = {
        "requirement": "x",
        "cycle": "month",
        "title": "改了",
        "source": "derived",
        "role": "volunteer",
        "code": "Z1",
    }
    sign_in("county_administrator").post(f"/list-items/edit/{row.id}", data=of(row, **forged))
    session.expire_all()
    assert (row.code, row.title, row.source, row.role) == (
        "R09",
        "指导网格建设和网格运行机制",
        "text",
        "grid_instructor",
    )


def test_no_door_changes_or_deletes_what_the_source_says(lists: Any, session: Any) -> None:
    row = item(session, "R09")
    row.title = "改了"
    with pytest.raises(RuleBroken) as refusal:
        session.commit()
    assert refusal.value.problems[0].code == "list.stated_by_source"
    session.rollback()
    session.delete(item(session, "R09"))
    with pytest.raises(RuleBroken):
        session.commit()
    session.rollback()


def test_only_an_administrator_edits_lists(lists: Any, session: Any, sign_in: Any) -> None:
    row = item(session, "R09")
    for username in ("chief_grid_leader", "county_clerk", "evaluator", "volunteer", "system_administrator"):
        answer = sign_in(username).post(f"/list-items/edit/{row.id}", data={"requirement": "x", "cycle": "month"})
        assert answer.status_code in (302, 403, 404)
        session.expire_all()
        assert row.requirement == "每月指导联系子网格1次"


def test_an_administrator_adds_an_item_of_his_own_and_takes_it_back(lists: Any, session: Any, sign_in: Any) -> None:
    browser, the = sign_in("county_administrator"), the_list(session, "responsibility")
    form = {
        "governance_list": the.id,
        "code": "L01",
        "sort_order": "30",
        "role": "grid_worker",
        "title": "本县增加的责任",
        "cycle": "month",
    }
    assert "换版" in browser.post("/list-items/add", data=form).text  # what is in force is changed by a new version
    the.state, the.is_published = "draft", False
    session.commit()
    assert browser.post("/list-items/add", data=form).status_code == 302
    added = item(session, "L01")
    assert added.source == "derived"
    assert browser.post(f"/list-items/delete/{added.id}").status_code == 302
    assert session.query(ListItem).filter_by(code="L01").count() == 0


def test_withdrawing_a_list_is_one_tick(lists: Any, session: Any, sign_in: Any) -> None:
    the = the_list(session, "responsibility")
    sign_in("county_administrator").post(f"/list-catalogue/edit/{the.id}", data=of(the, purpose=the.purpose))
    session.expire_all()
    assert the.is_published is False and the.name == "责任清单"


def test_the_list_of_items_counts_them_all(lists: Any, sign_in: Any) -> None:
    page = sign_in("county_administrator").get("/list-items/list/").get_data(as_text=True)
    assert "30" in page[page.rindex('class="pager"') :].split("</nav>")[0]


def test_the_edit_form_says_which_item_it_is_about(lists: Any, session: Any, sign_in: Any) -> None:
    page = sign_in("county_administrator").get(f"/list-items/edit/{item(session, 'R09').id}").get_data(as_text=True)
    assert "指导网格建设和网格运行机制" in page and 'name="title"' not in page
