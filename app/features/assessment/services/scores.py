"""Scores: one cell or a thousand through the same door; totals follow at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app.domain.errors import Problem, RuleBroken, broken
from app.domain.rights import Verb
from app.domain.scoring import Fact, ItemLine
from app.features.assessment.cells import parse, shown, shown_as
from app.features.assessment.models import AssessmentRound, ItemScore, SchemeItem, Sheet
from app.features.assessment.queries.basis import basis_of
from app.features.assessment.queries.recusal import own_villages, recused
from app.features.assessment.queries.rounds import Filled, filled, records_only_its_items
from app.features.assessment.reckoning import Basis, expected_of, fact_as_data, line_of, write_totals
from app.features.assessment.services.holding import hold_round
from app.kit import access
from app.kit.audit import acting
from app.kit.db import db, transaction
from app.kit.signing import signature

WRITABLE = ("open",)


@dataclass(frozen=True)
class CellInput:
    """One cell of a save.

    Shape: `text` as typed (see cells.py), or a `fact` already understood. `reason` None leaves the stored reason.
    `was` is the text the evaluator saw; when somebody else has changed the cell since, it is a conflict.
    `from_workbook` marks a score whose evidence is the sheet it was imported from.
    """

    unit_id: int
    item_code: str
    text: str | None = None
    fact: Fact | None = None
    reason: str | None = None
    was: str | None = None
    from_workbook: bool = False


def save_scores(
    round_: AssessmentRound, cells: Sequence[CellInput], *, request_key: str | None = None, verb: Verb = Verb.EDIT
) -> list[Sheet]:
    """The sheets touched, with their new totals. All cells are saved, or none.

    Shape:  sheets in the order of the cells. A request sent twice with the same key is saved once.
    Errors: where is `unit id/item code`: assessment.bad_cell, assessment.cell_conflict (params: mine, theirs),
            assessment.unknown_item, assessment.own_village, assessment.excluded, those of the scoring rules;
            assessment.round_closed; NotAllowed at a sheet.
    """
    with transaction(), acting("assessment.save_scores"):
        sheets = writable_sheets(round_, {cell.unit_id for cell in cells}, verb)
        touched = [sheets[unit_id] for unit_id in dict.fromkeys(cell.unit_id for cell in cells)]
        if request_key and touched and all(sheet.last_request == request_key for sheet in touched):
            return touched
        basis, lines = basis_of(round_), filled(touched)
        _apply(cells, sheets, basis, lines)
        for sheet in touched:
            sheet.last_request = request_key
            write_totals(sheet, basis, lines[sheet.id])
    return touched


@dataclass(frozen=True)
class CellChange:
    """What one cell of a block would become: texts before and after, its points (None: not applicable), and why not."""

    sheet: Sheet
    item_code: str
    old: str
    new: str
    points: Decimal | None = None
    problems: tuple[Problem, ...] = ()


def preview_scores(round_: AssessmentRound, cells: Sequence[CellInput]) -> list[CellChange]:
    """What saving the cells would change, in their order; nothing is written.

    Errors: assessment.round_closed, assessment.own_village; NotAllowed at a sheet.
    """
    sheets = writable_sheets(round_, {cell.unit_id for cell in cells})
    basis, lines = basis_of(round_), filled(sheets.values())
    return [_foresee(cell, sheets[cell.unit_id], basis, lines[sheets[cell.unit_id].id]) for cell in cells]


def _foresee(cell: CellInput, sheet: Sheet, basis: Basis, lines: Filled) -> CellChange:
    old = shown(lines.scores.get(cell.item_code))
    try:
        item, fact = _understand(cell, sheet, basis)
        if fact.is_empty:
            return CellChange(sheet, cell.item_code, old, "")
        line = line_of(item, fact, basis)
    except RuleBroken as refusal:
        return CellChange(sheet, cell.item_code, old, cell.text or "", problems=refusal.problems)
    new = shown_as(line.points, fact_as_data(line.fact), line.points is None)
    return CellChange(sheet, cell.item_code, old, new, line.points)


def _understand(cell: CellInput, sheet: Sheet, basis: Basis) -> tuple[SchemeItem, Fact]:
    item = basis.parts.by_code.get(cell.item_code)
    if item is None:
        raise broken("assessment.unknown_item", item=cell.item_code)
    if sheet.excluded_reason:
        raise broken("assessment.excluded", village=sheet.unit.name)
    if cell.fact is not None:
        return item, cell.fact
    return item, parse(basis.rules.item(item.code), cell.text or "", expected_of(item, sheet, basis))


def writable_sheets(round_: AssessmentRound, unit_ids: Iterable[int], verb: Verb = Verb.EDIT) -> Mapping[int, Sheet]:
    """Sheets by unit id, each within the actor's right to write.

    Errors: assessment.round_closed, assessment.own_village; NotAllowed.
    """
    hold_round(round_)
    if round_.state not in WRITABLE:
        raise broken("assessment.round_closed", "round", round=round_.code)
    wanted = set(unit_ids)
    statement = (
        select(Sheet)
        .where(Sheet.round_id == round_.id, Sheet.unit_id.in_(wanted))
        .options(joinedload(Sheet.unit))
        .with_for_update(of=Sheet, key_share=True)  # one evaluator after the other: each sees what the other has saved
        .execution_options(populate_existing=True)
    )
    with access.everything("each sheet is required below"):
        sheets = {sheet.unit_id: sheet for sheet in db.session.scalars(statement.order_by(Sheet.id))}
    if wanted - sheets.keys():
        raise access.NotAllowed("scores", verb, hidden=True)
    for sheet in sheets.values():
        access.require(verb, sheet)
        if records_only_its_items(sheet):
            raise access.NotAllowed("scores", verb)
    _own(sheets.values())
    return sheets


def _own(sheets: Iterable[Sheet]) -> None:
    villages = own_villages()
    if problems := [problem for sheet in sheets if (problem := recused(sheet, villages))]:
        raise RuleBroken(problems)


def _apply(cells: Sequence[CellInput], sheets: Mapping[int, Sheet], basis: Basis, lines: Mapping[int, Filled]) -> None:
    problems: list[Problem] = []
    for cell in cells:
        sheet = sheets[cell.unit_id]
        try:
            _write(cell, sheet, basis, lines[sheet.id])
        except RuleBroken as refusal:
            where = f"{cell.unit_id}/{cell.item_code}"
            problems += [
                replace(p, where=where, params={**p.params, "village": sheet.unit.name}) for p in refusal.problems
            ]
    if problems:
        raise RuleBroken(problems)


def _write(cell: CellInput, sheet: Sheet, basis: Basis, lines: Filled) -> None:
    """One cell into the lines of its sheet; nothing is touched when a rule refuses."""
    item, fact = _understand(cell, sheet, basis)
    score = lines.scores.get(item.code)
    if cell.was is not None and shown(score) != cell.was:
        raise broken("assessment.cell_conflict", theirs=shown(score), mine=cell.text or "")
    if fact.is_empty:
        _clear(score, lines)
    else:
        _store(cell, line_of(item, fact, basis), score, sheet, lines)


def _clear(score: ItemScore | None, lines: Filled) -> None:
    if score is not None:
        lines.scores.pop(score.item_code)
        db.session.delete(score)


def _store(cell: CellInput, line: ItemLine, score: ItemScore | None, sheet: Sheet, lines: Filled) -> None:
    if score is None:
        score = lines.scores[line.item.code] = ItemScore(sheet=sheet, item_code=line.item.code)
        db.session.add(score)
    score.points, score.is_not_applicable = line.points, line.points is None
    taken = {"from": "workbook"} if cell.from_workbook and line.points is not None else {}
    score.fact = fact_as_data(line.fact) or taken
    score.scored_by = signature(sheet)
    if cell.reason is not None:
        score.reason = cell.reason.strip()[:400] or None


def set_not_applicable(round_: AssessmentRound, unit_id: int, item_code: str, reason: str | None = None) -> Sheet:
    """The sheet with one item left out of its base.

    Errors: those of save_scores; scoring refuses an item that may not be left out.
    """
    fact = Fact(not_applicable=True)
    return save_scores(round_, [CellInput(unit_id, item_code, fact=fact, reason=reason)])[0]


def exclude_village(sheet: Sheet, reason: str) -> Sheet:
    """The sheet out of the round with a reason; what was scored stays on record and counts no more.

    Errors: reason_required, assessment.round_closed, assessment.own_village; NotAllowed.
    """
    if not (reason or "").strip():
        raise broken("reason_required", "reason")
    return _set_exclusion(sheet, reason.strip()[:400], "assessment.exclude_village")


def include_village(sheet: Sheet) -> Sheet:
    """The sheet back in the round, with the totals of what stands on it."""
    return _set_exclusion(sheet, None, "assessment.include_village")


def _set_exclusion(sheet: Sheet, reason: str | None, act: str) -> Sheet:
    with transaction(), acting(act):
        writable_sheets(sheet.round, {sheet.unit_id})
        sheet.excluded_reason = reason
        write_totals(sheet, basis_of(sheet.round), filled([sheet])[sheet.id])
    return sheet
