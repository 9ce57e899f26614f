"""Rounds, and deductions one by one, as lists to take along."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, select

from app.domain.rights import Resource
from app.features.assessment.models import AssessmentRound, DeductionEntry, Sheet
from app.features.assessment.words import ROUND_STATES
from app.kit.i18n import _l
from app.kit.listing import Args, ListColumn, Listing


def _entries(args: Args) -> Select[Any]:
    """Of one sheet or one round; without them of all."""
    statement = select(DeductionEntry).join(DeductionEntry.sheet)
    for name, column in (("sheet", Sheet.id), ("round", Sheet.round_id)):
        if args.get(name, "").isdecimal():
            statement = statement.where(column == int(args[name]))
    return statement.order_by(Sheet.id, DeductionEntry.id)


def _rounds(_args: Args) -> Select[Any]:
    return select(AssessmentRound).order_by(AssessmentRound.period.desc(), AssessmentRound.code, AssessmentRound.id)


LISTINGS = [
    Listing(
        code="rounds",
        title=_l("Assessment rounds"),
        resource=Resource.SCORES,
        model=AssessmentRound,
        columns=(
            ListColumn("code", _l("Round")),
            ListColumn("name", _l("Name")),
            ListColumn("period", _l("Period")),
            ListColumn("unit.name", _l("Unit")),
            ListColumn("state", _l("State"), words=lambda state: ROUND_STATES[state][0]),
            ListColumn("published_at", _l("Published")),
        ),
        statement=_rounds,
        related=("unit",),
        page="RoundView.start",
    ),
    Listing(
        code="deductions",
        title=_l("Deductions one by one"),
        resource=Resource.SCORES,
        model=DeductionEntry,
        columns=(
            ListColumn("round", _l("Round"), value=lambda entry: entry.sheet.round.name),
            ListColumn("village", _l("Village"), value=lambda entry: entry.sheet.unit.name),
            ListColumn("item_code", _l("Item")),
            ListColumn("happened_on", _l("Date")),
            ListColumn("clause", _l("Clause")),
            ListColumn("note", _l("Note")),
            ListColumn("count", _l("Times")),
            ListColumn("level", _l("Level")),
            ListColumn("is_waived", _l("Waived")),
            ListColumn("waive_reason", _l("Reason")),
            ListColumn("recorded_by", _l("Recorded by")),
        ),
        statement=_entries,
        related=("sheet",),
    ),
]
