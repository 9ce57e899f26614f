"""Reading a form from data, every mistake at its place, and writing it back."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import fields as attributes
from decimal import Decimal, InvalidOperation

from app.domain.errors import Problem, RuleBroken
from app.domain.formspec.mistakes import mistakes
from app.domain.formspec.spec import MOST_ROWS, Choice, Field, FieldType, FormSpec, Label, Rule, Section

_CODE = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,49}")
_KEYS = {
    "form": {"code", "version", "title", "sections", "rules"},
    "section": {"code", "title", "fields"},
    "field": {attribute.name for attribute in attributes(Field)} - {"offers_last"} | {"default"},
    "rule": {"check", "code", "at", "message", "warning"},
}
Data = Mapping[str, object]


class _Reader:
    """Collects problems while it reads; `where` is the path of the thing at hand."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def wrong(self, reason: str, where: str, **params: object) -> None:
        self.problems.append(Problem(f"form.{reason}", where, params))

    def mapping(self, what: str, data: object, where: str) -> Data:
        if not isinstance(data, Mapping):
            self.wrong("not_an_object", where)
            return {}
        for key in data:
            if key not in _KEYS[what]:
                self.wrong("unknown_key", where, key=str(key))
        return data

    def items(self, data: object, where: str) -> Sequence[object]:
        if isinstance(data, Sequence) and not isinstance(data, str):
            return data
        self.wrong("not_a_list", where)
        return ()

    def code(self, data: object, where: str) -> str:
        if not (isinstance(data, str) and _CODE.fullmatch(data)):
            self.wrong("bad_code", f"{where}.code", value=str(data))
        return str(data)

    def label(self, data: object, where: str, *, required: bool = False, missing: str = "label_missing") -> Label:
        if isinstance(data, Mapping) and set(data) <= {"zh", "en", "ko"}:
            label = Label(*(str(data.get(language) or "") for language in ("zh", "en", "ko")))
        elif data is None or isinstance(data, str):
            label = Label(data or "")
        else:
            self.wrong("bad_label", where)
            return Label("?")
        if required and not label:
            self.wrong(missing, where)
        return label

    def flag(self, data: Data, key: str, where: str) -> bool:
        value = data.get(key, False)
        if not isinstance(value, bool):
            self.wrong("bad_flag", f"{where}.{key}")
        return value is True

    def number(self, data: Data, key: str, where: str) -> Decimal | None:
        value = data.get(key)
        if value is None:
            return None
        try:
            number = Decimal(str(value))
        except InvalidOperation:
            number = Decimal("NaN")
        if isinstance(value, bool) or not number.is_finite():
            self.wrong("bad_number", f"{where}.{key}", value=str(value))
            return None
        return number

    def whole(self, data: Data, key: str, where: str, default: int | None, limits: tuple[int, int]) -> int | None:
        value = data.get(key, default)
        if value is default:
            return default
        if isinstance(value, bool) or not isinstance(value, int) or not limits[0] <= value <= limits[1]:
            self.wrong("bad_number", f"{where}.{key}", value=str(value))
            return default
        return value

    def field_type(self, data: object, where: str) -> FieldType:
        if isinstance(data, str) and data in list(FieldType):
            return FieldType(data)
        self.wrong("unknown_type", f"{where}.type", value=str(data))
        return FieldType.TEXT

    def choices(self, data: object, where: str) -> tuple[Choice, ...]:
        read = []
        for entry in self.items(data, where) if data is not None else ():
            pair = entry if isinstance(entry, Mapping) else {"code": entry, "label": entry}
            code = str(pair.get("code", ""))
            read.append(
                Choice(code, self.label(pair.get("label", code), where, required=True, missing="choice_unnamed"))
            )
        if len({choice.code for choice in read}) < len(read):
            self.wrong("duplicate_choice", where)
        return tuple(read)

    def field(self, data: object, where: str) -> Field:
        data = self.mapping("field", data, where)
        columns = self.items(data.get("columns") or (), f"{where}.columns")
        return Field(
            code=self.code(data.get("code"), where),
            label=self.label(data.get("label"), f"{where}.label", required=True),
            type=self.field_type(data.get("type"), where),
            required=self.flag(data, "required", where),
            min=self.number(data, "min", where),
            max=self.number(data, "max", where),
            max_length=self.whole(data, "max_length", where, None, (1, 20000)),
            choices=self.choices(data.get("choices"), f"{where}.choices"),
            unit_label=self.label(data.get("unit_label"), f"{where}.unit_label"),
            help=self.label(data.get("help"), f"{where}.help"),
            condition=str(data.get("condition") or ""),
            computed=str(data.get("computed") or ""),
            default=self.default(data.get("default"), f"{where}.default"),
            offers_last=data.get("default") == "last_value",
            na_allowed=self.flag(data, "na_allowed", where),
            places=self.whole(data, "places", where, 2, (0, 6)) or 0,
            pattern=str(data.get("pattern") or ""),
            columns=tuple(self.field(entry, f"{where}.columns[{n}]") for n, entry in enumerate(columns)),
            max_rows=self.whole(data, "max_rows", where, None, (1, MOST_ROWS)),
            list_kind=str(data.get("list_kind") or ""),
            level=str(data.get("level") or ""),
            known=str(data.get("known") or ""),
            is_listed=self.flag(data, "is_listed", where),
        )

    def default(self, data: object, where: str) -> str:
        """The answer offered at first: `last_value` is another thing, `{value: …}` is the answer as typed."""
        if data in (None, "last_value"):
            return ""
        if isinstance(data, Mapping) and set(data) == {"value"} and isinstance(data["value"], str):
            return data["value"]
        self.wrong("bad_default", where)
        return ""

    def section(self, data: object, where: str) -> Section:
        data = self.mapping("section", data, where)
        title = self.label(data.get("title"), f"{where}.title", required=True)
        entries = self.items(data.get("fields"), f"{where}.fields")
        read = tuple(self.field(entry, f"{where}.fields[{n}]") for n, entry in enumerate(entries))
        return Section(self.code(data.get("code"), where), title, read)

    def rule(self, data: object, where: str) -> Rule:
        data = self.mapping("rule", data, where)
        message = self.label(data.get("message"), f"{where}.message")
        return Rule(
            str(data.get("check") or ""),
            str(data.get("code") or "form.rule_broken"),
            str(data.get("at") or ""),
            message,
            self.flag(data, "warning", where),
        )

    def form(self, data: object) -> FormSpec:
        data = self.mapping("form", data, "")
        sections = self.items(data.get("sections"), "sections")
        rules = self.items(data.get("rules") or (), "rules")
        return FormSpec(
            code=self.code(data.get("code"), "form"),
            version=self.whole(data, "version", "form", 1, (1, 100000)) or 1,
            title=self.label(data.get("title"), "title", required=True),
            sections=tuple(self.section(entry, f"sections[{n}]") for n, entry in enumerate(sections)),
            rules=tuple(self.rule(entry, f"rules[{n}]") for n, entry in enumerate(rules)),
        )


