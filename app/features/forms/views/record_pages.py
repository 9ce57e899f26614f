"""What the pages of records are made of: the form with its answers, what is offered, the columns of the list in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask import abort, url_for

from app.domain.errors import Problem
from app.domain.formspec import FieldType, FormSpec, offered_answers
from app.features.forms.in_words import FileRead, answer_in_words, answers_in_words, choices_of
from app.features.forms.models import Form, FormRecord, FormVersion, HeldFile
from app.features.forms.queries import choosing, files, filling, records
from app.features.forms.queries.versions import spec_of
from app.features.forms.record_words import STATES
from app.features.forms.records import RecordForm, Shown, record_form, typed_answers
from app.kit import access
from app.kit.download import printed_size
from app.kit.i18n import _, language
from app.kit.problems import sentence


def form_of(form_id: int) -> Form:
    """The form a page of records is about; 404 for one that is none of the reader's."""
    form = filling.form_for(form_id)
    if form is None:
        abort(404)
    return form


@dataclass(frozen=True)
class Page:
    """A form to fill in: for a unit and a period, new or of a record."""

    form: Form
    version: FormVersion
    unit: Any
    period: str | None
    record: FormRecord | None = None
    is_test: bool = False
    issue_id: int | None = None
    added: Mapping[str, Sequence[int]] = field(default_factory=dict)  # files kept with the record just now, by field
    held: Mapping[str, Sequence[HeldFile]] = field(
        default_factory=dict
    )  # files held until the page comes again, by field

    @property
    def file_fields(self) -> list[str]:
        """The codes of the fields that take files."""
        return [asked.code for asked in self.spec.fields() if asked.type is FieldType.ATTACHMENT]

    def typed(self, sent: Mapping[str, str]) -> dict[str, Any]:
        """What was typed, with the files that stay and those just kept."""
        answers = typed_answers(self.spec, sent)
        for code in self.file_fields:
            kept = [int(key) for key in answers[code] or () if key.isascii() and key.isdecimal() and len(key) < 19]
            answers[code] = [*kept, *self.added.get(code, ())] or None
        return answers

    @property
    def spec(self) -> FormSpec:
        """What is asked."""
        return spec_of(self.version)

    def drawn(
        self, sent: Mapping[str, str] | None = None, problems: Sequence[Problem] = (), *, fill_last: bool = False
    ) -> RecordForm:
        """The form with what was typed, or stands in the record, or is offered."""
        spec, record = self.spec, self.record
        person_id = record.person_id if record else access.actor().person_id
        last = {} if record else filling.last_answers(self.form, self.unit, person_id)
        if sent is not None:
            answers = self.typed(sent)
        elif record is not None:
            answers = dict(record.answers)
        else:
            answers = offered_answers(spec, last if fill_last else {})
        known = filling.known_answers(
            spec, filling.known_values(self.unit, person_id, self.period), record.answers if record else None
        )
        is_stale = record is not None and any(problem.code == "conflict" for problem in problems)
        shown = Shown(
            last=last,
            stored=record.answers if is_stale and record else None,
            problems=problems,
            offers=choosing.offered_references(spec, self.unit),
            names=choosing.names_in_answers(spec, answers),
            known=known,
            files=file_links(record),
            held={code: [(f.token, f.name, printed_size(f.size)) for f in found] for code, found in self.held.items()},
            more_rows=(sent or {}).get("add_row", ""),
        )
        return record_form(spec, answers, "", shown)

    def summary(self, drawn: RecordForm, problems: Sequence[Problem]) -> list[tuple[str, str]]:
        """Every problem with the input it stands at: (id, sentence)."""
        codes = {view.name for view in drawn.fields}
        told = [problem for problem in problems if problem.where.partition("[")[0] not in codes]
        return [*drawn.problems, *(("", sentence(problem)) for problem in told)]


def file_links(record: FormRecord | None) -> dict[int, FileRead]:
    """The files of a record by id, each with its name, size and address."""
    if record is None or record.id is None:
        return {}
    return {
        found.id: FileRead(
            found.id,
            found.name,
            printed_size(found.size),
            url_for("RecordView.file", record_id=record.id, attachment_id=found.id),
        )
        for found in files.files_of(record)
    }


def read_sections(record: FormRecord) -> list[tuple[str, list[tuple[str, Any]]]]:
    """The answers of a record in words, by the version it was written on."""
    spec = spec_of(record.form_version)
    names = choosing.names_in_answers(spec, record.answers)
    return answers_in_words(spec, record.answers, [*names.items()], file_links(record), asked_only=True)


@dataclass(frozen=True)
class Filter:
    """One listed field in the filter bar: its kind, and what was asked."""

    code: str
    label: str
    kind: str  # text, choice, number, day, reference
    choices: Sequence[tuple[str, str]] = ()


def filters_of(page: records.RecordPage) -> list[Filter]:
    """What the list can be filtered by."""
    found = []
    for column in page.columns:
        label, kind = column.field.label.in_language(language()), column.field.type
        choices = [*page.names.get(column.code, {}).items()] or [*choices_of(column.field)]
        look = {"number": "number", "day": "day"}.get(column.slot.rstrip("0123456789"), "text")
        if kind in (FieldType.TEXT, FieldType.LONG_TEXT, FieldType.MONTH):
            choices = []
        elif look == "text":
            look = "choice"
        found.append(Filter(column.code, label, look, choices))
    return found


def heads_of(page: records.RecordPage) -> list[tuple[str, str, bool]]:
    """The columns of the list: (code, label, is a number)."""
    words = language()
    return [(c.code, c.field.label.in_language(words), c.slot.startswith("number")) for c in page.columns]


def cells_of(page: records.RecordPage) -> list[tuple[Any, list[str]]]:
    """Every record of the page with its listed answers in words; read from the copies beside it."""
    by_column = [_words(page, column) for column in page.columns]
    return [(record, [words[index] for words in by_column]) for index, record in enumerate(page.records)]


def _words(page: records.RecordPage, column: records.Column) -> list[str]:
    """The answers of one column down the page; what is answered more than once is put into words once."""
    names = [*page.names.get(column.code, {}).items()]
    values = [getattr(record, column.slot) for record in page.records]
    known = {value: _cell(column, value, names) for value in {*values}}
    return [known[value] for value in values]


def _cell(column: records.Column, value: Any, names: Sequence[tuple[str, str]]) -> str:
    if value is not None:
        if column.field.type is FieldType.CHOICES and value:
            value = value.split(",")
        elif column.field.type is FieldType.INTEGER:
            value = int(value)
        elif column.slot.startswith("number"):
            value = round(value, column.field.places)
    return str(answer_in_words(column.field, value, names))


def state_choices() -> list[tuple[str, Any]]:
    """The states of records, with their words."""
    return [(state, word) for state, (word, _tone) in STATES.items()]


def total_words(page: records.RecordPage) -> str:
    """How many records there are, as far as they are counted."""
    if page.is_capped:
        return str(_("more than 10,000"))
    return str(page.total)
