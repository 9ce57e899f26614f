"""Forms and records as JSON for machines, and the schema of a form's answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.domain.formspec import NOT_APPLICABLE, NUMBERS, Field, FieldType, FormSpec
from app.features.forms.models import Form, FormRecord, FormVersion
from app.features.forms.queries import filling
from app.features.forms.queries.versions import spec_of
from app.kit.i18n import language

_KINDS: Mapping[FieldType, Mapping[str, Any]] = {
    FieldType.INTEGER: {"type": "integer"},
    FieldType.DATE: {"type": "string", "format": "date"},
    FieldType.MONTH: {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}$"},
    FieldType.BOOLEAN: {"type": "boolean"},
    FieldType.UNIT_REF: {"type": "integer"},
    FieldType.PERSON_REF: {"type": "integer"},
    FieldType.LIST_ITEM: {"type": "integer"},
    FieldType.ATTACHMENT: {"type": "array", "items": {"type": "integer"}, "readOnly": True},
}


def form_data(form: Form, version: FormVersion | None) -> dict[str, Any]:
    """A form in short."""
    return {
        "id": form.id,
        "code": form.code,
        "title": str(form),
        "purpose": form.purpose,
        "level": form.keeper_level,
        "cycle": form.cycle,
        "per": form.per,
        "needs_review": form.needs_review,
        "version": version.number if version else None,
    }


def record_data(record: FormRecord) -> dict[str, Any]:
    """A record with its answers as they are stored."""
    return {
        "id": record.id,
        "form": record.form_id,
        "form_version": record.form_version_id,
        "unit": record.unit_id,
        "period": record.period,
        "state": record.state,
        "answers": record.answers,
        "return_reason": record.return_reason,
        "version": record.version,
    }


def schema_of(spec: FormSpec) -> dict[str, Any]:
    """The JSON schema of the answers to a form; conditions and rules between fields are told by the server alone."""
    return _object(spec.fields(), spec.title.in_language(language()))


def schemas() -> dict[str, Mapping[str, Any]]:
    """The schema of each form the reader may fill in or read, by name."""
    return {
        f"form_{place.form.id}_{place.form.code}": schema_of(spec_of(place.version))
        for place in filling.fillable_forms()
    }


def _object(fields: tuple[Field, ...], title: str) -> dict[str, Any]:
    return {"type": "object", "title": title, "properties": {field.code: _property(field) for field in fields}}


def _property(field: Field) -> dict[str, Any]:
    made = {**_kind(field), "nullable": True, "title": field.label.in_language(language())}
    if field.computed or field.known:
        made["readOnly"] = True
    if field.na_allowed:
        made = {"anyOf": [made, {"enum": [NOT_APPLICABLE]}], "title": made["title"]}
    return made


def _kind(field: Field) -> dict[str, Any]:
    if field.type is FieldType.ROWS:
        return {"type": "array", "maxItems": field.row_limit, "items": _object(field.columns, "")}
    if field.type is FieldType.CHOICE:
        return {"type": "string", "enum": [choice.code for choice in field.choices]}
    if field.type is FieldType.CHOICES:
        return {"type": "array", "items": {"type": "string", "enum": [choice.code for choice in field.choices]}}
    if field.type in NUMBERS and field.type is not FieldType.INTEGER:
        return {"type": "string", "format": "decimal"}  # exact: a JSON number may be read as a float
    return dict(_KINDS.get(field.type) or {"type": "string", "maxLength": field.length_limit})
