"""Score sheets in and out: a row is a village with its scores and deductions, in the form the reader gives.

Key: scheme, period, village, item. An empty cell leaves what is stored; a deduction is compared by its occurrences where
the sheet 扣分明细 or `2件` states them, by its points after the item cap otherwise.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from app.domain.errors import Problem, RuleBroken
from app.domain.rights import Verb
from app.domain.scoring import Fact
from app.features.assessment.models import AssessmentRound, Sheet
from app.features.assessment.queries.basis import basis_of
from app.features.assessment.queries.recusal import own_villages, recused
from app.features.assessment.queries.rounds import Filled, filled, sheets_of
from app.features.assessment.queries.sheet_context import round_of, score_context, score_rows
from app.features.assessment.reckoning import Basis, line_of, score_of
from app.features.assessment.services.deductions import match_occurrences, match_points
from app.features.assessment.services.scores import CellInput, save_scores
from app.kit import access
from app.kit.audit import acting
from app.kit.db import transaction
from app.kit.excel import NOT_APPLICABLE
from app.kit.exchange import Change, Options, RowChange

__all__ = ["save_score_rows", "score_context", "score_rows"]

Taken = tuple[str, str | None]  # deduction item and level


@dataclass
class _Plan:
    """What one row would do to its sheet."""

    row: Mapping[str, Any]
    sheet: Sheet | None = None
    cells: list[CellInput] = field(default_factory=list)
    counts: dict[Taken, int] = field(default_factory=dict)
    points: dict[str, Decimal] = field(default_factory=dict)
    shown: dict[str, tuple[str, str]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    is_new: bool = False

    def change(self) -> RowChange:
        kind = Change.NEW if self.is_new else Change.CHANGED
        if self.problems:
            kind = Change.REFUSED
        elif not self.shown:
            kind = Change.SAME
        return RowChange(
            kind, str(self.row["village"]), str(self.row.get("sheet") or ""), "", self.shown, tuple(self.problems)
        )


def save_score_rows(rows: Sequence[Mapping[str, Any]], options: Options, dry_run: bool) -> list[RowChange]:
    """What each village changes; unless dry, the villages without a problem are saved in one transaction.

    Errors: none of its own: a row is refused with its problems (assessment.no_round, assessment.round_closed,
            assessment.unknown_unit, assessment.own_village, assessment.excluded, those of the scoring rules).
    """
    if not access.holds(access.scope_of(Sheet).resource, Verb.IMPORT):  # type: ignore[union-attr]
        raise access.NotAllowed("scores", Verb.IMPORT)
    round_ = round_of(options)
    if round_ is None:
        problem = Problem("assessment.no_round", params={"period": options.period or "—"})
        return [_Plan(row, problems=[problem]).change() for row in rows]
    plans = _plans(rows, options, round_)
    if not dry_run:
        with transaction(), acting("assessment.save_score_rows"):
            _save(round_, [plan for plan in plans if not plan.problems and plan.shown])
    return [plan.change() for plan in plans]


def _plans(rows: Sequence[Mapping[str, Any]], options: Options, round_: AssessmentRound) -> list[_Plan]:
    basis = basis_of(round_)
    with access.everything("rows are matched with the sheets of the round; each is required below"):
        sheets = {sheet.unit.name: sheet for sheet in sheets_of(round_)}
        lines = filled(sheets.values())
    detail, villages = _detail(options), own_villages()
    return [_plan(row, sheets.get(str(row["village"])), round_, basis, lines, detail, villages) for row in rows]


def _detail(options: Options) -> dict[str, dict[Taken, int]]:
    """Occurrences by village, item and level as the sheet 扣分明细 states them."""
    found: dict[str, dict[Taken, int]] = defaultdict(lambda: defaultdict(int))
    for line in options.extra.get("deduction_detail") or ():
        if line.get("item_code"):
            found[line["village"]][line["item_code"], line.get("level")] += int(line.get("occurrences") or 0)
    return found


def _plan(
    row: Mapping[str, Any],
    sheet: Sheet | None,
    round_: AssessmentRound,
    basis: Basis,
    lines: Mapping[int, Filled],
    detail: Mapping[str, Mapping[Taken, int]],
    villages: Mapping[int, str],
) -> _Plan:
    plan = _Plan(row, sheet)
    if sheet is None or not access.can(Verb.IMPORT, sheet):
        plan.problems = [Problem("assessment.unknown_unit", "village", {"unit": row["village"]})]
        return plan
    stored = lines[sheet.id]
    plan.is_new = not stored.scores
    _plan_scores(plan, sheet, stored, basis)
    _plan_deductions(plan, stored, basis, detail.get(str(row["village"]), {}))
    obstacle = _obstacle(sheet, round_, villages)
    if obstacle and (plan.shown or plan.problems):  # a file that agrees with what is stored is always welcome
        plan.problems = [obstacle]
    return plan


def _obstacle(sheet: Sheet, round_: AssessmentRound, villages: Mapping[int, str]) -> Problem | None:
    if round_.state != "open":
        return Problem("assessment.round_closed", "round", {"round": round_.code})
    if own := recused(sheet, villages):
        return replace(own, where="village")
    if sheet.excluded_reason:
        return Problem("assessment.excluded", "village", {"village": sheet.unit.name})
    return None


def _plan_scores(plan: _Plan, sheet: Sheet, stored: Filled, basis: Basis) -> None:
    items = basis.parts.by_code
    for code, value in plan.row["scores"].items():
        if value is None or code not in items:
            continue
        score = stored.scores.get(code)
        before = None if score is None else NOT_APPLICABLE if score.is_not_applicable else score.points
        if before == value:
            continue
        fact = Fact(not_applicable=True) if value == NOT_APPLICABLE else Fact(points=Decimal(value))
        try:
            line_of(items[code], fact, basis)
        except RuleBroken as refusal:
            plan.problems += refusal.problems
            continue
        plan.cells.append(CellInput(sheet.unit_id, code, fact=fact, from_workbook=True))
        plan.shown[code] = (_text(before), _text(value))


def _text(value: Any) -> str:
    if value is None:
        return ""
    return "/" if value == NOT_APPLICABLE else f"{value:.2f}"


def _plan_deductions(plan: _Plan, stored: Filled, basis: Basis, detail: Mapping[Taken, int]) -> None:
    known = basis.parts.deduction_by_code
    in_cells: Mapping[str, int] = plan.row.get("occurrences") or {}
    stated: dict[Taken, int] = {(code, None): count for code, count in in_cells.items()}
    stated.update(detail)
    for (code, level), count in stated.items():
        before = _counted(stored, code, level)
        if code in known and count != before:
            plan.counts[code, level] = count
            plan.shown[f"{code} {level}" if level else code] = (f"{before}×", f"{count}×")
    counted = {code for code, _level in stated}
    capped = {line.item.code: line.capped for line in score_of(basis, stored).deductions}
    for code, points in (plan.row.get("deduction_points") or {}).items():
        before_points = capped.get(code, Decimal(0))
        if code in known and code not in counted and points != before_points:
            plan.points[code] = points
            plan.shown[code] = (_text(before_points), _text(points))


def _counted(stored: Filled, code: str, level: str | None) -> int:
    return sum(
        entry.count
        for entry in stored.entries
        if entry.item_code == code and entry.level == level and entry.points is None and not entry.is_waived
    )


def _save(round_: AssessmentRound, plans: Sequence[_Plan]) -> None:
    cells = [cell for plan in plans for cell in plan.cells]
    if cells:
        save_scores(round_, cells, verb=Verb.IMPORT)
    for plan in plans:
        assert plan.sheet is not None
        for (code, level), count in plan.counts.items():
            match_occurrences(plan.sheet, code, level, count)
        for code, points in plan.points.items():
            match_points(plan.sheet, code, points)
