"""A form as a sheet by itself: one row is one record, one column is one question, whatever the form asks.

Columns, types, drop-downs, ranges and required marks come from the specification; the rules between answers stay with the
form and are asked when a row is saved. How one answer stands in a cell is said in formcells.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.domain.formspec import Field, FieldType, FormSpec
from app.domain.formspec.spec import NUMBERS
from app.kit.excel import clean
from app.kit.excel.formcells import drop_down, reader_of, shown_answer
from app.kit.excel.offline import Limit
from app.kit.excel.sheet import Column, Row, Sheet

ASKED = frozenset(FieldType) - {FieldType.HEADING, FieldType.ROWS, FieldType.ATTACHMENT}
TYPED = ASKED - {FieldType.PERSON_REF}
WIDTHS = {FieldType.LONG_TEXT: 40, FieldType.TEXT: 24, FieldType.DATE: 13}
_BAD_IN_HEADER = str.maketrans({"/": "／", "(": "（", ")": "）"})


@dataclass(frozen=True)
class FormSheet:
    """A form as a table: the sheet, what may be typed, what must be, and the checks and notes of its columns."""

    sheet: Sheet
    entry: frozenset[str]
    required: frozenset[str]
    limits: Mapping[str, Limit]
    notes: Mapping[str, str]


def form_sheet(
    spec: FormSpec,
    who: Sequence[Column],
    key: tuple[str, ...],
    *,
    title: str,
    subtitle: str,
    references: Mapping[str, str] | None = None,
) -> FormSheet:
    """The form as a table: first the columns that say whose record it is, then one for each question.

    Shape: `references` are the units a unit field may name, by code; a computed field and a reference to a person are
    shown and not typed.
    """
    named = dict(references or {})
    asked = [(section.title.zh, f) for section in spec.sections for f in section.fields if f.type in ASKED]
    heads = _heads(asked, many=len(spec.sections) > 1)
    columns = (*who, *(_column(field, head, named) for (_title, field), head in zip(asked, heads, strict=True)))
    sheet = Sheet(
        code=f"form-{spec.code}",
        name=spec.title.zh,
        title=title,
        subtitle=subtitle,
        columns=columns,
        kinds=("month", "quarter", "half_year", "year"),
        period_checked=True,
        key=key,
        key_cell=key[-1],
    )
    typed = [field for field in spec.fields() if not field.computed and field.type in TYPED]
    return FormSheet(
        sheet,
        frozenset(field.code for field in typed),
        frozenset(field.code for field in typed if field.required),
        {field.code: _limit(field) for field in typed if field.type in NUMBERS},
        {field.code: field.help.zh for field in typed if field.help},
    )


def _heads(asked: Sequence[tuple[str, Field]], *, many: bool) -> list[str]:
    """The headers, parent/child where the form has several sections; the unit stands in brackets behind the label."""
    heads = []
    for section, field in asked:
        label = head_of(field)
        heads.append(f"{section.translate(_BAD_IN_HEADER)}/{label}" if many else label)
    return heads


def head_of(field: Field) -> str:
    """The label as a header, with the unit in brackets behind it."""
    unit = f"（{field.unit_label.zh}）" if field.unit_label else ""
    return f"{field.label.zh}{unit}".translate(_BAD_IN_HEADER)


def _column(field: Field, head: str, references: Mapping[str, str]) -> Column:
    is_typed = not field.computed and field.type in TYPED
    return Column(
        field.code,
        (head,),
        reader_of(field, references, masked=True) if is_typed else clean.skip,
        summed=field.type in NUMBERS,
        width=width_of(field),
        format=format_of(field),
        show=lambda row: shown_answer(field, row.get(field.code), references),
        choices=drop_down(field, references) if is_typed else (),
    )


def width_of(field: Field) -> int:
    """How wide the column of a field is."""
    return WIDTHS.get(field.type, 11)


def format_of(field: Field) -> str:
    """How its numbers are written; nothing for other answers."""
    places = 0 if field.type is FieldType.INTEGER else field.places
    return (f"0.{'0' * places}" if places else "0") if field.type in NUMBERS else ""


def _limit(field: Field) -> Limit:
    return Limit(field.min, field.max, field.type is FieldType.INTEGER, field.na_allowed)


def row_of(answers: Mapping[str, Any]) -> Row:
    """The answers as the fields of a row, empty ones left out."""
    return {code: value for code, value in answers.items() if value is not None}
