"""Keeping the ledger of responsibilities: the same rules for the page and for the workbook."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from app.domain.errors import Problem, RuleBroken
from app.domain.rights import Resource, Verb
from app.features.checklists.models import LedgerEntry
from app.features.checklists.queries.ledger import (
    FIELDS,
    Ledger,
    Line,
    grid_of,
    holders_in,
    ledger_of,
    year_of,
)
from app.features.checklists.words import LEDGER_FIELDS, STATES
from app.features.org.models import OrgUnit
from app.kit import access, excel, names
from app.kit.audit import acting
from app.kit.db import db, transaction
from app.kit.exchange import Change, Options, RowChange

Row = Mapping[str, Any]


def save_ledger(rows: Sequence[Row], options: Options, dry_run: bool) -> list[RowChange]:
    """What saving the rows of layout (b) changes in the ledger of a total grid for a year; saved unless `dry_run`.

    Shape:  a row is {item_code, role, holders, state, done_count, done_on, remarks …}; a field that no row names is kept.
            The grid is `options.unit`, or that of the village the file states; the year is `options.period`.
    Errors: in the changes: ledger.unknown_item, ledger.role_differs, ledger.holder_not_in_role;
            raised: ledger.grid_unclear, ledger.other_grid, ledger.no_year, ledger.no_list; NotAllowed at the grid.
    """
    grid = grid_of(options)
    _require_keeper(grid)
    ledger = ledger_of(grid, options.period)
    named = {name for row in rows for name in row}
    in_post = holders_in(grid, year_of(options.period))
    lines = {line.item.code: line for line in ledger.lines}
    changes = []
    with transaction(), acting("checklists.save_ledger"):
        for row in rows:
            line = lines.get(str(row.get("item_code")))
            wanted = _wanted(row, line, named) if line else {}
            change = _compare(row, line, wanted, in_post, ledger)
            if line and not dry_run and change.kind in (Change.NEW, Change.CHANGED):
                _store(ledger, line, wanted)
            changes.append(change)
    return changes


def keep_ledger(grid: OrgUnit, period: str, rows: Sequence[Row]) -> list[RowChange]:
    """Save what the keeper of a ledger typed on the page: all of it, or nothing.

    Errors: those of `save_ledger`, the ones in the changes raised too, each at `<item code>-<field>`.
    """
    access.require_at(Verb.EDIT, Resource.DUTIES, grid)
    with transaction():
        changes = save_ledger(rows, Options(unit=grid, period=period), False)
        problems = [
            Problem(problem.code, f"{row['item_code']}-{problem.where}", problem.params)
            for row, change in zip(rows, changes, strict=True)
            for problem in change.problems
        ]
        if problems:
            raise RuleBroken(problems)
    return changes


def _require_keeper(grid: OrgUnit) -> None:
    """The keeper edits; the office brings workbooks in."""
    may_edit = access.can_at(Verb.EDIT, Resource.DUTIES, grid)
    access.require_at(Verb.EDIT if may_edit else Verb.IMPORT, Resource.DUTIES, grid)


def _wanted(row: Row, line: Line, named: set[str]) -> dict[str, Any]:
    """The values the row asks for; what stands for "unchanged" and columns the file does not have keep what is there."""
    wanted = {name: row.get(name) if name in named else line.values[name] for name in FIELDS}
    wanted = {name: line.values[name] if value is excel.UNCHANGED else value for name, value in wanted.items()}
    return wanted | {"holders": list(wanted["holders"] or ())}


def _compare(row: Row, line: Line | None, wanted: Row, in_post: Mapping[str, list[str]], ledger: Ledger) -> RowChange:
    sheet, number = str(row.get("sheet") or ""), row.get("row") or ""
    if line is None:
        unknown = Problem("ledger.unknown_item", "item_code", {"code": row.get("item_code")})
        return RowChange(Change.REFUSED, str(row.get("title") or ""), sheet, number, problems=(unknown,))
    label = f"{line.item.code} {line.item.title}"
    differing = [name for name in FIELDS if _differs(wanted[name], line.values[name])]
    problems = _problems(row, line, wanted, differing, in_post, ledger)
    if problems:
        return RowChange(Change.REFUSED, label, sheet, number, problems=tuple(problems))
    if not differing:
        return RowChange(Change.SAME, label, sheet, number)
    cells = {
        str(LEDGER_FIELDS[name]): (_shown(name, line.values[name]), _shown(name, wanted[name])) for name in differing
    }
    return RowChange(Change.CHANGED if line.entry else Change.NEW, label, sheet, number, cells=cells)


def _differs(new: Any, old: Any) -> bool:
    return (new or None) != (old or None) if not isinstance(new, int) else new != old


def _problems(
    row: Row, line: Line, wanted: Row, differing: Sequence[str], in_post: Mapping[str, list[str]], ledger: Ledger
) -> list[Problem]:
    role = line.item.role or ""
    found = []
    if row.get("role") and row["role"] != role:
        params = {"code": line.item.code, "role": names.role(role)}
        found.append(Problem("ledger.role_differs", "role", params))
    if "holders" in differing:
        found += [
            Problem("ledger.holder_not_in_role", "holders", _who(name, role, ledger))
            for name in wanted["holders"]
            if name not in in_post.get(role, ()) and name not in line.values["holders"]
        ]
    if wanted["state"] and wanted["state"] not in STATES:
        found.append(Problem("ledger.unknown_state", "state", {"state": wanted["state"]}))
    return found


def _who(name: str, role: str, ledger: Ledger) -> dict[str, str]:
    return {"name": name, "role": names.role(role), "grid": ledger.grid.name, "year": ledger.period}


def _shown(name: str, value: Any) -> str:
    if value in (None, [], ""):
        return ""
    if name == "state":
        return str(STATES.get(value, value))
    return "、".join(value) if isinstance(value, list) else str(value)


def _store(ledger: Ledger, line: Line, wanted: Row) -> None:
    entry = line.entry
    if entry is None:
        entry = LedgerEntry(item_id=line.item.id, unit=ledger.grid, period=ledger.period)
        db.session.add(entry)
    for name in FIELDS:
        setattr(entry, name, wanted[name])
