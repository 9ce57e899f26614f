"""Changing forms: only by a new version."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import func, select

from app.domain.formspec import FormSpec, parse_spec, spec_as_data
from app.domain.rights import Resource, Verb
from app.features.forms.models import FormVersion
from app.kit import access
from app.kit.audit import acting
from app.kit.db import transaction


def publish_form(spec: FormSpec | Mapping[str, Any], unit: Any) -> FormVersion:
    """A new current version of a form at a unit; records written on older versions stay bound to them.

    Shape:  publishing what is current already gives that version back.
    Errors: form.*, expression.* (see parse_spec); NotAllowed without the right to edit forms at the unit.
    """
    access.require_at(Verb.EDIT, Resource.FORMS, unit)
    spec = spec if isinstance(spec, FormSpec) else parse_spec(spec)
    data = spec_as_data(spec)
    with transaction() as session, acting("forms.publish"):
        mine = select(FormVersion).where(FormVersion.unit_id == unit.id, FormVersion.code == spec.code)
        current = session.scalars(mine.where(FormVersion.is_current.is_(True))).all()
        if any(_same(version.spec, data) for version in current):
            return current[0]
        last = session.scalar(select(func.max(FormVersion.number)).where(mine.whereclause)) or 0  # type: ignore[arg-type]
        for version in current:
            version.is_current = False
        version = FormVersion(
            unit=unit, code=spec.code, number=last + 1, title=data["title"], spec=data | {"version": last + 1}
        )
        session.add(version)
    return version


def _same(old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    return {**old, "version": None} == {**new, "version": None}
