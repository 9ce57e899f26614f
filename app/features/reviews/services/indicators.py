"""Indicators as plain data: what a pack brings, and what stands given back in the same shape."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from sqlalchemy import select

from app.domain.errors import broken
from app.domain.indicators import FORMULAS
from app.domain.rights import Resource, Verb
from app.features.org.models import OrgUnit
from app.features.reviews.models import Indicator
from app.kit import access
from app.kit.audit import acting
from app.kit.db import db, transaction

Data = Mapping[str, Any]


def load_indicator(unit: OrgUnit, data: Data, pack: str | None = None) -> tuple[Indicator, bool]:
    """The indicator the data describe at a unit, and whether it is new; one of its code that is there is put right.

    Shape:  {code, title {zh, en, ko}, formula, first, second, source?, stated: {period, first, second, note}}. `source` says
            what it is counted from: {kind: records, form, first, second}, {kind: register, first, second} or {kind: plates,
            stars}; left out, what stands stays. `stated` are the
            figures its source prints: another county's, so they are shown beside it and are no value of a unit here.
    Errors: indicator.unknown_formula, indicator.bad_number; NotAllowed without the right to edit records at the unit.
    """
    access.require_at(Verb.EDIT, Resource.RECORDS, unit)
    if data["formula"] not in FORMULAS:
        raise broken("indicator.unknown_formula", str(data["code"]), formula=data["formula"])
    stated = _stated(data)
    with transaction(), acting("reviews.load_indicator"):
        mine = select(Indicator).where(Indicator.unit_id == unit.id, Indicator.code == data["code"])
        found = db.session.scalar(mine)
        row = found or Indicator(unit=unit, code=data["code"])
        row.title, row.formula, row.pack = dict(data["title"]), data["formula"], pack
        row.first, row.second = dict(data.get("first") or {}), dict(data.get("second") or {})
        counted = dict(data["source"]) if data.get("source") else dict(row.source or {})
        row.source = {**counted, "stated": stated} if stated else counted
        db.session.add(row)
        db.session.flush()
    return row, found is None


def _stated(data: Data) -> dict[str, str]:
    stated = {key: str(value) for key, value in (data.get("stated") or {}).items()}
    for key in ("first", "second"):
        try:
            number = Decimal(stated.get(key, "0"))
        except InvalidOperation:
            number = Decimal("NaN")
        if not number.is_finite():
            raise broken("indicator.bad_number", f"{data['code']}.{key}", value=stated[key])
    return stated


def indicator_as_data(row: Indicator) -> dict[str, Any]:
    """The indicator as plain data that `load_indicator` takes; what is empty is left out."""
    said = {
        "code": row.code,
        "title": dict(row.title),
        "formula": row.formula,
        "first": dict(row.first),
        "second": dict(row.second),
        "source": {key: value for key, value in (row.source or {}).items() if key != "stated"},
        "stated": dict((row.source or {}).get("stated") or {}),
    }
    return {key: value for key, value in said.items() if value}
