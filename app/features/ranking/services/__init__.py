"""Changing rules of ranking, rankings, and publishing them."""

from app.features.ranking.services.rules import approve_setting, confirm_multipliers, refuse_setting, save_settings
from app.features.ranking.services.runs import another_policy, decide_tie, publish_ranking, run_ranking

__all__ = [
    "another_policy",
    "approve_setting",
    "confirm_multipliers",
    "decide_tie",
    "publish_ranking",
    "refuse_setting",
    "run_ranking",
    "save_settings",
]
