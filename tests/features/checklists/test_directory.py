"""The catalogue of lists: a workbook makes a draft beside what is in force, and another person puts it in force."""

from __future__ import annotations

import io
from typing import Any

import pytest
from openpyxl import load_workbook

from app.domain.errors import RuleBroken
from app.domain.list_change import Comparison
from app.features.accounts.queries import user_by_name
from app.features.checklists.directory_sheet import LIST_DIRECTORY
from app.features.checklists.models import GovernanceList, ListItem
from app.features.checklists.queries.changes import change_of
from app.features.checklists.queries.directory import directory_context, directory_rows, redline_of
from app.features.checklists.services import (
    approve,
    consult,
    give_opinion,
    lay_before,
    publish,
    review,
    save_directory,
    withdraw,
)
from app.kit import access, excel
from app.kit.exchange import Change, Options, counts
from tests.kit import workbook_samples as samples


def item(name: str, **more: Any) -> dict[str, Any]:
    said = {"list": "小微权力", "category": "日常管理类", "responsible": "村“两委”", "steps": ("提议", "公示")}
    return {**said, "item_name": name, **more}


POWERS = [item("村务公开"), item("财务公开"), item("印章管理", time_limit_days=3)]


def place(world: Any, **extra: Any) -> Options:
    return Options(unit=world.units["C"], extra=extra)


def versions(session: Any, name: str = "小微权力") -> list[GovernanceList]:
    rows = session.query(GovernanceList).filter(GovernanceList.name == name).order_by(GovernanceList.number)
    return list(rows)


def items(session: Any, row: GovernanceList) -> list[str]:
    found = session.query(ListItem).filter(ListItem.list_id == row.id).order_by(ListItem.sort_order)
    return [one.title for one in found]


def bring_in_force(draft: GovernanceList) -> GovernanceList:
    """The draft walked through its procedure by whoever acts."""
    change = change_of(draft)
    assert change is not None
    consult(change)
    give_opinion(change, {"body": "党员大会", "outcome": "agreed"})
    review(change)
    give_opinion(change, {"body": "县司法局", "outcome": "agreed", "compared": list(Comparison)})
    lay_before(change, "2026H2")
    approve(change)
    approve(change)
    publish(change, ["村务公开栏"])
    return draft


@pytest.fixture
def in_force(world: Any, session: Any) -> GovernanceList:
    """The list of powers, in force."""
    save_directory(POWERS, place(world), False)
    return bring_in_force(versions(session)[0])


def test_a_workbook_changes_no_list_in_force_but_makes_a_draft_of_the_next_version(
    world: Any, session: Any, in_force: GovernanceList
) -> None:
    rows = [
        item("村务公开", category="便民服务类"),
        item("财务公开"),
        item("印章管理", time_limit_days=5),
        item("代办"),
    ]
    changes = save_directory(rows, place(world), False)
    assert [change.kind for change in changes] == [Change.CHANGED, Change.SAME, Change.CHANGED, Change.NEW]
    old, draft = versions(session)
    assert (old.is_published, old.state, draft.is_published, draft.state) == (True, "published", False, "draft")
    assert items(session, old) == ["村务公开", "财务公开", "印章管理"]
    redline = redline_of(draft)
    assert {name: count for name, count in redline.counts.items() if count} == {
        "added": 1,
        "changed": 1,
        "moved": 1,
        "same": 1,
    }


def test_an_item_that_is_gone_is_told_and_the_same_again_says_nothing(
    world: Any, session: Any, in_force: GovernanceList
) -> None:
    assert counts(save_directory(POWERS, place(world), False))["same"] == 3 and len(versions(session)) == 1
    changes = save_directory(POWERS[:2], place(world), False)
    assert [change.kind for change in changes] == [Change.SAME, Change.CHANGED]
    assert ("印章管理", "") in changes[1].cells.values()
    assert [change.name for change in redline_of(versions(session)[1]).changes if change.kind == "removed"] == [
        "印章管理"
    ]


def test_a_later_workbook_withdraws_the_draft_before_it(world: Any, session: Any, in_force: GovernanceList) -> None:
    save_directory([*POWERS, item("代办")], place(world), False)
    save_directory([*POWERS, item("代领")], place(world), False)
    assert [row.state for row in versions(session)] == ["published", "withdrawn", "draft"]
    change = change_of(versions(session)[2])
    assert change is not None and withdraw(change, "待县里研究").stage == "withdrawn"
    assert [row.state for row in versions(session)] == ["published", "withdrawn", "withdrawn"]


def test_what_is_on_the_negative_list_may_not_be_assisted_with_nor_a_name_stand_twice(world: Any, session: Any) -> None:
    rows = [
        item("招商引资", list="负面清单"),
        item("招商引资", list="依法协助"),
        item("防汛值守", list="依法协助"),
        item("防汛值守", list="依法协助"),
    ]
    changes = save_directory(rows, place(world), False)
    assert [[p.code for p in change.problems] for change in changes] == [
        [],
        ["admission.on_negative_list"],
        ["directory.duplicate"],
        ["directory.duplicate"],
    ]
    assert versions(session, "依法协助") == []


