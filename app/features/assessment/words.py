"""Words of assessment: states, kinds of calculation, and how a cell is typed."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from app.features.assessment.models import SchemeItem
from app.kit.i18n import _, _l

ROUND_STATES = {
    "draft": (_l("Draft"), "off"),
    "open": (_l("Scoring"), "wait"),
    "checked": (_l("Checked"), "info"),
    "published": (_l("Published"), "done"),
}
SHEET_STATES = {
    "not_scored": (_l("Not scored"), "off"),
    "incomplete": (_l("Incomplete"), "wait"),
    "scored": (_l("Complete"), "ok"),
    "not_assessable": (_l("Not assessable"), "info"),
    "excluded": (_l("Not taking part"), "off"),
}
CALC_KINDS = {
    "ratio": _l("By completion rate"),
    "per_fault": _l("Less for each fault"),
    "per_unit": _l("More for each unit"),
    "tiered": _l("By tiers"),
    "graded": _l("By grade"),
    "manual": _l("Entered by the evaluator"),
}
CYCLES = {
    "month": _l("Monthly"),
    "quarter": _l("Quarterly"),
    "half_year": _l("Half-yearly"),
    "year": _l("Yearly"),
}
SUBJECTS = {"village": _l("Villages"), "sub_grid": _l("Sub-grids")}
SOURCES = {"text": _l("In the source"), "reading": _l("Read from the source"), "derived": _l("Set by the portal")}
RECORDERS = {
    "evaluator": _l("Evaluator"),
    "village_supervision_committee": _l("Village supervision committee"),
    "system": _l("System"),
}


def hint(item: SchemeItem, expected: str = "") -> str:
    """How the cell of an item is typed and what the portal makes of it, in one or two sentences."""
    params = {
        "max": f"{item.maximum.normalize():f}",
        "expected": expected,
        **{k: str(v) for k, v in item.params.items()},
    }
    words = str(_HINTS[item.calc]) % _Blank(params, tiers=_tiers(item), grades=_grades(item), percent=_percent(item))
    if item.calc == "ratio" and expected:
        words += str(_(" Expected in this round: %(expected)s; “11/” is enough.", expected=expected))
    return words + (str(_(" Type / when it does not apply.")) if item.na_allowed else "")


class _Blank(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return ""


_HINTS = {
    "ratio": _l(
        "Points, or actual/expected such as 11/12: points = %(max)s × actual ÷ (expected × %(percent)s), at most %(max)s."
    ),
    "per_fault": _l("Points, or the number of faults as -2: each takes %(unit)s off %(max)s."),
    "per_unit": _l("Points, or the number of units as +2: each gives %(unit)s, at most %(max)s."),
    "tiered": _l("Points, or the rate as 96%%: %(tiers)s."),
    "graded": _l("Points, or the grade (several separated by commas are averaged): %(grades)s."),
    "manual": _l("Points from 0 to %(max)s; below full marks a reason is needed."),
}


def _tiers(item: SchemeItem) -> str:
    return "，".join(f"≥{_as_percent(least)} {points}" for least, points in item.params.get("tiers", ()))


def _grades(item: SchemeItem) -> str:
    return "，".join(f"{grade} {points}" for grade, points in item.params.get("grades", {}).items())


def _percent(item: SchemeItem) -> str:
    return _as_percent(item.params.get("target", "1"))


def _as_percent(text: str) -> str:
    return f"{(Decimal(str(text)) * 100).normalize():f}%"


def calc_words(item: SchemeItem) -> str:
    """How an item is calculated, for the assessment list."""
    kind = str(CALC_KINDS.get(item.calc, item.calc))
    detail = {
        "ratio": _percent(item) if item.params.get("target") not in (None, "1", 1) else "",
        "per_fault": str(item.params.get("unit", "")),
        "per_unit": str(item.params.get("unit", "")),
        "tiered": _tiers(item),
        "graded": _grades(item),
    }.get(item.calc, "")
    return f"{kind}（{detail}）" if detail else kind
