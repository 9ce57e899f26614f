"""Score sheets: what a score may be, what a deduction means, which printed sums differ."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from app.kit.excel import clean
from app.kit.excel.boards import (
    VILLAGE_HEADERS,
    Board,
    MatrixMatch,
    Place,
    board_across,
    board_down,
    scheme_of,
)
from app.kit.excel.book import Grid, address
from app.kit.excel.clean import decimal, half_up
from app.kit.excel.context import DeductionFact, ItemFact, SchemeFacts
from app.kit.excel.result import NOT_APPLICABLE, Issue, Reading, ReadResult
from app.kit.excel.sheet import Matrix
from app.kit.excel.titles import Facts
from app.kit.excel.values import Bad, Noted, tight

OCCURRENCES = re.compile(r"([+-]?\d{1,4})(人次|人|次|件|户|项|个|起|例)$")
TOLERANCE = Decimal("0.01")


def read_matrix(variant: Matrix, grid: Grid, match: MatrixMatch, facts: Facts, result: ReadResult) -> None:
    """Read the score sheet into the result; an item set that is not the scheme's rejects the file."""
    scheme = scheme_of(facts.context)
    board = (board_down if variant.items_down else board_across)(grid, match, scheme)
    fatal = list(_wrong_items(board, grid, scheme))
    if fatal:
        result.outcome = "rejected"
        result.issues.extend(fatal)
        return
    for row in sorted(grid.hidden_rows):
        if match.row < row < grid.height and grid.occupied[row]:
            result.issues.append(Issue("W02", grid.name, address(row, 0)))
    for column in sorted(grid.hidden_columns):
        head = grid.cell(match.row, column)
        if head != "":
            result.issues.append(Issue("W02", grid.name, address(match.row, column), head, "column"))
    Scores(variant, grid, board, scheme, facts, result).read()


def _wrong_items(board: Board, grid: Grid, scheme: SchemeFacts) -> Iterator[Issue]:
    for code, row, column, reason in board.problems:
        yield Issue(
            code, grid.name, address(row, column), _typed(grid.cell(row, column)), reason, {"scheme": scheme.name}
        )
    if board.problems:
        return
    placed = {place.fact.code for place in board.items}
    absent = [item.name for item in scheme.items if item.code not in placed]
    if absent:
        yield Issue("E03", grid.name, None, "、".join(absent), "items_missing", {"scheme": scheme.name})
        return
    total = sum((place.max for place in board.items), Decimal(0))
    if total != scheme.full_score:
        params = {"full_score": format(scheme.full_score, "f"), "scheme": scheme.name}
        yield Issue("E03", grid.name, None, format(total, "f"), "full_score", params)
        return
    for place in board.items:
        if isinstance(place.fact, ItemFact) and place.max != place.fact.max:
            params = {"max": format(place.fact.max, "f"), "item": place.fact.name}
            yield Issue("E03", grid.name, address(*place.max_cell), _typed(grid.cell(*place.max_cell)), "max", params)


def _typed(value: Any) -> Any:
    return value[1] if isinstance(value, tuple) else value


