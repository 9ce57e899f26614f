"""Saving the rows of a form's workbook as records: matched, compared cell by cell, and written by the service of the pages."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from app.domain.errors import Problem
from app.domain.formspec import REFERENCES, Field, FieldType
from app.features.forms.asked import reports_asked
from app.features.forms.models import FormRecord
from app.features.forms.queries import filling
from app.features.forms.queries.versions import spec_of
from app.features.forms.queries.workbooks import BROUGHT, MARK, Workbook, key_named, labels_of, stored_rows, units_of
from app.features.forms.services.entries import Entry
from app.features.forms.services.records import judged, save_records
from app.features.forms.services.workbook_cells import at_cell, same_answer, same_line, whole_number, words_of
from app.kit import access
from app.kit.db import db, transaction
from app.kit.excel.reader import REFUSED
from app.kit.excel.recordsheet import ATTACHED, LINE, NUMBER, PERIOD, UNIT, field_of, is_taken
from app.kit.excel.sheet import Row
from app.kit.exchange import Change, Options, RowChange


def save_rows(workbook: Workbook, rows: Sequence[Row], options: Options, dry_run: bool) -> list[RowChange]:
    """What the rows change in the records of the form; unless `dry_run` they are saved, new ones handed in.

    Shape:  a row is matched by its hidden key, else as the one record of its unit (or writer) and period where there is to
            be one; else it is new. Cells that stand as an export would write them change nothing. A draft stays a draft.
    Errors: (in the rows) those of `save_records`, record.unit_stays, record.period_stays, record.not_asked_now, record.asked_twice, record.line,
            record.lines_unread; (told, not refused) record.computed_differs.
    """
    with transaction():
        saving = _Rows(workbook, rows, options)
        changes = saving.changes()
        if not dry_run:
            saving.save()
    return changes


@dataclass
class _Line:
    """One row on its way: what it is about, and what it would become."""

    row: Row
    label: str
    unit: Any = None
    record: FormRecord | None = None
    stored: Row = field(default_factory=dict)
    entry: Entry | None = None
    submit: bool = True
    lines: dict[str, list[Row]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


class _Rows:
    """The rows of one file (or of a part of it) against what is stored."""

    def __init__(self, workbook: Workbook, rows: Sequence[Row], options: Options) -> None:
        self.workbook, self.options, self.form = workbook, options, workbook.form
        self.book = workbook.book
        self.fields = {asked.code: asked for asked in self.book.spec.fields()}
        self.keys: dict[tuple[str, str], int | str | None] = {}
        units = units_of(self.form, options.unit)
        labels = labels_of(units)
        self.units = {labels[unit.id]: unit for unit in units}
        self.beside = {code: self._by_number(sheet.code) for code, sheet in self.book.lines.items()}
        self.ready: list[_Line] = []
        self.lines = self._matched(rows)

    def _by_number(self, code: str) -> dict[int, list[Row]] | None:
        """The lines of repeating rows by the number of their record; None when the file has no such sheet."""
        given = self.options.extra.get(code)
        if given is None:
            return None
        found: dict[int, list[Row]] = defaultdict(list)
        for line in sorted(given, key=lambda line: (line.get(LINE) is None, line.get(LINE) or 0)):
            found[line[NUMBER]].append(line)
        return found

    # -- matching ----------------------------------------------------------------------------------

    def _matched(self, rows: Sequence[Row]) -> list[_Line]:
        lines = [self._line(row) for row in rows]
        self.asked = reports_asked(
            self.form, [(line.unit, self._period(line)) for line in lines if line.unit is not None]
        )
        keys = [str(line.row.get("row_key") or "") for line in lines]
        ids = {int(key) for key in keys if key.isdecimal() and len(key) < 19}
        singles = {line.row.get("row_key") or self._single(line): line for line in lines if line.unit is not None}
        wanted = [key for key in singles if key is not None and not str(key).isdecimal()]
        statement = select(FormRecord).where(
            FormRecord.form_id == self.form.id, FormRecord.id.in_(ids) | FormRecord.single.in_(wanted)
        )
        statement = statement.options(selectinload(FormRecord.unit), selectinload(FormRecord.form_version))
        records = db.session.scalars(access.visible(statement, FormRecord)).all()
        by_id, by_single = {r.id: r for r in records}, {r.single: r for r in records if r.single}
        stored = stored_rows(self.workbook, by_id)
        seen: set[int] = set()
        for line, key in zip(lines, keys, strict=True):
            record = by_id.get(int(key)) if key.isdecimal() and len(key) < 19 else None
            if record is not None and record.id in seen:
                record = None  # a row that was copied within the file is one more record
            record = record or by_single.get(self._single(line) or "-")
            if record is not None and record.id not in seen:
                seen.add(record.id)
                line.record, line.stored = record, stored[record.id]
        return lines

    def _line(self, row: Row) -> _Line:
        label = " ".join(str(row[name]) for name in (UNIT, PERIOD) if row.get(name)) or str(row.get(NUMBER) or "")
        line = _Line(row, label, self.units.get(str(row.get(UNIT))))
        for code, beside in self.beside.items():
            if beside is not None:
                line.lines[code] = beside.get(row.get(NUMBER), [])  # type: ignore[arg-type]
        return line

    def _single(self, line: _Line) -> str | None:
        if line.unit is None:
            return None
        if once := self._once(line):
            return once
        who, period = access.actor().person_id, self._period(line)
        return filling.single_key(self.form, line.unit, who, period, issue_id=self._issue(line))

    def _once(self, line: _Line) -> str | None:
        """By what the record of a new row of an offline workbook is known when the row comes again."""
        return BROUGHT + str(line.row[MARK])[:40] if self.form.per == "many" and line.row.get(MARK) else None

    def _reports(self, line: _Line) -> Sequence[int]:
        return self.asked.get((line.unit.id, self._period(line)), ()) if line.unit is not None else ()

    def _issue(self, line: _Line) -> int | None:
        """The one report a new row answers."""
        reports = self._reports(line)
        return reports[0] if len(reports) == 1 else None

    def _period(self, line: _Line) -> str | None:
        if not self.form.cycle:
            return None
        return line.row.get(PERIOD) or self.options.period or filling.default_period(self.form)

    # -- comparing ---------------------------------------------------------------------------------

    def changes(self) -> list[RowChange]:
        """What each row changes, in their order."""
        for line in self.lines:
            line.problems = self._place_problems(line)
            changed = {} if line.problems else dict(self._typed(line))
            if changed or (line.record is None and not line.problems):
                line.entry = self._entry(line, changed)
        judged_of: dict[int, tuple[dict[str, Any], list[Problem]]] = {}
        for submit in (True, False):
            group = [line for line in self.lines if line.entry and not line.problems and line.submit is submit]
            found = judged([line.entry for line in group if line.entry], submit=submit)
            judged_of |= {id(line): one for line, one in zip(group, found, strict=True)}
        return [self._change(line, *judged_of.get(id(line), ({}, []))) for line in self.lines]

    def _place_problems(self, line: _Line) -> list[Problem]:
        if line.record is None and line.unit is None:
            return [Problem("E71", UNIT)]
        if line.record is None and self.form.purpose == "report" and self._issue(line) is None:
            params = {"unit": line.row.get(UNIT), "period": self._period(line) or ""}
            return [Problem("record.asked_twice" if self._reports(line) else "record.not_asked_now", UNIT, params)]
        if line.record is None:
            no_mark = MARK in line.row and not line.row[MARK]
            return [Problem("record.no_mark", MARK)] if no_mark else []
        if line.row.get(UNIT) not in (None, line.stored[UNIT]):
            return [Problem("record.unit_stays", UNIT, {"unit": line.stored[UNIT]})]
        if self.form.cycle and line.row.get(PERIOD) not in (None, line.record.period):
            return [Problem("record.period_stays", PERIOD, {"period": line.record.period or ""})]
        return []

    def _typed(self, line: _Line) -> Iterator[tuple[str, Any]]:
        """By field the answers that are not as an export would write them."""
        for code, asked in self.fields.items():
            name = field_of(code)
            if asked.computed or asked.type is ATTACHED or (line.record is not None and not is_taken(asked)):
                continue
            if asked.type is FieldType.ROWS:
                yield from self._typed_lines(line, asked)
            elif name in line.row and not same_answer(asked, line.row[name], line.stored.get(name)):
                yield code, self._answer(asked, line.row[name], line, name)

    def _typed_lines(self, line: _Line, asked: Field) -> Iterator[tuple[str, Any]]:
        if asked.code not in line.lines:
            return
        given = [
            one for one in line.lines[asked.code] if any(one.get(field_of(c.code)) is not None for c in asked.columns)
        ]
        line.lines[asked.code] = given
        stored = line.stored.get(field_of(asked.code)) or []
        sheet = self.book.lines[asked.code]
        unread = self.options.extra.get(f"{sheet.code}{REFUSED}") or ()
        lacks = line.row.get(NUMBER) in {whole_number(number) for number in unread}
        if lacks:
            line.problems.append(Problem("record.lines_unread", NUMBER, {"sheet": sheet.name}))
        if len(given) == len(stored) and all(map(lambda one, was: same_line(asked, one, was), given, stored)):
            return
        if None in unread and not lacks:  # of some line not even the number could be read: it may be of this record
            line.problems.append(Problem("record.lines_unread", NUMBER, {"sheet": sheet.name}))
        columns = [column for column in asked.columns if not column.computed]
        yield (
            asked.code,
            [
                {
                    c.code: self._answer(c, one.get(field_of(c.code)), line, NUMBER)
                    for c in columns
                    if field_of(c.code) in one
                }
                for one in given
            ],
        )

    def _answer(self, asked: Field, value: Any, line: _Line, where: str) -> Any:
        """The answer a cell stands for; a name becomes the key of what is called so."""
        if asked.type not in REFERENCES or value in (None, "NA"):
            return value
        if (asked.code, str(value)) not in self.keys:
            self.keys[asked.code, str(value)] = key_named(asked, str(value))
        found = self.keys[asked.code, str(value)]
        if found is None:
            line.problems.append(Problem("answer.bad_reference", where, {"value": str(value)}))
        return found

    def _entry(self, line: _Line, changed: Mapping[str, Any]) -> Entry:
        record = line.record
        if record is None:
            issue, period = self._issue(line), self._period(line)
            once = self._once(line)
            return Entry(self.form, line.unit, changed, period=period, issue_id=issue, once=once, is_import=True)
        line.submit = record.state in filling.HANDED_IN
        asked = {one.code for one in spec_of(record.form_version).fields() if not one.computed}
        kept = {code: answer for code, answer in record.answers.items() if code in asked}
        there = {code: answer for code, answer in changed.items() if code in asked or answer is not None}
        return Entry(self.form, record.unit, {**kept, **there}, record=record, is_import=True)

    def _change(self, line: _Line, values: Mapping[str, Any], found: Sequence[Problem]) -> RowChange:
        about = {"label": line.label, "sheet": line.row.get("sheet") or "", "row": line.row.get("row", "")}
        problems = [*line.problems, *(at_cell(problem, self.book, line.lines) for problem in found)]
        if problems:
            return RowChange(Change.REFUSED, problems=tuple(problems), **about)
        before = line.record.answers if line.record is not None else {}
        after = values.get("answers", before)
        told = tuple(self._computed(line, after))
        if line.record is not None and after == before:
            return RowChange(Change.SAME, problems=told, **about)
        self.ready.append(line)
        kind = Change.CHANGED if line.record is not None else Change.NEW
        return RowChange(kind, cells=self._cells(before, after), problems=told, **about)

    def _cells(self, before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, tuple[str, str]]:
        """By the headers of the sheet what differs, in words."""
        differing = [asked for code, asked in self.fields.items() if before.get(code) != after.get(code)]
        return {
            self.book.header(asked.code): (
                words_of(asked, before.get(asked.code)),
                words_of(asked, after.get(asked.code)),
            )
            for asked in differing
        }

    def _computed(self, line: _Line, after: Mapping[str, Any]) -> Iterator[Problem]:
        """What the file says of fields the portal computes, where it says something else."""
        for code, asked in self.fields.items():
            printed = line.row.get(field_of(code))
            if asked.computed and printed is not None and not same_answer(asked, printed, after.get(code)):
                params = {
                    "header": self.book.header(code),
                    "value": str(printed),
                    "computed": words_of(asked, after.get(code)),
                }
                yield Problem("record.computed_differs", field_of(code), params)

    # -- saving ------------------------------------------------------------------------------------

    def save(self) -> None:
        """Write the rows that change something: those that are handed in, and the drafts."""
        for submit in (True, False):
            entries = [line.entry for line in self.ready if line.entry is not None and line.submit is submit]
            if entries:
                save_records(entries, submit=submit)
