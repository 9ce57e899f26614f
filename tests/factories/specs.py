"""Random forms that are right, for properties: `specs()`; and answers to one: `answers_to(spec)`, as they are typed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from app.domain.formspec import FormSpec, parse_spec

WORDS = st.text("走访户数金额日期甲乙丙丁 Abc12（）、“”", min_size=1, max_size=12).map(str.strip).filter(bool)
LABELS = st.fixed_dictionaries({"zh": WORDS}, optional={"en": WORDS, "ko": WORDS})
NUMBERS = ("integer", "decimal", "money", "percentage")
PLAIN = (
    *NUMBERS,
    "text",
    "long_text",
    "date",
    "month",
    "choice",
    "choices",
    "boolean",
    "unit_ref",
    "person_ref",
    "list_item",
)
REFERENCES = ("unit_ref", "person_ref", "list_item")
TRAPS = (
    "无",
    "/",
    "—",
    "=1+1",
    "-2",
    "007",
    "1.0",
    "1e3",
    "10%",
    "是",
    "2026年10月",
    "2026-10-01",
    "合计",
    "第一行\n第二行",
)
MASKS = {"?@#####": "粤A12345", "###": "123", "*〔####〕*号": "吉办〔2023〕1号"}


@st.composite
def _field(draw: Any, code: str, before: list[dict[str, Any]], *, within: bool = False) -> dict[str, Any]:
    kinds = PLAIN if within else (*PLAIN, "rows", "attachment", "heading")
    kind = draw(st.sampled_from(kinds))
    field: dict[str, Any] = {"code": code, "label": draw(LABELS), "type": kind}
    if draw(st.booleans()):
        field["help"] = draw(LABELS)
    if before and draw(st.integers(0, 3)) == 0:
        field["condition"] = draw(_condition(before))
    if kind == "heading":
        return field
    field["required"] = draw(st.booleans())
    numbers = [other["code"] for other in before if other["type"] in NUMBERS]
    if kind in NUMBERS:
        field |= draw(_number(numbers))
    if kind in ("text", "long_text"):
        field |= draw(_text())
    if kind in ("choice", "choices"):
        field["choices"] = [{"code": f"c{n}", "label": draw(LABELS)} for n in range(1, draw(st.integers(2, 4)))]
        for n, choice in enumerate(field["choices"]):
            choice["label"] = {"zh": f"{choice['label']['zh']}{n}"}
    if kind == "list_item":
        field["list_kind"] = "duty"
    if kind == "unit_ref" and draw(st.booleans()):
        field["level"] = "village"
    if kind == "rows":
        columns: list[dict[str, Any]] = []
        for n in range(draw(st.integers(1, 3))):
            columns.append(draw(_field(f"{code}_{n}", columns, within=True)))
        field |= {"columns": columns, "max_rows": draw(st.integers(1, 5))}
    if field.get("computed"):
        field["required"] = False
    elif kind not in ("rows", "attachment") and "default" not in field and draw(st.integers(0, 4)) == 0:
        field["default"] = "last_value"
    if kind not in ("rows", "attachment") and not field.get("computed"):
        field["na_allowed"] = draw(st.booleans())
    return field


@st.composite
def _number(draw: Any, numbers: list[str]) -> dict[str, Any]:
    said: dict[str, Any] = {}
    if numbers and draw(st.integers(0, 3)) == 0:
        return {"computed": f"{draw(st.sampled_from(numbers))} * 2 + {draw(st.integers(0, 9))}"}
    low, high = sorted((draw(st.integers(-50, 50)), draw(st.integers(-50, 50))))
    if draw(st.booleans()):
        said |= {"min": str(low), "max": str(high)}
        if draw(st.booleans()):
            said["default"] = {"value": str(low)}
    if draw(st.booleans()):
        said["unit_label"] = draw(LABELS)
    return said | ({"places": draw(st.integers(0, 6))} if draw(st.booleans()) else {})


@st.composite
def _text(draw: Any) -> dict[str, Any]:
    kind = draw(st.integers(0, 2))
    if kind == 0:
        return {"pattern": draw(st.sampled_from(sorted(MASKS)))}
    return {"max_length": draw(st.integers(1, 60))} if kind == 1 else {}


@st.composite
def _condition(draw: Any, before: list[dict[str, Any]]) -> str:
    other = draw(st.sampled_from([field for field in before if field["type"] != "heading"] or [None]))
    if other is None:
        return "1 < 2"
    if other["type"] in NUMBERS:
        return f"{other['code']} {draw(st.sampled_from(['<', '<=', '>', '>=', '==', '!=']))} {draw(st.integers(-9, 9))}"
    if other["type"] == "choice":
        return f"{other['code']} == 'c1'"
    if other["type"] == "choices":
        return f"includes({other['code']}, 'c1')"
    return f"filled({other['code']})"


@st.composite
def spec_data(draw: Any) -> dict[str, Any]:
    """The data of a random form that is right."""
    fields: list[dict[str, Any]] = []
    sections = []
    for s in range(1, draw(st.integers(2, 4))):
        mine = []
        for f in range(draw(st.integers(1, 4))):
            fields.append(draw(_field(f"q{s}{f}", fields)))
            mine.append(fields[-1])
        sections.append({"code": f"s{s}", "title": draw(LABELS), "fields": mine})
    if all(field["type"] == "heading" for field in fields):
        sections[0]["fields"].append({"code": "asked", "label": {"zh": "数"}, "type": "integer"})
        fields.append(sections[0]["fields"][-1])
    _list_some(draw, fields)
    at = next(field["code"] for field in fields if field["type"] != "heading")
    rule = {"check": f"filled({at}) or 1 < 2", "code": "form.rule_broken", "at": at, "message": draw(LABELS)}
    rules = [rule | {"warning": draw(st.booleans())}] if draw(st.booleans()) else []
    return {"code": "sample", "version": 1, "title": draw(LABELS), "sections": sections, "rules": rules}


def _list_some(draw: Any, fields: list[dict[str, Any]]) -> None:
    """At most six texts, six numbers and two days stand on the list page."""
    room = {"number": 6, "day": 2, "text": 6}
    for field in fields:
        kind = "number" if field["type"] in NUMBERS else "day" if field["type"] == "date" else "text"
        if field["type"] not in ("rows", "attachment", "heading") and room[kind] and draw(st.booleans()):
            field["is_listed"] = True
            room[kind] -= 1


def specs() -> st.SearchStrategy[FormSpec]:
    """Random forms that are right."""
    return spec_data().map(parse_spec)


@st.composite
def answers_to(draw: Any, spec: FormSpec, there: Mapping[str, Sequence[int]] | None = None) -> dict[str, Any]:
    """Answers to a form as they are typed or sent, each within its limits; some fields are left empty where they may be.

    `there`: by unit_ref, person_ref and list_item the keys of what is there; without it any key will do.
    """
    return {field.code: draw(_answer(field, there)) for field in spec.fields() if not field.computed}


@st.composite
def _answer(draw: Any, field: Any, there: Mapping[str, Sequence[int]] | None = None) -> Any:
    kind = field.type.value
    if kind == "attachment" or (not field.required and draw(st.integers(0, 3)) == 0):
        return None
    if field.na_allowed and draw(st.integers(0, 5)) == 0:
        return "NA"
    if kind in NUMBERS:
        return draw(_number_within(field))
    if kind in ("text", "long_text"):
        said = draw(st.one_of(WORDS, st.sampled_from(TRAPS)))
        return MASKS[field.pattern] if field.pattern else said[: field.length_limit].strip() or "甲"
    if kind in ("choice", "choices"):
        chosen = draw(st.lists(st.sampled_from([c.code for c in field.choices]), min_size=1, unique=True))
        return chosen[0] if kind == "choice" else chosen
    if kind == "rows":
        count = draw(st.integers(1, field.row_limit))
        return [{c.code: draw(_answer(c, there)) for c in field.columns if not c.computed} for _row in range(count)]
    if there is not None and kind in REFERENCES:
        return draw(st.sampled_from([*there.get(kind, ()), None]))
    fixed = {"date": date(2026, 10, draw(st.integers(1, 28))), "month": "2026-10", "boolean": draw(st.booleans())}
    return fixed.get(kind, draw(st.integers(1, 9)))


@st.composite
def _number_within(draw: Any, field: Any) -> Any:
    low = -9 if field.min is None else field.min
    high = 9 if field.max is None else field.max
    number = Decimal(draw(st.integers(int(low), max(int(low), int(high)))))
    places = {"integer": 0, "decimal": field.places}.get(field.type.value, 2)
    number += Decimal(draw(st.integers(0, 10**places - 1))).scaleb(-places)
    return str(max(Decimal(low), min(Decimal(high), number)))
