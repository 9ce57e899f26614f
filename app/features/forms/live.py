"""What the page is told about a form, so that it can follow what is typed: conditions, computed values, rules as trees."""

from __future__ import annotations

import json
from typing import Any

from app.domain.expressions import as_json, parse_expression
from app.domain.formspec import Field, FieldType, FormSpec


def live_form(spec: FormSpec, prefix: str = "") -> str:
    """The form for static/js/record-form.js, as JSON; empty where nothing on the page hangs on what is typed."""
    fields = [_field(field) for field in spec.fields()]
    rules = [{"code": f"r{n}", "check": _tree(rule.check)} for n, rule in enumerate(spec.rules)]
    moves = rules or any(part.keys() & {"condition", "computed", "columns"} for part in fields)
    return json.dumps({"prefix": prefix, "fields": fields, "rules": rules}, ensure_ascii=False) if moves else ""


def _field(field: Field) -> dict[str, Any]:
    found: dict[str, Any] = {"code": field.code, "type": field.type.value}
    if field.condition:
        found["condition"] = _tree(field.condition)
    if field.computed:
        places = 0 if field.type is FieldType.INTEGER else field.places
        found |= {"computed": _tree(field.computed), "places": places}
    if field.type is FieldType.ROWS:
        found["columns"] = [_field(column) for column in field.columns]
    return found


def _tree(formula: str) -> list[Any]:
    return as_json(parse_expression(formula))
