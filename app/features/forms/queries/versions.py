"""Reading forms: which version holds where."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import select

from app.domain.formspec import FormSpec, parse_spec
from app.features.forms.models import Form, FormVersion
from app.kit import access
from app.kit.db import LEVELS, db


def spec_of(version: FormVersion) -> FormSpec:
    """What the form asks, ready for checking and drawing."""
    return _parsed(version.id, version.number, version.code, _Held(version.spec))


class _Held(dict[str, Any]):
    """A specification as a cache key: versions never change, so who it belongs to is enough."""

    def __hash__(self) -> int:  # type: ignore[override]
        return hash(self.get("code"))


@lru_cache(maxsize=256)
def _parsed(_version_id: int, _number: int, _code: str, spec: _Held) -> FormSpec:
    return parse_spec(spec)


def nearest_form(unit: Any, *conditions: Any) -> Form | None:
    """The form that fits the conditions and holds at a unit: that of the nearest owner up the tree."""
    above = unit.ancestors()
    statement = select(Form).where(Form.unit_id.in_(above.values()), *conditions)
    depth = {above[level]: place for place, level in enumerate(LEVELS) if level in above}
    with access.everything("a form holds for everybody below its owner"):
        forms = db.session.scalars(statement.order_by(Form.id)).all()
    return max(forms, key=lambda form: depth[form.unit_id], default=None)


def current_forms(unit: Any, codes: Collection[str]) -> dict[str, FormVersion]:
    """The current version of each form by code, as it holds at a unit: the nearest owner up the tree wins.

    Everybody who has to fill in a form may read it, whatever his rights on forms.
    """
    above = unit.ancestors()
    statement = select(FormVersion).where(
        FormVersion.code.in_(codes), FormVersion.is_current.is_(True), FormVersion.unit_id.in_(above.values())
    )
    depth = {above[level]: place for place, level in enumerate(LEVELS) if level in above}
    with access.everything("a form holds for everybody below its owner"):
        found = sorted(db.session.scalars(statement), key=lambda version: (depth[version.unit_id], version.number))
    return {version.code: version for version in found}


def form_version(code: str, unit: Any) -> FormVersion | None:
    """The current version of one form as it holds at a unit; None when nobody up the tree owns it."""
    return current_forms(unit, [code]).get(code)


def forms_at(code: str, units: Sequence[Any]) -> dict[int, FormVersion]:
    """By unit, the current version of one form as it holds there; units where nobody up the tree owns it are left out."""
    above = {unit.id: unit.ancestors() for unit in units}
    owners = {owner for places in above.values() for owner in places.values()}
    statement = select(FormVersion).where(
        FormVersion.code == code, FormVersion.is_current.is_(True), FormVersion.unit_id.in_(owners)
    )
    with access.everything("a form holds for everybody below its owner"):
        found = db.session.scalars(statement.order_by(FormVersion.number)).all()
    of_owner = {version.unit_id: version for version in found}
    held = {
        unit_id: [of_owner[places[level]] for level in LEVELS if places.get(level) in of_owner]
        for unit_id, places in above.items()
    }
    return {unit_id: versions[-1] for unit_id, versions in held.items() if versions}


def versions_of(code: str, unit: Any) -> Sequence[FormVersion]:
    """Every version of a form owned by a unit, the newest first."""
    statement = select(FormVersion).where(FormVersion.code == code, FormVersion.unit_id == unit.id)
    return db.session.scalars(statement.order_by(FormVersion.number.desc(), FormVersion.id)).all()
