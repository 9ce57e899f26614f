"""Deductions: occurrences with clause, date and note. A waived one stays on record and counts no more."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from app.domain.errors import RuleBroken, broken
from app.domain.periods import Period
from app.domain.rights import Role, Verb
from app.features.assessment.models import DeductionEntry, SchemeDeduction, Sheet
from app.features.assessment.queries.basis import basis_of
from app.features.assessment.queries.recusal import recused
from app.features.assessment.queries.rounds import filled, records_only_its_items
from app.features.assessment.reckoning import write_totals
from app.features.assessment.services.holding import hold_round
from app.kit import access, versions
from app.kit.audit import acting
from app.kit.db import transaction
from app.kit.signing import signature

FROM_WORKBOOK = "评分表导入"  # data, not a label: the note of an entry taken from a workbook
FACTS = ("happened_on", "clause", "note", "count", "level", "points", "is_self_reported", "same_fact")


def record_deduction(sheet: Sheet, item_code: str, verb: Verb = Verb.EDIT, **facts: Any) -> DeductionEntry:
    """A new occurrence of a deduction item on a sheet, with the totals that follow.

    Shape:  facts are happened_on, clause, note, count, level, points (only from a workbook), is_self_reported, same_fact.
    Errors: assessment.unknown_deduction, assessment.not_your_item, assessment.level_required, assessment.bad_count,
            assessment.outside_period, assessment.own_village, assessment.excluded, assessment.round_closed; NotAllowed.
    """
    with transaction() as session, acting("assessment.record_deduction"):
        item = _require(sheet, item_code, verb)
        _check(sheet, item, facts)
        entry = DeductionEntry(sheet=sheet, item_code=item.code, recorded_by=signature(sheet), **_known(facts))
        session.add(entry)
        session.flush()
        _total(sheet)
    return entry


def edit_deduction(entry: DeductionEntry, reason: str, **facts: Any) -> DeductionEntry:
    """The occurrence as corrected; the reason stands in its note, the earlier values in the trail. A count of 0 removes it.

    Errors: reason_required, and those of record_deduction.
    """
    with transaction() as session, acting("assessment.edit_deduction"):
        item = _require(entry.sheet, entry.item_code, Verb.EDIT)
        if not (reason or "").strip():
            raise broken("reason_required", "reason")
        if facts.get("count") == 0:
            session.delete(entry)
        else:
            _check(entry.sheet, item, {"count": entry.count, "level": entry.level, **facts})
            for key, value in _known(facts).items():
                setattr(entry, key, value)
            entry.note = "；".join(part for part in (facts.get("note", entry.note), reason.strip()) if part)[:400]
            entry.recorded_by = signature(entry.sheet)
        session.flush()
        _total(entry.sheet)
    return entry


def waive_deduction(entry: DeductionEntry, reason: str) -> DeductionEntry:
    """The occurrence as not counted (容错纠错), with who approved it and why; it stays on record.

    Errors: reason_required, assessment.round_closed, assessment.own_village; NotAllowed without the right to approve.
    """
    with transaction() as session, acting("assessment.waive_deduction"):
        access.require(Verb.APPROVE, entry.sheet)
        _open(entry.sheet)
        _not_own(entry.sheet)
        if not (reason or "").strip():
            raise broken("reason_required", "reason")
        entry.is_waived, entry.waive_reason, entry.waived_by = True, reason.strip()[:400], signature(entry.sheet)
        session.flush()
        _total(entry.sheet)
    return entry


def match_occurrences(sheet: Sheet, item_code: str, level: str | None, count: int) -> None:
    """Make the occurrences of an item on a sheet what a workbook states: what is missing is added, what is too many goes.

    Errors: those of record_deduction; NotAllowed without the right to import.
    """
    entries = [entry for entry in _standing(sheet, item_code) if entry.level == level and entry.points is None]
    more = count - sum(entry.count for entry in entries)
    if more > 0:
        record_deduction(sheet, item_code, Verb.IMPORT, count=more, level=level, note=FROM_WORKBOOK)
    elif more < 0:
        _lessen(sheet, item_code, entries, -more)


def match_points(sheet: Sheet, item_code: str, points: Decimal) -> None:
    """Make the deduction of an item what a workbook states in points: one entry with these points stands for all, none for 0.

    Errors: those of record_deduction; NotAllowed without the right to import.
    """
    with transaction() as session, acting("assessment.match_points"):
        _require(sheet, item_code, Verb.IMPORT)
        for entry in _standing(sheet, item_code):
            session.delete(entry)
        session.flush()
        if points:
            record_deduction(sheet, item_code, Verb.IMPORT, points=points, note=FROM_WORKBOOK)
        else:
            _total(sheet)


def _standing(sheet: Sheet, item_code: str) -> list[DeductionEntry]:
    entries = filled([sheet])[sheet.id].entries
    return [entry for entry in entries if entry.item_code == item_code and not entry.is_waived]


def _lessen(sheet: Sheet, item_code: str, entries: list[DeductionEntry], less: int) -> None:
    """Take occurrences away, the last recorded first."""
    with transaction() as session, acting("assessment.match_occurrences"):
        _require(sheet, item_code, Verb.IMPORT)
        for entry in reversed(entries):
            taken = min(less, entry.count)
            less -= taken
            if taken == entry.count:
                session.delete(entry)
            else:
                entry.count -= taken
        session.flush()
        _total(sheet)


def _require(sheet: Sheet, item_code: str, verb: Verb) -> SchemeDeduction:
    """The deduction item, when the actor may record it on this sheet now."""
    access.require(verb, sheet)
    _open(sheet)
    item = basis_of(sheet.round).parts.deduction_by_code.get(item_code)
    if item is None:
        raise broken("assessment.unknown_deduction", "item_code", item=item_code)
    if records_only_its_items(sheet):
        if item.recorded_by != Role.SUPERVISION_COMMITTEE:
            raise broken("assessment.not_your_item", "item_code", item=item.name)
    else:
        _not_own(sheet)
    return item


def _not_own(sheet: Sheet) -> None:
    if problem := recused(sheet):
        raise RuleBroken(problem)


def _open(sheet: Sheet) -> None:
    hold_round(sheet.round)
    versions.hold(sheet)
    if sheet.round.state != "open":
        raise broken("assessment.round_closed", "round", round=sheet.round.code)
    if sheet.excluded_reason:
        raise broken("assessment.excluded", "sheet", village=sheet.unit.name)


def _check(sheet: Sheet, item: SchemeDeduction, facts: Mapping[str, Any]) -> None:
    count, happened_on, points = facts.get("count", 1), facts.get("happened_on"), facts.get("points")
    if item.levels and points is None and facts.get("level") not in {level["code"] for level in item.levels}:
        raise broken("assessment.level_required", "level", item=item.name)
    if not isinstance(count, int) or not 1 <= count <= 999:
        raise broken("assessment.bad_count", "count")
    if points is not None and not Decimal(0) < points <= Decimal(100):
        raise broken("assessment.bad_points", "points")
    if isinstance(happened_on, date) and not Period.parse(sheet.round.period).contains(happened_on):
        raise broken("assessment.outside_period", "happened_on", period=sheet.round.period)


def _known(facts: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in facts.items() if key in FACTS}


def _total(sheet: Sheet) -> None:
    write_totals(sheet, basis_of(sheet.round), filled([sheet])[sheet.id])
