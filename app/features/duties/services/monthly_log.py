"""The monthly log of a workbook, layout (c): the same records as the leaders' page writes.

A record is one sub-grid in one month; empty is not 0 and NA is an answer. The reporter of a record is its leader.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from app.domain.errors import Problem, RuleBroken
from app.domain.formspec import answers_as_data, check_answers
from app.domain.periods import Period, PeriodKind
from app.domain.rights import Resource, Role, Verb
from app.domain.transitions import DutyState, Kind, next_state
from app.features.duties.models import Duty, DutyTemplate
from app.features.duties.queries.periods import closed_row
from app.features.duties.queries.work import MONTHLY_RECORD
from app.features.duties.services.opening import closed, new_record, record_template
from app.features.duties.services.writing import hand_in
from app.features.forms.models import FormVersion
from app.features.forms.queries import form_version, spec_of
from app.features.org.models import OrgUnit
from app.features.org.queries import units_below
from app.features.people.models import Post
from app.features.people.queries import posts_on
from app.kit import access, clock
from app.kit.audit import acting
from app.kit.db import db, transaction
from app.kit.excel.context import ReadContext, VillageName, grid_key
from app.kit.excel.sheet import ExportMeta
from app.kit.exchange import Change, Options, RowChange

_NOT_ANSWERS = {"village", "sub_grid", "month", "reporter", "sheet", "row", "serial_no"}


def monthly_log_context(options: Options) -> ReadContext:
    """What the reader must know: the villages the clerk sees with their sub-grids, and the month of the page."""
    villages = _villages(options.unit)
    grids: dict[int, list[OrgUnit]] = {}
    for grid in _grids(villages):
        grids.setdefault(grid.village_id or 0, []).append(grid)
    names = tuple(
        VillageName(v.code, v.name, tuple(v.aliases), sub_grids=tuple(g.name for g in grids.get(v.id, ())))
        for v in villages
    )
    return ReadContext(villages=names, page_period=options.period)


def _villages(unit: Any) -> Sequence[OrgUnit]:
    if unit is not None and unit.village_id is None:
        return units_below(unit, "village")
    statement = access.visible(select(OrgUnit), OrgUnit).where(OrgUnit.level == "village")
    if unit is not None:
        statement = statement.where(OrgUnit.id == unit.village_id)
    return db.session.scalars(statement.order_by(OrgUnit.township_id, OrgUnit.sort_order, OrgUnit.code)).all()


def _grids(villages: Sequence[OrgUnit]) -> Sequence[OrgUnit]:
    statement = select(OrgUnit).where(
        OrgUnit.level == "sub_grid", OrgUnit.village_id.in_([village.id for village in villages])
    )
    return db.session.scalars(statement.order_by(OrgUnit.sort_order, OrgUnit.code)).all()


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


# -- in --------------------------------------------------------------------------------------------


def save_monthly_logs(rows: Sequence[Mapping[str, Any]], options: Options, dry_run: bool) -> list[RowChange]:
    """What each row changes, saved unless dry: a complete record is handed in, one with gaps stays a draft.

    Shape:  one RowChange per row, in order. A row equal to what is stored changes nothing, whatever its state.
    Errors: (in the rows) E31, E32, E71, E62 (differs from a confirmed record), duties.period_closed, answer.*, form rules.
    """
    with (
        transaction(),
        acting("duties.import"),
        access.everything("rows are matched by name, rights are asked per row"),
    ):
        book = _Book(rows, options)
        changes = [book.change(row) for row in rows]
        if not dry_run:
            book.save()
    return changes


class _Book:
    """The rows of one file against what is stored: units, records, forms and locks read once for all rows."""

    def __init__(self, rows: Sequence[Mapping[str, Any]], options: Options) -> None:
        self.options = options
        villages = _villages(options.unit)
        self.villages = {village.name: village for village in villages}
        self.grids = {(grid.village_id, grid_key(grid.name)): grid for grid in _grids(villages)}
        self.months = {str(month) for row in rows if (month := row.get("month") or options.period)}
        self.records = {
            (record.unit_id, record.period): record for month in self.months for record in _records(month, options.unit)
        }
        self.forms: dict[tuple[int, str], tuple[DutyTemplate | None, FormVersion | None]] = {}
        self.locks: dict[tuple[int | None, str], Problem | None] = {}
        self.pending: list[_Pending] = []

    def change(self, row: Mapping[str, Any]) -> RowChange:
        """What one row changes; the record to write is remembered."""
        month = str(row.get("month") or self.options.period or "")
        village = self.villages.get(str(row.get("village")))
        grid = self.grids.get((village.id, grid_key(str(row.get("sub_grid"))))) if village else None
        label = f"{row.get('village', '')} {row.get('sub_grid', '')} {month}".strip()
        place = {"label": label, "sheet": row.get("sheet") or "", "row": row.get("row", "")}
        problems = self._place_problems(village, grid, month)
        if problems or grid is None:
            return RowChange(Change.REFUSED, problems=tuple(problems), **place)
        return self._compared(row, grid, month, place)

    def _place_problems(self, village: OrgUnit | None, grid: OrgUnit | None, month: str) -> list[Problem]:
        if village is None:
            return [Problem("E31", "village")]
        if grid is None:
            return [Problem("E32", "sub_grid")]
        try:
            if Period.parse(month).kind is not PeriodKind.MONTH:
                return [Problem("duties.not_a_month", "month", {"period": month})]
            access.require_at(Verb.IMPORT, Resource.DUTIES, grid)
        except RuleBroken as refused:
            return list(refused.problems)
        except access.NotAllowed:
            return [Problem("E71", "village")]
        return []

    def _lock(self, grid: OrgUnit, month: str) -> Problem | None:
        key = (grid.township_id, month)
        if key not in self.locks:
            row = closed_row([key], lock=True)
            self.locks[key] = closed(row).problems[0] if row else None  # type: ignore[attr-defined]
        return self.locks[key]

    def _asked(self, grid: OrgUnit, month: str) -> tuple[DutyTemplate | None, FormVersion | None]:
        """The template and the form that hold at a township in a month."""
        key = (grid.township_id or 0, month)
        if key not in self.forms:
            township = db.session.get_one(OrgUnit, grid.township_id)
            template = record_template(MONTHLY_RECORD, township, Period.parse(month))
            self.forms[key] = (template, form_version(MONTHLY_RECORD, township))
        return self.forms[key]

    def _compared(self, row: Mapping[str, Any], grid: OrgUnit, month: str, place: dict[str, Any]) -> RowChange:
        record = self.records.get((grid.id, month))
        form = record.form_version if record is not None else self._asked(grid, month)[1]
        if form is None:
            return RowChange(
                Change.REFUSED, problems=(Problem("duties.no_form", params={"form": MONTHLY_RECORD}),), **place
            )
        clean, missing, faults = _checked(form, row)
        if faults:
            return RowChange(Change.REFUSED, problems=tuple(faults), **place)
        answers = {code: value for code, value in answers_as_data(clean).items() if value is not None}
        stored = {code: value for code, value in (record.answers if record else {}).items() if value is not None}
        if answers == stored:
            return RowChange(Change.SAME, **place)
        cells = _cells(stored, answers)
        if lock := self._lock(grid, month):
            return RowChange(Change.REFUSED, cells=cells, problems=(lock,), **place)
        if record is not None and record.state == DutyState.CONFIRMED:
            return RowChange(Change.REFUSED, cells=cells, problems=(Problem("E62", next(iter(cells))),), **place)
        self.pending.append(_Pending(row, grid, month, record, answers, not missing))
        return RowChange(Change.NEW if record is None or not stored else Change.CHANGED, cells=cells, **place)

    def save(self) -> None:
        """Write what `change` remembered: records new and old in one flush."""
        leaders = self._leaders()
        for one in self.pending:
            record = one.record or self._new_record(one, leaders.get((one.grid.id, one.month), []))
            if one.record is None:
                db.session.add(record)
            if one.is_complete:
                hand_in(record, one.answers)
            else:
                _keep_as_draft(record, one.answers)
        db.session.flush()

    def _leaders(self) -> dict[tuple[int, str], list[Post]]:
        """The leaders in force at the end of each month, by sub-grid and month, for the records that are new."""
        found: dict[tuple[int, str], list[Post]] = {}
        for month in sorted({one.month for one in self.pending if one.record is None}):
            grids = [one.grid for one in self.pending if one.record is None and one.month == month]
            for post in posts_on(grids, Role.SUB_GRID_LEADER, Period.parse(month).last_day):
                found.setdefault((post.unit_id, month), []).append(post)
        return found

    def _new_record(self, one: _Pending, leaders: list[Post]) -> Duty:
        template, form = self._asked(one.grid, one.month)
        leaders = [post.acting_for or post for post in leaders]  # whoever stood in wrote it, the record is of the post
        named = [post for post in leaders if post.person.name == one.row.get("reporter")]
        assert template is not None and form is not None  # the row was compared with them
        return new_record(form, template, one.grid, Period.parse(one.month), next(iter(named or leaders), None))


@dataclass(frozen=True)
class _Pending:
    """One record to write: the row it comes from, the record if there is one, its answers, and whether all are there."""

    row: Mapping[str, Any]
    grid: OrgUnit
    month: str
    record: Duty | None
    answers: dict[str, Any]
    is_complete: bool


def _checked(form: FormVersion, row: Mapping[str, Any]) -> tuple[Mapping[str, Any], list[Problem], list[Problem]]:
    """(clean answers, what is missing, what is wrong) of a row: gaps make a draft, anything else refuses it."""
    spec = spec_of(form)
    written = {code: value for code, value in row.items() if code not in _NOT_ANSWERS}
    clean, found = check_answers(spec, written)
    if not found:
        return clean, [], []
    clean, wrong = check_answers(spec, written, draft=True)
    missing = [problem for problem in found if problem.code == "answer.required"]
    return clean, missing, wrong or [problem for problem in found if problem.code != "answer.required"]


def _keep_as_draft(record: Duty, answers: dict[str, Any]) -> None:
    if record.state in (DutyState.SUBMITTED, DutyState.NOTHING_TO_REPORT):
        record.state = next_state(Kind.DUTY, record.state, "withdraw")
    record.state = next_state(Kind.DUTY, record.state, "save")
    record.answers, record.is_nothing = answers, False


def _cells(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, tuple[str, str]]:
    fields = [*new, *(code for code in old if code not in new)]
    return {code: (str(old.get(code, "")), str(new.get(code, ""))) for code in fields if old.get(code) != new.get(code)}


__all__ = ["monthly_log_context", "monthly_log_rows", "save_monthly_logs"]
