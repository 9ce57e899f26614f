"""The program that writes rows into an office's own workbook, in the child process.

Titles, merges, widths, formulas and signatures stay. The rows of data become as many as there are to write: what stands
below moves, and every formula and area that reached over the rows reaches over the new ones.
"""

from __future__ import annotations

import io
import re
import zipfile
from decimal import Decimal
from typing import Any

from app.kit.excel.child import serve
from app.kit.excel.marking import opened, put_text

Known = dict[tuple[str, int, int], Any]
"""Sheet, row and column of a formula -> what it comes to."""
_SUM = re.compile(r"=SUM\(\$?([A-Z]{1,3})\$?(\d+):\$?([A-Z]{1,3})\$?(\d+)\)")
_FORMULA = re.compile(r'(<c r="([A-Z]{1,3})(\d+)"[^>]*><f>[^<]*</f>)<v\s*(?:/>|></v>)')
_CELL = re.compile(r"(\$?[A-Z]{1,3})(\$?)(\d{1,7})")


class Moves:
    """Where a row goes when the rows `first` to `last` become `count` (at least one row stays)."""

    def __init__(self, first: int, last: int, count: int) -> None:
        self.first, self.last = first, max(last, first)
        self.new_last = first + max(count, 1) - 1
        self.by = self.new_last - self.last

    def row(self, row: int) -> int:
        """A row outside the data, or the nearest one inside."""
        return row + self.by if row > self.last else min(row, self.new_last)

    def area(self, top: int, bottom: int) -> tuple[int, int]:
        """The first and last row of an area; one that reached over the data reaches over the new rows."""
        covers = top <= self.first <= bottom or self.first <= top <= self.last
        end = self.new_last if covers and bottom <= self.last and bottom >= self.first else self.row(bottom)
        return self.row(top), max(end, self.row(top))


def filled(request: dict[str, Any]) -> dict[str, Any]:
    """The workbook of a request with its rows or cells written, as bytes."""
    book = opened(request)
    known: Known = {}
    for block in request.get("blocks", ()):
        paper = _paper(book, block["sheet"])
        moves = Moves(block["first"], block["last"], len(block["rows"]))
        _make_room(book, paper, moves, set(block["columns"]))
        _write(paper, block, moves, known)
    for sheet, row, column, value in request.get("cells", ()):
        _put(_paper(book, sheet).cell(row, column), value)
    out = io.BytesIO()
    book.save(out)
    return {"data": with_values(out.getvalue(), book, known)}


def _paper(book: Any, name: str | None) -> Any:
    return book[name] if name and name in book.sheetnames else book.worksheets[0]


def _put(cell: Any, value: Any) -> None:
    if _covered(cell):
        return
    if isinstance(value, str):
        put_text(cell, value)
    else:
        cell.value = value


def _covered(cell: Any) -> bool:
    from openpyxl.cell.cell import MergedCell

    return isinstance(cell, MergedCell)


# --- room -------------------------------------------------------------------------------------------------------------


def _make_room(book: Any, paper: Any, moves: Moves, columns: set[int]) -> None:
    pattern = _apart(paper, moves)
    _move_formulas(book, paper, moves)
    _move_cells(paper, moves)
    _move_areas(book, paper, moves)
    for row in range(moves.first + 1, moves.new_last + 1):
        _copy_row(paper, moves.first, row, columns)
    for left, right in pattern:
        for row in range(moves.first, moves.new_last + 1):
            paper.merge_cells(start_row=row, start_column=left, end_row=row, end_column=right)


def _apart(paper: Any, moves: Moves) -> list[tuple[int, int]]:
    """Take merges of the data apart and move those below; what each row of data merges is given back."""
    pattern = []
    for merge in list(paper.merged_cells.ranges):
        top, bottom = merge.min_row, merge.max_row
        if top > moves.last:
            paper.merged_cells.remove(merge)
            merge.shift(row_shift=moves.by)
            paper.merged_cells.add(merge)
        elif bottom >= moves.first:
            paper.unmerge_cells(str(merge))
            if top == bottom == moves.first and merge.max_col > merge.min_col:
                pattern.append((merge.min_col, merge.max_col))
    return pattern


