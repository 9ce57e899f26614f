"""Lists at the interface for machines: what is in force, under the rights and within the reach of the screen."""

from __future__ import annotations

from typing import Any

import pytest

from app.features.checklists.models import GovernanceList, ListItem


@pytest.fixture
def powers(world: Any, session: Any) -> GovernanceList:
    unit = world.units["C1"]
    row = GovernanceList(unit=unit, kind="power", code="powers", name="小微权力", is_published=True, number=2)
    draft = GovernanceList(
        unit=unit, kind="power", code="powers", name="小微权力", is_published=False, state="draft", number=3
    )
    session.add_all([row, draft])
    session.flush()
    steps = [{"name": "提议", "key": True}, {"name": "公示"}]
    session.add_all(
        ListItem(
            list_id=row.id,
            code=f"{n:03d}",
            title=f"事项{n}",
            category="日常",
            sort_order=n,
            steps=steps,
            facets={"legal_basis": "条例", "note": "读自附件"},
        )
        for n in range(1, 23)
    )
    session.commit()
    return row


def test_a_machine_reads_what_is_in_force_page_by_page(powers: GovernanceList, sign_in: Any) -> None:
    browser = sign_in("county_administrator")
    asked = f"/api/v1/lists?kind=power&unit={powers.unit_id}"
    (found,) = browser.get(asked).json["lists"]
    assert (found["id"], found["items"], found["version"]) == (powers.id, 22, 2)
    answer = browser.get(f"/api/v1/lists/{powers.id}/items?page=2")
    assert [item["code"] for item in answer.json["items"]] == ["021", "022"] and not answer.json["has_more"]
    assert answer.json["items"][0]["facets"] == {"legal_basis": "条例"}
    assert answer.json["items"][0]["steps"][0] == {"name": "提议", "key": True}
    again = browser.get(f"/api/v1/lists/{powers.id}/items?page=2", headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert browser.get(f"/api/v1/lists/{powers.id}").json["kind"]["code"] == "power"


def test_drafts_and_lists_of_others_are_not_there(powers: GovernanceList, session: Any, sign_in: Any) -> None:
    draft = session.query(GovernanceList).filter_by(code="powers", state="draft").one()
    assert sign_in("county_administrator").get(f"/api/v1/lists/{draft.id}/items").status_code == 404
    stranger = sign_in("grid_worker_2")
    assert stranger.get(f"/api/v1/lists/{powers.id}").status_code == 404
    assert stranger.get(f"/api/v1/lists?unit={powers.unit_id}").status_code == 404
    assert powers.id not in [row["id"] for row in stranger.get("/api/v1/lists?size=200").json["lists"]]
