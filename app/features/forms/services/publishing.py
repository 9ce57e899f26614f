"""Publishing forms: only by a new version. Records stay bound to the version they were written on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import or_, select

from app.domain.errors import broken
from app.domain.formspec import FormSpec, assigned_slots, parse_spec, spec_as_data
from app.domain.rights import Resource, Verb
from app.features.forms.models import Form, FormChart, FormRecord, FormVersion, slot_names
from app.features.forms.services.copying import copy_older
from app.features.forms.services.settings import SETTINGS, checked_settings
from app.kit import access, bulk, clock
from app.kit.audit import acting
from app.kit.db import db, transaction
from app.kit.signing import signature

MOST_CLEARED = 5000
"""Records whose copies are rewritten when a version is published; with more the field keeps its column."""
_CHART = ("kind", "dimension", "measure", "aggregate", "filters", "pinned_roles", "sort_order")


def publish(version: FormVersion, note: str = "") -> FormVersion:
    """Put a draft in force in place of the version before; test entries are removed, listed fields get their slots.

    Errors: form.*, expression.* (see parse_spec), form.too_many_listed, form.not_open for what is no draft; NotAllowed
            without the right to approve forms.
    """
    access.require(Verb.APPROVE, version)
    if version.state not in ("draft", "testing") or version.form is None:
        raise broken("form.not_open", state=version.state)
    spec = parse_spec(version.spec)
    with transaction(), acting("forms.publish"):
        remove_test_entries(version.form)
        _put_in_force(version.form, version, spec, note)
    return version


def publish_form(
    spec: FormSpec | Mapping[str, Any],
    unit: Any,
    *,
    settings: Mapping[str, Any] | None = None,
    pack: str | None = None,
) -> FormVersion:
    """A new current version of a form at a unit, in one step; the form itself is made where there is none.

    Shape:  publishing what is current already gives that version back; `settings` are those of services/settings.
    Errors: form.*, expression.* (see parse_spec); NotAllowed without the right to approve forms at the unit.
    """
    access.require_at(Verb.APPROVE, Resource.FORMS, unit)
    spec = spec if isinstance(spec, FormSpec) else parse_spec(spec)
    data = spec_as_data(spec)
    with transaction() as session, acting("forms.publish"):
        form = _form_at(unit, spec.code) or Form(unit=unit, code=spec.code, title=data["title"], **SETTINGS)
        session.add(form)
        for key, value in checked_settings(settings or {}).items():
            setattr(form, key, value)
        form.pack = pack or form.pack
        current = [version for version in _versions(unit, spec.code) if version.is_current]
        for version in current:
            version.form = version.form or form
        if any(_same(version.spec, data) for version in current):
            return current[0]
        version = FormVersion(unit=unit, form=form, code=spec.code, title=data["title"], spec=data, is_current=False)
        _put_in_force(form, version, spec, "")
    return version


def load_form(unit: Any, data: Mapping[str, Any], pack: str | None = None) -> tuple[Form, bool]:
    """The form that the data describe, published at a unit, and whether anything was made or changed for it.

    Shape:  {code, title, purpose, keeper_level, fill_roles, cycle, per, needs_review, spec, charts}; the specification
            needs no code and title of its own. `form_as_data` gives the same back.
    Errors: those of `publish_form`.
    """
    spec = {"code": data["code"], "title": data["title"], **data["spec"]}
    settings = {key: data[key] for key in SETTINGS if key in data}
    before = _form_at(unit, data["code"])
    known = None if before is None else form_as_data(before)
    with transaction(), acting("forms.publish"):
        form = publish_form(spec, unit, settings=settings, pack=pack).form
        if form is None:
            raise broken("form.unknown_field")
        _load_charts(form, data.get("charts") or ())
        db.session.flush()
    return form, known != form_as_data(form)


def form_as_data(form: Form) -> dict[str, Any]:
    """The form as plain data that can be written as YAML and loaded elsewhere; its newest version, without records."""
    version = next((v for v in _versions(form.unit, form.code) if v.is_current), None)
    spec = {} if version is None else spec_as_data(parse_spec(version.spec))
    data: dict[str, Any] = {
        "code": form.code,
        "title": {**form.title},
        **{key: getattr(form, key) for key in SETTINGS},
        "spec": {key: spec[key] for key in ("sections", "rules") if key in spec},
    }
    charts = [{"title": chart.title} | {key: getattr(chart, key) for key in _CHART} for chart in _charts(form)]
    return data | ({"charts": charts} if charts else {})


def remove_test_entries(form: Form) -> int:
    """Take away the records written to try the form; how many there were."""
    with access.everything("whoever may edit the form removes what was written to try it"):
        written = select(FormRecord).where(FormRecord.form_id == form.id, FormRecord.is_test.is_(True))
        found = db.session.scalars(written).all()
        for record in found:
            db.session.delete(record)
        db.session.flush()
    return len(found)


def _put_in_force(form: Form, version: FormVersion, spec: FormSpec, note: str) -> None:
    """Errors: form.too_many_listed."""
    session, before = db.session, dict(form.slots or {}) if form.id else None
    with session.no_autoflush:
        form.slots, cleared = assigned_slots(form.slots or {}, spec, slot_names())
    others = [other for other in _versions(form.unit, form.code) if other is not version]
    for other in others:
        other.is_current = False
    numbers = [other.number for other in others]
    if version.number is None or version.number <= max(numbers, default=0):
        version.number = max(numbers, default=0) + 1
    version.spec = spec_as_data(spec) | {"version": version.number}
    version.title = form.title = dict(version.spec["title"])
    version.note = note.strip()[:400] or None
    version.is_current, version.state = True, "published"
    version.published_at = clock.now()
    session.add(version)
    session.flush()
    version.published_by = signature(version, Verb.APPROVE)
    _clear(form, cleared)
    new = [code for code, slot in form.slots.items() if before is not None and before.get(code) != slot]
    if new:
        copy_older(form, new)


def _clear(form: Form, slots: Sequence[str]) -> None:
    """Slots that change hands hold copies of another field's answers: the answers themselves stay.

    Errors: form.slot_in_use where so many records hold copies that the form had better keep the field listed.
    """
    if not slots or form.id is None:
        return
    used = or_(*(getattr(FormRecord, slot).is_not(None) for slot in slots))
    with access.everything("the copies of a field that leaves the list page"):
        ids = db.session.scalars(
            select(FormRecord.id).where(FormRecord.form_id == form.id, used).limit(MOST_CLEARED + 1)
        ).all()
        if len(ids) > MOST_CLEARED:
            raise broken("form.slot_in_use", limit=MOST_CLEARED)
        bulk.upsert(FormRecord, [{"id": record_id, **dict.fromkeys(slots)} for record_id in ids], Verb.EDIT)


def _form_at(unit: Any, code: str) -> Form | None:
    with access.everything("the form of this code at the unit, to publish it"):
        return db.session.scalars(select(Form).where(Form.unit_id == unit.id, Form.code == code)).one_or_none()


def _versions(unit: Any, code: str) -> Sequence[FormVersion]:
    mine = select(FormVersion).where(FormVersion.unit_id == unit.id, FormVersion.code == code)
    with access.everything("all versions of the form, to put one in force"):
        return db.session.scalars(mine.order_by(FormVersion.number.desc())).all()


def _charts(form: Form) -> Sequence[FormChart]:
    with access.everything("the charts that belong to the form"):
        mine = select(FormChart).where(FormChart.form_id == form.id)
        return db.session.scalars(mine.order_by(FormChart.sort_order, FormChart.id)).all()


def _load_charts(form: Form, charts: Sequence[Mapping[str, Any]]) -> None:
    """Charts by title: those named are made or brought in step, others stay."""
    known = {chart.title: chart for chart in _charts(form)}
    for place, data in enumerate(charts):
        chart = known.get(data["title"]) or FormChart(form=form, unit=form.unit, title=data["title"])
        for key in _CHART:
            if key in data:
                setattr(chart, key, data[key])
        chart.sort_order = data.get("sort_order", place)
        db.session.add(chart)


def _same(old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    return {**old, "version": None} == {**new, "version": None}
