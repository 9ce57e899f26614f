"""The limits that hold at a unit, and the base data that is not asked."""

from __future__ import annotations

from functools import cache
from typing import Any

from sqlalchemy import select

from app.domain.burden import Limits, limits_from
from app.domain.reports import BaseDatum
from app.features.reports.models import BurdenSetting
from app.kit import access, seed
from app.kit.db import LEVELS, db


@cache
def _released() -> tuple[BaseDatum, ...]:
    return tuple(
        BaseDatum(entry["code"], tuple(entry["words"]), tuple(entry["unless"]), entry["known"])
        for entry in seed.read("reference/base_data.yaml")
    )


def base_words() -> list[str]:
    """The words of the release, in order; a unit may add more."""
    return [word for datum in _released() for word in datum.words]


def base_data(limits: Limits) -> tuple[BaseDatum, ...]:
    """What is not asked of villages: the release, and the words of the unit."""
    return (*_released(), BaseDatum("own", limits.base_words)) if limits.base_words else _released()


def setting_at(unit: Any) -> BurdenSetting | None:
    """What the unit itself has set."""
    return db.session.scalar(select(BurdenSetting).where(BurdenSetting.unit_id == unit.id))


def limits_at(unit: Any) -> Limits:
    """The limits that hold at a unit: what the nearest unit up the tree has set, else the release."""
    above = unit.ancestors()
    with access.everything("limits hold for everybody below who set them"):
        rows = db.session.scalars(select(BurdenSetting).where(BurdenSetting.unit_id.in_(above.values()))).all()
    depth = {above[level]: place for place, level in enumerate(LEVELS) if level in above}
    nearest = max(rows, key=lambda row: depth[row.unit_id], default=None)
    return limits_from(nearest.values if nearest else {})
