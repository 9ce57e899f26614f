"""One grid as a table: what the cells of its data rows mean, which printed totals differ.

A column is cleaned by its distinct values (see parsing.py), so a hundred thousand cells of 网格员 cost one cleaning.
"""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence
from itertools import repeat
from typing import Any

from app.kit.excel.book import Cells, Grid, address
from app.kit.excel.cleaned import Cleaned, meant_by
from app.kit.excel.datarows import Summary, choose
from app.kit.excel.filldown import filled_down
from app.kit.excel.mapping import HeaderMatch
from app.kit.excel.result import Issue, Reading, ReadResult
from app.kit.excel.sheet import Column, Finding, Row, Sheet
from app.kit.excel.titles import Facts
from app.kit.excel.totals import PrintedTotals
from app.kit.excel.values import Bad, Noted, empty, tight

ROW_KEY = "_key"


class _Line:
    """Lends its dict to a row: such dicts share the table of their keys, so that a hundred thousand rows take half the room."""


class TableReading:
    """The reading of one grid as a table."""

    def __init__(self, sheet: Sheet, grid: Grid, match: HeaderMatch, facts: Facts, result: ReadResult) -> None:
        self.sheet, self.grid, self.match, self.facts, self.result = sheet, grid, match, facts, result
        self.rows: list[int] = []
        self.summaries: list[Summary] = []
        self.hidden: list[int] = []
        self.rejected: set[int] = set()
        self.sections: list[int] = []
        self.filled_from: dict[int, dict[int, int]] = {}  # column -> row -> the row above that it takes its value from
        self.beside: dict[tuple[Any, ...], list[int]] = {}  # key -> rows beside the first of it
        self.every: list[Row] = []  # what was read from every data row, refused ones included
        self.reported: dict[tuple[str, str], Issue] = {}
        self.fields = {place: name for name, place in match.columns.items()}

    def read(self) -> None:
        chosen = choose(self.grid, self.match)
        self.rows, self.summaries, self.hidden = chosen.rows, chosen.summaries, chosen.hidden
        self.result.dropped_rows.extend(chosen.dropped)
        if chosen.beyond:
            self.report("W06", chosen.beyond[0], 0, more=len(chosen.beyond) - 1)
        if self.sheet.sections in self.match.columns:
            self.drop_sections(self.match.columns[self.sheet.sections])
        for row in self.hidden:
            self.report("W02", row, 0)
        for place in sorted(self.grid.hidden_columns):
            if self.grid.cell(self.match.row, place) not in ("", ROW_KEY):
                self.report("W02", self.match.row, place, "column")
        columns = self.read_rows()
        PrintedTotals(self, columns).check()
        self.check_whole()
        self.result.readings[self.grid.name or ""] = self.reading()

    def drop_sections(self, place: int) -> None:
        """Lines that say one thing across the table are headings of what is below them, no data."""
        for row in self.rows:
            said = {tight(str(value)) for value in self.grid.row(row) if not empty(value)}
            if len(said) == 1 and not empty(self.grid.cell(row, place)):
                self.sections.append(row)
                label = str(self.grid.cell(row, place))
                dropped = {"sheet": self.grid.name, "row": row + 1, "why": "section", "label": label}
                self.result.dropped_rows.append(dropped)
        self.rows = [row for row in self.rows if row not in self.sections]

    def read_rows(self) -> list[Cleaned]:
        """Clean the data rows and build what they give."""
        columns = [self.cleaned(column, place) for column, place in self.places()]
        self.check_required(columns)
        self.build(columns)
        return columns

    def reading(self) -> Reading:
        """How this grid was read."""
        data = [*self.rows, *(summary.row for summary in self.summaries)]
        return Reading(
            self.sheet.code,
            dict(self.match.columns),
            self.match.first_data_row,
            max(data, default=self.match.first_data_row - 1),
            self.match.first_data_row - 1,
            self.grid.width,
            self.facts.as_data(),
            self.sheet.key,
            tuple(column.field for column in self.sheet.columns if column.fill_down),
        )

    def places(self) -> list[tuple[Column, int]]:
        by_field = self.sheet.by_field
        return [(by_field[name], place) for name, place in self.match.columns.items()]

    def report(
        self, code: str, row: int, place: int, reason: str = "", value: Any = None, of: int | None = None, **params: Any
    ) -> None:
        """Note an issue once per code and cell; `of` is the data row it keeps out or warns about."""
        field = self.fields.get(place, "")
        row, place = self.grid.origin(row, place)
        cell = address(row, place)
        issue = self.reported.get((code, cell))
        if issue is None:
            if value is None:
                value = self.grid.cell(row, place)
            value = value[1] if isinstance(value, tuple) and len(value) == 2 else value
            issue = self.reported[code, cell] = Issue(code, self.grid.name, cell, value, reason, params)
            self.result.issues.append(issue)
        if of is not None:
            self.result.row_issues.setdefault((self.grid.name, of + 1), []).append((field, issue))

    # cells

    def cleaned(self, column: Column, place: int) -> Cleaned:
        cells, facts = self.grid.columns[place], self.facts
        meant = facts.context.meanings.get(column.field)
        verdicts = [column.clean(meant_by(value, meant) if meant else value, facts) for value in cells.values]
        chosen = self.filled(place) if column.fill_down else self.standing(cells)
        found = Cleaned(column, place, verdicts, chosen)
        special = {code for code, value in enumerate(verdicts) if type(value) in (Bad, Noted)}
        if special and not special.isdisjoint(chosen):
            self.report_special(found, special)
        return found

    def standing(self, cells: Cells) -> Sequence[int]:
        """Which value of a column stands in each data row."""
        first, last = (self.rows[0], self.rows[-1]) if self.rows else (0, -1)
        if last - first + 1 == len(self.rows):
            return cells.codes[first : last + 1]  # no row between them is left out
        return array("I", map(cells.codes.__getitem__, self.rows))

    def filled(self, place: int) -> list[int]:
        chosen, self.filled_from[place] = filled_down(self, place)
        return chosen

    def report_special(self, found: Cleaned, special: set[int]) -> None:
        origins = self.filled_from.get(found.place, {})
        for index, code in enumerate(found.chosen):
            if code not in special:
                continue
            value, row = found.distinct[code], self.rows[index]
            typed_at = origins.get(row, row)
            if isinstance(value, Noted):
                self.report(value.code, typed_at, found.place, of=row, **value.params)
            else:
                found.faulty.add(row)
                self.rejected.add(row)
                params = {"header": found.column.headers[0].rpartition("/")[2], **value.params}
                self.report(value.code, typed_at, found.place, value.reason, value.value, row, **params)

    def check_required(self, columns: list[Cleaned]) -> None:
        for found in columns:
            lacking = {code for code, value in enumerate(found.clean) if value is None or value == ()}
            if not found.column.required or lacking.isdisjoint(found.chosen):
                continue
            for row, code in zip(self.rows, found.chosen, strict=True):
                if code in lacking and row not in found.faulty:
                    self.rejected.add(row)
                    self.report("E11", row, found.place, of=row, header=found.column.headers[0].rpartition("/")[2])

    # rows

    def build(self, columns: list[Cleaned]) -> None:
        order = {column.field: number for number, column in enumerate(self.sheet.columns)}
        columns = sorted(columns, key=lambda found: order[found.column.field])
        keeps = self.sheet.keeps_empty
        told = [found for found in columns if keeps or not found.silent]
        gappy = [] if keeps else [found.column.field for found in told if found.gappy]
        gappy += [] if self.grid.name else ["sheet"]
        names = ["sheet", "row", *(found.column.field for found in told)]
        name, derive, rules, facts = self.grid.name, self.sheet.derive, self.sheet.rules, self.facts
        seen: dict[tuple[Any, ...], int] = {}
        row_keys = self.row_keys()
        good: list[Row] = []
        numbers = [line + 1 for line in self.rows]
        lines = zip(repeat(name), numbers, *(found.values() for found in told), strict=False)
        for line, values in zip(self.rows, lines, strict=True):
            row: Row = vars(_Line())
            row.update(zip(names, values, strict=True))
            for field in gappy:
                if row[field] is None:
                    del row[field]
            if line in row_keys:
                row["row_key"] = row_keys[line]
            if self.sheet.numbered:
                row[self.sheet.numbered] = len(self.every) + 1
            if derive:
                derive(row, facts)
            self.every.append(row)
            for rule in rules:
                for finding in rule(row, facts):
                    self.take(finding, line)
            if self.sheet.key:
                self.check_key(row, line, seen)
            if line not in self.rejected:
                good.append(row)
        self.result.rows.extend(good)
        self.result.rejected_rows.extend((name, line + 1) for line in sorted(self.rejected))
        self.keep_typed(columns, row_keys)
        if self.sheet.extras:
            self.state(self.sheet.extras(good, facts))

    def state(self, stated: Mapping[str, Any]) -> None:
        """Keep what this grid states for all its rows beside what the grids before it stated."""
        for name, value in stated.items():
            before = self.result.extras.get(name)
            both = isinstance(value, Mapping) and isinstance(before, Mapping)
            self.result.extras[name] = {**before, **value} if both else value  # type: ignore[dict-item]

    def check_whole(self) -> None:
        """What the layout finds wrong with the rows taken together."""
        if not self.sheet.whole:
            return
        for (line, at), finding in self.sheet.whole(self.every, self.as_typed, self.facts):
            place = self.match.columns.get(at, 0) if isinstance(at, str) else at
            self.report(finding.code, line, place, finding.reason, finding.value, **finding.params)

    def as_typed(self, row: Row, field: str) -> Any:
        """The cell of a row as it was typed, or the one above it is filled from; "" where the column is not there."""
        line, place = row["row"] - 1, self.match.columns.get(field, -1)
        return self.grid.cell(self.filled_from.get(place, {}).get(line, line), place)

    def keep_typed(self, columns: list[Cleaned], row_keys: dict[int, str]) -> None:
        """Keep what stands in the cells of the rejected rows, so that they can be mended without the file."""
        for index, line in enumerate(self.rows):
            if line in self.rejected:
                typed = {
                    found.column.field: self.grid.columns[found.place].values[found.chosen[index]] for found in columns
                }
                if line in row_keys:
                    typed[ROW_KEY] = row_keys[line]
                self.result.typed[self.grid.name, line + 1] = {
                    name: value for name, value in typed.items() if value != ""
                }

    def row_keys(self) -> dict[int, str]:
        """The hidden keys of a file we exported."""
        for column in sorted(self.grid.hidden_columns, reverse=True):
            if self.grid.cell(self.match.row, column) == ROW_KEY:
                cells = self.grid.columns[column]
                return {row: str(cells.at(row)) for row in self.rows if cells.at(row) != ""}
        return {}

    def take(self, finding: Finding, line: int) -> None:
        if not finding.code.startswith("W"):
            self.rejected.add(line)
        elif line in self.rejected:
            return  # what is wrong is said already; a sum or rate over it says nothing more
        place = self.match.columns.get(finding.field, 0)
        column = self.sheet.by_field.get(finding.field)
        header = column.headers[0].rpartition("/")[2] if column else finding.field
        params = {"header": header, **finding.params}
        self.report(finding.code, line, place, finding.reason, finding.value, line, **params)

    def check_key(self, row: Row, line: int, seen: dict[tuple[Any, ...], int]) -> None:
        """Keep out a second row of one key; `seen` has the place of the first row of a key in `every`, this row being the last."""
        key = tuple(map(row.get, self.sheet.key))
        if key[0] is None or key[-1] is None or line in self.rejected:
            return
        here = len(self.every) - 1
        at_first = seen.setdefault(key, here)
        if at_first == here:
            return
        clash, also = self.sheet.clash, self.beside.setdefault(key, [])
        first = next((at for at in (at_first, *also) if clash is None or clash(self.every[at], row)), None)
        if first is None:
            also.append(here)
            return
        self.rejected.add(line)
        self.report(
            "E61", line, self.match.columns.get(self.sheet.key_cell, 0), of=line, first_row=self.rows[first] + 1
        )
