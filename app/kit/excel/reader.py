"""A workbook to typed rows and issues: recognise the sheets, read what the titles state, then each grid."""

from __future__ import annotations

import gc
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from app.kit.excel import boards, fitting, matrix, placing
from app.kit.excel.book import Book, Grid, address
from app.kit.excel.clean import WAN, whole
from app.kit.excel.context import ReadContext
from app.kit.excel.fit import Fit, meanings_of
from app.kit.excel.mapping import HeaderMatch, find_header
from app.kit.excel.opening import FileRefused, Limits, open_workbook
from app.kit.excel.report import EXPLAINED
from app.kit.excel.result import Issue, ReadResult
from app.kit.excel.sheet import Layout, Matrix, Sheet, layout_of
from app.kit.excel.table import TableReading
from app.kit.excel.titles import Facts, read_titles

META = "_meta"
NUMBER = "number"  # in the lines of a record, and in the record: which belong together
REFUSED = "-refused"  # in the extras: the numbers of the records some lines of which could not be read
_UNIT = re.compile(r"[(（][^()（）]*?(万元|元)[^()（）]*[)）]")


def read(
    sheet: Layout | Sheet | Matrix,
    data: bytes,
    filename: str,
    context: ReadContext,
    *,
    limits: Limits | None = None,
    fit: Fit | None = None,
    fits: Sequence[Fit] = (),
) -> ReadResult:
    """What the file says, read as the layout. Never raises for what is in the file: a refusal is a result, too.

    With a `fit` the columns stand where it says. Of `fits`, made on earlier files of the office, the one this file has the
    header of is used, where the layout itself is not found also one it is merely like; `fitted` in the result says which.
    """
    layout = layout_of(sheet)
    try:
        book = open_workbook(data, filename, limits)
    except FileRefused as refused:
        problem = refused.problems[0]
        issue = Issue(problem.code, reason=refused.kind, params=dict(problem.params))
        return ReadResult(layout.variants[0].code, "refused", issues=[issue])
    return read_book(layout, book, context, filename=filename, fit=fit, fits=fits)


@contextmanager
def _many_small_objects(book: Book) -> Iterator[None]:
    """Spare a big file the garbage collector, which would walk all rows again and again and find nothing."""
    pause = gc.isenabled() and sum(grid.height for grid in book.grids) > 10_000
    if pause:
        gc.disable()
    try:
        yield
    finally:
        if pause:
            gc.enable()


def read_book(
    layout: Layout,
    book: Book,
    context: ReadContext,
    *,
    filename: str = "",
    fit: Fit | None = None,
    fits: Sequence[Fit] = (),
) -> ReadResult:
    """What the opened book says, read as the layout, or as a fit to it says."""
    with _many_small_objects(book):
        if fit is not None:
            return _read_fitted(layout, book, context, fit, filename)
        ours = any(grid.name == META for grid in book.grids)  # our own export says itself what it is
        meant = (number for number, one in enumerate(fits) if not ours and placing.same_header(one, book))
        known = next(meant, None)
        result = _read_book(layout, book, context, filename) if known is None else None
        if result is not None and fits and any(issue.code in ("E01", "E02") for issue in result.issues):
            near = placing.recognise(fits, book)
            known = near.index if near and near.likeness >= placing.ENOUGH else None
        if known is not None:
            result = _read_fitted(layout, book, context, fits[known], filename)
            result.fitted = known
        assert result is not None
        return result


def _read_fitted(layout: Layout, book: Book, context: ReadContext, fit: Fit, filename: str) -> ReadResult:
    """The sheets in which the fit is found, read as it says."""
    result = ReadResult(fit.variant)
    if book.encoding:
        result.extras["encoding"] = book.encoding
    found = fitting.fitted(fit, layout, book, context)
    if not found:
        return _not_found(result, book)
    read = {id(one.source) for one in found}
    result.skipped_sheets = [
        {"sheet": grid.name, "why": "hidden" if grid.state != "visible" else "no header"}
        for grid in book.grids
        if id(grid) not in read and not (grid.name or "").startswith("_")
    ]
    meanings = {**context.meanings}
    for field, words in meanings_of(fit).items():
        meanings[field] = {**meanings.get(field, {}), **words}
    learned = {**context.learned, **meanings.get("village", {})}
    knowing = replace(context, meanings=meanings, learned=learned)
    kinds = next(variant.kinds for variant in layout.variants if variant.code == fit.variant)

    def facts_of(best: Recognised, grid: Grid) -> Facts:
        return fitting.with_fit(fit, _facts(best, grid, knowing, book, filename), kinds, (grid.name or "", filename))

    pairs = [(one.grid, Recognised(one.sheet, one.match.share, one.match.row, one.match)) for one in found]
    return _read_grids(layout, pairs, knowing, result, facts_of)


