"""What the pages of a round show, gathered in a few statements."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from app.domain.errors import Problem
from app.domain.rights import Resource, Role, Verb
from app.features.accounts.naming import account_name
from app.features.assessment.models import (
    AssessmentRound,
    DeductionEntry,
    ItemScore,
    RoundSnapshot,
    SchemeDeduction,
    Sheet,
)
from app.features.assessment.queries.recusal import recused
from app.features.assessment.queries.results import RoundResult, current_results, latest_snapshot, round_results
from app.features.assessment.queries.rounds import (
    filled,
    missing,
    progress,
    records_only_its_items,
    sheets_of,
    takes_part,
    unscored,
)
from app.features.assessment.queries.schemes import parts_of
from app.features.org.models import OrgUnit
from app.features.org.queries import units_at
from app.kit import access
from app.kit.db import db
from app.kit.signing import signed
from app.kit.versions import stamp


def round_in_reach(round_: AssessmentRound) -> AssessmentRound:
    """The round itself; NotAllowed (hidden) while nothing of it is published and the actor has no part in it."""
    if round_.is_published or takes_part(round_):
        return round_
    raise access.NotAllowed(Resource.SCORES, Verb.VIEW, hidden=True)


def require_live_scores(round_: AssessmentRound) -> None:
    """Scores as they stand are seen by those who work on the round; the others see what is published."""
    if not takes_part(round_):
        raise access.NotAllowed(Resource.SCORES, Verb.VIEW)


def units_for_rounds() -> Sequence[OrgUnit]:
    """Units at which the actor may open a round."""
    units = [unit for level in ("county", "township", "village") for unit in units_at(level)]
    return [unit for unit in units if access.can_at(Verb.EDIT, Resource.SCORES, unit)]


def round_page(round_: AssessmentRound) -> dict[str, Any]:
    """One round: who it concerns, how far it is, what is missing, and its results as the actor may see them."""
    works = takes_part(round_)
    done, every = progress([round_]).get(round_.id, (0, 0))
    gaps = missing(round_) if works and round_.state == "open" else ()
    return {
        "works": works,
        "done": done,
        "every": every,
        "gaps": _by_village(gaps),
        "gap_count": len(gaps),
        "unscored": unscored(round_) if works and round_.state == "open" else (),
        "results": results_in_reach(round_, live=works and round_.state != "published"),
        "sheet_stamps": {sheet.id: stamp(sheet) for sheet in sheets_of(round_)},
        "snapshot": latest_snapshot(round_),
        "snapshots": versions(round_),
        "people": people_of(round_),
        "may": {verb.value: access.can(verb, round_) for verb in (Verb.SUBMIT, Verb.APPROVE, Verb.PUBLISH)},
    }


def people_of(round_: AssessmentRound) -> dict[str, str]:
    """The names behind the signatures of those who had a hand in a round, with whom they stood in for, by signature."""
    with access.everything("names of those whose hand is shown"):
        hands = [
            select(ItemScore.scored_by).join(ItemScore.sheet),
            select(DeductionEntry.recorded_by).join(DeductionEntry.sheet),
        ]
        hands.append(select(DeductionEntry.waived_by).join(DeductionEntry.sheet))
        signatures = {
            name
            for hand in hands
            for name in db.session.scalars(hand.where(Sheet.round_id == round_.id).distinct())
            if name
        }
        signatures |= {round_.checked_by, round_.published_by, *(one.published_by for one in versions(round_))} - {None}
        return {signature: account_name(signature) for signature in signatures}


def _by_village(gaps: Sequence[Problem]) -> list[tuple[str, list[str]]]:
    """(village, items that are missing something), in order."""
    grouped: dict[str, list[str]] = {}
    for gap in gaps:
        grouped.setdefault(str(gap.params["village"]), []).append(str(gap.params["item"]))
    return list(grouped.items())


def results_in_reach(round_: AssessmentRound, *, live: bool) -> tuple[RoundResult, ...]:
    """The results of the sheets the actor may see: as they stand (`live`), or as published."""
    seen = {sheet.unit_id for sheet in sheets_of(round_)}
    results = current_results(round_) if live else round_results(round_)
    return tuple(result for result in results if result.unit_id in seen)


def versions(round_: AssessmentRound) -> Sequence[RoundSnapshot]:
    """What was published of a round, the last first."""
    statement = select(RoundSnapshot).where(RoundSnapshot.round_id == round_.id).order_by(RoundSnapshot.number.desc())
    with access.everything("the versions of a round already found"):
        return db.session.scalars(statement).all()  # type: ignore[no-any-return]


def publish_page(round_: AssessmentRound) -> dict[str, Any]:
    """Check the answers: what publishing will freeze."""
    return {
        "results": current_results(round_),
        "unscored": unscored(round_),
        "snapshot": latest_snapshot(round_),
        "people": people_of(round_),
    }


def find_sheet(sheet_id: int, verb: Verb = Verb.VIEW) -> Sheet:
    """The sheet with this id if the actor may do `verb` to it, also for who may write without seeing scores.

    Errors: NotAllowed (hidden) otherwise.
    """
    with access.everything("required in the next line"):
        sheet = db.session.get(Sheet, sheet_id)
    if sheet is None:
        raise access.NotAllowed(Resource.SCORES, verb, hidden=True)
    access.require(verb, sheet)
    return sheet  # type: ignore[no-any-return]


def sheets_to_record() -> Sequence[Sheet]:
    """Sheets of open rounds on which the actor may record deductions, the newest round first."""
    with access.everything("each sheet is limited to the right to write"):
        statement = select(AssessmentRound).where(AssessmentRound.state == "open")
        rounds = db.session.scalars(statement.order_by(AssessmentRound.period.desc(), AssessmentRound.code)).all()
    return [sheet for round_ in rounds for sheet in sheets_of(round_, Verb.EDIT) if not sheet.excluded_reason]


def deductions_open_to_me(sheet: Sheet) -> tuple[SchemeDeduction, ...]:
    """The deduction items the actor may record on a sheet; none when the right is missing."""
    if not access.can(Verb.EDIT, sheet):
        return ()
    items = parts_of(sheet.round.scheme).deductions
    if records_only_its_items(sheet):
        return tuple(item for item in items if item.recorded_by == Role.SUPERVISION_COMMITTEE)
    return () if recused(sheet) else items


def entry_of(sheet: Sheet, entry_id: int) -> DeductionEntry:
    """A deduction entry of a sheet already found. Errors: NotAllowed (hidden) when it is not one of them."""
    with access.everything("an entry of a sheet already found"):
        entry = db.session.get(DeductionEntry, entry_id)
    if entry is None or entry.sheet_id != sheet.id:
        raise access.NotAllowed(Resource.SCORES, Verb.VIEW, hidden=True)
    return entry  # type: ignore[no-any-return]


def stamps_of_entries(sheet: Sheet) -> dict[int, str]:
    """The version of each occurrence on a sheet, by id, for the forms that change it."""
    return {entry.id: stamp(entry) for entry in filled([sheet])[sheet.id].entries}


def entries_i_recorded(sheets: Sequence[Sheet]) -> list[tuple[Sheet, DeductionEntry]]:
    """What the actor recorded on these sheets, the last first."""
    by_id = {sheet.id: sheet for sheet in sheets}
    name = access.actor().username
    entries = [
        entry for lines in filled(sheets).values() for entry in lines.entries if signed(entry.recorded_by)[0] == name
    ]
    return [(by_id[entry.sheet_id], entry) for entry in sorted(entries, key=lambda entry: -entry.id)]
