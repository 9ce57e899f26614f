"""Answers as people read them: with units, the names of choices, units and persons, 不适用 for NA, a dash for nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from app.domain.formspec import NOT_APPLICABLE, REFERENCES, Field, FieldType, FormSpec
from app.kit.i18n import _, language

Pairs = Iterable[tuple[str, str]]


@dataclass(frozen=True)
class RowsRead:
    """Repeating rows to be read: the labels of the columns, and the cells in words."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def __str__(self) -> str:
        return "；".join("，".join(cells) for cells in self.rows)


@dataclass(frozen=True)
class FileRead:
    """A file of a record: its key, name, how large it is in words, and where it is taken."""

    id: int
    name: str
    size: str = ""
    url: str = ""


@dataclass(frozen=True)
class FilesRead:
    """The files of one answer."""

    files: tuple[FileRead, ...]

    def __str__(self) -> str:
        return "、".join(found.name for found in self.files)


def as_text(answer: Any) -> str:
    """An answer as it stands in an input."""
    if answer is None:
        return ""
    if isinstance(answer, bool):
        return "true" if answer else "false"
    if isinstance(answer, date):
        return answer.isoformat()
    return f"{answer:f}" if isinstance(answer, Decimal) else str(answer)


def choices_of(asked: Field, references: Pairs = ()) -> tuple[tuple[str, str], ...]:
    """What may be chosen, as (value, words)."""
    if asked.type in (FieldType.CHOICE, FieldType.CHOICES):
        return tuple((choice.code, choice.label.in_language(language())) for choice in asked.choices)
    if asked.type is FieldType.BOOLEAN:
        return (("true", _("Yes")), ("false", _("No")))
    return tuple(references) if asked.type in REFERENCES else ()


def answer_in_words(
    asked: Field, answer: Any, references: Pairs = (), files: Mapping[int, FileRead] | None = None
) -> Any:
    """An answer as people read it; rows as RowsRead, files as FilesRead, everything else as text."""
    if answer is None or answer == "" or answer == [] or answer == ():
        return "—"
    if answer == NOT_APPLICABLE:
        return _("Not applicable")
    if asked.type is FieldType.ROWS:
        return _rows(asked, answer, tuple(references))
    if asked.type is FieldType.ATTACHMENT:
        known = files or {}
        return FilesRead(tuple(known[key] for key in answer if key in known))
    names = dict(choices_of(asked, references))
    if asked.type is FieldType.CHOICES:
        return "、".join(names.get(code, code) for code in answer)
    text = as_text(answer)
    return names[text] if text in names else _with_unit(asked, text)


def _with_unit(asked: Field, text: str) -> str:
    unit = asked.unit_label.in_language(language())
    if asked.type is FieldType.PERCENTAGE:
        return f"{text}%"
    if asked.type is FieldType.MONEY:
        return _("%(amount)s yuan", amount=_grouped(text))
    return f"{text} {unit}" if unit else text


def _grouped(text: str) -> str:
    try:
        return f"{Decimal(text):,f}"
    except InvalidOperation:
        return text


def _rows(asked: Field, rows: Sequence[Mapping[str, Any]], references: tuple[tuple[str, str], ...]) -> RowsRead:
    words = language()
    columns = tuple(column.label.in_language(words) for column in asked.columns)
    cells = tuple(
        tuple(str(answer_in_words(column, row.get(column.code), references)) for column in asked.columns)
        for row in rows
    )
    return RowsRead(columns, cells)


def answers_in_words(
    spec: FormSpec,
    answers: Mapping[str, Any],
    references: Pairs = (),
    files: Mapping[int, FileRead] | None = None,
    *,
    asked_only: bool = False,
) -> list[tuple[str, list[tuple[str, Any]]]]:
    """A filled-in form to read: sections with (label, answer); `asked_only` leaves out what hung on something else."""
    words, known = language(), tuple(references)
    sections = []
    for section in spec.sections:
        fields = [
            field
            for field in section.fields
            if field.type is not FieldType.HEADING
            and not (asked_only and field.condition and answers.get(field.code) is None)
        ]
        pairs = [(f.label.in_language(words), answer_in_words(f, answers.get(f.code), known, files)) for f in fields]
        sections.append((section.title.in_language(words), pairs))
    return sections
