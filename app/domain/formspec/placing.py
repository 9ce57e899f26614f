"""What is wrong with a form that is being made, at the place where it stands on the page; and what of it is right already."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator, Mapping
from typing import Any

from app.domain.errors import Problem, RuleBroken
from app.domain.formspec.parsing import parse_spec
from app.domain.formspec.spec import FormSpec

_STEP = re.compile(r"(sections|fields|columns|rules)\[(\d+)\]")
Draft = Mapping[str, Any]


def placed_problems(draft: Draft) -> list[tuple[str, Problem]]:
    """What is wrong with a draft, each at the path of its place: `sections.0.fields.2`, `rules.1`, or `` for the whole.

    Shape: a column of repeating rows is `sections.0.fields.2.columns.1`; the draft is one of `as_draft`.
    """
    empty = [number for number, rule in enumerate(draft.get("rules", ())) if not rule.get("check")]
    if not empty and not _problems(draft):
        return []
    asked = {**draft, "rules": []}
    found = _problems(asked)
    placed = [(_path(problem, asked), problem) for problem in found]
    for number, rule in enumerate(draft.get("rules", ())):
        if number in empty:
            placed.append((f"rules.{number}", Problem("form.rule_empty", f"rules.{number}")))
        else:
            placed += [(f"rules.{number}", p) for p in _problems({**draft, "rules": [rule]}) if p not in found]
    return list({(path, problem.code, str(problem.params)): (path, problem) for path, problem in placed}.values())


def right_part(draft: Draft) -> FormSpec | None:
    """As much of a draft as is right, for a preview while it is being made; None while no field is."""
    left = copy.deepcopy(dict(draft))
    left["rules"] = [rule for n, rule in enumerate(left.get("rules", ())) if rule.get("check")]
    left["title"] = left.get("title") or {"zh": "?"}
    for section in left["sections"]:
        section["title"] = section.get("title") or {"zh": "?"}
    for _round in range(8):  # a field taken away may leave others that read it
        try:
            return parse_spec(left)
        except RuleBroken:
            _take_away(left, {path for path, _problem in placed_problems(left)})
    return None


def _problems(data: Draft) -> list[Problem]:
    try:
        parse_spec(data)
    except RuleBroken as refused:
        return list(refused.problems)
    return []


def _path(problem: Problem, draft: Draft) -> str:
    steps = _STEP.findall(problem.where)
    if steps:
        return ".".join(f"{name}.{number}" for name, number in steps)
    places = [path for path, code in _codes(draft) if code == problem.where]
    if not places:
        return ""
    return places[-1] if problem.code == "form.duplicate_field" else places[0]


def _codes(draft: Draft) -> Iterator[tuple[str, str]]:
    """Every field as (path, code), and every column as (path, `rows.column`)."""
    for s, section in enumerate(draft["sections"]):
        for f, field in enumerate(section["fields"]):
            path = f"sections.{s}.fields.{f}"
            yield path, field["code"]
            for c, column in enumerate(field.get("columns", ())):
                yield f"{path}.columns.{c}", f"{field['code']}.{column['code']}"


def _take_away(left: dict[str, Any], paths: set[str]) -> None:
    left["rules"] = [rule for n, rule in enumerate(left["rules"]) if f"rules.{n}" not in paths]
    for s, section in enumerate(left["sections"]):
        fields = section["fields"]
        for f, field in enumerate(fields):
            columns = field.get("columns", ())
            kept = [c for n, c in enumerate(columns) if f"sections.{s}.fields.{f}.columns.{n}" not in paths]
            if columns:
                field["columns"] = kept
        section["fields"] = [field for f, field in enumerate(fields) if f"sections.{s}.fields.{f}" not in paths]
    named: set[str] = set()
    for n, section in enumerate(left["sections"]):
        if section["code"] in named:
            section["code"] = f"s{n}_again"
        named.add(section["code"])
