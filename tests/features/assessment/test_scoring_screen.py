"""The address the scoring screen saves to: six kinds of cells, faults at the cell, conflicts, pasted blocks."""

from __future__ import annotations

import pytest

from app.domain.rights import Role
from app.features.assessment import queries, services
from app.features.assessment.services import CellInput
from app.features.people.services import appoint


def send(browser, round_, *cells, **more):
    return browser.post(
        f"/assessment-scores/{round_.id}/cells",
        json={"cells": [{"was": stored(round_, one), **one} for one in cells], **more},
    )


def stored(round_, one):
    """What stands in a cell, as the page shows it."""
    from app.features.assessment.cells import shown
    from app.features.assessment.models import ItemScore, Sheet
    from app.kit.db import db

    rows = db.session.query(ItemScore).join(ItemScore.sheet).filter(Sheet.round_id == round_.id)
    return shown(rows.filter(Sheet.unit_id == one["unit"], ItemScore.item_code == one["item"]).one_or_none())


def cell(unit, item, text, **more):
    return {"unit": unit.id, "item": item, "text": text, **more}


@pytest.mark.parametrize(
    ("item", "text", "shown", "points"),
    [
        ("A2", "11/12", "11/12", "4.58"),  # ratio
        ("A2", "１１／12", "11/12", "4.58"),
        ("A2", "4。58", "4.58", "4.58"),
        ("A4", "190/200", "190/200", "5.00"),  # 95 % is enough for full marks
        ("A1", "-3", "-3", "2.50"),  # per_fault
        ("A1", "3个", "-3", "2.50"),
        ("A1", "-20", "-20", "0.00"),
        ("A7", "+1", "+1", "2.00"),  # per_unit
        ("A7", "+5", "+5", "4.00"),
        ("C4", "92%", "92%", "2.00"),  # tiered
        ("D3", "b", "B", "3.00"),  # graded
        ("D3", "A,B", "A,B", "3.50"),
        ("A1", "3.5", "3.50", "3.50"),  # points, in any kind
        ("B4", "/", "/", ""),
        ("B4", "0/0", "0/0", ""),  # nothing was expected: not applicable
    ],
)
def test_each_kind_of_cell_is_understood(sign_in, world, round_, item, text, shown, points):
    answer = send(sign_in("evaluator"), round_, cell(world.units["C1A"], item, text))
    assert answer.status_code == 200, answer.json
    stored = answer.json["sheets"][0]["cells"][item]
    assert (stored["text"], stored["points"]) == (shown, points)


@pytest.mark.parametrize(
    ("item", "text", "code"),
    [
        ("A1", "4.5", "scoring.above_max"),
        ("A2", "abc", "assessment.bad_cell"),
        ("A2", "1e9", "assessment.bad_cell"),
        ("A2", "NaN", "assessment.bad_cell"),
        ("A2", "5/0", "scoring.expected_zero"),
        ("A1", "/", "scoring.na_not_allowed"),
        ("D3", "E", "assessment.bad_cell"),
        ("C4", "120%", "scoring.rate_above_one"),
        ("A2", "-1", "scoring.negative"),
        ("Z9", "1", "assessment.unknown_item"),
    ],
)
def test_a_fault_is_told_at_its_cell_and_nothing_is_saved(sign_in, world, round_, item, text, code):
    unit = world.units["C1A"]
    answer = send(sign_in("evaluator"), round_, cell(unit, "A5", "4"), cell(unit, item, text))
    assert answer.status_code == 422
    problem = answer.json["problems"][0]
    assert (problem["code"], problem["where"]) == (code, f"{unit.id}/{item}")
    assert problem["message"] and "scoring." not in problem["message"] and "assessment." not in problem["message"]
    assert queries.score_matrix(round_)[1][unit.id] == {}


def test_totals_come_back_live(sign_in, world, round_):
    browser, unit = sign_in("evaluator"), world.units["C1A"]
    answer = send(browser, round_, cell(unit, "A1", "3.5"), cell(unit, "A2", "4"))
    assert "7.50" in answer.json["sheets"][0]["totals"]["final"]
    assert answer.json["sheets"][0]["complete"] is False


def test_the_same_request_twice_is_saved_once(sign_in, world, round_):
    browser, unit = sign_in("evaluator"), world.units["C1A"]
    assert send(browser, round_, cell(unit, "A1", "3", was=""), key="k1").status_code == 200
    again = send(browser, round_, cell(unit, "A1", "3", was=""), key="k1")
    assert again.status_code == 200
    assert again.json["sheets"][0]["cells"]["A1"]["text"] == "3.00"


def test_a_cell_changed_meanwhile_shows_both(sign_in, world, round_):
    browser, unit = sign_in("evaluator"), world.units["C1A"]
    services.save_scores(round_, [CellInput(unit.id, "A1", "2")])
    answer = send(browser, round_, cell(unit, "A1", "3", was=""))
    assert answer.status_code == 409
    problem = answer.json["problems"][0]
    assert (problem["code"], problem["theirs"]) == ("assessment.cell_conflict", "2.00")
    assert "2.00" in problem["message"] and "3" in problem["message"]


