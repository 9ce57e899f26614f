"""The rows of a monthly log against what is stored, for one row and for a column of them, saved in bulk.

A record is one sub-grid in one month. A complete row is handed in, one with gaps stays a draft, a confirmed record stands.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select, true

from app.domain.errors import Problem, RuleBroken
from app.domain.formspec import Checker, answers_as_data
from app.domain.periods import Period, PeriodKind
from app.domain.rights import Resource, Role, Verb
from app.domain.transitions import DutyState, Kind, next_state
from app.features.duties.models import Duty
from app.features.duties.queries.periods import closed_rows
from app.features.duties.queries.work import MONTHLY_RECORD
from app.features.duties.services.monthly_forms import Forms
from app.features.duties.services.opening import closed, record_place
from app.features.duties.services.writing import handed_in
from app.features.forms.models import FormVersion
from app.features.org.models import OrgUnit
from app.features.org.queries import current
from app.features.people.queries import Holder, holders_on
from app.kit import access, bulk
from app.kit.audit import acting
from app.kit.db import LEVELS, db, transaction
from app.kit.excel.context import grid_key
from app.kit.exchange import Change, Options, RowChange
from app.kit.signing import kept_name

_NOT_ANSWERS = {"village", "sub_grid", "month", "reporter", "sheet", "row", "serial_no"}
_CHUNK = 5000
_PLACE = (OrgUnit.id, OrgUnit.id.label("unit_id"), OrgUnit.name, *(getattr(OrgUnit, f"{one}_id") for one in LEVELS))
_RECORD = (
    *(Duty.id, Duty.unit_id, Duty.period, Duty.state, Duty.version, Duty.answers, Duty.form_version_id, Duty.due_on),
    *(Duty.person_id, *(getattr(Duty, f"{one}_id") for one in LEVELS)),
)


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
        changes = [book.change(row, grid) for row, grid in zip(rows, book.places, strict=True)]
        if not dry_run:
            book.save()
    return changes


@dataclass(frozen=True)
class _Pending:
    """One record to write: the row it comes from, the record if there is one, its answers, and whether all are there."""

    row: Mapping[str, Any]
    grid: Any
    month: str
    record: Any
    answers: dict[str, Any]
    is_complete: bool


class _Book:
    """The rows of one file against what is stored: units, records, forms and locks read once for all rows, as columns."""

    def __init__(self, rows: Sequence[Mapping[str, Any]], options: Options) -> None:
        self.options = options
        self.months = {month: _wrong_month(month) for month in {self._month(row) for row in rows}}
        self.villages = _villages({str(row.get("village")) for row in rows}, options.unit)
        self.grids = {(grid.village_id, grid_key(grid.name)): grid for grid in _grids(self.villages.values())}
        self.places = [self._grid(row) for row in rows]
        named = {grid.id: grid for grid in self.places if grid is not None}
        self.allowed = access.where_at(Verb.IMPORT, Resource.DUTIES, named.values())
        self.records = _records(named, [month for month, wrong in self.months.items() if not wrong], options.unit)
        self.forms = options.known.setdefault("duties.forms", Forms())
        self._load_forms(named)
        places = {(grid.township_id, month) for grid in named.values() for month in self.months}
        self.locks = {place: closed(row).problems[0] for place, row in closed_rows(places, lock=True).items()}  # type: ignore[attr-defined]
        self.pending: dict[tuple[int, str], _Pending] = {}

    def _month(self, row: Mapping[str, Any]) -> str:
        return str(row.get("month") or self.options.period or "")

    def _grid(self, row: Mapping[str, Any]) -> Any:
        village = self.villages.get(str(row.get("village")))
        return self.grids.get((village, grid_key(str(row.get("sub_grid"))))) if village else None

    def _load_forms(self, named: Mapping[int, Any]) -> None:
        """The forms of the records that stand, and where one does not, the template and the form that hold at its township."""
        months = [month for month, wrong in self.months.items() if not wrong]
        unknown = {(grid.township_id, month) for grid in named.values() for month in months} - self.forms.opened.keys()
        bare = {
            (grid.township_id, month)
            for grid in (named.values() if unknown else ())
            for month in months
            if (grid.township_id, month) in unknown and (grid.id, month) not in self.records
        }
        self.forms.load((record.form_version_id for record in self.records.values()), bare)

    def change(self, row: Mapping[str, Any], grid: Any) -> RowChange:
        """What one row, which stands at a sub-grid or nowhere, changes; the record to write is remembered."""
        month = self._month(row)
        label = f"{row.get('village', '')} {row.get('sub_grid', '')} {month}".strip()
        sheet, at = row.get("sheet") or "", row.get("row", "")
        if problem := self._place_problem(row, grid, month):
            return RowChange(Change.REFUSED, label, sheet, at, problems=(problem,))
        record = self.records.get((grid.id, month))
        if record is None and (grid.township_id, month) not in self.forms.opened:
            problem = Problem("duties.no_form", params={"form": MONTHLY_RECORD})
            return RowChange(Change.REFUSED, label, sheet, at, problems=(problem,))
        form_id = record.form_version_id if record is not None else self.forms.form_at[grid.township_id]
        clean, missing, faults = _checked(self.forms.checkers[form_id], row)
        if faults:
            return RowChange(Change.REFUSED, label, sheet, at, problems=tuple(faults))
        answers = answers_as_data({code: value for code, value in clean.items() if value is not None})
        stored = {code: value for code, value in record.answers.items() if value is not None} if record else {}
        if answers == stored:
            return RowChange(Change.SAME, label, sheet, at)
        cells = _cells(stored, answers) if stored else _NewCells(answers)
        if lock := self.locks.get((grid.township_id, month)):
            return RowChange(Change.REFUSED, label, sheet, at, cells, (lock,))
        if record is not None and record.state == DutyState.CONFIRMED:
            return RowChange(Change.REFUSED, label, sheet, at, cells, (Problem("E62", next(iter(cells))),))
        self.pending[grid.id, month] = _Pending(row, grid, month, record, answers, not missing)
        return RowChange(Change.CHANGED if stored else Change.NEW, label, sheet, at, cells)

    def _place_problem(self, row: Mapping[str, Any], grid: Any, month: str) -> Problem | None:
        if grid is None:
            known = str(row.get("village")) in self.villages
            return Problem("E32", "sub_grid") if known else Problem("E31", "village")
        if wrong := self.months[month]:
            return wrong
        return None if grid.id in self.allowed else Problem("E71", "village")

    def save(self) -> None:
        """Write what `change` remembered: records new and old at once."""
        leaders = self._leaders()
        by, standing_in = kept_name(None, Verb.SUBMIT), access.stands_in()
        values = []
        handed: dict[tuple[Any, ...], dict[str, Any]] = {}
        for one in self.pending.values():
            made = self._values(one, leaders.get((one.grid.id, one.month), ()))
            if standing_in:
                shown = made if one.record is None else {**one.record._mapping, **made}
                by = kept_name(bulk.as_row(Duty, shown), Verb.SUBMIT)
            values.append(made | _answered(one, made, by, handed))
        bulk.upsert(Duty, values, Verb.IMPORT)

    def _values(self, one: _Pending, leaders: Sequence[Holder]) -> dict[str, Any]:
        """What the record is known by: its id and version, or for a new one all that opening the period would have given it."""
        if one.record is not None:
            return {"id": one.record.id, "version": one.record.version}
        named = [holder for holder in leaders if holder.name == one.row.get("reporter")]
        holder = next(iter(named or leaders), None)
        whose = {"post_id": holder.post_id, "person_id": holder.person_id} if holder else {"person_id": None}
        return {**self.forms.opened[one.grid.township_id, one.month], **record_place(one.grid), **whose}

    def _leaders(self) -> dict[tuple[int, str], list[Holder]]:
        """The leaders in force at the end of each month, by sub-grid and month, for the records that are new."""
        found: dict[tuple[int, str], list[Holder]] = {}
        new = [one for one in self.pending.values() if one.record is None]
        for month in sorted({one.month for one in new}):
            grids = [one.grid.id for one in new if one.month == month]
            for holder in holders_on(grids, Role.SUB_GRID_LEADER, Period.parse(month).last_day):
                found.setdefault((holder.unit_id, month), []).append(holder)
        return found


# -- what is stored --------------------------------------------------------------------------------


def _wrong_month(month: str) -> Problem | None:
    try:
        if Period.parse(month).kind is not PeriodKind.MONTH:
            return Problem("duties.not_a_month", "month", {"period": month})
    except RuleBroken as refused:
        return refused.problems[0]
    return None


def _villages(names: Iterable[str], unit: Any) -> dict[str, int]:
    """The ids of the villages the clerk may mean, by name."""
    statement = select(OrgUnit.name, OrgUnit.id).where(OrgUnit.level == "village", OrgUnit.name.in_(names))
    if unit is not None and unit.village_id is None:
        statement = current(statement).where(getattr(OrgUnit, f"{unit.level}_id") == unit.id)
        statement = statement.order_by(OrgUnit.sort_order, OrgUnit.code)
    else:
        statement = access.visible(statement, OrgUnit)
        if unit is not None:
            statement = statement.where(OrgUnit.id == unit.village_id)
        statement = statement.order_by(OrgUnit.township_id, OrgUnit.sort_order, OrgUnit.code)
    return dict(db.session.execute(statement).tuples().all())


def _grids(villages: Iterable[int]) -> Sequence[Any]:
    statement = select(*_PLACE).where(OrgUnit.level == "sub_grid", OrgUnit.village_id.in_(villages))
    return db.session.execute(statement.order_by(OrgUnit.sort_order, OrgUnit.code)).all()


def _records(grids: Iterable[int], months: Sequence[str], unit: Any) -> dict[tuple[int, str], Any]:
    # Said so that rows are found by their units alone: the indexes of month and county lead to everybody's.
    visible, period = access.where(Duty, Verb.VIEW).is_(true()), Duty.period.concat("")
    statement = select(*_RECORD).join(FormVersion, FormVersion.id == Duty.form_version_id).where(visible)
    statement = statement.where(FormVersion.code == MONTHLY_RECORD, period.in_(months))
    if unit is not None:
        statement = statement.where((getattr(Duty, f"{unit.level}_id") == unit.id).is_(true()))
    found: dict[tuple[int, str], Any] = {}
    ids = sorted(grids)
    for start in range(0, len(ids), _CHUNK):
        some = statement.where(Duty.unit_id.in_(ids[start : start + _CHUNK])).order_by(Duty.id)
        found |= {(one.unit_id, one.period): one for one in db.session.execute(some)}
    return found


# -- answers ---------------------------------------------------------------------------------------


def _checked(checker: Checker, row: Mapping[str, Any]) -> tuple[Mapping[str, Any], list[Problem], list[Problem]]:
    """(clean answers, what is missing, what is wrong) of a row: gaps make a draft, anything else refuses it."""
    written = {code: value for code, value in row.items() if code not in _NOT_ANSWERS}
    clean, found = checker.check(written)
    if not found:
        return clean, [], []
    clean, wrong = checker.check(written, draft=True)
    missing = [problem for problem in found if problem.code == "answer.required"]
    return clean, missing, wrong or [problem for problem in found if problem.code != "answer.required"]


def _answered(
    one: _Pending, made: Mapping[str, Any], by: str, handed: dict[tuple[Any, ...], dict[str, Any]]
) -> dict[str, Any]:
    """What the answers make of a record, from whatever state it is in short of confirmed; `handed` remembers it by state."""
    state = one.record.state if one.record is not None else made["state"]
    due_on = one.record.due_on if one.record is not None else made["due_on"]
    key = (state, due_on, by, one.is_complete)
    if key not in handed:
        handed[key] = _answered_from(*key)
    return {**handed[key], "answers": one.answers}


def _answered_from(state: str, due_on: date, by: str, is_complete: bool) -> dict[str, Any]:
    if state in (DutyState.SUBMITTED, DutyState.NOTHING_TO_REPORT):
        state = next_state(Kind.DUTY, state, "withdraw")
    if not is_complete:
        return {"state": next_state(Kind.DUTY, state, "save"), "is_nothing": False}
    return handed_in(state, due_on, {}, by=by)


def _cells(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, tuple[str, str]]:
    fields = [*new, *(code for code in old if code not in new)]
    return {code: (str(old.get(code, "")), str(new.get(code, ""))) for code in fields if old.get(code) != new.get(code)}


class _NewCells(Mapping[str, tuple[str, str]]):
    """What `_cells` says where nothing stood, said when somebody asks: of a new record nobody does."""

    def __init__(self, answers: Mapping[str, Any]) -> None:
        self.answers = answers

    def __getitem__(self, code: str) -> tuple[str, str]:
        return "", str(self.answers[code])

    def __iter__(self) -> Iterator[str]:
        return iter(self.answers)

    def __len__(self) -> int:
        return len(self.answers)


def no_closed_period(rows: Sequence[Mapping[str, Any]]) -> None:
    """Refuse rows of a closed period, however they are written in bulk. Errors: duties.period_closed."""
    found = closed_rows({(row["township_id"], row["period"]) for row in rows}, lock=True)
    if found:
        raise closed(next(iter(found.values())))


__all__ = ["no_closed_period", "save_monthly_logs"]
