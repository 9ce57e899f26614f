"""Writing records: drafts and handing in, one or many, all or none. The server computes and checks; pages only show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app.domain.errors import Problem, RuleBroken
from app.domain.formspec import Checker, answers_as_data
from app.domain.periods import Period
from app.domain.rights import Resource, Verb
from app.domain.transitions import Kind, RecordState, next_state
from app.features.forms.copies import copied
from app.features.forms.locks import require_unlocked
from app.features.forms.models import Form, FormRecord, FormVersion
from app.features.forms.queries import filling
from app.features.forms.queries.versions import spec_of
from app.features.forms.services.answers import private_in, unknown_references
from app.features.forms.services.entries import Entry, writer_of
from app.kit import access, clock
from app.kit.audit import acting
from app.kit.db import db, transaction
from app.kit.problems import from_integrity_error
from app.kit.signing import signature


def save_records(entries: Sequence[Entry], *, submit: bool) -> list[FormRecord]:
    """The records as drafts, or handed in complete and right; all problems at once, and then nothing is saved.

    Shape:  where a problem stands is the code of its field, `<index>-<field>` when there are several entries.
    Errors: record.retired, record.no_version, record.wrong_place, record.already, period.*, conflict, answer.*, private.*,
            the rules of the form, transition.not_allowed, and what locks (see forms/locks.py); NotAllowed.
    """
    with transaction() as session, acting("forms.submit_records" if submit else "forms.save_records"):
        saving = _Saving(entries, submit)
        records = saving.run()
        session.add_all(records)
        try:
            session.flush()
        except IntegrityError as taken:  # the second of two at once
            raise from_integrity_error(taken) from taken
        if submit:
            for record in records:
                record.submitted_by = signature(record, Verb.SUBMIT)
    return records


def judged(entries: Sequence[Entry], *, submit: bool) -> list[tuple[dict[str, Any], list[Problem]]]:
    """For each entry the columns `save_records` would give its record, and what is wrong with it; nothing is written.

    Shape: the problems of an entry stand at its fields; what the actor may not write at all is a problem at `unit`.
    """
    return _Saving(entries, submit).judge()


class _Saving:
    """One call of `save_records`: what is asked once a form, a version or a unit is asked once."""

    def __init__(self, entries: Sequence[Entry], submit: bool) -> None:
        self.entries, self.submit = entries, submit
        self.verb = Verb.SUBMIT if submit else Verb.EDIT
        self.problems: list[Problem] = []
        self.writers: dict[tuple[int, int], int | None] = {}
        self.versions: dict[tuple[int, bool], FormVersion] = {}
        self.ready: dict[int, Checker] = {}
        self.known: dict[tuple[int, int | None, str | None], Mapping[str, Any]] = {}
        self.stops: dict[tuple[int, int, str | None, bool], list[Problem]] = {}

    def run(self) -> list[FormRecord]:
        """The records with their values set. Errors: those of `save_records`."""
        for entry in self.entries:
            self._allow(entry)
        _refresh([entry.record for entry in self.entries if entry.record is not None])
        places = [(e.record.unit, e.record.period) if e.record else (e.unit, e.period or "") for e in self.entries]
        require_unlocked([(unit, period) for unit, period in places if period])
        taken = self._taken()
        made: list[tuple[FormRecord, dict[str, Any]]] = []
        for index, entry in enumerate(self.entries):
            self.at = f"{index}-" if len(self.entries) > 1 else ""
            values = self._values(entry, taken)
            made.append((entry.record or FormRecord(form=entry.form, unit=entry.unit), values))
        if self.problems:
            raise RuleBroken(self.problems)
        for record, values in made:
            for name, value in values.items():
                setattr(record, name, value)
        return [record for record, _values in made]

    def judge(self) -> list[tuple[dict[str, Any], list[Problem]]]:
        """As `judged`."""
        stopped = [self._stopped(entry) for entry in self.entries]
        self.entries = [entry for entry, found in zip(self.entries, stopped, strict=True) if not found]
        taken, entries, found, self.at = self._taken(), iter(self.entries), [], ""
        for problems in stopped:
            self.problems = []
            values = {} if problems else self._values(next(entries), taken)
            found.append((values, problems or self.problems))
        return found

    def _stopped(self, entry: Entry) -> list[Problem]:
        """Why an entry may not be written at all, whatever it says."""
        unit, period = (entry.record.unit, entry.record.period) if entry.record else (entry.unit, entry.period)
        key = (entry.form.id, unit.id, period, entry.record is None)
        if entry.record is None and key in self.stops:
            return self.stops[key]
        problems: list[Problem] = []
        try:
            self._allow(entry)
            require_unlocked([(unit, period)] if period else [])
        except RuleBroken as refused:
            problems = list(refused.problems)
        except access.NotAllowed:
            problems = [Problem("record.not_asked", "unit")]
        self.stops[key] = problems
        return problems

    def _allow(self, entry: Entry) -> None:
        """Errors: NotAllowed, record.retired, record.wrong_place."""
        if entry.record is not None:
            access.require(self.verb, entry.record)
            return
        key = (entry.form.id, entry.unit.id)
        if key in self.writers:
            return
        access.require_at(self.verb, Resource.RECORDS, entry.unit)
        self.writers[key] = writer_of(entry, self.verb)

    def _taken(self) -> dict[tuple[int, str], int]:
        """The records that stand already where there is to be one, by form and key."""
        keys = {(entry.form.id, key) for entry in self.entries if not entry.record and (key := self._single(entry))}
        if not keys:
            return {}
        statement = select(FormRecord.form_id, FormRecord.single, FormRecord.id).where(
            FormRecord.form_id.in_({form_id for form_id, _key in keys}),
            FormRecord.single.in_({key for _form_id, key in keys}),
        )
        with access.everything("whether there is one already, whoever wrote it"):
            return {(form_id, single): id_ for form_id, single, id_ in db.session.execute(statement)}

    def _single(self, entry: Entry) -> str | None:
        person_id = self.writers.get((entry.form.id, entry.unit.id))
        period = entry.period or (filling.default_period(entry.form) if entry.form.cycle else None)
        return (
            entry.single
            or entry.once
            or filling.single_key(
                entry.form, entry.unit, person_id, period, is_test=entry.is_test, issue_id=entry.issue_id
            )
        )

    def _values(self, entry: Entry, taken: dict[tuple[int, str], int]) -> dict[str, Any]:
        """The columns of the record; what is wrong is added to `problems`."""
        record, values = entry.record, {}
        if record is None:
            values = self._new(entry, taken)
            version = values.get("form_version")
            if version is None:
                return values
            person_id, period = values["person_id"], values["period"]
        else:
            if entry.version is not None and entry.version != record.version:
                self._problem("conflict", "")
                return {}
            version, person_id, period = record.form_version, record.person_id, record.period
        values["state"] = self._state(record, entry.form)
        clean = self._answers(entry, version, person_id, period)
        values["answers"] = {code: answer for code, answer in answers_as_data(clean).items() if answer is not None}
        values |= copied(entry.form.slots or {}, clean)
        if self.submit:
            values |= {"submitted_at": clock.now(), "return_reason": None, "reviewed_at": None, "reviewed_by": None}
        return values

    def _new(self, entry: Entry, taken: dict[tuple[int, str], int]) -> dict[str, Any]:
        period = self._period(entry)
        single = self._single(entry)
        if single and (entry.form.id, single) in taken:
            self._problem("record.already", "", record=taken[entry.form.id, single])
        elif single:
            taken[entry.form.id, single] = 0  # the same twice in one call is one too many as well
        version = self._version(entry)
        return {
            "form_version": version,
            "unit": entry.unit,
            "person_id": self.writers[entry.form.id, entry.unit.id],
            "period": period,
            "single": single,
            "issue_id": entry.issue_id,
            "is_test": entry.is_test,
        }

    def _version(self, entry: Entry) -> FormVersion | None:
        key = (entry.form.id, entry.is_test)
        if key not in self.versions:
            find = filling.version_tried if entry.is_test else filling.version_in_use
            found = find(entry.form)
            if found is None:
                self._problem("record.no_version", "")
                return None
            self.versions[key] = found
        return self.versions[key]

    def _period(self, entry: Entry) -> str | None:
        if not entry.form.cycle:
            return entry.period if entry.issue_id else None
        try:
            period = Period.parse(entry.period) if entry.period else None
        except RuleBroken as refused:
            self.problems += [Problem(p.code, f"{self.at}period", p.params) for p in refused.problems]
            return None
        if period is not None and period.kind != entry.form.cycle:
            self._problem("record.wrong_period", "period", period=str(period))
        return str(period) if period else filling.default_period(entry.form)

    def _state(self, record: FormRecord | None, form: Form) -> str:
        state = record.state if record else RecordState.DRAFT.value
        action = "submit" if self.submit else "save"
        if self.submit and state == RecordState.SUBMITTED and not form.needs_review:
            action = "correct"
        try:
            return next_state(Kind.RECORD, state, action)
        except RuleBroken as refused:
            self.problems += [Problem(p.code, f"{self.at}{p.where}", p.params) for p in refused.problems]
            return state

    def _answers(self, entry: Entry, version: FormVersion, person_id: int | None, period: str | None) -> dict[str, Any]:
        """The clean answers, after the portal has filled in what it knows; what is wrong is added to `problems`."""
        checker = self.ready.get(version.id) or self.ready.setdefault(version.id, Checker(spec_of(version)))
        typed = dict(entry.answers)
        if any(field.known for field in checker.fields):
            typed |= self._known(entry, version, person_id, period)
        clean, found = checker.check(typed, draft=not self.submit)
        found += private_in(clean)
        found += unknown_references(checker, clean, entry.record)
        self.problems += [Problem(p.code, f"{self.at}{p.where}", p.params) for p in found]
        return clean

    def _known(self, entry: Entry, version: FormVersion, person_id: int | None, period: str | None) -> dict[str, Any]:
        unit = entry.record.unit if entry.record else entry.unit
        key = (unit.id, person_id, period)
        if key not in self.known:
            self.known[key] = filling.known_values(unit, person_id, period)
        before = entry.record.answers if entry.record else {}
        return filling.known_answers(spec_of(version), self.known[key], before)

    def _problem(self, code: str, where: str, **params: Any) -> None:
        self.problems.append(Problem(code, f"{self.at}{where}", params))


def _refresh(records: Sequence[FormRecord]) -> None:
    """Read the rows as they are now and hold them, so that a version cannot move between check and write."""
    if not records:
        return
    statement = select(FormRecord).where(FormRecord.id.in_([record.id for record in records])).with_for_update()
    with access.everything("the rows were allowed above"):
        db.session.scalars(statement.order_by(FormRecord.id).execution_options(populate_existing=True)).all()
