"""The ranking of the demonstration: rules proposed by one account and approved by another, the yearly round likewise."""

from __future__ import annotations

from app.domain.errors import broken
from app.features.accounts.queries import user_by_name
from app.features.assessment.queries import round_by_code
from app.features.org.queries import unit_by_code
from app.features.ranking.queries import current_setting, runs_of
from app.features.ranking.services import approve_setting, confirm_multipliers, publish_ranking, run_ranking
from app.kit import access, seed

EVALUATOR, ADMINISTRATOR, SECOND = "kaohe", "xianguan", "fuguan"
DECISION = "演示：中间档2倍、后10%档1倍，已经县里研究确定"


def acting(username: str) -> access.Actor:
    """A demonstration account as an actor.

    Errors: account.unknown.
    """
    user = user_by_name(username)
    if user is None:
        raise broken("account.unknown", username=username)
    return access.actor_of_user(user.id)


def load_demo_rules() -> None:
    """The multipliers of the county, proposed by its administrator and approved by the second one."""
    county = unit_by_code(seed.read("demo/org_county43.json")["county_code"])
    assert county is not None
    if current_setting(county) is None:
        with access.acting_as(acting(ADMINISTRATOR)):
            proposal = confirm_multipliers(county, middle="2.0", bottom="1.0", reason=DECISION)
        with access.acting_as(acting(SECOND)):
            approve_setting(proposal)


def load_demo_ranking() -> None:
    """The county's yearly rounds, run by the evaluator and published by the administrator."""
    for code in ("V2024", "V2025"):
        _rank(code)


def _rank(code: str) -> None:
    round_ = round_by_code(code)
    if runs_of(round_):
        return
    with access.acting_as(acting(EVALUATOR)):
        run = run_ranking(round_)
    with access.acting_as(acting(ADMINISTRATOR)):
        publish_ranking(run)


STEPS = [("rules", load_demo_rules), ("ranking", load_demo_ranking)]