def _move_cells(paper: Any, moves: Moves) -> None:
    cells = {}
    for (row, column), cell in paper._cells.items():
        if moves.first < row <= moves.last:
            continue
        if row > moves.last:
            cell.row = row + moves.by
        cells[cell.row, column] = cell
    paper._cells = cells
    heights = {row: (one.height, one.hidden) for row, one in paper.row_dimensions.items()}
    for row in [row for row in heights if row > moves.first]:
        del paper.row_dimensions[row]
    for row, (height, hidden) in heights.items():
        if row > moves.last:
            paper.row_dimensions[row + moves.by].height = height
            paper.row_dimensions[row + moves.by].hidden = hidden


def _copy_row(paper: Any, source: int, target: int, columns: set[int]) -> None:
    """The look of the first row of data, and of its formulas those that reckon within the row."""
    from openpyxl.formula.translate import Translator

    for column in range(1, paper.max_column + 1):
        one = paper._cells.get((source, column))
        if one is None or _covered(one):
            continue
        cell = paper.cell(target, column)
        cell._style = one._style
        if one.data_type == "f" and isinstance(one.value, str):
            cell.value = Translator(one.value, origin=one.coordinate).translate_formula(cell.coordinate)
    height = paper.row_dimensions[source].height
    if height is not None:
        paper.row_dimensions[target].height = height


# --- formulas and areas -----------------------------------------------------------------------------------------------


def _move_formulas(book: Any, paper: Any, moves: Moves) -> None:
    for sheet in book.worksheets:
        for (row, _column), cell in sheet._cells.items():
            if cell.data_type == "f" and isinstance(cell.value, str):
                inside = sheet is paper and moves.first <= row <= moves.last
                cell.value = moved_formula(cell.value, moves, paper.title, sheet is paper, inside)


def moved_formula(formula: str, moves: Moves, title: str, own: bool, inside: bool) -> str:
    """A formula after the rows moved; one within a row of data only follows what stands below the data."""
    from openpyxl.formula import Tokenizer

    tokens = Tokenizer(formula)
    for token in tokens.items:
        if token.type != "OPERAND" or token.subtype != "RANGE":
            continue
        sheet, mark, place = token.value.rpartition("!")
        if own if not mark else sheet.strip("'") == title:
            token.value = sheet + mark + _moved_reference(place, moves, inside)
    return tokens.render()


def _moved_reference(place: str, moves: Moves, inside: bool) -> str:
    parts = place.split(":")
    found = [_CELL.fullmatch(part) for part in parts]
    if any(one is None for one in found):
        return place
    rows = [int(one[3]) for one in found if one]
    if inside:
        new = [row + moves.by if row > moves.last else row for row in rows]
    elif len(rows) == 2:
        new = list(moves.area(*rows))
    else:
        new = [moves.row(rows[0])]
    return ":".join(f"{one[1]}{one[2]}{row}" for one, row in zip(found, new, strict=True) if one)


def _move_areas(book: Any, paper: Any, moves: Moves) -> None:
    """Drop-downs, conditional looks, filters and the printed area."""
    from openpyxl.formatting.formatting import ConditionalFormattingList

    for rule in paper.data_validations.dataValidation:
        rule.sqref = type(rule.sqref)(_moved_ranges(str(rule.sqref), moves))
    looks = ConditionalFormattingList()
    for look in paper.conditional_formatting:
        for rule in look.rules:
            looks.add(_moved_ranges(str(look.sqref), moves), rule)
    paper.conditional_formatting = looks
    if paper.auto_filter.ref:
        paper.auto_filter.ref = _moved_ranges(paper.auto_filter.ref, moves)
    areas = paper.print_area if isinstance(paper.print_area, list) else [paper.print_area] if paper.print_area else []
    if areas:
        paper.print_area = [_moved_ranges(str(area).rpartition("!")[2].replace("$", ""), moves) for area in areas][0]


