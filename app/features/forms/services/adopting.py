"""Versions from before there were forms get theirs."""

from __future__ import annotations

from sqlalchemy import select

from app.domain.formspec import assigned_slots, parse_spec
from app.features.forms.models import Form, FormVersion, slot_names
from app.features.forms.services.settings import SETTINGS
from app.kit import access
from app.kit.audit import acting
from app.kit.db import transaction


def adopt_versions() -> int:
    """Give every version without a form the one of its code at its unit, for duties; how many forms were made."""
    with access.everything("versions of all units"), transaction() as session, acting("forms.adopt"):
        orphans = session.scalars(
            select(FormVersion).where(FormVersion.form_id.is_(None)).order_by(FormVersion.number)
        ).all()
        forms: dict[tuple[int, str], Form] = {}
        made = 0
        for version in orphans:
            key = (version.unit_id, version.code)
            if key not in forms:
                same = select(Form).where(Form.unit_id == version.unit_id, Form.code == version.code)
                known = session.scalars(same).one_or_none()
                made += known is None
                forms[key] = known or Form(
                    unit=version.unit, code=version.code, title=version.title, **{**SETTINGS, "purpose": "duty"}
                )
                session.add(forms[key])
            version.form = forms[key]
            if version.is_current:
                forms[key].title = dict(version.title)
                forms[key].slots = assigned_slots({}, parse_spec(version.spec), slot_names())[0]
    return made
