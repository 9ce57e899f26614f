"""What a form is for and who fills it in: the settings that hold over all its versions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.domain.errors import Problem, RuleBroken
from app.kit import roles
from app.kit.db import LEVELS

SETTINGS: Mapping[str, Any] = {
    "purpose": "register",
    "keeper_level": "village",
    "fill_roles": [],
    "cycle": None,
    "per": "many",
    "needs_review": False,
}
PURPOSES = ("register", "report", "review", "duty")
CYCLES = ("month", "quarter", "half_year", "year")
PER = ("many", "unit", "person")


def checked_settings(settings: Mapping[str, Any]) -> dict[str, Any]:
    """The settings that are given, as they are kept. Errors: form.bad_setting at each that is not one of its choices."""
    given = {key: settings[key] for key in SETTINGS if key in settings}
    given |= {"cycle": given["cycle"] or None} if "cycle" in given else {}
    given |= {"fill_roles": list(given["fill_roles"] or ())} if "fill_roles" in given else {}
    allowed = {"purpose": PURPOSES, "keeper_level": LEVELS, "cycle": (None, *CYCLES), "per": PER}
    wrong = [key for key, choices in allowed.items() if key in given and given[key] not in choices]
    wrong += ["fill_roles"] if set(given.get("fill_roles", ())) - set(roles.known()) else []
    wrong += ["needs_review"] if not isinstance(given.get("needs_review", False), bool) else []
    if wrong:
        raise RuleBroken(Problem("form.bad_setting", key, {"value": str(given[key])}) for key in wrong)
    return given
