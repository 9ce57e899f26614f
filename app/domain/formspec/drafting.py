"""A form while it is being made: it may be wrong everywhere, but it has the shape of a form.

What is typed is kept as it is typed; `parse_spec` says later what is wrong with it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import fields as attributes
from typing import Any

from app.domain.errors import broken
from app.domain.expressions import Condition, Conditions, as_formula
from app.domain.formspec.reading import HALF_WIDTH
from app.domain.formspec.spec import NUMBERS, Field, FieldType

MOST_ENTRIES, MOST_TEXT = 300, 20000
_LABELS = ("label", "help", "unit_label")
_FLAGS = ("required", "na_allowed", "is_listed")
_NUMBERS = ("max_length", "max_rows", "places")
_TEXTS = ("code", "type", "min", "max", "pattern", "list_kind", "level", "known")
_KEYS = {attribute.name for attribute in attributes(Field)} - {"offers_last"}
Data = dict[str, Any]


def as_draft(data: object) -> Data:
    """The data in the shape of a form, whatever was sent; empty settings are left out, unknown ones dropped.

    Shape:  `condition`, `computed` and `check` may be formulas, or {any, parts: [{field, sign, value, is_field}]} as they
            are chosen on a page, and are formulas afterwards.
    Errors: form.not_an_object, form.not_a_list, form.too_large.
    """
    form = _mapping(data, "form")
    sections = _list(form.get("sections"), "sections")
    kinds = dict(_kinds(sections))
    return {
        "code": _text(form.get("code")),
        "version": form.get("version") if isinstance(form.get("version"), int) else 1,
        "title": _label(form.get("title")),
        "sections": [_section(entry, n, kinds) for n, entry in enumerate(sections, start=1)],
        "rules": [_rule(entry, kinds) for entry in _list(form.get("rules"), "rules")],
    }


def _mapping(data: object, where: str) -> Mapping[str, Any]:
    if not isinstance(data, Mapping):
        raise broken("form.not_an_object", where)
    return data


def _list(data: object, where: str) -> Sequence[Any]:
    if data is None:
        return ()
    if isinstance(data, str) or not isinstance(data, Sequence):
        raise broken("form.not_a_list", where)
    if len(data) > MOST_ENTRIES:
        raise broken("form.too_large", where)
    return data


def _text(value: object) -> str:
    text = "" if value is None or isinstance(value, Mapping | list | bool) else str(value)
    if len(text) > MOST_TEXT:
        raise broken("form.too_large", "form")
    return text.strip()


def _label(value: object) -> dict[str, str]:
    if not isinstance(value, Mapping):
        value = {"zh": value}
    texts = {language: _text(value.get(language)) for language in ("zh", "en", "ko")}
    return {language: text for language, text in texts.items() if text}


def _kinds(sections: Sequence[Any]) -> Iterator[tuple[str, str]]:
    """The type of every field and column by code, as far as it is given."""
    for section in sections:
        for field in _list(section.get("fields"), "fields") if isinstance(section, Mapping) else ():
            if isinstance(field, Mapping):
                yield _text(field.get("code")), _text(field.get("type"))
                for column in _list(field.get("columns"), "columns"):
                    if isinstance(column, Mapping):
                        yield _text(column.get("code")), _text(column.get("type"))


def _section(data: object, number: int, kinds: Mapping[str, str]) -> Data:
    section = _mapping(data, "section")
    fields = [_field(entry, kinds) for entry in _list(section.get("fields"), "fields")]
    return {"code": _text(section.get("code")) or f"s{number}", "title": _label(section.get("title")), "fields": fields}


def _field(data: object, kinds: Mapping[str, str], *, within: bool = False) -> Data:
    field = _mapping(data, "field")
    read: dict[str, Callable[[Any], Any]] = {
        **dict.fromkeys(_LABELS, _label),
        **dict.fromkeys(_FLAGS, lambda value: value is True),
        **dict.fromkeys(_NUMBERS, _whole),
        **dict.fromkeys(_TEXTS, _text),
        "choices": lambda value: [_choice(entry) for entry in _list(value, "choices")],
        "condition": lambda value: _formula(value, kinds),
        "computed": lambda value: _formula(value, kinds),
        "default": _default,
        "columns": lambda value: (
            [] if within else [_field(entry, kinds, within=True) for entry in _list(value, "columns")]
        ),
    }
    settings = {key: read[key](field[key]) for key in field if key in _KEYS}
    kept = {key: value for key, value in settings.items() if value not in (None, "", [], {}) and value is not False}
    return {"code": "", "label": {}, "type": "text", **kept}


def _whole(value: object) -> object:
    text = _text(value)
    return int(text) if text.isascii() and text.isdigit() and len(text) < 7 else text or None


def _choice(data: object) -> Data:
    choice = data if isinstance(data, Mapping) else {"code": data, "label": data}
    return {"code": _text(choice.get("code")), "label": _label(choice.get("label"))}


def _default(value: object) -> object:
    if value == "last_value":
        return value
    text = _text(value.get("value")) if isinstance(value, Mapping) else ""
    return {"value": text} if text else None


def _rule(data: object, kinds: Mapping[str, str]) -> Data:
    rule = _mapping(data, "rule")
    read = {
        "check": _formula(rule.get("check"), kinds),
        "code": _text(rule.get("code")),
        "at": _text(rule.get("at")),
        "message": _label(rule.get("message")),
        "warning": rule.get("warning") is True,
    }
    return {key: value for key, value in read.items() if value or key in ("check", "at")}


def _formula(value: object, kinds: Mapping[str, str]) -> str:
    if not isinstance(value, Mapping):
        return _text(value)
    parts = [_mapping(part, "condition") for part in _list(value.get("parts"), "parts")]
    chosen = [_condition(part, kinds) for part in parts if _text(part.get("field"))]
    return as_formula(Conditions(tuple(chosen), any=value.get("any") is True))


def _condition(part: Mapping[str, Any], kinds: Mapping[str, str]) -> Condition:
    """One row of a page. What is compared is a number as it stands where the field is one, else a text."""
    field, sign, value = (_text(part.get(key)) for key in ("field", "sign", "value"))
    if part.get("is_field") is True:
        return Condition(field, sign, value)
    kind = kinds.get(field, "")
    plain = kind in NUMBERS or (kind == FieldType.BOOLEAN and value in ("True", "False"))
    if kind in NUMBERS:
        value = value.translate(HALF_WIDTH).replace(",", "").replace(" ", "")
    return Condition(field, sign, value, is_text=not plain)