def test_another_cell_of_the_same_village_is_no_conflict(sign_in, world, round_):
    unit = world.units["C1A"]
    services.save_scores(round_, [CellInput(unit.id, "A1", "2")])
    assert send(sign_in("evaluator"), round_, cell(unit, "A2", "5", was="")).status_code == 200


def test_an_emptied_cell_takes_the_score_back(sign_in, world, round_):
    browser, unit = sign_in("evaluator"), world.units["C1A"]
    send(browser, round_, cell(unit, "A1", "2"))
    answer = send(browser, round_, cell(unit, "A1", "", was="2.00"))
    assert answer.json["sheets"][0]["cells"]["A1"]["text"] == ""


def test_a_pasted_block_is_shown_before_it_is_saved(sign_in, world, round_):
    browser, unit = sign_in("evaluator"), world.units["C1A"]
    send(browser, round_, cell(unit, "A1", "2"))
    block = [cell(unit, "A1", "2"), cell(unit, "A2", "4.5"), cell(unit, "A3", "9")]
    answer = send(browser, round_, *block, dry_run=True)
    kinds = [(one["kind"], bool(one["problem"])) for one in answer.json["changes"]]
    assert kinds == [("same", False), ("changed", False), ("changed", True)]
    assert set(queries.score_matrix(round_)[1][unit.id]) == {"A1"}


@pytest.mark.parametrize("sent", [{}, {"cells": []}, {"cells": [{"unit": "1", "item": "A1"}]}, {"cells": [3]}, [1]])
def test_a_request_nobody_can_read_is_refused_in_words(sign_in, round_, sent):
    answer = sign_in("evaluator").post(f"/assessment-scores/{round_.id}/cells", json=sent)
    assert answer.status_code == 422 and answer.json["problems"][0]["message"]


def test_a_stranger_reaches_neither_round_nor_sheet(sign_in, world, round_):
    stranger = sign_in("evaluator_2")
    sheet = queries.sheets_of(round_)[0]
    assert send(stranger, round_, cell(world.units["C1A"], "A1", "3")).status_code == 404
    for path in (f"/assessment-rounds/{round_.id}", f"/assessment-scores/{round_.id}", f"/score-sheets/{sheet.id}"):
        assert stranger.get(path).status_code == 404


def test_a_unit_of_another_town_cannot_be_slipped_in(sign_in, world, round_):
    answer = send(sign_in("evaluator"), round_, cell(world.units["C2A"], "A1", "3"))
    assert answer.status_code == 404


def test_the_own_village_is_refused_at_its_cell(sign_in, world, round_):
    appoint(world.persons["evaluator"], Role.GRID_WORKER, world.units["C1A-G1-01"])
    answer = send(sign_in("evaluator"), round_, cell(world.units["C1A"], "A1", "3"))
    assert answer.json["problems"][0]["code"] == "assessment.own_village"


def test_the_grid_shows_items_cells_and_what_may_be_typed(sign_in, world, round_):
    services.save_scores(round_, [CellInput(world.units["C1A"].id, "A2", "11/12")])
    page = sign_in("evaluator").get(f"/assessment-scores/{round_.id}").get_data(as_text=True)
    assert page.count("data-item=") == 24 * 3
    assert 'data-stored="11/12"' in page
    assert "score-grid.js" in page and "data-readonly" not in page
    head = sign_in("township_head").get(f"/assessment-scores/{round_.id}").get_data(as_text=True)
    assert 'data-readonly="1"' in head


def test_the_own_village_is_read_only_on_the_grid_with_the_reason_c16(sign_in, world, round_):
    appoint(world.persons["evaluator"], Role.GRID_WORKER, world.units["C1A-G1-01"])
    page = sign_in("evaluator").get(f"/assessment-scores/{round_.id}").text
    own, other = (page.split(f'data-unit="{world.units[code].id}"')[1].split("</tr>")[0] for code in ("C1A", "C1B"))
    assert "您本人在该村" in own and own.count("locked") > 5
    assert "locked" not in other


def test_a_post_that_ended_while_a_sheet_was_scored_f08(sign_in, world, round_, session):
    from datetime import timedelta

    from sqlalchemy import update

    from app.features.assessment.models import ItemScore
    from app.features.people.models import Post
    from app.kit import clock

    browser = sign_in("evaluator")
    assert browser.get(f"/assessment-scores/{round_.id}").status_code == 200
    yesterday = clock.today() - timedelta(days=1)
    session.execute(update(Post).where(Post.id == world.posts["evaluator"].id).values(to_on=yesterday))
    session.commit()
    answer = send(browser, round_, cell(world.units["C1A"], "A1", "3.21"))
    assert answer.status_code == 403 and session.query(ItemScore).count() == 0
    facts = {"item_code": "X6", "count": "1", "note": "村民投诉三次未回复"}
    sheet = next(sheet for sheet in queries.sheets_of(round_) if sheet.unit.code == "C1A")
    answer = browser.post(f"/score-sheets/{sheet.id}/deductions", data=facts)
    assert answer.status_code in (403, 404) and "村民投诉三次未回复" in answer.text
