"""Kinds and lists as data: loading what a pack states, giving it back, and what is in force standing still."""

from __future__ import annotations

from typing import Any

import pytest

from app.domain.errors import RuleBroken
from app.features.checklists.models import GovernanceList, ListItem
from app.features.checklists.queries import lists_overview
from app.features.checklists.queries.kinds import kind_of, kinds_at
from app.features.checklists.queries.packing import named_items, open_places_of
from app.features.checklists.services import (
    kind_as_data,
    list_as_data,
    load_kind,
    load_kinds,
    load_list,
    load_lists,
)
from app.kit import access

NINGHAI: dict[str, Any] = {
    "code": "NH-L1",
    "kind": "power",
    "name": {"zh": "村级权力清单36条", "en": "36 village powers"},
    "stated_count": 36,
    "source": "text",
    "phrase": "梳理形成《村级权力清单36条》",
    "categories": [{"name": "公共权力事项", "stated_count": 19}, {"name": "便民服务事项", "stated_count": 17}],
    "versions": [{"label": "2018", "changes": {"procedures_modified": 28, "powers_merged_or_cancelled": 11}}],
    "open_places": 33,
    "items": [
        {"code": "01", "name": "五议决策法", "category": "公共权力事项", "source": "text"},
        {"code": "02", "name": "工程招投标", "category": "公共权力事项", "source": "text"},
        {
            "code": "03",
            "name": "村集体资产处置事项",
            "category": "公共权力事项",
            "source": "text",
            "steps": [{"name": "形成方案", "key": True}, {"name": "公开交易", "risk": "规避进场交易"}],
            "thresholds": [{"what": "评估总价", "amount": "10000", "at_or_above": "镇交易中心", "below": "村自行交易"}],
            "facets": {"responsible_party": "村集体经济组织"},
        },
    ],
}
OWN = {
    "code": "village_honours",
    "name": {"zh": "荣誉清单", "ko": "영예명세서"},
    "behaviour": "other",
    "facets": [
        {"code": "item_name", "label": {"zh": "荣誉名称"}, "required": True},
        {"code": "given_on", "label": {"zh": "授予日期"}, "type": "date"},
    ],
}


def test_the_kinds_of_the_twelve_systems_are_data_at_the_top_unit_st_10_yu_11(world: Any) -> None:
    assert load_kinds() == 37 and load_kinds() == 0
    kinds = {kind.code: kind for kind in kinds_at(world.units["C1"])}
    asked = {facet.code for facet in kinds["assist"].facets}
    assert {"lead_department", "village_role", "delegated_authority", "funding_source", "consent_document"} <= asked
    assert {facet.label for facet in kinds["power"].facets} >= {
        "事项名称",
        "责任主体",
        "设定依据",
        "廉政风险提示",
        "责任追究",
    }
    assert kinds["delegated_power"].behaviour == "assist" and kinds["conduct"].behaviour == "other"


def test_an_own_kind_stands_beside_them_and_no_page_falls_over_it(world: Any, sign_in: Any) -> None:
    load_lists()
    kind, is_new = load_kind(world.units["C"], OWN)
    assert is_new and load_kind(world.units["C"], kind_as_data(kind)) == (kind, False)
    row, _new = load_list(
        world.units["C"], {"code": "HON", "kind": OWN["code"], "name": {"zh": "荣誉清单"}, "items": []}
    )
    assert kind_of(row).label == "荣誉清单" and [f.label for f in kind_of(row).facets] == ["荣誉名称", "授予日期"]
    assert len(lists_overview(access.OPERATOR)[0].cards) == 4
    browser = sign_in("county_administrator")
    for address in (
        "/four-lists/",
        "/list-directory/",
        f"/list-directory/{row.id}",
        f"/list-directory/{row.id}/changes",
    ):
        assert browser.get(address).status_code == 200
    with pytest.raises(RuleBroken, match=r"kind\.no_item_name"):
        load_kind(world.units["C"], {**OWN, "facets": [{"code": "x", "label": {"zh": "x"}}]})


def test_thirty_three_of_thirty_six_places_are_open_and_the_list_comes_back_as_it_was_nh_01_nh_09(world: Any) -> None:
    row, is_new = load_list(world.units["C"], NINGHAI, "NH@1")
    places = open_places_of(row)
    assert is_new and (len(named_items(row)), len(places), row.pack) == (3, 33, "NH@1")
    assert [place.category for place in places].count("公共权力事项") == 16
    assert list_as_data(row) == NINGHAI
    assert load_list(world.units["C"], list_as_data(row), "NH@1") == (row, False)


def test_loading_again_with_other_items_keeps_the_rows_whose_codes_stay(world: Any, session: Any) -> None:
    row, _new = load_list(world.units["C"], NINGHAI, "NH@1")
    kept = session.query(ListItem).filter_by(list_id=row.id, code="02").one().id
    named = [*NINGHAI["items"], {"code": "04", "name": "印章管理", "category": "便民服务事项", "source": "derived"}]
    again, written = load_list(world.units["C"], {**NINGHAI, "items": named, "open_places": 32}, "NH@2")
    assert written and again is row and len(open_places_of(row)) == 32
    assert session.query(ListItem).filter_by(list_id=row.id, code="02").one().id == kept


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"open_places": 30}, "list.count_differs"),
        ({"stated_count": 2, "open_places": None}, "list.too_many_named"),
        ({"items": [{"name": "a"}, {"name": "a"}], "stated_count": None}, "list.duplicate_name"),
        ({"items": [{"name": "a", "source": "hearsay"}], "stated_count": None}, "list.unknown_source"),
    ],
)
def test_what_contradicts_itself_is_not_loaded(world: Any, session: Any, change: Any, code: str) -> None:
    with pytest.raises(RuleBroken, match=code):
        load_list(world.units["C"], {**NINGHAI, **change})
    assert session.query(GovernanceList).count() == 0


def test_a_responsibility_list_of_a_pack_does_not_take_the_place_of_the_grids_own(world: Any) -> None:
    load_lists()
    load_list(
        world.units["C"],
        {
            "code": "JY-L2",
            "kind": "responsibility",
            "name": {"zh": "责任清单48项"},
            "stated_count": 48,
            "source": "text",
        },
        "JY@1",
    )
    (one,) = lists_overview(access.OPERATOR)
    assert [card.count for card in one.cards if card.kind == "responsibility"] == [21]
