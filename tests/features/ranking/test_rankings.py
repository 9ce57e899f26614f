"""Rankings through their services and pages: who runs, who publishes, who reads, and what stays as it was."""

from __future__ import annotations

from typing import Any

import pytest
from factories.browsing import send
from factories.small_round import publish_small_round

from app.domain.errors import RuleBroken
from app.domain.rights import Role
from app.features.assessment.services import correct_round
from app.features.ranking.models import RankingRun
from app.features.ranking.queries import compared, is_recomputable, lines_of
from app.features.ranking.services import (
    another_policy,
    approve_setting,
    decide_tie,
    publish_ranking,
    run_ranking,
    save_settings,
)
from app.kit import access


def codes(refusal: Any) -> list[str]:
    return [problem.code for problem in refusal.value.problems]


@pytest.fixture
def small_round(world: Any) -> Any:
    return publish_small_round(world)


def acting(world: Any, username: str) -> Any:
    return access.acting_as(access.actor_of_user(world.users[username].id))


def test_one_person_runs_a_ranking_and_another_publishes_it(world: Any, small_round: Any) -> None:
    with acting(world, "evaluator"):
        run = run_ranking(small_round)
        with pytest.raises(access.NotAllowed):
            publish_ranking(run)
    with acting(world, "county_administrator"):
        again = run_ranking(small_round)
        with pytest.raises(RuleBroken) as refusal:
            publish_ranking(again)
    assert codes(refusal) == ["ranking.same_person"]
    assert run.state == "discarded"
    with acting(world, "township_head"):
        assert publish_ranking(again).is_published


def test_the_pages_lead_from_a_round_to_a_published_ranking(world: Any, small_round: Any, sign_in: Any) -> None:
    evaluator, head = sign_in("evaluator"), sign_in("township_head")
    assert "2025" in evaluator.get("/rankings/").text
    answer = evaluator.post("/rankings/run", data={"round": "C1/V2025"})
    page = answer.headers["Location"]
    assert "甲东村" in evaluator.get(page).text
    assert sign_in("volunteer").get(page).status_code == 404
    assert send(head, page, f"{page}/publish").status_code == 302
    text = head.get(page).text
    assert "排名口径" in text and "97.50" not in text and "99.50" in text


def test_a_published_ranking_is_read_by_every_role_of_its_scope_and_by_no_stranger(
    world: Any, small_round: Any, sign_in: Any
) -> None:
    run = publish_ranking(run_ranking(small_round))
    for role in Role:
        if role in (Role.SYSTEM_ADMINISTRATOR, Role.SECURITY_ADMINISTRATOR, Role.AUDIT_ADMINISTRATOR):
            continue
        assert sign_in(role.value).get(f"/rankings/{run.id}").status_code == 200, role
    for stranger in ("evaluator_2", "chief_grid_leader_2", "volunteer_2"):
        for path in (f"/rankings/{run.id}", f"/rankings/{run.id}/what-if"):
            assert sign_in(stranger).get(path).status_code == 404, stranger
        assert sign_in(stranger).post(f"/rankings/{run.id}/decide-tie", data={"reason": "x"}).status_code == 404


def test_a_village_reads_why_it_stands_where_it_stands(world: Any, small_round: Any, sign_in: Any) -> None:
    run = publish_ranking(run_ranking(small_round))
    text = sign_in("volunteer").get(f"/rankings/{run.id}").text
    assert "甲东村：基础分99.50－扣分0.00＝99.50分，第1名" in text


def test_a_published_ranking_does_not_change_when_the_round_is_corrected(world: Any, small_round: Any) -> None:
    run = publish_ranking(run_ranking(small_round))
    before = (run.digest, [(line.position, line.final) for line in lines_of(run)])
    correct_round(small_round, "复核")
    approve_setting(save_settings(world.units["C"], {"top_ratio": "0.5"}, reason="调整"))
    assert (run.digest, [(line.position, line.final) for line in lines_of(run)]) == before
    assert is_recomputable(run)


def test_touched_inputs_are_noticed(world: Any, small_round: Any) -> None:
    run = run_ranking(small_round)
    run.inputs = [{**run.inputs[0], "final": "1.00"}, *run.inputs[1:]]
    assert not is_recomputable(run)


def test_a_round_that_is_not_published_is_not_ranked(world: Any, small_round: Any) -> None:
    small_round.is_published = False
    with pytest.raises(RuleBroken) as refusal:
        run_ranking(small_round)
    assert codes(refusal) == ["ranking.round_not_published"]


def test_incomplete_villages_block_the_publication(world: Any, small_round: Any) -> None:
    run = run_ranking(small_round)
    run.inputs = [{**run.inputs[0], "status": "incomplete"}, *run.inputs[1:]]
    with pytest.raises(RuleBroken) as refusal:
        publish_ranking(run)
    assert codes(refusal) == ["ranking.incomplete"]


def test_the_township_decides_a_tie_with_a_reason(world: Any) -> None:
    run = run_ranking(publish_small_round(world, lost={"C1A": "1.00", "C1B": "1.00"}))
    assert all(line.is_tie_undecided for line in lines_of(run))
    with pytest.raises(RuleBroken) as refusal:
        decide_tie(run, ["C1B", "C1A"], reason=" ")
    assert codes(refusal) == ["reason_required"]
    with acting(world, "township_head"):
        decided = decide_tie(run, ["C1B", "C1A"], reason="镇党委会研究")
    first = lines_of(decided)[0]
    assert (first.village.code, first.rank, first.position) == ("C1B", 1, 1)
    assert not any(line.is_tie_undecided for line in lines_of(decided))
    assert (decided.reason, run.state) == ("镇党委会研究", "discarded")


def test_a_comparison_saves_nothing(world: Any, small_round: Any, sign_in: Any, session: Any) -> None:
    run = publish_ranking(run_ranking(small_round))
    _, rows = compared(run, another_policy(run, {"top_rounding": "ceil", "bottom_ratio": "0.5"}))
    assert [row.name for row in rows if row.band_changes] == ["甲西村"]
    page = sign_in("volunteer").get(f"/rankings/{run.id}/what-if?bottom_ratio=0.5")
    assert "甲西村" in page.text and session.query(RankingRun).count() == 1
    wrong = sign_in("volunteer").get(f"/rankings/{run.id}/what-if?bottom_ratio=abc")
    assert wrong.status_code == 200 and "abc" in wrong.text


def test_the_earlier_period_breaks_a_tie(world: Any) -> None:
    earlier = publish_small_round(world, code="V2024", lost={"C1A": "3.00", "C1B": "0.00"})
    publish_ranking(run_ranking(earlier))
    run = run_ranking(publish_small_round(world, code="V2025", lost={"C1A": "1.00", "C1B": "1.00"}))
    assert [line.village.code for line in lines_of(run)] == ["C1B", "C1A"]
    assert not any(line.is_tie_undecided for line in lines_of(run))
