"""What a new version of a form changes, field by field."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from app.domain.formspec.parsing import field_as_data
from app.domain.formspec.spec import Field, FormSpec, Label

STRICT, LOOSE, WORDING = "tightened", "loosened", "reworded"
_WORDS = ("label", "help", "unit_label", "choice_labels")
_FORMULAS = ("condition", "computed")


@dataclass(frozen=True)
class Change:
    """One changed setting with what stood there and what stands there now, as plain text; empty for nothing."""

    setting: str
    old: str
    new: str


@dataclass(frozen=True)
class FieldChange:
    """What happens to a field: added, removed, retyped, tightened, loosened, recalculated, reworded or resettled.

    `tightened` means that an answer taken before may be refused now.
    """

    code: str
    label: Label
    what: str
    changes: tuple[Change, ...] = ()


def redline(old: FormSpec, new: FormSpec) -> list[FieldChange]:
    """Every field that is added, removed or changed, in the order of the new form, removed ones last."""
    before, after = _asked(old), _asked(new)
    found = [change for code, field in after.items() for change in _changes(before.get(code), field, code)]
    gone = [code for code in before if code not in after]
    return [*found, *(FieldChange(code, before[code].label, "removed") for code in gone)]


def rules_differ(old: FormSpec, new: FormSpec) -> bool:
    """True when the rules between fields are not the same."""
    return old.rules != new.rules


def _asked(spec: FormSpec) -> dict[str, Field]:
    """Fields by code, and the columns of repeating rows as `rows.column`."""
    fields = {field.code: field for section in spec.sections for field in section.fields}
    columns = {f"{field.code}.{column.code}": column for field in fields.values() for column in field.columns}
    return fields | columns


def _changes(old: Field | None, new: Field, code: str) -> Iterator[FieldChange]:
    if old is None:
        yield FieldChange(code, new.label, "added")
    elif old.type is not new.type:
        yield FieldChange(code, new.label, "retyped", (Change("type", old.type.value, new.type.value),))
    else:
        kinds: dict[str, list[Change]] = {}
        for change, kind in _settings(old, new):
            kinds.setdefault(kind, []).append(change)
        for kind, changes in kinds.items():
            yield FieldChange(code, new.label, kind, tuple(changes))


def _settings(old: Field, new: Field) -> Iterator[tuple[Change, str]]:
    before, after = _flat(old), _flat(new)
    for key in dict.fromkeys([*before, *after]):
        was, now = before.get(key, ""), after.get(key, "")
        if was != now:
            yield Change(key, was, now), _kind(key, old, new)


def _flat(field: Field) -> dict[str, str]:
    """The settings of a field as text; choices as their codes, and their names apart."""
    data: Mapping[str, object] = field_as_data(field)
    flat = {key: str(value) for key, value in data.items() if key not in ("code", "type", "choices", "columns")}
    flat |= {key: getattr(field, key).zh for key in ("label", "help", "unit_label") if key in flat}
    if field.choices:
        flat["choices"] = "、".join(choice.code for choice in field.choices)
        flat["choice_labels"] = "、".join(choice.label.zh for choice in field.choices)
    if "default" in flat:
        flat["default"] = field.default or "last_value"
    return flat


def _kind(key: str, old: Field, new: Field) -> str:
    if key in _WORDS:
        return WORDING
    if key in _FORMULAS:
        return "recalculated"
    stricter = {
        "required": new.required,
        "na_allowed": old.na_allowed,
        "pattern": bool(new.pattern),
        "min": _above(new.min, old.min),
        "max": _above(_minus(new.max), _minus(old.max)),
        "max_length": new.length_limit < old.length_limit,
        "max_rows": new.row_limit < old.row_limit,
        "choices": bool({choice.code for choice in old.choices} - {choice.code for choice in new.choices}),
    }
    if key not in stricter:
        return "resettled"
    return STRICT if stricter[key] else LOOSE


def _above(new: Decimal | None, old: Decimal | None) -> bool:
    return new is not None and (old is None or new > old)


def _minus(number: Decimal | None) -> Decimal | None:
    return None if number is None else -number
