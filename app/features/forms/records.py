"""A form with its answers, ready to be drawn: what stands in each input, what was wrong, what is offered.

Reads no database and decides nothing; `forms/templates/fields.html` draws what is made here. What was typed is read in
typed.py, what is only read is put in words in in_words.py.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from app.domain.errors import Problem
from app.domain.formspec import NOT_APPLICABLE, NUMBERS, REFERENCES, Field, FieldType, FormSpec
from app.features.forms.in_words import FileRead, answer_in_words, answers_in_words, as_text, choices_of
from app.features.forms.live import live_form
from app.features.forms.references import TABLES
from app.features.forms.typed import typed_answers
from app.kit.i18n import _, language
from app.kit.problems import sentence

__all__ = [
    "FieldView",
    "FileRead",
    "RecordForm",
    "Shown",
    "answer_in_words",
    "answers_in_words",
    "record_form",
    "typed_answers",
]

_INDEX = re.compile(r"\[\d+\]")
EMPTY_ROWS, MORE_ROWS = 2, 3  # how many empty rows stand there at first, and how many one asks for without a script


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
    chosen: frozenset[str] = frozenset()
    table: str = ""  # where a reference is looked up as one types, where the choices would be too many
    known: str = ""  # what the portal fills in itself
    note: str = ""  # why something the portal should know is asked after all
    files: tuple[FileRead, ...] = ()
    held: tuple[tuple[str, str, str], ...] = ()  # files sent already, with no record yet: token, name, size
    rows: tuple[RowView, ...] = ()
    blank: RowView | None = None  # what one more row is made of

    @property
    def kind(self) -> str:
        """The type of the question."""
        return self.spec.type.value

    @property
    def is_number(self) -> bool:
        """True for a number of any kind."""
        return self.spec.type in NUMBERS

    @property
    def is_wide(self) -> bool:
        """True for what needs the whole width."""
        return self.kind in ("long_text", "rows", "attachment", "heading")


@dataclass(frozen=True)
class RowView:
    """One row of repeating rows: what the names of its inputs begin with, and its cells."""

    name: str
    cells: tuple[FieldView, ...]


@dataclass(frozen=True)
class RecordForm:
    """A form with its answers: sections of field views; `live` is what the page's script is told."""

    prefix: str
    title: str
    sections: tuple[tuple[str, tuple[FieldView, ...]], ...]
    live: str = ""
    rules: tuple[tuple[str, str, str, bool], ...] = ()  # name, where it is shown, words, warning

    @property
    def fields(self) -> tuple[FieldView, ...]:
        """Every field that takes an answer, in order."""
        return tuple(view for _title, views in self.sections for view in views if view.kind != "heading")

    @property
    def has_offer(self) -> bool:
        """True when some last answer can be taken over."""
        return any(view.offered for view in self.fields)

    @property
    def has_files(self) -> bool:
        """True when a file is asked for."""
        return any(view.kind == "attachment" for view in self.fields)

    @property
    def problems(self) -> list[tuple[str, str]]:
        """Every error with the input it stands at: (id, label and sentence)."""
        found = []
        for view in self.fields:
            found += [(view.name, f"{view.label}: {error}") for error in view.errors]
            for number, row in enumerate(view.rows, start=1):
                for cell in row.cells:
                    place = _(
                        "%(label)s, row %(number)s, %(column)s", label=view.label, number=number, column=cell.label
                    )
                    found += [(cell.name, f"{place}: {error}") for error in cell.errors]
        return found


@dataclass(frozen=True)
class Shown:
    """What to show beside the answers: last answers, another person's save, problems, choices of references.

    `references` are offered for every reference; `offers` by the code of a field (`rows.column` for a column) where there
    are few; `names` say what a chosen unit, person or item is called. `known` are the answers the portal gives, `files`
    those of the record by id, `held` by field those sent already with no record yet, `more_rows` the code of the rows of which more were asked for.
    """

    last: Mapping[str, Any] = field(default_factory=dict)
    stored: Mapping[str, Any] | None = None
    problems: Sequence[Problem] = ()
    references: Sequence[tuple[str, str]] = ()
    offers: Mapping[str, Sequence[tuple[str, str]]] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
    known: Mapping[str, Any] = field(default_factory=dict)
    files: Mapping[int, FileRead] = field(default_factory=dict)
    held: Mapping[str, Sequence[tuple[str, str, str]]] = field(default_factory=dict)
    more_rows: str = ""


def record_form(spec: FormSpec, answers: Mapping[str, Any], prefix: str = "", shown: Shown | None = None) -> RecordForm:
    """The form to be drawn; names of inputs are `prefix` and the code of the field."""
    draw = _Drawing(spec, prefix, shown)
    sections = tuple(
        (section.title.in_language(language()), tuple(draw.view(f, answers) for f in section.fields))
        for section in spec.sections
    )
    rules = tuple(
        (f"{prefix}r{n}-rule", prefix + rule.at, rule.message.in_language(language()), rule.warning)
        for n, rule in enumerate(spec.rules)
    )
    return RecordForm(prefix, spec.title.in_language(language()), sections, live_form(spec, prefix), rules)


