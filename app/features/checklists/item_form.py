"""What somebody types about an item of a draft, a kind of list, or an opinion, as the services take it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from app.domain.errors import Problem, RuleBroken
from app.domain.list_kinds import FacetType
from app.features.checklists.queries.kinds import FacetShown, Kind

ROWS, TIERS, OWN_FACETS = 20, 4, 30
_SEPARATORS = re.compile(r"[、,，;；]+")


def typed_item(form: Mapping[str, str], kind: Kind) -> dict[str, Any]:
    """An item as it was typed: facets of its kind, steps `step-<n>-…`, thresholds `tier-<n>-…`.

    Errors: list.step_no_name, list.bad_days, list.bad_threshold, list.bad_day, ledger.bad_count.
    """
    problems: list[Problem] = []
    said: dict[str, Any] = {name: _text(form, name) for name in ("title", "category", "pass_guard", "reason")}
    said["facets"] = {}
    for facet in kind.facets:
        if facet.code in ("item_no", "item_name", "procedure", "category"):
            continue
        value = _facet(form, facet, problems)
        if facet.column:
            said[facet.column] = value
        else:
            said["facets"][facet.code] = value
    said["steps"], said["thresholds"] = _steps(form, problems), _tiers(form, problems)
    if problems:
        raise RuleBroken(problems)
    return said


def _text(form: Mapping[str, str], name: str, most: int = 1000) -> str:
    return form.get(name, "").strip()[:most]


def _facet(form: Mapping[str, str], facet: FacetShown, problems: list[Problem]) -> Any:
    typed = _text(form, facet.code)
    if not typed:
        return None
    if facet.type is FacetType.WHOLE:
        return _days(typed, facet.code, problems)
    if facet.type is FacetType.DAY and _day(typed) is None:
        problems.append(Problem("list.bad_day", facet.code, {"typed": typed}))
    return True if facet.type is FacetType.YES_NO else typed


def _days(typed: str, where: str, problems: list[Problem]) -> int | None:
    if typed.isdecimal() and typed.isascii() and 1 <= int(typed[:6]) <= 999:
        return int(typed)
    problems.append(Problem("list.bad_days", where))
    return None


def _day(typed: str) -> date | None:
    try:
        return date.fromisoformat(typed)
    except ValueError:
        return None


def _steps(form: Mapping[str, str], problems: list[Problem]) -> list[dict[str, Any]]:
    steps = []
    for number in range(ROWS):
        name = _text(form, f"step-{number}-name", 200)
        roles = [role for role in _SEPARATORS.split(_text(form, f"step-{number}-roles", 200)) if role.strip()]
        limit, risk = _text(form, f"step-{number}-days"), _text(form, f"step-{number}-risk", 200)
        if not name:
            if roles or limit or risk:
                problems.append(Problem("list.step_no_name", f"step-{number}-name", {"number": number + 1}))
            continue
        days = _days(limit, f"step-{number}-days", problems) if limit else None
        said = {"roles": roles, "time_limit_days": days, "risk": risk}
        said |= {flag: bool(form.get(f"step-{number}-{flag}")) for flag in ("key", "together")}
        steps.append({"name": name} | {key: value for key, value in said.items() if value})
    return steps


def _tiers(form: Mapping[str, str], problems: list[Problem]) -> list[dict[str, str]]:
    tiers = []
    for number in range(TIERS):
        said = {name: _text(form, f"tier-{number}-{name}", 200) for name in ("what", "amount", "at_or_above", "below")}
        if not any(said.values()):
            continue
        if not all(said.values()) or not _is_amount(said["amount"]):
            problems.append(Problem("list.bad_threshold", f"tier-{number}-what"))
        tiers.append(said)
    return tiers


def _is_amount(typed: str) -> bool:
    try:
        amount = Decimal(typed)
    except InvalidOperation:
        return False
    return amount.is_finite() and 0 < amount < Decimal(10) ** 15


def typed_kind(form: Mapping[str, str]) -> dict[str, Any]:
    """A kind of list as it was typed: names, behaviour, facets `facet-<n>-…` with their choices one on each line."""
    name = {language: _text(form, f"name_{language}", 120) for language in ("zh", "en", "ko")}
    facets = []
    for number in range(OWN_FACETS):
        label = {language: _text(form, f"facet-{number}-{language}", 60) for language in ("zh", "en", "ko")}
        code = _text(form, f"facet-{number}-code", 40)
        if not code and not any(label.values()):
            continue
        choices = [line.strip()[:60] for line in form.get(f"facet-{number}-choices", "").splitlines() if line.strip()]
        facets.append(
            {
                "code": code,
                "label": {language: text for language, text in label.items() if text},
                "type": form.get(f"facet-{number}-type", "text"),
                "required": bool(form.get(f"facet-{number}-required")),
                "choices": choices[:50],
            }
        )
    return {
        "code": _text(form, "code", 40),
        "name": {language: text for language, text in name.items() if text},
        "behaviour": form.get("behaviour", "other"),
        "facets": facets,
    }


def typed_opinion(form: Any) -> dict[str, Any]:
    """An opinion as it was typed or ticked."""
    said: dict[str, Any] = {name: _text(form, name) for name in ("body", "item_code", "outcome", "words", "document")}
    department = form.get("department_id", "")
    return said | {
        "compared": form.getlist("compared"),
        "department_id": int(department) if department.isdecimal() else None,
        "given_on": _day(_text(form, "given_on")),
    }


def typed_day(form: Mapping[str, str], name: str) -> date | None:
    """A day typed into a field of the browser for days; None where there is none."""
    return _day(_text(form, name))
