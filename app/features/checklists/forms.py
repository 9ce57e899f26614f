"""What a keeper types into the ledger page, as the rows the service takes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from app.domain.errors import Problem
from app.features.checklists.queries.ledger import TYPED, Line, stamp_of

_DAY = re.compile(r"(\d{4})-(\d{2})(?:-(\d{2}))?")
_SEPARATORS = re.compile(r"[、,，;；/\s]+")
MOST = {"remarks": 400}


def typed_rows(form: Mapping[str, str], lines: Iterable[Line]) -> tuple[list[dict[str, Any]], list[Problem]]:
    """The row of each line whose inputs are in the form and were changed there, and what is wrong, at `<item code>-<field>`.

    A line somebody else has changed since the page was opened is refused, unless it was left as it stood.
    """
    rows: list[dict[str, Any]] = []
    problems: list[Problem] = []
    for line in lines:
        code = line.item.code
        typed = {name: form[f"{code}-{name}"].strip() for name in TYPED if f"{code}-{name}" in form}
        if typed:
            row, found = _row(typed)
            seen = form.get(f"{code}-version", "")
            if seen != line.stamp:
                if seen == stamp_of(row):
                    continue
                found.append(Problem("ledger.line_changed", next(iter(typed)), {"stored": line.in_words}))
            rows.append({"item_code": code, **row})
            problems += [Problem(problem.code, f"{code}-{problem.where}", problem.params) for problem in found]
    return rows, problems


def _row(typed: Mapping[str, str]) -> tuple[dict[str, Any], list[Problem]]:
    row: dict[str, Any] = {name: value or None for name, value in typed.items()}
    problems = []
    if "holders" in typed:
        row["holders"] = [name for name in _SEPARATORS.split(typed["holders"]) if name]
    if typed.get("done_count"):
        if typed["done_count"].isdecimal() and len(typed["done_count"]) <= 4:
            row["done_count"] = int(typed["done_count"])
        else:
            problems.append(Problem("ledger.bad_count", "done_count", {"typed": typed["done_count"]}))
    if typed.get("done_on") and not _is_day(typed["done_on"]):
        problems.append(Problem("ledger.bad_date", "done_on", {"typed": typed["done_on"]}))
    for name, most in MOST.items():
        if len(typed.get(name, "")) > most:
            problems.append(Problem("ledger.too_long", name, {"most": most}))
    return row, problems


def _is_day(text: str) -> bool:
    found = _DAY.fullmatch(text)
    try:
        return bool(found) and bool(date(int(found[1]), int(found[2]), int(found[3] or 1)))  # type: ignore[index]
    except ValueError:
        return False
