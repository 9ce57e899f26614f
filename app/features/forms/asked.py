"""Which report a new record answers: asked of the feature that issues reports, for rows that come without its page."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

Place = tuple[Any, str | None]  # a unit, and a period such as 2026-10 where the form has periods
Issues = Mapping[tuple[int, str | None], Sequence[int]]
Answer = Callable[[Any, Sequence[Place]], Issues]
_answers: list[Answer] = []


def register_asked(function: Answer) -> None:
    """Let a feature say which of its reports ask a form of places: by unit and period the numbers of the reports."""
    if function not in _answers:
        _answers.append(function)


def reports_asked(form: Any, places: Sequence[Place]) -> dict[tuple[int, str | None], list[int]]:
    """By the number of a unit and a period the reports that ask the form there now; none for a form that is no report."""
    found: dict[tuple[int, str | None], list[int]] = {}
    for answer in _answers if places and form.purpose == "report" else ():
        for place, issues in answer(form, places).items():
            found.setdefault(place, []).extend(issues)
    return found