def _read_book(layout: Layout, book: Book, context: ReadContext, filename: str) -> ReadResult:
    result = ReadResult(layout.variants[0].code)
    if book.encoding:
        result.extras["encoding"] = book.encoding
    found: list[tuple[Grid, Recognised]] = []
    for grid in book.grids:
        if grid.name == META:
            result.meta = _meta(grid)
        elif (grid.name or "").startswith("_"):
            continue  # lists behind our own drop-downs
        elif grid.state != "visible":
            result.skipped_sheets.append({"sheet": grid.name, "why": "hidden"})
        elif best := _recognise(layout, grid, context):
            found.append((grid, best))
        else:
            result.skipped_sheets.append({"sheet": grid.name, "why": "no header"})
    main = [one for one in found if one[1].variant in layout.variants]
    if not main:
        return _not_found(result, book)
    result.layout = main[0][1].variant.code
    if result.meta.get("layout") and result.meta["layout"] not in {v.code for v in layout.variants}:
        return _reject(result, [Issue("E03", reason="layout", params={"layout": result.meta["layout"]})])
    return _read_grids(layout, found, context, result, lambda best, grid: _facts(best, grid, context, book, filename))


def _read_grids(
    layout: Layout,
    found: Sequence[tuple[Grid, Recognised]],
    context: ReadContext,
    result: ReadResult,
    facts_of: Callable[[Recognised, Grid], Facts],
) -> ReadResult:
    for grid, best in found:
        if best.variant in layout.variants and best.variant.code != result.layout:
            result.skipped_sheets.append({"sheet": grid.name, "why": "another layout"})
            continue
        facts = _with_header_unit(best, grid, facts_of(best, grid))
        grid, best = _with_village(best, grid, facts, context)
        fatal = _fatal(best, grid, facts, context)
        if fatal:
            result.period = result.period or facts.period
            return _reject(result, fatal)
        if best.variant in layout.variants:
            result.period = result.period or facts.period
            result.places[grid.name or ""] = (best.header_row, grid.width)
        best.read(grid, facts, result)
        if result.outcome == "rejected":
            return _reject(result, [])
    _lines_of_nobody(layout, result)
    if result.period is None:
        result.period = next((row["month"] for row in result.rows if "month" in row), None)
    return result.settle()


def _lines_of_nobody(layout: Layout, result: ReadResult) -> None:
    """E32 for a line whose number no record of the file has."""
    own = [sheet for sheet in layout.companions if sheet.within and result.extras.get(sheet.code)]
    if not own:
        return
    numbers = {row.get(NUMBER) for row in result.rows}
    numbers |= {_whole(result.typed.get(place, {}).get(NUMBER)) for place in result.rejected_rows}
    for sheet in own:
        for line in result.extras[sheet.code]:
            if line[NUMBER] not in numbers:
                cell = address(line["row"] - 1, result.line_places[sheet.code])
                result.issues.append(Issue("E32", sheet.name, cell, line[NUMBER], "line"))


def _whole(value: object) -> int | None:
    found = whole(value)
    return found if isinstance(found, int) else None


@dataclass(frozen=True)
class Recognised:
    """A layout found in a grid."""

    variant: Sheet | Matrix
    share: float
    header_row: int
    match: Any
    companion: bool = False

    def read(self, grid: Grid, facts: Facts, result: ReadResult) -> None:
        """Read the grid into the result; a companion's rows go to the extras."""
        if isinstance(self.variant, Matrix):
            matrix.read_matrix(self.variant, grid, self.match, facts, result)
        elif self.companion:
            beside = ReadResult(self.variant.code)
            TableReading(self.variant, grid, self.match, facts, beside).read()
            rows = [{name: value for name, value in row.items() if name != "sheet"} for row in beside.rows]
            result.extras.setdefault(self.variant.code, []).extend(rows)
            result.issues.extend(beside.issues)
            if self.variant.within:
                numbers = [beside.typed.get(place, {}).get(NUMBER) for place in beside.rejected_rows]
                result.extras.setdefault(f"{self.variant.code}{REFUSED}", []).extend(numbers)
                result.line_places[self.variant.code] = self.match.columns[NUMBER]
        else:
            TableReading(self.variant, grid, self.match, facts, result).read()


def _recognise(layout: Layout, grid: Grid, context: ReadContext) -> Recognised | None:
    best: Recognised | None = None
    own = [sheet for sheet in layout.companions if sheet.within]  # these are known by their names, whatever they ask
    named = [sheet for sheet in own if sheet.name == grid.name]
    for variant in named or (one for one in (*layout.variants, *layout.companions) if one not in own):
        if isinstance(variant, Matrix):
            match: Any = boards.find_matrix(variant, grid, context)
        else:
            match = find_header(variant, grid)
        if match and (best is None or match.share > best.share):
            best = Recognised(variant, match.share, match.row, match, variant in layout.companions)
    return best


