"""Formulas in plain words, with the labels of the form: `cost >= 100` as “费用”大于等于 100."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from app.domain.errors import RuleBroken
from app.domain.expressions import Condition, as_conditions, parse_expression, spoken
from app.kit.i18n import _, _l, chosen

PHRASES: Mapping[str, Any] = {
    "add": _l("%(a)s plus %(b)s"),
    "subtract": _l("%(a)s minus %(b)s"),
    "times": _l("%(a)s times %(b)s"),
    "divided": _l("%(a)s divided by %(b)s"),
    "below": _l("%(a)s is less than %(b)s"),
    "at_most": _l("%(a)s is at most %(b)s"),
    "above": _l("%(a)s is more than %(b)s"),
    "at_least": _l("%(a)s is at least %(b)s"),
    "equals": _l("%(a)s is %(b)s"),
    "differs": _l("%(a)s is not %(b)s"),
    "not": _l("it is not so that %(a)s"),
    "if": _l("if %(a)s then %(b)s, else %(c)s"),
    "negative": _l("minus %(a)s"),
    "brackets": _l("(%(a)s)"),
    "text": _l("“%(a)s”"),
    "number": "%(a)s",
    "true": _l("Yes"),
    "false": _l("No"),
    "filled": _l("%(a)s is filled in"),
    "includes": _l("%(a)s includes %(b)s"),
    "count": _l("the number of %(a)s"),
    "sum": _l("the sum of %(all)s"),
    "average": _l("the average of %(all)s"),
    "min": _l("the smallest of %(all)s"),
    "max": _l("the largest of %(all)s"),
    "round": _l("%(a)s rounded to %(b)s places"),
    "abs": _l("%(a)s without its sign"),
    "days": _l("the days from %(a)s to %(b)s"),
}


def in_words(formula: str, draft: Mapping[str, Any]) -> str:
    """A formula of a form in the reader's language; empty where it cannot be read."""
    fields = dict(_labels(draft))
    choices = dict(_choices(draft))

    def name(field: str, column: str) -> str:
        label = fields.get(f"{field}.{column}" if column else field) or fields.get(field) or field
        rows = fields.get(field, field) if column else ""
        return _("“%(rows)s: %(column)s”", rows=rows, column=label) if column else _("“%(a)s”", a=label)

    def say(code: str, *parts: str) -> str:
        if code in ("and", "or"):
            return str(_(" and ") if code == "and" else _(" or ")).join(parts)
        if code == "text":
            parts = (choices.get(parts[0], parts[0]),)
        named = dict(zip("abc", parts, strict=False))
        return str(PHRASES[code]) % {"a": "", "b": "", "c": "", **named, "all": _(", ").join(parts)}

    try:
        return spoken(parse_expression(formula), name=name, say=say)
    except RuleBroken:
        return ""


def as_rows(formula: str) -> dict[str, Any] | None:
    """The formula as conditions a page can offer: {any, parts: [{field, sign, value, is_field}]}; None where it is more."""
    try:
        found = as_conditions(formula)
    except RuleBroken:
        return None
    if found is None:
        return None
    parts = [
        {"field": part.field, "sign": part.sign, "value": part.value, "is_field": _names_a_field(part)}
        for part in found.parts
    ]
    return {"any": found.any, "parts": parts}


def _names_a_field(part: Condition) -> bool:
    return not part.is_text and part.value.isidentifier() and part.value not in ("True", "False")


def formulas_of(draft: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Every formula of a draft with its place: `sections.0.fields.2.condition`, `rules.0.check`."""
    for path, field in fields_of(draft):
        yield from ((f"{path}.{key}", field[key]) for key in ("condition", "computed") if field.get(key))
    for n, rule in enumerate(draft.get("rules", ())):
        if rule.get("check"):
            yield f"rules.{n}.check", rule["check"]


def fields_of(draft: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every field and column of a draft with its path."""
    for s, section in enumerate(draft["sections"]):
        for f, field in enumerate(section["fields"]):
            path = f"sections.{s}.fields.{f}"
            yield path, field
            for c, column in enumerate(field.get("columns", ())):
                yield f"{path}.columns.{c}", column


def _labels(draft: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for section in draft["sections"]:
        for field in section["fields"]:
            yield field["code"], chosen(field["label"])
            for column in field.get("columns", ()):
                yield f"{field['code']}.{column['code']}", chosen(column["label"])
                yield column["code"], chosen(column["label"])


def _choices(draft: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for _path, field in fields_of(draft):
        for choice in field.get("choices", ()):
            yield choice["code"], chosen(choice["label"])