def test_the_county_workbook_loads_and_comes_back_unchanged_with_what_it_states(world: Any, session: Any) -> None:
    data = (samples.SAMPLES / "messy/f_list_directory_messy.xlsx").read_bytes()
    result = excel.read(LIST_DIRECTORY, data, "目录.xlsx", directory_context(place(world)))
    save_directory(result.rows, place(world, **result.extras), False)
    (powers,) = versions(session)
    assert (powers.edition, str(powers.effective_from), len(items(session, powers))) == ("2026年版", "2026-07-01", 28)
    rows, meta = directory_rows(place(world))
    again = excel.read(
        LIST_DIRECTORY, excel.write(LIST_DIRECTORY, rows, meta), "again.xlsx", directory_context(place(world))
    )
    assert (again.outcome, again.issues, len(again.rows)) == ("rows", [], 62)
    assert counts(save_directory(again.rows, place(world, **again.extras), True))["same"] == 62
    assert again.extras["lists"]["小微权力"]["title"] == "澜禾县村级小微权力清单（2026年版）"


def test_a_clerk_brings_in_a_leader_reads_what_is_in_force_and_neither_decides(
    world: Any, session: Any, sign_in: Any, in_force: GovernanceList
) -> None:
    with access.acting_as(access.actor_of_user(user_by_name("county_clerk").id)):
        save_directory([*POWERS, item("代办")], place(world), False)
    draft = versions(session)[1]
    leader, clerk = sign_in("chief_grid_leader"), sign_in("county_clerk")
    assert "村务公开" in leader.get(f"/list-directory/{in_force.id}").text
    assert leader.get(f"/list-directory/{draft.id}").status_code == 404
    page = clerk.get(f"/list-directory/{draft.id}/changes")
    assert page.status_code == 200 and "/decide" not in page.text


def test_what_a_refused_row_is_about_stays_as_it_stands_when_the_good_rows_are_saved(
    world: Any, session: Any, in_force: GovernanceList
) -> None:
    from app.features.exchange import queries
    from app.features.exchange import services as exchange

    export = exchange.export(queries.door_of("list-directory"), place(world))
    book = load_workbook(io.BytesIO(export))
    paper = next(one for one in book.worksheets if any("村务公开" in str(c.value) for r in one.iter_rows() for c in r))
    head = {str(c.value): c for row in paper.iter_rows(max_row=6) for c in row if c.value}
    line = {str(row[head["事项名称"].column - 1].value): row[0].row for row in paper.iter_rows()}
    paper.cell(line["财务公开"], head["办理时限"].column).value = "#REF!"
    paper.cell(line["印章管理"], head["办理时限"].column).value = "5个工作日"
    paper.cell(line["村务公开"], head["事项名称"].column).value = "村务公开" + "长" * 400
    out = io.BytesIO()
    book.save(out)
    batch = exchange.preview(queries.door_of("list-directory"), out.getvalue(), "目录.xlsx", place(world))
    assert {kind: count for kind, count in batch.changes["counts"].items() if count} == {"refused": 2, "changed": 1}
    exchange.confirm(batch, only_good=True)
    assert batch.state == "applied"
    draft = versions(session)[1]
    assert items(session, draft) == ["村务公开", "财务公开", "印章管理"]
    assert {change.name for change in redline_of(draft).changes if change.kind != "same"} == {"印章管理"}


def test_a_workbook_says_authority_funding_and_consent_and_one_without_those_columns_leaves_them_mn_12(
    world: Any, session: Any
) -> None:
    says = {"authority": "只巡查报告", "funding": "县财政按次拨付", "consent": "县委办〔2026〕5号"}
    save_directory([item("防汛值守", list="依法协助", **says)], place(world), False)
    bring_in_force(versions(session, "依法协助")[0])
    rows, meta = directory_rows(place(world))
    book = excel.write(LIST_DIRECTORY, rows, meta)
    again = excel.read(LIST_DIRECTORY, book, "again.xlsx", directory_context(place(world)))
    assert again.rows[0] | says == again.rows[0]
    assert counts(save_directory(again.rows, place(world), True))["same"] == 1
    old = [item("防汛值守", list="依法协助"), item("征兵宣传", list="依法协助")]
    assert [change.kind for change in save_directory(old, place(world), False)] == [Change.SAME, Change.NEW]
    draft = versions(session, "依法协助")[1]
    with pytest.raises(RuleBroken) as refused:
        bring_in_force(draft)
    assert {problem.params["name"] for problem in refused.value.problems} == {"征兵宣传"}
    (emptied,) = save_directory([item("防汛值守", list="依法协助", **says | {"funding": ""})], place(world), True)
    assert ("县财政按次拨付", "") in emptied.cells.values()
