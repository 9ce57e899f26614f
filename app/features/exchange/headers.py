"""The second line of the headers of a workbook, for readers of Korean."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from app.kit import seed
from app.kit.excel.sheet import ExportMeta
from app.kit.i18n import language


@functools.cache
def korean() -> Mapping[str, str]:
    """Chinese header -> Korean."""
    return seed.read("reference/headers.yaml")  # type: ignore[no-any-return]


def for_reader(meta: ExportMeta | Mapping[str, Any] | None) -> ExportMeta:
    """What a workbook states about itself, with a second line in its headers when its reader reads Korean."""
    facts = ExportMeta.of(meta)
    return replace(facts, labels={**korean(), **facts.labels}) if language() == "ko" else facts
