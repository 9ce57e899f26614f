"""Which features have something to fill in without a network, and what of it the actor may take along."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from app.domain.errors import broken
from app.domain.periods import Period
from app.domain.rights import Resource, Verb
from app.features.exchange.offline_sentences import SENTENCES
from app.kit import access, problems
from app.kit.excel.offline import name_of_sheet
from app.kit.offline import OfflineSheet, OfflineSource

TAKEN_ALONG = (Resource.DUTIES, Resource.SCORES, Resource.RECORDS)

_sources: list[OfflineSource] = []


def register(sources: Sequence[OfflineSource]) -> None:
    """Make the sources of the features known, and what is said when something is not taken; called when the app is made."""
    _sources[:] = sorted(sources, key=lambda source: source.order)
    problems.register(SENTENCES)


def may_take_along() -> bool:
    """True when the actor may take anything home at all."""
    return any(access.holds(resource, Verb.EXPORT) for resource in TAKEN_ALONG)


def may_take_from(unit: Any) -> bool:
    """True when the actor may export something at the unit."""
    return any(access.can_at(Verb.EXPORT, resource, unit) for resource in TAKEN_ALONG)


def sheets_for(unit: Any, period: str) -> list[OfflineSheet]:
    """The sheets the actor may fill in at a unit in a period, the duties first, under names of their own.

    Errors: period.* for a period that cannot be read; exchange.offline_no_right without the export right at the unit.
    """
    written = str(Period.parse(period))
    if not may_take_from(unit):
        raise broken("exchange.offline_no_right", "unit", unit=unit.name)
    found: list[OfflineSheet] = []
    for source in _sources:
        for sheet in source.sheets(unit, written):
            name = name_of_sheet(sheet.page.name, [one.page.name for one in found])
            found.append(replace(sheet, page=replace(sheet.page, name=name)))
    return found
