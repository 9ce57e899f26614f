"""Columns that stand alike in the sheets of several features."""

from __future__ import annotations

from app.kit.excel import clean
from app.kit.excel.context import ReadContext
from app.kit.excel.sheet import Column


def _villages(context: ReadContext) -> tuple[str, ...]:
    return tuple(village.name for village in context.villages or ())


VILLAGE = Column(
    "village",
    ("村（居）", "村居", "村名", "村（社区）", "行政村", "所在村", "单位"),
    clean.village,
    required=True,
    fill_down=True,
    width=14,
    choices=_villages,
)
"""The village a row is about, written once for the rows below it."""
