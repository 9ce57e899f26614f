"""Rating departments, and taking the shipped form into use."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.domain.errors import broken
from app.domain.rights import Resource, Role, Verb
from app.features.forms.models import Form, FormRecord
from app.features.forms.services import Entry, publish_form, save_records
from app.features.org.models import Department, OrgUnit
from app.features.reviews.queries import ratings
from app.kit import access, seed
from app.kit.audit import acting
from app.kit.db import transaction


def rate(
    department: Department,
    unit: OrgUnit,
    answers: Mapping[str, Any],
    *,
    record: FormRecord | None = None,
    version: int | None = None,
) -> FormRecord:
    """What a unit says of a department above it in the half-year that runs; said again, it replaces what was said.

    Errors: review.not_asked, review.not_above, review.over, and those of forms.services.save_records.
    """
    if unit.id not in {one.id for one in ratings.rating_units()}:
        raise broken("review.not_asked", "")
    if department.id not in {one.id for one in ratings.departments_above(unit)}:
        raise broken("review.not_above", "")
    form, period = ratings.review_form(unit), ratings.running_period()
    if form is None:
        raise broken("review.no_form", "")
    if record is not None and record.period != period:
        raise broken("review.over", "")
    single = ratings.key_of(department, unit, period)
    entry = Entry(form, unit, answers, period=period, record=record, version=version, single=single)
    with transaction(), acting("reviews.rate"):
        return save_records([entry], submit=True)[0]


REVIEW: Mapping[str, Any] = {
    "purpose": "review",
    "keeper_level": "total_grid",
    "fill_roles": (Role.CHIEF_GRID_LEADER.value,),
    "cycle": "half_year",
    "per": "many",
}


def shipped_review() -> dict[str, Any]:
    """The shipped form for rating departments as data, as `forms.services.load_form` takes it: for a pack that brings it."""
    said = dict(seed.read("reference/department_review.yaml"))
    face = {key: said.pop(key) for key in ("code", "title")}
    return {**face, **REVIEW, "fill_roles": list(REVIEW["fill_roles"]), "spec": said}


def set_up_review(unit: OrgUnit) -> Form:
    """The shipped form published at a county or township, to be changed in the designer.

    Errors: review.has_form; NotAllowed without the right to edit forms there.
    """
    access.require_at(Verb.EDIT, Resource.FORMS, unit)
    standing = ratings.review_form(unit)
    if standing is not None and standing.unit_id == unit.id:
        raise broken("review.has_form", "")
    with transaction(), acting("reviews.set_up"):
        form = publish_form(seed.read("reference/department_review.yaml"), unit, settings=REVIEW).form
    assert form is not None
    return form
