"""Reading forms for whoever makes them: the list of forms, and what publishing a version would do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select

from app.domain.errors import Problem, RuleBroken
from app.domain.formspec import (
    FieldChange,
    FormSpec,
    assigned_slots,
    parse_spec,
    placed_problems,
    redline,
    rules_differ,
)
from app.domain.rights import Verb
from app.features.forms.models import Form, FormChart, FormRecord, FormVersion, slot_names
from app.kit import access
from app.kit.db import db

OPEN = ("draft", "testing")


@dataclass(frozen=True)
class FormLine:
    """A form in the list of forms: its version in use, the one being made, how many records it has."""

    form: Form
    current: FormVersion | None
    open: FormVersion | None
    records: int

    @property
    def state(self) -> str:
        """retired, testing, draft (nothing is in use), changing (in use, and the next is being made), or in_use."""
        if self.form.state == "retired":
            return "retired"
        if self.open is not None:
            return "changing" if self.current else self.open.state
        return "in_use" if self.current else "withdrawn"


@dataclass(frozen=True)
class Impact:
    """What publishing a version does: to fields, to records that are open, to the list page and the charts.

    `problems` are why it cannot be published: each with the path of its place.
    """

    old: FormVersion | None
    changes: Sequence[FieldChange]
    rules_differ: bool
    records: Sequence[tuple[FormVersion, int, int]]  # version, records in all, drafts and returned ones among them
    tests: int
    unlisted: Sequence[str]  # the codes of fields that leave the list page
    slots: Mapping[str, str]
    cleared: Sequence[str]
    charts: Sequence[tuple[FormChart, Sequence[str]]]  # charts that lose a field they read
    problems: Sequence[tuple[str, Problem]]


def forms_listed() -> list[FormLine]:
    """Every form the actor sees, in use or not, by title."""
    forms = db.session.scalars(access.visible(select(Form), Form).order_by(Form.state, Form.code, Form.id)).all()
    ids = [form.id for form in forms]
    with access.everything("the versions and the number of records of forms that may be seen"):
        versions = db.session.scalars(
            select(FormVersion).where(FormVersion.form_id.in_(ids)).order_by(FormVersion.number)
        ).all()
        written = select(FormRecord.form_id, func.count()).where(
            FormRecord.form_id.in_(ids), FormRecord.is_test.is_(False)
        )
        counted = {row[0]: row[1] for row in db.session.execute(written.group_by(FormRecord.form_id))}
    current = {version.form_id: version for version in versions if version.is_current}
    open_ = {version.form_id: version for version in versions if version.state in OPEN}
    return [FormLine(f, current.get(f.id), open_.get(f.id), counted.get(f.id, 0)) for f in forms]


def form_line(form: Form) -> FormLine:
    """One form as it stands in the list of forms."""
    versions = versions_of_form(form)
    current = next((version for version in versions if version.is_current), None)
    being_made = next((version for version in versions if version.state in OPEN), None)
    return FormLine(form, current, being_made, sum(all_ for all_, _open in records_by_version(form).values()))


def versions_of_form(form: Form) -> Sequence[FormVersion]:
    """Every version of a form that may be seen, the newest first."""
    with access.everything("the versions of a form that may be seen"):
        mine = select(FormVersion).where(FormVersion.form_id == form.id)
        return db.session.scalars(mine.order_by(FormVersion.number.desc())).all()


def records_by_version(form: Form) -> dict[int, tuple[int, int]]:
    """By version, how many records were written on it, and how many of them are still drafts or were returned."""
    with access.everything("how many records a form has, whoever wrote them"):
        statement = select(FormRecord.form_version_id, FormRecord.state, func.count()).where(
            FormRecord.form_id == form.id, FormRecord.is_test.is_(False)
        )
        rows = db.session.execute(statement.group_by(FormRecord.form_version_id, FormRecord.state)).all()
    found: dict[int, tuple[int, int]] = {}
    for version_id, state, count in rows:
        all_, open_ = found.get(version_id, (0, 0))
        found[version_id] = (all_ + count, open_ + (count if state in ("draft", "returned") else 0))
    return found


def impact(version: FormVersion) -> Impact:
    """What publishing a version would do; nothing is changed.

    Errors: NotAllowed without the right to edit the form.
    """
    access.require(Verb.EDIT, version)
    form = version.form
    if form is None:
        raise LookupError("a version without a form")
    old = next((v for v in versions_of_form(form) if v.is_current and v is not version), None)
    problems, new = _read(version)
    before = None if old is None else parse_spec(old.spec)
    slots: Mapping[str, str] = dict(form.slots or {})
    cleared: Sequence[str] = ()
    if new is not None:
        try:
            slots, cleared = assigned_slots(form.slots or {}, new, slot_names())
        except RuleBroken as refused:
            problems = [*problems, *((_path_of(p.where, version.spec), p) for p in refused.problems)]
    counted = records_by_version(form)
    return Impact(
        old=old,
        changes=_changes(before, new),
        rules_differ=bool(before and new and rules_differ(before, new)),
        records=[(v, *counted[v.id]) for v in versions_of_form(form) if v.id in counted],
        tests=_test_entries(form),
        unlisted=_unlisted(before, new),
        slots=slots,
        cleared=cleared,
        charts=_losing(form, new),
        problems=problems,
    )


def _read(version: FormVersion) -> tuple[Sequence[tuple[str, Problem]], FormSpec | None]:
    problems = placed_problems(version.spec)
    return problems, None if problems else parse_spec(version.spec)


def _path_of(code: str, draft: Mapping[str, Any]) -> str:
    for s, section in enumerate(draft["sections"]):
        for f, field in enumerate(section["fields"]):
            if field["code"] == code:
                return f"sections.{s}.fields.{f}"
    return ""


def _changes(old: FormSpec | None, new: FormSpec | None) -> Sequence[FieldChange]:
    return redline(old, new) if old is not None and new is not None else ()


def _listed(spec: FormSpec) -> list[str]:
    return [field.code for field in spec.fields() if field.is_listed]


def _unlisted(old: FormSpec | None, new: FormSpec | None) -> Sequence[str]:
    return [code for code in _listed(old) if code not in _listed(new)] if old and new else ()


def _test_entries(form: Form) -> int:
    with access.everything("how many entries try the form"):
        tests = select(func.count()).where(FormRecord.form_id == form.id, FormRecord.is_test.is_(True))
        return db.session.scalar(tests) or 0


def _losing(form: Form, new: FormSpec | None) -> Sequence[tuple[FormChart, Sequence[str]]]:
    """The charts that read a field which is not listed any more."""
    if new is None:
        return ()
    with access.everything("the charts of a form that may be edited"):
        charts = db.session.scalars(select(FormChart).where(FormChart.form_id == form.id)).all()
    known = {*_listed(new), "unit", "township", "village", "period", "state"}
    found = [
        (chart, [code for code in (chart.dimension, chart.measure) if code and code not in known]) for chart in charts
    ]
    return [(chart, lost) for chart, lost in found if lost]