class _Drawing:
    """One form being drawn."""

    def __init__(self, spec: FormSpec, prefix: str, shown: Shown | None) -> None:
        self.spec, self.prefix, self.shown, self.words = spec, prefix, shown or Shown(), language()
        self.is_preview = shown is None  # nobody fills in, and nothing is known yet
        self.errors: dict[str, list[str]] = {}
        for problem in self.shown.problems:
            self.errors.setdefault(problem.where, []).append(self._sentence(problem))

    def view(self, asked: Field, answers: Mapping[str, Any]) -> FieldView:
        """One question of the form."""
        shown, code = self.shown, asked.code
        answer = shown.known.get(code, answers.get(code))
        offers = asked.offers_last and shown.last.get(code) not in (None, "")
        more: dict[str, Any] = {
            "offered": as_text(shown.last[code]) if offers else "",
            "stored": self._stored(asked, answer),
            "known": as_text(shown.known[code]) if code in shown.known else "",
            "note": self._note(asked),
        }
        if asked.type is FieldType.ROWS:
            more |= self._rows(asked, answer)
        if asked.type is FieldType.ATTACHMENT:
            keys = [int(key) for key in answer or () if str(key).isdecimal()]
            more["files"] = tuple(shown.files[key] for key in keys if key in shown.files)
            more["held"] = tuple(shown.held.get(code, ()))
        return self._cell(asked, answer, self.prefix + code, code, more)

    def _note(self, asked: Field) -> str:
        if not asked.known or asked.code in self.shown.known:
            return ""
        if self.is_preview:
            return str(_("The portal fills this in."))
        return str(_("The portal has no value for this here; please type it."))

    def _cell(self, asked: Field, answer: Any, name: str, where: str, more: Mapping[str, Any]) -> FieldView:
        offered = self.shown.offers.get(_INDEX.sub("", where), self.shown.references)
        value = "" if answer == NOT_APPLICABLE or isinstance(answer, list | tuple) else as_text(answer)
        choices = choices_of(asked, offered)
        is_remote = asked.type in REFERENCES and not choices
        if is_remote and value:
            choices = ((value, self.shown.names.get(value, value)),)
        return FieldView(
            name=name,
            spec=asked,
            label=asked.label.in_language(self.words),
            value=value,
            unit=self._unit(asked),
            help=asked.help.in_language(self.words),
            is_na=answer == NOT_APPLICABLE,
            errors=tuple(self.errors.get(where, ())),
            choices=choices,
            chosen=frozenset(map(str, answer))
            if isinstance(answer, list | tuple) and not more.get("rows")
            else frozenset(),
            table=TABLES[asked.type] if is_remote else "",
            **more,
        )

    def _rows(self, asked: Field, answer: Any) -> dict[str, Any]:
        said = [row for row in answer or () if isinstance(row, Mapping)]
        more = MORE_ROWS if self.shown.more_rows == asked.code else 0
        empty = more or (1 if said else EMPTY_ROWS)
        count = min(len(said) + empty, asked.row_limit)
        rows = [self._row(asked, n, said[n] if n < len(said) else {}) for n in range(max(count, len(said)))]
        return {"rows": tuple(rows), "blank": self._row(asked, "__row__", {})}

    def _row(self, asked: Field, number: int | str, row: Mapping[str, Any]) -> RowView:
        name = f"{self.prefix}{asked.code}-{number}"
        at = f"{asked.code}[{number + 1}]" if isinstance(number, int) else asked.code
        cells = []
        for column in asked.columns:
            # A default stands only in rows somebody adds: an empty row that came by itself must stay empty.
            answer = row.get(column.code) if isinstance(number, int) else column.default or None
            cells.append(self._cell(column, answer, f"{name}-{column.code}", f"{at}.{column.code}", {}))
        return RowView(name, tuple(cells))

    def _stored(self, asked: Field, answer: Any) -> str:
        if self.shown.stored is None:
            return ""
        stored = self.shown.stored.get(asked.code)
        if as_text(stored) == as_text(answer):
            return ""
        return str(answer_in_words(asked, stored, [*self.shown.references, *self.shown.names.items()]))

    def _unit(self, asked: Field) -> str:
        if asked.type is FieldType.MONEY:
            return str(_("yuan"))
        return "%" if asked.type is FieldType.PERCENTAGE else asked.unit_label.in_language(self.words)

    def _sentence(self, problem: Problem) -> str:
        rule = next((rule for rule in self.spec.rules if rule.code == problem.code and rule.message), None)
        return rule.message.in_language(self.words) if rule else sentence(problem)
