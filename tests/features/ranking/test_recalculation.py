"""June computed again after the rules have changed: what was published stays as it was, and the difference is told."""

from __future__ import annotations

from typing import Any

import pytest
from factories.small_round import pay, publish_small_round

from app.domain.config import as_data
from app.domain.errors import RuleBroken
from app.features.bonus.queries import lines_of as pay_lines
from app.features.bonus.services import is_recomputable as is_recomputable_batch
from app.features.bonus.services import run_batch
from app.features.ranking.queries import compared, current_settings, is_recomputable, lines_of
from app.features.ranking.services import approve_setting, publish_ranking, run_ranking, save_settings
from app.kit import access


def frozen(run: Any) -> tuple[Any, ...]:
    lines = [(line.village_unit_id, line.rank, line.position, line.band, str(line.final)) for line in lines_of(run)]
    return run.digest, run.rule_version, str(run.policy), str(run.inputs), str(run.summary), lines


def paid(batch: Any) -> list[tuple[Any, ...]]:
    return [(line.person_id, line.band, str(line.multiplier), str(line.award)) for line in pay_lines(batch)]


@pytest.fixture
def june(world: Any) -> Any:
    """The ranking of June, published, and a rule changed after it: half of the villages are the bottom now."""
    run = publish_ranking(run_ranking(publish_small_round(world, code="V2026-06")))
    approve_setting(save_settings(world.units["C"], {"bottom_ratio": "0.5"}, reason="县里调整末位比例"))
    return run


def test_a_published_month_stays_as_it_was_when_rules_change_after_it_f22(world: Any, june: Any, session: Any) -> None:
    before, policy = frozen(june), dict(june.policy)
    assert as_data(current_settings(world.units["C1"]))["bottom_ratio"] != policy["bottom_ratio"]
    session.expire_all()
    assert (frozen(june), june.state, is_recomputable(june)) == (before, "published", True)


def test_computing_the_month_again_takes_a_reason_and_leaves_the_published_one_in_force_f22(
    world: Any, june: Any, session: Any, sign_in: Any
) -> None:
    before, page = frozen(june), sign_in("volunteer").get(f"/rankings/{june.id}").text
    with pytest.raises(RuleBroken) as refusal:
        run_ranking(june.round)
    assert refusal.value.problems[0].code == "ranking.correction_reason"
    again = run_ranking(june.round, reason="按新规则试算")
    session.expire_all()
    assert (frozen(june), june.state) == (before, "published")
    assert again.policy["bottom_ratio"] != june.policy["bottom_ratio"] and again.state == "computed"
    assert sign_in("volunteer").get(f"/rankings/{again.id}").status_code == 404, "not published, so not theirs to see"
    assert "第1名" in page and sign_in("volunteer").get(f"/rankings/{june.id}").status_code == 200


def test_the_difference_is_told_village_by_village_before_anything_is_published_f22(
    world: Any, june: Any, sign_in: Any
) -> None:
    again = run_ranking(june.round, reason="按新规则试算")
    _, rows = compared(june, current_settings(world.units["C1"]))
    moved = {row.name: (row.before[1], row.after[1]) for row in rows if row.band_changes}
    bands = {line.village.name: line.band for line in lines_of(again)}
    assert moved == {"甲西村": ("middle", "bottom")} and bands["甲西村"] == "bottom"
    page = sign_in("county_administrator").get(f"/rankings/{june.id}/what-if?bottom_ratio=0.5").text
    assert "甲西村" in page


def test_a_published_correction_is_a_new_version_and_the_old_one_is_kept_whole_f22(
    world: Any, june: Any, session: Any, sign_in: Any
) -> None:
    before = frozen(june)
    again = publish_ranking(run_ranking(june.round, reason="更正"))
    session.expire_all()
    assert (june.state, again.state, again.number, june.number) == ("superseded", "published", 2, 1)
    assert frozen(june) == before and is_recomputable(june) and is_recomputable(again)
    assert sign_in("county_administrator").get(f"/rankings/{june.id}").status_code == 200


def test_awards_computed_under_the_old_rules_stay_and_the_correction_pays_the_difference_f22(
    world: Any, session: Any
) -> None:
    run = publish_ranking(run_ranking(publish_small_round(world)))
    pay(world.persons["grid_worker"], world.units["C1B"], "4000.00")
    batch = run_batch(run)
    before = (batch.digest, paid(batch))
    approve_setting(save_settings(world.units["C"], {"bottom_ratio": "0.5"}, reason="调整"))
    with access.acting_as(access.OPERATOR):
        correction = run_batch(publish_ranking(run_ranking(run.round, reason="更正")))
    session.expire_all()
    assert (batch.digest, paid(batch)) == before and is_recomputable_batch(batch)
    assert correction.id != batch.id and paid(correction) != paid(batch)
