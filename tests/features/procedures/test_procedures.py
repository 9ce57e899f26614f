"""The three procedures: loaded once, drawn with every step and role, seen by whoever may."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any
from xml.etree import ElementTree

import pytest

from app.features.checklists.models import GovernanceList
from app.features.checklists.pack import caojing
from app.features.checklists.queries import lists_overview
from app.features.checklists.queries.impact import impact_of
from app.features.checklists.services import load_lists, propose, roll_back
from app.features.procedures.models import ProcedureDefinition
from app.features.procedures.queries import procedures_of
from app.features.procedures.resting import procedures_drawn
from app.features.procedures.services import load_procedures
from app.kit import access, clock
from app.kit.drawing import Words, broken, draw


@pytest.fixture
def procedures(world: Any, session: Any) -> Any:
    load_lists()
    load_procedures()
    return session.query(GovernanceList).filter_by(kind="procedure").one()


def page(browser: Any, listed: Any, code: str = "") -> str:
    answer = browser.get(f"/procedures/{listed.id}" + (f"/{code}" if code else ""))
    assert answer.status_code == 200
    return str(answer.get_data(as_text=True))


def test_there_are_three_and_loading_again_makes_none(procedures: Any, session: Any) -> None:
    assert [shown.definition.code for shown in procedures_of(procedures)] == ["P1", "P2", "P3"]
    assert load_procedures() == 0
    assert session.query(ProcedureDefinition).count() == 3


def test_the_overview_counts_them(procedures: Any) -> None:
    (one,) = lists_overview(access.OPERATOR)
    assert {card.kind.value: card.count for card in one.cards}["procedure"] == 3


@pytest.mark.parametrize("code", ["P1", "P2", "P3"])
def test_the_page_shows_every_step_with_its_role(procedures: Any, sign_in: Any, code: str) -> None:
    words = page(sign_in("grid_worker"), procedures, code)
    data = next(one for one in caojing()["procedure_list"]["procedures"] if one["code"] == code)
    listed = words[words.index('<ol class="step-list">') :]
    shown = next(one for one in procedures_of(procedures) if one.definition.code == code)
    for step in shown.procedure.steps:
        entry = listed[listed.index(f'<li id="{step.code}">') :].split("</li>")[0]
        for role in (other.role for other in step.alternatives) if step.alternatives else step.roles:
            assert shown.actor_names()[role].split(" (")[0].replace("'", "&#39;") in entry, (step.code, role)
    assert words.count('<li id="') == len(data["steps"])


def drawing_of(shown: Any, across: bool) -> Any:
    words = Words(
        role=lambda code: f"role:{code}",
        step=lambda node: node.code,
        times=lambda node: [f"{node.time_limit_days}d"] if node.time_limit_days else [],
        key_step="key",
        companion=lambda index: shown.procedure.whole_process[index].role,
    )
    return draw(shown.procedure, words, across=across, width=956 if across else 326)


@pytest.mark.parametrize("across", [True, False])
def test_the_drawing_has_every_box_inside_it_and_none_on_another(procedures: Any, across: bool) -> None:
    for shown in procedures_of(procedures):
        drawing = drawing_of(shown, across)
        expected = [o.code for step in shown.procedure.steps for o in (step.alternatives or (step,))]
        assert [step.code for step in drawing.steps] == expected
        for step in drawing.steps:
            box = step.box
            assert box.x >= 0 and box.x + box.width <= drawing.width
            assert box.y >= 0 and box.y + box.height <= drawing.height
            assert all(box.y < text.y < box.y + box.height for text in step.texts)
        for one in drawing.steps:
            for other in drawing.steps:
                if one is not other:
                    a, b = one.box, other.box
                    apart = (
                        a.x + a.width <= b.x or b.x + b.width <= a.x or a.y + a.height <= b.y or b.y + b.height <= a.y
                    )
                    assert apart, (one.code, other.code)
        assert drawing.width <= (956 if across else 326)


def test_alternatives_stand_side_by_side_and_companions_are_bands(procedures: Any) -> None:
    decision = procedures_of(procedures)[0]
    drawing = drawing_of(decision, across=False)
    boxes = {step.code: step.box for step in drawing.steps}
    assert boxes["resolve_by_two_committees"].y == boxes["vote_by_party_meeting"].y
    assert [text.words for _box, text in drawing.bands] == ["supervisor", "public"]
    assert [step.code for step in drawing.steps if step.is_key] == [
        "propose",
        "resolve_by_two_committees",
        "vote_by_party_meeting",
        "publish",
    ]


def test_the_svg_is_well_formed_and_says_what_it_is(procedures: Any, sign_in: Any) -> None:
    words = page(sign_in("supervisor"), procedures, "P1")
    drawn = re.findall(r"<svg.*?</svg>", words, re.S)
    assert len(drawn) == 2
    for source in drawn:
        root = ElementTree.fromstring(source)
        space = "{http://www.w3.org/2000/svg}"
        assert root.get("role") == "img"
        assert root.find(f"{space}title").text and root.find(f"{space}desc").text  # type: ignore[union-attr]
        ids = [root.find(f"{space}{name}").get("id") for name in ("title", "desc")]  # type: ignore[union-attr]
        assert root.get("aria-labelledby") == " ".join(ids)  # type: ignore[arg-type]


def test_source_tags_are_for_administrators(procedures: Any, sign_in: Any) -> None:
    assert 'class="source-tag' in page(sign_in("county_administrator"), procedures, "P1")
    assert 'class="source-tag' not in page(sign_in("chief_grid_leader"), procedures, "P1")


def test_the_list_page_shows_all_three_diagrams(procedures: Any, sign_in: Any) -> None:
    words = page(sign_in("chief_grid_leader"), procedures)
    assert [f'id="P{n}"' in words for n in (1, 2, 3)] == [True] * 3
    assert sign_in("chief_grid_leader").get(f"/four-lists/{procedures.id}").status_code == 302


def test_who_has_no_right_to_procedures_does_not_see_them(procedures: Any, sign_in: Any) -> None:
    for username in ("volunteer", "system_administrator"):
        assert sign_in(username).get(f"/procedures/{procedures.id}").status_code == 403
    assert f"/procedures/{procedures.id}" not in sign_in("volunteer").get("/four-lists/").get_data(as_text=True)


def test_a_strangers_procedures_and_an_unknown_code_are_not_found(procedures: Any, session: Any, sign_in: Any) -> None:
    from app.features.org.services import add_unit

    other = add_unit("county", "D", "外县")
    load_lists()
    load_procedures()
    theirs = session.query(GovernanceList).filter_by(unit_id=other.id, kind="procedure").one()
    browser = sign_in("chief_grid_leader")
    assert browser.get(f"/procedures/{theirs.id}").status_code == 404
    assert browser.get(f"/procedures/{theirs.id}/P1").status_code == 404
    assert browser.get(f"/procedures/{procedures.id}/P9").status_code == 404


def test_words_are_broken_where_a_line_is_full() -> None:
    assert broken("定时定人定责", 20) == ["定时定人定责"]
    assert "".join(broken("补学(送学上门、老新结对、以老带老)", 7)) == "补学(送学上门、老新结对、以老带老)"


def test_procedures_of_a_list_and_those_its_items_name_are_told_before_it_changes_and_rolled_back_freely(
    procedures: Any, session: Any
) -> None:
    duties = session.query(GovernanceList).filter_by(kind="responsibility").one()
    assert [one.in_words for one in procedures_drawn(procedures)] == ["流程图 3"]
    assert [one.count for one in procedures_drawn(duties)] == [3]
    change = propose(duties, "practice", "完善责任")
    assert "流程图 3" in [one.in_words for one in impact_of(change.draft, duties).resting]
    roll_back(change)
    duties.decided_at = clock.now() + timedelta(days=1)  # in force after they were drawn: they do not rest on it
    assert [one.count for one in procedures_drawn(duties)] == [0]
