"""Loading schemes: from a list pack of ours, or from the JSON form a county keeps."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import select

from app.domain.errors import Problem, RuleBroken
from app.domain.rights import Resource, Verb
from app.domain.scoring import check_scheme
from app.features.assessment.models import Scheme, SchemeAspect, SchemeDeduction, SchemeItem
from app.features.assessment.reckoning import domain_scheme, standards_of
from app.features.assessment.scheme_form import parse_scheme
from app.features.org.models import OrgUnit
from app.kit import access
from app.kit.audit import acting
from app.kit.db import db, transaction


def load_scheme(data: Mapping[str, Any], unit: OrgUnit) -> Scheme:
    """The scheme out of its JSON or YAML form, stored at a unit as a new version of its code.

    Shape:  the form of a list pack (`name_zh`, `calc`, deductions as a mapping) and that of a county's own file (`name`,
            deductions as a list). Without `calc` an item is `manual`.
    Errors: assessment.bad_scheme (what is missing and where), those of scoring.check_scheme; NotAllowed at the unit.
    """
    access.require_at(Verb.EDIT, Resource.SCHEMES, unit)
    with transaction() as session, acting("assessment.load_scheme"):
        scheme, parts = parse_scheme(data)
        _refuse(check_scheme(domain_scheme(scheme, *parts), standards_of(*parts[1:])))
        scheme.unit = unit
        scheme.number = _retire(scheme.code, unit) + 1
        session.add(scheme)
        rows: tuple[SchemeAspect | SchemeItem | SchemeDeduction, ...] = (*parts[0], *parts[1], *parts[2])
        for row in rows:
            row.scheme = scheme
            session.add(row)
    return scheme


def _refuse(problems: Iterable[Problem]) -> None:
    found = tuple(problems)
    if found:
        raise RuleBroken(found)


def _retire(code: str, unit: OrgUnit) -> int:
    """Mark earlier versions of the code as no longer current; the highest number so far."""
    earlier = db.session.scalars(select(Scheme).where(Scheme.code == code, Scheme.unit_id == unit.id)).all()
    for scheme in earlier:
        scheme.is_current = False
    return max((scheme.number for scheme in earlier), default=0)


def load_pack_schemes(schemes: Iterable[Mapping[str, Any]], units: Iterable[OrgUnit]) -> int:
    """Load the schemes of a list pack at every unit that has none of that code yet; how many were loaded.

    A scheme whose deductions say `reuse` takes those items from the scheme named in `reuse_from`.
    """
    by_code = {scheme["code"]: scheme for scheme in schemes}
    loaded = 0
    for unit in units:
        known = set(db.session.scalars(select(Scheme.code).where(Scheme.unit_id == unit.id)))
        for code, scheme in by_code.items():
            if code not in known:
                load_scheme(_with_reused(scheme, by_code), unit)
                loaded += 1
    return loaded


def _with_reused(scheme: Mapping[str, Any], by_code: Mapping[str, Mapping[str, Any]]) -> Mapping[str, Any]:
    deductions = scheme["deductions"]
    if "reuse" not in deductions:
        return scheme
    source = {entry["code"]: entry for entry in by_code[deductions["reuse_from"]]["deductions"]["items"]}
    return {**scheme, "deductions": {**deductions, "items": [source[code] for code in deductions["reuse"]]}}
