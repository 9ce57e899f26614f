"""One sheet of an offline workbook that came back against what stands now."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from app.domain.errors import Problem
from app.domain.threeway import Fate, Matched, Named, Outcome, Row, match
from app.domain.threeway import compare as compare_rows
from app.features.exchange.services.offline_sheets import MASKED, digest_of, key_of, plain, raw_rows
from app.kit import excel
from app.kit.excel.offline import Returned, read_page
from app.kit.excel.writer import shown
from app.kit.exchange import Change
from app.kit.offline import OfflineSheet
from app.kit.problems import sentence

_LINE = re.compile(r"\d+$")


@dataclass(frozen=True)
class Came:
    """What is known about a sheet beside the file: what was handed out, what stands now, which version it was on."""

    code: str
    base: Mapping[str, Any]
    now: Mapping[str, Any]
    version: str
    stamp: str


@dataclass(frozen=True)
class RowFound:
    """One row worth showing.

    Shape: `kind` is changed, conflict, theirs, new, missing, gone or refused; `cells` field -> {label, outcome, words}
    with the words as handed out, now and mine; `mine` what came back; `stood` a digest of what stands.
    """

    kind: str
    key: str
    label: str
    line: int | str = ""
    cells: Mapping[str, Any] = field(default_factory=dict)
    mine: Mapping[str, Any] = field(default_factory=dict)
    problems: list[dict[str, Any]] = field(default_factory=list)
    stood: str = ""


@dataclass
class SheetFound:
    """One sheet compared: why it cannot be taken, or its rows and how many cells have which outcome."""

    code: str
    name: str
    problems: list[Problem] = field(default_factory=list)
    rows: list[RowFound] = field(default_factory=list)
    cells: Counter[str] = field(default_factory=Counter)
    same: int = 0

    def summary(self) -> dict[str, Any]:
        """The sheet as its line on the page."""
        kinds = Counter(row.kind for row in self.rows)
        return {
            "code": self.code,
            "name": self.name,
            "problems": [as_data(problem) for problem in self.problems],
            "cells": {outcome.value: self.cells[outcome.value] for outcome in Outcome},
            "rows": dict(kinds),
            "same": self.same,
        }


def as_data(problem: Problem) -> dict[str, Any]:
    """A problem as it is put down."""
    return {"code": problem.code, "where": problem.where, "params": {k: str(v) for k, v in problem.params.items()}}


def compare_sheet(sheet: OfflineSheet | None, came: Came, returned: Returned) -> SheetFound:
    """One sheet that came back against what stands now."""
    found = SheetFound(came.code, came.base["name"])
    obstacle = _obstacle(sheet, came)
    if obstacle or sheet is None:
        found.problems = [obstacle] if obstacle else []
        return found
    grid = returned.grid_of(came.base["name"], frozenset(came.base["rows"]))
    if grid is None:
        found.problems = [Problem("exchange.offline_sheet_missing", params={"sheet": found.name})]
        return found
    result, keys = read_page(returned, grid, sheet.page)
    if result.outcome == "refused" or (result.outcome == "rejected" and not result.rejected_rows):
        why = "".join(excel.sentence(issue) for issue in result.errors[:3])
        found.problems = [Problem("exchange.offline_sheet_unreadable", params={"sheet": found.name, "why": why})]
        return found
    _Comparison(sheet, came, found).run(result, keys)
    return found


def _obstacle(sheet: OfflineSheet | None, came: Came) -> Problem | None:
    name = came.base["name"]
    if sheet is None:
        return Problem("exchange.offline_sheet_closed", params={"sheet": name})
    if sheet.version != came.version:
        params = {"sheet": name, "was": came.version, "now": sheet.version}
        return Problem("exchange.offline_version", params=params)
    return sheet.closed


class _Comparison:
    """The rows of one sheet."""

    def __init__(self, sheet: OfflineSheet, came: Came, found: SheetFound) -> None:
        self.sheet, self.came, self.found = sheet, came, found
        self.base, self.now = came.base["rows"], came.now.get("rows", {})
        self.raw = raw_rows(sheet, came.stamp)
        self.mine: dict[str, Mapping[str, Any]] = {}
        self.notes: dict[str, list[Problem]] = {}
        self.kept_out: set[str] = set()
        self.blank: set[str] = set()  # keys of empty rows that were handed out, whatever stands in them now

    def run(self, result: Any, keys: Mapping[int, str]) -> None:
        self.take_faulty(result, keys)
        self.take_rows(result.rows, keys)
        rows = compare_rows(
            *(self.without_faulty(side) for side in (self.base, self.now)), self.my_cells(), self.sheet.fields
        )
        staged = [(row, self.staged(row)) for row in rows]
        self.found.rows += self.asked([one for _row, one in staged if one is not None])

    # which rows came back

    def take_faulty(self, result: Any, keys: Mapping[int, str]) -> None:
        """Rows with a cell that cannot be read: refused with what is wrong, and compared no further."""
        by_line: dict[int, list[Any]] = {}
        for issue in result.errors:
            line = _LINE.search(issue.cell or "")
            by_line.setdefault(int(line[0]) if line else 0, []).append(issue)
        for _grid, line in result.rejected_rows:
            key = keys.get(int(line), "")
            self.kept_out.add(key)
            problems = [
                as_data(
                    Problem(
                        "exchange.offline_cell",
                        issue.cell or "",
                        {"why": excel.sentence(issue)},
                    )
                )
                for issue in by_line.get(int(line), [])
            ]
            self.found.rows.append(RowFound("refused", key, self.name_of_key(key), line, problems=problems))

    def name_of_key(self, key: str) -> str:
        known = self.base.get(key) or self.now.get(key)
        return " ".join(part for part in known["name"] if part) if known else ""

    def take_rows(self, rows: Sequence[Mapping[str, Any]], keys: Mapping[int, str]) -> None:
        known = {key: tuple(row["name"]) for side in (self.base, self.now) for key, row in side.items()}
        names = [Named(keys.get(row["row"], ""), self.sheet.name_of(row)) for row in rows]
        for row, named, matched in zip(rows, names, match(names, known), strict=True):
            self.take_row(row, named, matched)

    def take_row(self, row: Mapping[str, Any], named: Named, matched: Matched) -> None:
        label = " ".join(part for part in named.name if part)
        if matched.wrong:
            problem = as_data(Problem(f"exchange.offline_{matched.wrong}"))
            if matched.wrong == "mixed":
                self.kept_out.add(named.key)
            self.found.rows.append(RowFound("refused", named.key, label, row["row"], problems=[problem]))
            return
        key = matched.key or key_of(self.came.stamp, self.came.code, named.name)
        if key in self.mine:  # of two new rows of one name neither may take the place of the other
            twice = [as_data(Problem("exchange.offline_twice"))]
            self.found.rows.append(RowFound("refused", named.key, label, row["row"], problems=twice))
            return
        if key == named.key:
            self.blank.add(key)
        elif matched.foreign:
            self.notes[key] = [Problem("exchange.offline_foreign")]
        self.mine[key] = row

    def without_faulty(self, side: Mapping[str, Any]) -> dict[str, Any]:
        return {key: row["cells"] for key, row in side.items() if key not in self.kept_out}

    def my_cells(self) -> dict[str, dict[str, Any]]:
        return {key: self.cells_of_mine(key, row) for key, row in self.mine.items() if key not in self.kept_out}

    def cells_of_mine(self, key: str, row: Mapping[str, Any]) -> dict[str, Any]:
        """What was typed; stars that came back as they went out stand for what they mask."""
        before = self.base.get(key, {}).get("cells", {})
        cells = {name: plain(row.get(name)) for name in self.sheet.fields}
        return {name: before.get(name) if value is excel.UNCHANGED else value for name, value in cells.items()}

    # what became of them

    def staged(self, row: Row) -> RowFound | None:
        if row.fate in (Fate.MISSING_BOTH, Fate.ADDED_THEIRS) or self.is_left_empty(row):
            return None
        if row.fate is Fate.MISSING_MINE:
            return RowFound("missing", row.key, self.name_of_key(row.key))
        kind = self.kind_of(row)
        if row.fate is not Fate.ADDED_MINE:
            self.found.cells.update(cell.outcome.value for cell in row.cells.values())
        if not kind:
            self.found.same += 1
            return None
        mine = self.mine[row.key]
        problems = [as_data(problem) for problem in self.notes.get(row.key, ())]
        if kind == "gone":
            problems.append(as_data(Problem("exchange.offline_gone")))
        label = " ".join(part for part in self.sheet.name_of(mine) if part)
        stored = self.values_of(row.key, mine)
        return RowFound(
            kind, row.key, label, mine["row"], self.words(row), stored, problems, digest_of(self.raw.get(row.key))
        )

    def is_left_empty(self, row: Row) -> bool:
        """True for an empty row that came back as it was handed out."""
        untouched = all(cell.mine in (None, []) for cell in row.cells.values())
        return row.fate is Fate.ADDED_MINE and row.key in self.blank and untouched

    def kind_of(self, row: Row) -> str:
        if row.fate is Fate.ADDED_MINE:
            return "new"
        if row.fate is Fate.MISSING_THEIRS:
            return "gone" if row.of(Outcome.MINE) or row.of(Outcome.CONFLICT) else ""
        if row.undecided:
            return "conflict"
        if row.of(Outcome.MINE):
            return "changed"
        return "theirs" if row.of(Outcome.THEIRS) else ""

    def values_of(self, key: str, row: Mapping[str, Any]) -> dict[str, Any]:
        """The typed values to keep: of a known row those that are compared, of a new one all of it."""
        if key in self.raw:
            return {name: row.get(name) for name in self.sheet.fields}
        return dict(row)

    def words(self, row: Row) -> dict[str, Any]:
        """The cells worth showing, with their three values as people read them."""
        return {
            name: {
                "label": self.label(name),
                "outcome": cell.outcome.value,
                "words": [self.word(name, value) for value in (cell.base, cell.now, cell.mine)],
            }
            for name, cell in row.cells.items()
            if cell.outcome is not Outcome.UNCHANGED
        }

    def label(self, name: str) -> str:
        column = self.sheet.page.sheet.by_field.get(name)
        return column.headers[0] if column else name

    def word(self, name: str, value: Any) -> str:
        if value is None or value == []:
            return ""
        if isinstance(value, str) and value.startswith(MASKED):
            return MASKED
        column = self.sheet.page.sheet.by_field.get(name)
        text = shown(column, {name: value}) if column else value
        return "" if text is None else str(text)

    # what saving would say

    def asked(self, rows: list[RowFound]) -> list[RowFound]:
        """The rows, those the door would refuse marked with its reasons."""
        asked = [row for row in rows if row.kind in ("changed", "conflict", "new")]
        if not asked:
            return rows
        answers = self.sheet.save([self.wanted(row) for row in asked], True)
        refused = {
            row.key: [as_data(problem) for problem in change.problems]
            for row, change in zip(asked, answers, strict=True)
            if change.kind is Change.REFUSED
        }
        return [
            replace(row, kind="refused", problems=[*row.problems, *refused[row.key]])
            if row.key in refused and row.kind in ("changed", "conflict", "new")
            else row
            for row in rows
        ]

    def wanted(self, row: RowFound) -> dict[str, Any]:
        fields = [name for name, cell in row.cells.items() if cell["outcome"] in ("mine", "conflict")]
        standing = self.raw.get(row.key)
        return {**standing, **{name: row.mine.get(name) for name in fields}} if standing is not None else dict(row.mine)


def in_words(problem: Mapping[str, Any]) -> str:
    """A problem that was put down, as people read it."""
    return sentence(Problem(problem["code"], problem["where"], problem["params"]))
