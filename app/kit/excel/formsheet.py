"""A form as a sheet by itself: one row is one record, one column is one question, whatever the form asks.

Columns, types, drop-downs, ranges and required marks come from the specification; the rules between answers stay with the
form and are asked when a row is saved.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from app.domain.formspec import NOT_APPLICABLE, Field, FieldType, FormSpec
from app.domain.formspec.spec import NUMBERS
from app.kit.excel import clean
from app.kit.excel.clean import Cleaner
from app.kit.excel.offline import Limit
from app.kit.excel.result import UNCHANGED
from app.kit.excel.sheet import Column, Row, Sheet
from app.kit.excel.values import Bad, faulty, shown, tight

TYPED = frozenset(FieldType) - {FieldType.PERSON_REF}
WIDTHS = {FieldType.LONG_TEXT: 40, FieldType.TEXT: 24, FieldType.DATE: 13}
YES_NO = {"是": True, "否": False}
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
    asked = [(section.title.zh, field) for section in spec.sections for field in section.fields]
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
        unit = f"（{field.unit_label.zh}）" if field.unit_label else ""
        label = f"{field.label.zh}{unit}".translate(_BAD_IN_HEADER)
        heads.append(f"{section.translate(_BAD_IN_HEADER)}/{label}" if many else label)
    return heads


def _column(field: Field, head: str, references: Mapping[str, str]) -> Column:
    choices, cleaner = _typing(field, references)
    places = 0 if field.type is FieldType.INTEGER else field.places
    is_number = field.type in NUMBERS
    return Column(
        field.code,
        (head,),
        cleaner,
        summed=is_number,
        width=WIDTHS.get(field.type, 11),
        format=("0" if not places else f"0.{'0' * places}") if is_number else "",
        show=lambda row: _shown(field, row.get(field.code), references),
        choices=choices,
    )


def _typing(field: Field, references: Mapping[str, str]) -> tuple[tuple[str, ...], Cleaner]:
    """What the drop-down offers and how a cell is read."""
    if field.computed or field.type not in TYPED:
        return (), clean.skip
    if field.type is FieldType.CHOICE:
        words = {choice.label.zh: choice.code for choice in field.choices}
        return tuple(words), _answer(field, clean.choice({tight(word): code for word, code in words.items()}, "E22"))
    if field.type is FieldType.UNIT_REF:
        words = {name: code for code, name in references.items()}
        return tuple(words), _answer(field, clean.choice({tight(word): code for word, code in words.items()}, "E22"))
    if field.type is FieldType.BOOLEAN:
        return tuple(YES_NO), _answer(field, _flag)
    if field.type is FieldType.DATE:
        return (), _answer(field, clean.day)
    return (), _answer(field, _number if field.type in NUMBERS else clean.text)


def _answer(field: Field, cleaner: Cleaner) -> Cleaner:
    """A cleaner that takes the stroke as an answer where the form does, and stars as "unchanged"."""

    def read(value: Any, facts: Any = None) -> Any:
        if isinstance(value, str):
            word = tight(value)
            if field.na_allowed and word == "/":
                return NOT_APPLICABLE
            if len(word) > 6 and "***" in word and field.type is FieldType.TEXT:
                return UNCHANGED
        return cleaner(value, facts)

    return read


def _flag(value: Any, _facts: Any = None) -> bool | Bad | None:
    """是 or 否; an empty cell is not a no."""
    if isinstance(value, tuple):
        return faulty(value)
    return None if tight(shown(value)) == "" else clean.boolean(value)


def _number(value: Any, _facts: Any = None) -> Decimal | Bad | None:
    return clean.decimal(value)


def _limit(field: Field) -> Limit:
    return Limit(field.min, field.max, field.type is FieldType.INTEGER, field.na_allowed)


def _shown(field: Field, answer: Any, references: Mapping[str, str]) -> Any:
    """The answer as it stands in the cell."""
    if answer is None or answer is UNCHANGED:
        return None
    if answer == NOT_APPLICABLE:
        return "/"
    if field.type in NUMBERS:
        return answer if isinstance(answer, int) else Decimal(str(answer))
    if field.type is FieldType.CHOICE:
        return next((choice.label.zh for choice in field.choices if choice.code == answer), answer)
    if field.type is FieldType.BOOLEAN:
        return "是" if answer is True else "否"
    return references.get(str(answer), str(answer)) if field.type is FieldType.UNIT_REF else str(answer)


def row_of(answers: Mapping[str, Any]) -> Row:
    """The answers as the fields of a row, empty ones left out."""
    return {code: value for code, value in answers.items() if value is not None}