def _moved_ranges(ranges: str, moves: Moves) -> str:
    return " ".join(_moved_reference(one, moves, False) for one in ranges.split())


# --- rows -------------------------------------------------------------------------------------------------------------


def _write(paper: Any, block: dict[str, Any], moves: Moves, known: Known) -> None:
    for row, column, text in block.get("titles", ()):
        _put(paper.cell(row, column), text)
    formulas = {
        column
        for column in range(1, paper.max_column + 1)
        if (one := paper._cells.get((moves.first, column))) is not None and one.data_type == "f"
    }
    for number in range(moves.new_last - moves.first + 1):
        row = moves.first + number
        values = block["rows"][number] if number < len(block["rows"]) else {}
        for column in range(1, paper.max_column + 1):
            cell = paper._cells.get((row, column))
            if column in formulas:
                known[paper.title, row, column] = values.get(column)
                continue
            if column in values:
                _put(paper.cell(row, column), values[column])
            elif cell is not None and not _covered(cell):
                cell.value = None  # what stood in the first row of the office's last file
    _note_sums(paper, moves, known)
    for column in block.get("merge", ()):
        _merge_equal(paper, column, moves)
    _write_keys(paper, block, moves)


def _merge_equal(paper: Any, column: int, moves: Moves) -> None:
    """One merged cell over neighbouring rows of the same value, as the office had it."""
    start = moves.first
    for row in range(moves.first + 1, moves.new_last + 2):
        here = paper.cell(row, column).value if row <= moves.new_last else object()
        if here is not None and here == paper.cell(start, column).value:
            continue
        if row - start > 1 and paper.cell(start, column).value is not None:
            for below in range(start + 1, row):
                paper.cell(below, column).value = None
            paper.merge_cells(start_row=start, start_column=column, end_row=row - 1, end_column=column)
        start = row


def _write_keys(paper: Any, block: dict[str, Any], moves: Moves) -> None:
    keys = block.get("keys") or ()
    if not any(keys):
        return
    column = paper.max_column + 1
    put_text(paper.cell(block["header"], column), block["key_header"])
    for number, key in enumerate(keys):
        if key:
            put_text(paper.cell(moves.first + number, column), str(key))
    paper.column_dimensions[paper.cell(block["header"], column).column_letter].hidden = True


# --- what the formulas come to ----------------------------------------------------------------------------------------


def _note_sums(paper: Any, moves: Moves, known: Known) -> None:
    """What the sums below the rows come to; another formula has a value when the office opens its workbook."""
    for (row, column), cell in paper._cells.items():
        match = _SUM.fullmatch(cell.value) if row > moves.new_last and isinstance(cell.value, str) else None
        if match and match[1] == match[3] == cell.column_letter:
            rows = range(int(match[2]), int(match[4]) + 1)
            values = [known.get((paper.title, one, column), paper.cell(one, column).value) for one in rows]
            known[paper.title, row, column] = sum(
                Decimal(str(v)) for v in values if isinstance(v, int | float | Decimal)
            )


def with_values(data: bytes, book: Any, known: Known) -> bytes:
    """The workbook with saved values beside its formulas, so that it can be read before anybody has opened it."""
    if not any(isinstance(value, int | float | Decimal) for value in known.values()):
        return data
    out = io.BytesIO()
    parts = {f"xl/worksheets/sheet{number}.xml": sheet.title for number, sheet in enumerate(book.worksheets, 1)}
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            part = source.read(name)
            if name in parts:
                part = _valued(part.decode("utf-8"), parts[name], known).encode("utf-8")
            target.writestr(name, part)
    return out.getvalue()


def _valued(xml: str, title: str, known: Known) -> str:
    def put(found: re.Match[str]) -> str:
        row, column = int(found[3]), 0
        for sign in found[2]:
            column = column * 26 + ord(sign) - 64
        value = known.get((title, row, column))
        plain = isinstance(value, int | float | Decimal) and not isinstance(value, bool)
        return f"{found[1]}<v>{value}</v>" if plain else found[0]

    return _FORMULA.sub(put, xml)


if __name__ == "__main__":
    serve(filled)
