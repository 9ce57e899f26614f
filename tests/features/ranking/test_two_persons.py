"""The rules of ranking and awards change by two persons: one proposes, another approves."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from app.domain.errors import RuleBroken
from app.features.accounts.queries import user_by_name
from app.features.people.services import substitute
from app.features.ranking.queries import changed_keys, current_settings, proposal_at, setting_versions
from app.features.ranking.services import approve_setting, confirm_multipliers, refuse_setting, save_settings
from app.kit import access, clock
from app.kit.signing import signed


def acting(username: str) -> Any:
    """Act as an account, with its posts of today."""
    user = user_by_name(username)
    assert user is not None
    return access.acting_as(access.actor_of_user(user.id))


@pytest.fixture
def proposed(world: Any) -> Any:
    """A version proposed by the first county administrator."""
    with acting("county_administrator"):
        return save_settings(world.units["C"], {"top_ratio": "0.2"}, reason="县里研究")


def test_a_proposal_changes_nothing_until_another_person_approves_it_c16(world: Any, proposed: Any) -> None:
    before = current_settings(world.units["C"])["top_ratio"]
    with acting("county_administrator"), pytest.raises(RuleBroken, match=r"rules\.same_person"):
        approve_setting(proposed)
    assert current_settings(world.units["C"])["top_ratio"] == before
    with acting("county_administrator_b"):
        approve_setting(proposed)
    assert str(current_settings(world.units["C"])["top_ratio"]) == "0.2"
    assert (proposed.made_by, proposed.decided_by) == ("county_administrator", "county_administrator_b")
    with acting("county_administrator_b"), pytest.raises(RuleBroken, match=r"rules\.not_proposed"):
        approve_setting(proposed)


def test_multipliers_are_confirmed_by_two_persons_c16(world: Any) -> None:
    with acting("county_administrator"):
        setting = confirm_multipliers(world.units["C"], middle="2.0", bottom="1.0", reason="会议")
        with pytest.raises(RuleBroken, match=r"rules\.same_person"):
            approve_setting(setting)
    assert current_settings(world.units["C"])["multipliers_confirmed"] is False
    with acting("county_administrator_b"):
        approve_setting(setting)
    assert current_settings(world.units["C"])["multipliers_confirmed"] is True


def test_two_accounts_of_one_person_are_one_person_c16(world: Any, proposed: Any) -> None:
    me = access.actor_of_user(world.users["county_administrator"].id)
    twin = access.Actor(-1, "twin", me.name, me.person_id, me.posts, rights=me.rights)
    with access.acting_as(twin), pytest.raises(RuleBroken, match=r"rules\.same_person"):
        approve_setting(proposed)


def test_whoever_stands_in_for_the_one_who_asked_may_not_approve_c16(world: Any, proposed: Any) -> None:
    today = clock.today()
    asked = world.posts["county_administrator"]
    substitute(asked, world.persons["evaluator"], today, today + timedelta(days=5), reason="出差")
    with acting("evaluator"), pytest.raises(RuleBroken, match=r"rules\.same_person"):
        approve_setting(proposed)


def test_who_asked_in_the_stead_of_another_leaves_both_out_c16(world: Any) -> None:
    today = clock.today()
    asked = world.posts["county_administrator"]
    substitute(asked, world.persons["evaluator"], today, today + timedelta(days=5), reason="出差")
    with acting("evaluator"):
        setting = save_settings(world.units["C"], {"top_ratio": "0.2"}, reason="县里研究")
    assert signed(setting.made_by) == ("evaluator", world.persons["county_administrator"].id)
    with acting("county_administrator"), pytest.raises(RuleBroken, match=r"rules\.same_person"):
        approve_setting(setting)
    with acting("county_administrator_b"):
        assert approve_setting(setting).state == "in_force"


def test_a_new_proposal_takes_the_place_of_the_waiting_one(world: Any, proposed: Any) -> None:
    with acting("county_administrator_b"):
        later = save_settings(world.units["C"], {"top_ratio": "0.3"}, reason="再研究")
    assert (proposed.state, later.state) == ("replaced", "proposed")
    assert proposal_at(world.units["C"]) == later
    with acting("county_administrator_b"), pytest.raises(RuleBroken, match=r"rules\.not_proposed"):
        approve_setting(proposed)


def test_a_refusal_says_why_and_what_holds_goes_on_holding(world: Any, proposed: Any) -> None:
    before = current_settings(world.units["C"]).values
    with acting("county_administrator_b"):
        with pytest.raises(RuleBroken, match="reason_required"):
            refuse_setting(proposed, " ")
        refuse_setting(proposed, "没有依据")
    assert (proposed.state, proposed.decision_reason) == ("refused", "没有依据")
    assert current_settings(world.units["C"]).values == before


def test_the_operator_may_do_both_and_it_shows_c16(world: Any) -> None:
    setting = approve_setting(save_settings(world.units["C"], {"top_ratio": "0.2"}, reason="安装"))
    assert (setting.made_by, setting.decided_by) == ("operator", "operator")


def test_the_page_shows_old_and_new_and_the_button_only_to_another_person_c16(
    world: Any, proposed: Any, sign_in: Any
) -> None:
    assert [(one.name, one.after) for one in changed_keys(proposed)] == [("top_ratio", "0.2")]
    mine, theirs = (sign_in(name).get("/rules/C").text for name in ("county_administrator", "county_administrator_b"))
    button = "/rules/C/versions/1/approve"
    assert "<del>0.25</del>" in mine and "<ins>0.2</ins>" in mine
    assert button not in mine and button in theirs
    assert button not in sign_in("evaluator").get("/rules/C1").text


def test_who_may_not_approve_rules_decides_nothing_c16(world: Any, proposed: Any, sign_in: Any) -> None:
    for username in ("evaluator", "township_head", "county_clerk"):
        answer = sign_in(username).post("/rules/C/versions/1/approve")
        assert answer.status_code in (403, 404)
    assert [version.state for version in setting_versions(world.units["C"])] == ["proposed"]