def parse_spec(data: Mapping[str, object]) -> FormSpec:
    """The form that the data describe.

    Shape:  the keys of FormSpec, Section, Field and Rule; labels {zh, en, ko}; `default: last_value` offers the
            last answer. A formula may read only fields that stand before it.
    Errors: form.* for each mistake, all at once, with its path; expression.* for a formula.
    """
    reader = _Reader()
    spec = reader.form(data)
    problems = reader.problems + mistakes(spec)
    if problems:
        raise RuleBroken(problems)
    return spec


def spec_as_data(spec: FormSpec) -> dict[str, object]:
    """The form as plain data that `parse_spec` reads back to the same form; only what differs from the defaults."""
    return _plain(
        {
            "code": spec.code,
            "version": spec.version,
            "title": _label_data(spec.title),
            "sections": [_section_data(section) for section in spec.sections],
            "rules": [_rule_data(rule) for rule in spec.rules],
        }
    )


def _rule_data(rule: Rule) -> dict[str, object]:
    said = {"check": rule.check, "code": rule.code, "at": rule.at, "message": _label_data(rule.message)}
    return _plain({**said, "warning": rule.warning})


def _section_data(section: Section) -> dict[str, object]:
    fields = [field_as_data(field) for field in section.fields]
    return {"code": section.code, "title": _label_data(section.title), "fields": fields}


def field_as_data(field: Field) -> dict[str, object]:
    """One field as plain data; only what differs from the defaults."""
    return _plain(
        {
            "code": field.code,
            "label": _label_data(field.label),
            "type": field.type.value,
            "required": field.required,
            "min": None if field.min is None else str(field.min),
            "max": None if field.max is None else str(field.max),
            "max_length": field.max_length,
            "choices": [{"code": choice.code, "label": _label_data(choice.label)} for choice in field.choices],
            "unit_label": _label_data(field.unit_label),
            "help": _label_data(field.help),
            "condition": field.condition,
            "computed": field.computed,
            "default": "last_value" if field.offers_last else {"value": field.default} if field.default else None,
            "na_allowed": field.na_allowed,
            "places": None if field.places == 2 else field.places,
            "pattern": field.pattern,
            "columns": [field_as_data(column) for column in field.columns],
            "max_rows": field.max_rows,
            "list_kind": field.list_kind,
            "level": field.level,
            "known": field.known,
            "is_listed": field.is_listed,
        }
    )


def _label_data(label: Label) -> dict[str, str]:
    return {language: text for language in ("zh", "en", "ko") if (text := getattr(label, language))}


def _plain(data: dict[str, object]) -> dict[str, object]:
    return {key: value for key, value in data.items() if value not in (None, "", (), [], {}) and value is not False}
