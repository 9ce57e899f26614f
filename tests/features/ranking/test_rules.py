"""The rules screen: nearest up the tree, versions with a reason, sentences at the field."""

from __future__ import annotations

from typing import Any

import pytest
from factories.browsing import of

from app.domain.config import DEFAULTS, KEYS, written
from app.domain.errors import RuleBroken
from app.features.ranking.queries import current_settings, proposal_at, setting_versions
from app.features.ranking.services import approve_setting, save_settings
from app.features.ranking.words import CHOICES, LABELS


def form(**changed: str) -> dict[str, str]:
    """The form as a browser sends it, with some fields changed."""
    data: dict[str, str] = {"reason": "县里研究"}
    for key in KEYS:
        text = written(DEFAULTS[key.name])
        if key.kind == "list":
            data |= {f"{key.name}:{part}": str(n) for n, part in enumerate(text.split(","), 1)}
        elif key.kind == "weights":
            data |= {f"{key.name}:{part.split(':')[0]}": part.split(":")[1] for part in text.split(",")}
        else:
            data[key.name] = "" if text == "none" and "none" not in key.options else text
    return data | changed


def approved_by(username: str, sign_in: Any, world: Any) -> Any:
    """What an account is answered when it approves the proposal of the county as the page shows it."""
    waiting = of(proposal_at(world.units["C"]))
    return sign_in(username).post("/rules/C/versions/1/approve", data=waiting)


def test_every_key_and_choice_has_words() -> None:
    assert {key.name for key in KEYS} == set(LABELS)
    options = {option for key in KEYS for option in key.options if not option.isdigit()}
    assert options <= set(CHOICES)


def test_the_nearest_rules_up_the_tree_hold(world: Any) -> None:
    county, township = world.units["C"], world.units["C1"]
    assert current_settings(township).values == DEFAULTS.values
    approve_setting(save_settings(county, {"top_tie_policy": "shrink"}, reason="县里研究"))
    assert current_settings(world.units["C1A"])["top_tie_policy"] == "shrink"
    approve_setting(save_settings(township, {"top_tie_policy": "tiebreak"}, reason="镇里研究"))
    assert current_settings(world.units["C1A"])["top_tie_policy"] == "tiebreak"
    assert current_settings(world.units["C2A"])["top_tie_policy"] == "shrink"


def test_the_form_saves_a_version_with_its_reason(world: Any, sign_in: Any) -> None:
    administrator = sign_in("county_administrator")
    assert "原文规定" in administrator.get("/rules/C").text
    answer = administrator.post("/rules/C/save", data=form(top_tie_policy="tiebreak", budget_limit="3000000"))
    assert answer.status_code == 302
    assert current_settings(world.units["C"]).values == DEFAULTS.values
    assert approved_by("county_administrator_b", sign_in, world).status_code == 302
    config = current_settings(world.units["C"])
    assert (config["top_tie_policy"], str(config["budget_limit"])) == ("tiebreak", "3000000")
    assert [(v.number, v.reason) for v in setting_versions(world.units["C"])] == [(1, "县里研究")]


def test_an_unchanged_form_is_no_version(world: Any, sign_in: Any) -> None:
    answer = sign_in("county_administrator").post("/rules/C/save", data=form())
    assert answer.status_code == 422 and not setting_versions(world.units["C"])


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"top_ratio": "1.5"}, "1.5"),
        ({"top_ratio": "abc"}, "abc"),
        ({"top_multiplier": ""}, ""),
        ({"period_weights:daily": "0.9"}, ""),
        ({"top_ratio": "0.8", "bottom_ratio": "0.7"}, "0.7"),
        ({"reason": "", "top_ratio": "0.3"}, "0.3"),
    ],
)
def test_a_wrong_value_is_told_at_its_field_and_stays_typed(
    world: Any, sign_in: Any, changed: dict[str, str], words: str
) -> None:
    answer = sign_in("county_administrator").post("/rules/C/save", data=form(**changed))
    assert answer.status_code == 422
    assert "field-error" in answer.text and words in answer.text
    assert not setting_versions(world.units["C"])


def test_who_may_only_read_the_rules_changes_nothing(world: Any, sign_in: Any) -> None:
    evaluator = sign_in("evaluator")
    assert evaluator.get("/rules/C1").status_code == 200
    assert evaluator.get("/rules/C2").status_code == 404
    assert evaluator.post("/rules/C1/save", data=form(top_ratio="0.3")).status_code in (403, 404)
    assert evaluator.post("/rules/C1/confirm-multipliers", data={"middle": "2"}).status_code in (403, 404)
    assert not setting_versions(world.units["C1"])


def test_confirming_is_an_act_of_its_own(world: Any, sign_in: Any) -> None:
    administrator = sign_in("county_administrator")
    wrong = administrator.post("/rules/C/confirm-multipliers", data={"middle": "x", "bottom": "1", "reason": "会议"})
    assert wrong.status_code == 422 and "x" in wrong.text
    administrator.post("/rules/C/confirm-multipliers", data={"middle": "2.0", "bottom": "1.0", "reason": "会议"})
    assert current_settings(world.units["C"])["multipliers_confirmed"] is False
    approved_by("county_administrator_b", sign_in, world)
    assert current_settings(world.units["C"])["multipliers_confirmed"] is True
    with pytest.raises(RuleBroken):
        save_settings(world.units["C"], {"multipliers_confirmed": "false"}, reason="改")
