"""From a published round to approved awards, by the services: the worked example of 43 villages."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from factories.county43 import County, employ_staff, make_county

from app.domain.errors import RuleBroken
from app.features.bonus import services
from app.features.bonus.queries import lines_of
from app.features.ranking.queries import current_settings, is_recomputable
from app.features.ranking.services import (
    approve_setting,
    confirm_multipliers,
    publish_ranking,
    run_ranking,
    save_settings,
)

POLICIES = [
    ({}, (12, 28, 3), "2920394.75"),
    ({"top_tie_policy": "tiebreak", "bottom_tie_policy": "tiebreak"}, (11, 28, 4), "2864170.75"),
    ({"top_tie_policy": "shrink", "bottom_tie_policy": "expand"}, (9, 29, 5), "2794937.50"),
]


@pytest.fixture
def county(operator: Any) -> County:
    county = make_county()
    employ_staff(county)
    return county


def codes(refusal: Any) -> list[str]:
    return [problem.code for problem in refusal.value.problems]


def test_the_worked_example_gives_its_three_totals(county: County) -> None:
    for number, (policy, bands, total) in enumerate(POLICIES):
        run = publish_ranking(run_ranking(county.round, overrides=policy, reason="对比" if number else None))
        batch = services.run_batch(run)
        assert tuple(run.summary["counts"][band] for band in ("top", "middle", "bottom")) == bands
        assert batch.summary["total_award"] == total
        assert sum(line.award for line in lines_of(batch)) == Decimal(total)
        assert len(lines_of(batch)) == 303
        assert is_recomputable(run) and services.is_recomputable(batch)


def test_a_batch_waits_for_confirmed_multipliers(county: County) -> None:
    batch = services.run_batch(publish_ranking(run_ranking(county.round)))
    with pytest.raises(RuleBroken) as refusal:
        services.approve_batch(batch)
    assert codes(refusal) == ["bonus.multipliers_unconfirmed"]
    approve_setting(confirm_multipliers(county.unit, middle="1.8", bottom="1.0", reason="县里研究确定"))
    with pytest.raises(RuleBroken) as refusal:
        services.approve_batch(batch)
    assert codes(refusal) == ["bonus.multipliers_differ"]
    approve_setting(confirm_multipliers(county.unit, middle="2.0", bottom="1.0", reason="县里研究确定"))
    assert services.approve_batch(batch).state == "approved"


def test_a_setting_cannot_confirm_multipliers_and_a_changed_one_must_be_confirmed_again(county: County) -> None:
    with pytest.raises(RuleBroken) as refusal:
        run_ranking(county.round, overrides={"multipliers_confirmed": "true"})
    assert codes(refusal) == ["rules.confirmed_by_act_only"]
    approve_setting(confirm_multipliers(county.unit, middle="2.0", bottom="1.0", reason="县里研究确定"))
    assert current_settings(county.unit)["multipliers_confirmed"] is True
    approve_setting(save_settings(county.unit, {"bottom_multiplier": "1.2"}, reason="调整"))
    assert current_settings(county.unit)["multipliers_confirmed"] is False


def test_awards_within_a_budget_sum_to_it_to_the_cent(county: County) -> None:
    run = publish_ranking(run_ranking(county.round))
    batch = services.run_batch(run, overrides={"budget_limit": "2000000.01"})
    lines = lines_of(batch)
    assert sum(line.award for line in lines) == Decimal("2000000.01")
    assert sum(Decimal(s["award"]) for line in lines for s in line.segments) == Decimal("2000000.01")
    assert sum(line.before_budget for line in lines) == Decimal("2920394.75")


def test_a_corrected_ranking_leads_to_difference_lines(county: County) -> None:
    approve_setting(confirm_multipliers(county.unit, middle="2.0", bottom="1.0", reason="县里研究确定"))
    first = services.approve_batch(services.run_batch(publish_ranking(run_ranking(county.round))))
    with pytest.raises(RuleBroken) as refusal:
        run_ranking(county.round, overrides={"top_tie_policy": "tiebreak"})
    assert codes(refusal) == ["ranking.correction_reason"]
    corrected = run_ranking(county.round, overrides={"top_tie_policy": "tiebreak"}, reason="复核并列名次")
    second = services.run_batch(publish_ranking(corrected), reason="名次更正")
    changed = [line for line in lines_of(second) if line.difference]
    assert second.corrects_id == first.id
    assert {line.unit.code for line in changed} == {"V16"}
    assert sum(line.difference for line in changed) == Decimal("-19168.00")
    assert first.ranking_run.state == "superseded"


def test_a_superseded_ranking_pays_nobody(county: County) -> None:
    approve_setting(confirm_multipliers(county.unit, middle="2.0", bottom="1.0", reason="县里研究确定"))
    batch = services.run_batch(publish_ranking(run_ranking(county.round)))
    publish_ranking(run_ranking(county.round, overrides={"top_tie_policy": "shrink"}, reason="更正"))
    with pytest.raises(RuleBroken) as refusal:
        services.approve_batch(batch)
    assert codes(refusal) == ["bonus.superseded_ranking"]
