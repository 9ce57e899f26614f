"""The monthly log of a workbook, layout (c), and what its reader must know. How it comes back in: monthly_saving.py.

A record is one sub-grid in one month; empty is not 0 and NA is an answer. The reporter of a record is its leader.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from sys import intern
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from app.features.duties.models import Duty
from app.features.duties.queries.work import MONTHLY_RECORD
from app.features.forms.models import FormVersion
from app.features.org.models import OrgUnit
from app.features.org.queries import units_below
from app.kit import access, clock
from app.kit.db import db
from app.kit.excel.context import ReadContext, VillageName
from app.kit.excel.sheet import ExportMeta
from app.kit.exchange import Options


def monthly_log_context(options: Options) -> ReadContext:
    """What the reader must know: the villages the clerk sees with their sub-grids, and the month of the page."""
    villages = _villages(options.unit)
    grids: dict[int, list[str]] = {}
    for village_id, name in _grids(villages):
        grids.setdefault(village_id, []).append(intern(name))  # every village has a 第一子网格
    names = tuple(VillageName(v.code, v.name, tuple(v.aliases), sub_grids=tuple(grids.get(v.id, ()))) for v in villages)
    return ReadContext(villages=names, page_period=options.period)


def _villages(unit: Any) -> Sequence[Any]:
    """The villages at or below a unit the actor sees, in tree order: id, code, name, aliases."""
    if unit is not None and unit.village_id is None:
        return units_below(unit, "village")
    columns = (OrgUnit.id, OrgUnit.code, OrgUnit.name, OrgUnit.aliases)
    statement = access.visible(select(*columns), OrgUnit).where(OrgUnit.level == "village")
    if unit is not None:
        statement = statement.where(OrgUnit.id == unit.village_id)
    return db.session.execute(statement.order_by(OrgUnit.township_id, OrgUnit.sort_order, OrgUnit.code)).all()


def _grids(villages: Sequence[Any]) -> Iterable[Any]:
    """The sub-grids of these villages as (village id, name), in tree order."""
    statement = select(OrgUnit.village_id, OrgUnit.name).where(
        OrgUnit.level == "sub_grid", OrgUnit.village_id.in_([village.id for village in villages])
    )
    return db.session.execute(statement.order_by(OrgUnit.sort_order, OrgUnit.code).execution_options(yield_per=5000))


# -- out -------------------------------------------------------------------------------------------


def monthly_log_rows(options: Options) -> tuple[list[dict[str, Any]], ExportMeta]:
    """The records of a month at or below the clerk's unit, in tree order, and what the file states about itself.

    Shape:  one row per sub-grid that has a record due; fields not filled in are absent.
    """
    villages = _villages(options.unit)
    order = {village.id: place for place, village in enumerate(villages)}
    names = {village.id: village.name for village in villages}
    with access.everything("limited to what the actor may see; forms and persons are read along"):
        records = [d for d in _records(options.period, options.unit) if d.village_id in order]
        records.sort(key=lambda d: (order[d.village_id or 0], d.unit.sort_order, d.unit.code))
        rows = [_row(record, names) for record in records]
    meta = ExportMeta(
        owner=options.unit.name if options.unit else "",
        period=options.period or "",
        org_code=options.unit.code if options.unit else "",
        exported_at=clock.now().astimezone(clock.SHANGHAI).isoformat(timespec="minutes"),
    )
    return rows, meta


def _records(period: str | None, unit: Any) -> list[Duty]:
    statement = access.visible(select(Duty), Duty).join(FormVersion, FormVersion.id == Duty.form_version_id)
    statement = statement.where(FormVersion.code == MONTHLY_RECORD, Duty.period == period)
    if unit is not None:
        statement = statement.where(getattr(Duty, f"{unit.level}_id") == unit.id)
    statement = statement.options(selectinload(Duty.unit), selectinload(Duty.person), selectinload(Duty.form_version))
    return list(db.session.scalars(statement.order_by(Duty.id)))


def _row(record: Duty, names: Mapping[int, str]) -> dict[str, Any]:
    head = {"village": names[record.village_id or 0], "sub_grid": record.unit.name, "month": record.period}
    if record.person is not None:
        head["reporter"] = record.person.name
    return head | {code: value for code, value in record.answers.items() if value is not None}


__all__ = ["monthly_log_context", "monthly_log_rows"]
