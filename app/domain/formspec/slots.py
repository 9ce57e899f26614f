"""Which listed fields of a form have their answers copied beside the record, and into which place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from app.domain.errors import Problem, RuleBroken
from app.domain.formspec.spec import NUMBERS, Field, FieldType, FormSpec


def slot_kind(field: Field) -> str:
    """Where the answer of a field is copied to: `number`, `day` or `text`."""
    if field.type in NUMBERS:
        return "number"
    return "day" if field.type is FieldType.DATE else "text"


def assigned_slots(
    held: Mapping[str, str], spec: FormSpec, room: Mapping[str, Sequence[str]]
) -> tuple[dict[str, str], tuple[str, ...]]:
    """The slot of every field that is or was listed, and the slots whose old copies must be cleared.

    Shape:  a field keeps its slot as long as its kind does, and also while it is not listed, until no other slot is free
            for a new one: then the slot longest without a listed field changes hands.
    Errors: form.too_many_listed (at the field; params: kind, limit) where more are listed at once than there is room.
    """
    listed = {field.code: slot_kind(field) for field in spec.fields() if field.is_listed}
    kept = {code: slot for code, slot in held.items() if code not in listed or slot in room[listed[code]]}
    cleared = [slot for code, slot in held.items() if code not in kept]
    problems = []
    for code, kind in listed.items():
        if code in kept:
            continue
        free = [slot for slot in room[kind] if slot not in kept.values()]
        idle = [other for other, slot in kept.items() if other not in listed and slot in room[kind]]
        if free:
            kept[code] = free[0]
        elif idle:
            kept[code] = kept.pop(idle[0])
            cleared.append(kept[code])
        else:
            problems.append(Problem("form.too_many_listed", code, {"kind": kind, "limit": len(room[kind])}))
    if problems:
        raise RuleBroken(problems)
    return kept, tuple(dict.fromkeys(cleared))
