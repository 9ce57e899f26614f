"""A form with its answers, ready to be drawn: what stands in each input, what was wrong, what is offered.

Reads no database and decides nothing; `forms/templates/fields.html` draws what is made here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from app.domain.errors import Problem
from app.domain.formspec import NOT_APPLICABLE, Field, FieldType, FormSpec
from app.kit.i18n import _, language
from app.kit.problems import sentence

_SIMPLE = re.compile(r"\s*([A-Za-z]\w*)\s*(>=|<=|==|!=|>|<)\s*('[^']*'|[\w.]+)\s*")


@dataclass(frozen=True)
class FieldView:
    """One question as it stands on the page: `value` is the text in the input, `offered` the last answer."""

    name: str
    spec: Field
    label: str
    value: str
    unit: str = ""
    help: str = ""
    is_na: bool = False
    offered: str = ""
    stored: str = ""  # what somebody else has saved meanwhile
    errors: tuple[str, ...] = ()
    choices: tuple[tuple[str, str], ...] = ()
    condition: tuple[str, str, str] | None = None  # name of the input it hangs on, operator, value

    @property
    def kind(self) -> str:
        """The type of the question."""
        return self.spec.type.value


@dataclass(frozen=True)
class RecordForm:
    """A form with its answers: sections of field views."""

    prefix: str
    title: str
    sections: tuple[tuple[str, tuple[FieldView, ...]], ...]

    @property
    def fields(self) -> tuple[FieldView, ...]:
        """Every field, in order."""
        return tuple(view for _title, views in self.sections for view in views)

    @property
    def has_offer(self) -> bool:
        """True when some last answer can be taken over."""
        return any(view.offered for view in self.fields)


@dataclass(frozen=True)
class Shown:
    """What to show beside the answers: last answers, another person's save, problems, choices of references."""

    last: Mapping[str, Any] = field(default_factory=dict)
    stored: Mapping[str, Any] | None = None
    problems: Sequence[Problem] = ()
    references: Sequence[tuple[str, str]] = ()


def record_form(spec: FormSpec, answers: Mapping[str, Any], prefix: str = "", shown: Shown | None = None) -> RecordForm:
    """The form to be drawn; names of inputs are `prefix` and the code of the field."""
    shown = shown or Shown()
    sections = tuple(
        (section.title.in_language(language()), tuple(_view(f, answers, prefix, shown, spec) for f in section.fields))
        for section in spec.sections
    )
    return RecordForm(prefix, spec.title.in_language(language()), sections)


def _view(asked: Field, answers: Mapping[str, Any], prefix: str, shown: Shown, spec: FormSpec) -> FieldView:
    answer, words = answers.get(asked.code), language()
    stored = None if shown.stored is None else shown.stored.get(asked.code)
    differs = shown.stored is not None and as_text(stored) != as_text(answer)
    offers = asked.offers_last and shown.last.get(asked.code) not in (None, "")
    return FieldView(
        name=prefix + asked.code,
        spec=asked,
        label=asked.label.in_language(words),
        value="" if answer == NOT_APPLICABLE else as_text(answer),
        unit=asked.unit_label.in_language(words),
        help=asked.help.in_language(words),
        is_na=answer == NOT_APPLICABLE,
        offered=as_text(shown.last[asked.code]) if offers else "",
        stored=answer_in_words(asked, stored, shown.references) if differs else "",
        errors=tuple(_words(p, spec) for p in shown.problems if p.where == asked.code),
        choices=_choices(asked, shown.references),
        condition=_condition(asked, prefix),
    )


def _words(problem: Problem, spec: FormSpec) -> str:
    rule = next((rule for rule in spec.rules if rule.code == problem.code and rule.message), None)
    return rule.message.in_language(language()) if rule else sentence(problem)


def _choices(asked: Field, references: Sequence[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    if asked.type is FieldType.CHOICE:
        return tuple((choice.code, choice.label.in_language(language())) for choice in asked.choices)
    if asked.type is FieldType.BOOLEAN:
        return (("true", _("Yes")), ("false", _("No")))
    return tuple(references) if asked.type in (FieldType.UNIT_REF, FieldType.PERSON_REF) else ()


def _condition(asked: Field, prefix: str) -> tuple[str, str, str] | None:
    found = _SIMPLE.fullmatch(asked.condition) if asked.condition else None
    return (prefix + found[1], found[2], found[3].strip("'")) if found else None


def as_text(answer: Any) -> str:
    """An answer as it stands in an input."""
    if answer is None:
        return ""
    if isinstance(answer, bool):
        return "true" if answer else "false"
    if isinstance(answer, date):
        return answer.isoformat()
    return f"{answer:f}" if isinstance(answer, Decimal) else str(answer)


def answer_in_words(asked: Field, answer: Any, references: Iterable[tuple[str, str]] = ()) -> str:
    """An answer as people read it: with its unit, the name of a choice, 不适用 for NA, a dash for nothing."""
    if answer is None or answer == "":
        return "—"
    if answer == NOT_APPLICABLE:
        return _("Not applicable")
    text = as_text(answer)
    named = dict(_choices(asked, tuple(references))).get(text, text)
    unit = asked.unit_label.in_language(language())
    return f"{named} {unit}" if unit else named


def answers_in_words(
    spec: FormSpec, answers: Mapping[str, Any], references: Iterable[tuple[str, str]] = ()
) -> list[tuple[str, list[tuple[str, str]]]]:
    """A filled-in form to read: sections with (label, answer)."""
    words, known = language(), tuple(references)
    return [
        (
            section.title.in_language(words),
            [(f.label.in_language(words), answer_in_words(f, answers.get(f.code), known)) for f in section.fields],
        )
        for section in spec.sections
    ]


def typed_answers(spec: FormSpec, sent: Mapping[str, str], prefix: str = "") -> dict[str, Any]:
    """What was typed, as it was typed: text by field, "NA" where the box was ticked, None for nothing."""
    typed: dict[str, Any] = {}
    for asked in spec.fields():
        name = prefix + asked.code
        if asked.na_allowed and sent.get(f"{name}-na"):
            typed[asked.code] = NOT_APPLICABLE
        else:
            typed[asked.code] = (sent.get(name) or "").strip() or None
    return typed