class Scores:
    """The values of one board, village by village."""

    def __init__(
        self, variant: Matrix, grid: Grid, board: Board, scheme: SchemeFacts, facts: Facts, result: ReadResult
    ) -> None:
        self.variant, self.grid, self.board, self.scheme = variant, grid, board, scheme
        self.facts, self.result = facts, result
        self.bad = False
        self.fields = {place.at: place.fact.code for place in (*board.items, *board.deductions)}

    def read(self) -> None:
        seen: dict[str, int] = {}
        for village in self.board.villages:
            row = self.read_village(village, seen)
            if row is not None:
                self.check_sums(village, row)
        self.result.readings[self.grid.name or ""] = self.reading()

    def read_village(self, village: int, seen: dict[str, int]) -> dict[str, Any] | None:
        """The row of one village, put into the result; None when it is rejected."""
        self.bad = False
        name = self.village_name(village, seen)
        row = self.village_row(village, name)
        place = (self.grid.name, self.board.label(village))
        if self.bad or name is None:
            self.result.rejected_rows.append(place)
            typed = {code: self.grid.cell(*self.board.cell(at, village)) for at, code in self.fields.items()}
            typed["village"] = self.grid.cell(*self.board.head(village))
            self.result.typed[place] = {code: value for code, value in typed.items() if value != ""}
            return None
        self.result.rows.append(row)
        self.result.row_places.append(place)
        return row

    def reading(self) -> Reading:
        """How this sheet was read."""
        placed = (*self.board.items, *self.board.deductions)
        return Reading(
            self.variant.code,
            {place.fact.code: place.at for place in placed},
            min(self.board.villages, default=0),
            max(self.board.villages, default=-1),
            self.board.village_line if self.board.items_down else min(self.board.villages, default=1) - 1,
            self.grid.width,
            self.facts.as_data(),
            ("village",),
            across=self.board.items_down,
            line=self.board.village_line,
            items={place.fact.code: (str(place.max), place.sign) for place in placed},
        )

    def report(self, code: str, cell: tuple[int, int], reason: str = "", **params: Any) -> None:
        self.bad = self.bad or not code.startswith("W")
        value = _typed(self.grid.cell(*cell))
        issue = Issue(code, self.grid.name, address(*cell), value, reason, params)
        self.result.issues.append(issue)
        at, village = cell if self.board.items_down else cell[::-1]
        of = self.result.row_issues.setdefault((self.grid.name, self.board.label(village)), [])
        of.append((self.fields.get(at, "village"), issue))

    def village_name(self, village: int, seen: dict[str, int]) -> str | None:
        cell = self.board.head(village)
        found = clean.village(self.grid.cell(*cell), self.facts)
        if isinstance(found, Noted):
            self.report(found.code, cell, **found.params)
            found = found.value
        if isinstance(found, Bad):
            self.report(found.code, cell, found.reason, **found.params)
            return None
        if found is None:
            self.report("E11", cell, header=VILLAGE_HEADERS[0])
            return None
        if found in seen:
            self.report("E61", cell, first_row=self.board.label(seen[found]))
            return None
        seen[found] = village
        return str(found)

    def village_row(self, village: int, name: str | None) -> dict[str, Any]:
        by_code = {place.fact.code: self.score(place, village) for place in self.board.items}
        scores = {item.code: by_code[item.code] for item in self.scheme.items}
        occurrences: dict[str, int] = {}
        points: dict[str, Decimal] = {}
        for place in self.board.deductions:
            deducted = self.deduction(place, village, occurrences)
            if deducted:
                points[place.fact.code] = deducted
        row: dict[str, Any] = {"sheet": self.grid.name, "village": name, "scores": scores, "deduction_points": points}
        complete = not self.bad and None not in scores.values()
        computed = self.variant.compute(self.scheme, scores, points) if complete else None
        row |= {"occurrences": occurrences} if occurrences else {}
        row |= {"computed": computed} if computed else {"status": "incomplete"}
        return row

    def score(self, place: Place, village: int) -> Decimal | str | None:
        cell = self.board.cell(place.at, village)
        found = clean.points(self.grid.cell(*cell), self.facts)
        if isinstance(found, Noted):
            self.report(found.code, cell, **found.params)
            found = found.value
        if isinstance(found, Bad):
            self.report(found.code, cell, found.reason, header=place.fact.name, **found.params)
        elif isinstance(found, Decimal) and found < 0:
            self.report("E23", cell, "below_zero", header=place.fact.name)
        elif isinstance(found, Decimal) and found > place.max:
            self.report("E23", cell, "above_max", header=place.fact.name, max=format(place.max, "f"))
        elif found == NOT_APPLICABLE and isinstance(place.fact, ItemFact) and not place.fact.na_allowed:
            self.report("E23", cell, "not_applicable", header=place.fact.name)
        return found if isinstance(found, Decimal | str) else None

    def deduction(self, place: Place, village: int, occurrences: dict[str, int]) -> Decimal | None:
        """The points taken off, after the cap of the item: a bare number is points, 2件 is occurrences."""
        fact = place.fact
        assert isinstance(fact, DeductionFact)
        cell = self.board.cell(place.at, village)
        value = self.grid.cell(*cell)
        counted = OCCURRENCES.match(tight(value).replace("−", "-")) if isinstance(value, str) else None
        if counted:
            return self.occurred(fact, cell, int(counted[1]), occurrences)
        found = decimal(tight(value).removeprefix("扣") if isinstance(value, str) else value)
        if isinstance(found, Bad):
            self.report(found.code, cell, found.reason, header=fact.name, **found.params)
            return None
        if found is None:
            return None
        if found < 0 < place.sign:
            self.report("E23", cell, "negative_deduction", header=fact.name)
            return None
        return half_up(min(abs(found), fact.cap))

    def occurred(
        self, fact: DeductionFact, cell: tuple[int, int], times: int, occurrences: dict[str, int]
    ) -> Decimal | None:
        if times < 0:
            self.report("E23", cell, "below_zero", header=fact.name)
        elif fact.points is None and times:
            self.report("E22", cell, "level", header=fact.name)
        elif times:
            occurrences[fact.code] = times
            return half_up(min(times * (fact.points or Decimal(0)), fact.cap))
        return None

    # printed sums

    def check_sums(self, village: int, row: dict[str, Any]) -> None:
        computed = row.get("computed")
        if not computed:
            return
        for kind, at, covered in self.board.sums:
            cell = self.board.cell(at, village)
            printed = decimal(self.grid.cell(*cell))
            expected = self.expected(kind, covered, row, computed)
            if not isinstance(printed, Decimal) or not expected:
                continue
            if kind == "deductions":
                printed = abs(printed)
            if all(abs(printed - value) > TOLERANCE for value in expected):
                self.report("W01", cell, kind, computed=format(expected[0], "f"))

    def expected(
        self, kind: str, covered: tuple[str, ...], row: dict[str, Any], computed: dict[str, Any]
    ) -> tuple[Decimal, ...]:
        """What a printed sum may be; a base is printed before or after not-applicable items are evened out."""
        if kind == "aspect":
            scores = [row["scores"].get(code) for code in covered]
            return (sum((s for s in scores if isinstance(s, Decimal)), Decimal(0)),)
        if kind == "base":
            return (computed["base"], computed["earned"])
        if kind == "deductions":
            return (computed["effective"],)
        return (computed["final"],) if kind == "final" else ()