def _facts(best: Recognised, grid: Grid, context: ReadContext, book: Book, filename: str) -> Facts:
    texts = list(grid.texts(range(best.header_row + 1)))
    texts += [(row, column, _spoken(value)) for row, column, value in grid.days(range(best.header_row))]
    ours = {column for _row, column, text in texts if text.startswith(EXPLAINED)}  # our own words in a file handed back
    lines = [t for t in texts if t[0] < best.header_row and t[0] not in grid.hidden_rows and t[1] not in ours]
    return read_titles(sorted(lines), best.variant.kinds, context, book.date1904, (grid.name or "", filename))


def _spoken(day: date) -> str:
    """A day in a title as the office reads it: the first of a month stands for the month."""
    return f"{day.year}年{day.month}月" + (f"{day.day}日" if day.day != 1 else "")


def _fatal(best: Recognised, grid: Grid, facts: Facts, context: ReadContext) -> list[Issue]:
    """What makes the whole file unusable: a column missing, another period, no year, an unclear unit."""
    variant, match = best.variant, best.match
    found = [
        Issue("E02", grid.name, None, name, params={"header": boards.header_of(variant, name)})
        for name in match.missing
    ]
    if isinstance(variant, Sheet):
        found += _unit_conflict(variant, grid, match, facts)
    if not variant.period_checked:
        return found
    if facts.period is None and facts.yearless and "month" in variant.kinds and "month" not in match.columns:
        row, column, text = facts.yearless
        found.append(Issue("E52", grid.name, address(row, column), text, "title"))
    expected = context.page_period
    if facts.period and expected and facts.period != expected and facts.period_place:
        row, column, text = facts.period_place
        params = {"expected": expected, "typed": text.strip()[:60]}
        found.append(Issue("E03", grid.name, address(row, column), facts.period, "period", params))
    return found


def _header_units(sheet: Sheet, grid: Grid, match: HeaderMatch) -> dict[tuple[int, int], str]:
    """For each column of money the unit its header states, "" for none, by the place of the header."""
    units: dict[tuple[int, int], str] = {}
    for column in sheet.columns:
        place = match.columns.get(column.field)
        if not column.money or place is None:
            continue
        typed = [(row, _UNIT.search(str(grid.cell(row, place)))) for row in range(match.row, match.first_data_row)]
        stated = next(((row, unit[1]) for row, unit in typed if unit), (match.row, ""))
        units[stated[0], place] = stated[1]
    return units


def _with_header_unit(best: Recognised, grid: Grid, facts: Facts) -> Facts:
    """The facts with the unit that all columns of money state, where no title states one."""
    if facts.unit or not isinstance(best.variant, Sheet):
        return facts
    units = set(_header_units(best.variant, grid, best.match).values())
    return replace(facts, unit="万元", factor=WAN) if units == {"万元"} else facts


def _with_village(best: Recognised, grid: Grid, facts: Facts, context: ReadContext) -> tuple[Grid, Recognised]:
    """The sheet of one village, which only its title or its own name says, with a column for it."""
    if not isinstance(best.variant, Sheet) or "village" not in best.match.missing or context.villages is None:
        return grid, best
    known = context.village(grid.name or "")
    village = facts.village or (known.name if known else None)
    if village is None:
        return grid, best
    lent, columns = fitting.lent(grid, {"village": village}, best.header_row)
    missing = tuple(name for name in best.match.missing if name != "village")
    match = replace(best.match, columns={**best.match.columns, **columns}, missing=missing)
    return lent, replace(best, match=match)


def _unit_conflict(sheet: Sheet, grid: Grid, match: HeaderMatch, facts: Facts) -> list[Issue]:
    """A header that states another unit than the title: which of them is right is not for us to guess."""
    for (row, place), unit in _header_units(sheet, grid, match).items():
        if unit and unit != (facts.unit or "元"):
            params = {"title_unit": facts.unit or "元", "header_unit": unit}
            return [Issue("E21", grid.name, address(row, place), grid.cell(row, place), params=params)]
    return []


def _not_found(result: ReadResult, book: Book) -> ReadResult:
    something = any(any(grid.occupied) for grid in book.grids)
    kind = "header not found" if something else "empty"
    result.outcome = "refused"
    result.issues = [Issue("E01", reason="" if something else "empty", params={"kind": kind})]
    return result


def _reject(result: ReadResult, issues: list[Issue]) -> ReadResult:
    result.outcome = "rejected"
    result.issues.extend(issues)
    result.rows, result.rejected_rows, result.dropped_rows = [], [], []
    return result


def _meta(grid: Grid) -> dict[str, str]:
    pairs = (grid.row(row)[:2] for row in range(grid.height))
    return {str(pair[0]): str(pair[1]) for pair in pairs if len(pair) == 2 and pair[0]}
