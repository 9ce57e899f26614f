"""What a clerk pointed at on the page of a mapping, as a fit; and a sheet as that page shows it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.features.exchange.services.mapping import Proposal
from app.kit.excel.book import Grid, column_letter
from app.kit.excel.fit import Fit, column_at, header_paths
from app.kit.excel.placing import placed
from app.kit.excel.sheet import Sheet
from app.kit.excel.values import empty, shown

ROWS, COLUMNS, LETTERS = 40, 80, 60
COLUMN, CONSTANT, MEANING = "column-", "const-", "meaning-"


@dataclass
class Shown:
    """A cell of the page: its text and how far it reaches."""

    text: str
    down: int = 1
    across: int = 1


def fit_of_form(form: Mapping[str, str], grid: Grid, table: Sheet) -> Fit:
    """The fit a form describes. Rows count from 1 there; what cannot be is brought to what is nearest."""
    row = _number(form.get("head"), 1, max(grid.height, 1)) - 1
    depth = _number(form.get("depth"), 1, 3)
    first = max(_number(form.get("first"), row + depth + 1, max(grid.height, 1)) - 1, row + depth)
    paths = header_paths(grid, row, depth)
    meanings = _meanings(form)
    chosen: dict[str, int] = {}
    for column in range(grid.width):
        name = form.get(f"{COLUMN}{column}", "")
        if name in table.by_field and name not in chosen:
            chosen[name] = column
    columns = tuple(column_at(paths, column, name, meanings.get(name)) for name, column in chosen.items())
    constants = {
        name.removeprefix(CONSTANT): text.strip()[:100]
        for name, text in form.items()
        if name.startswith(CONSTANT) and text.strip() and name.removeprefix(CONSTANT) in table.by_field
    }
    return Fit(
        variant=table.code,
        sheet=grid.name,
        header_row=row,
        depth=depth,
        gap=first - row - depth,
        footer=_footer(grid, form.get("footer", "")),
        columns=columns,
        headers=tuple(sorted({path for path in paths if path})),
        constants={name: text for name, text in constants.items() if name not in chosen},
        every_sheet=form.get("every") == "1",
        unit=form.get("unit", "") if form.get("unit") in ("元", "万元") else "",
    )


def _number(text: str | None, least: int, most: int) -> int:
    return min(max(int(text), least), most) if text and text.isdecimal() and len(text) < 8 else least


def _footer(grid: Grid, text: str) -> str:
    """The word the row a clerk pointed at begins with."""
    if not text.isdecimal() or not 1 <= int(text) <= grid.height:
        return ""
    typed = next((value for value in grid.row(int(text) - 1) if not empty(value)), "")
    return shown(typed).strip()[:20]


def _meanings(form: Mapping[str, str]) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for name, typed in form.items():
        if name.startswith(MEANING) and name.endswith("-typed"):
            stem = name.removesuffix("-typed")
            field, meant = form.get(f"{stem}-field", ""), form.get(f"{stem}-as", "")
            if field and meant:
                found.setdefault(field, {})[typed] = meant
    return found


def asked_anew(form: Mapping[str, str]) -> bool:
    """Whether sheet or header were changed, so that the columns must be suggested again."""
    return form.get("was", "") != header_stamp(
        form.get("sheet", ""), form.get("head", ""), form.get("depth", ""), form.get("variant", "")
    )


def header_stamp(*parts: Any) -> str:
    """What the columns of a page were suggested for."""
    return "|".join(str(part) for part in parts)


# --- showing ----------------------------------------------------------------------------------------------------------


def page_of(proposal: Proposal) -> dict[str, Any]:
    """The values of the page: the sheet, the places, the fields and what still has to be said."""
    fit, grid, table = proposal.fit, proposal.grid, proposal.table
    found = placed(fit, grid)
    chosen = {column: name for name, column in found.columns.items()} if found else {}
    return {
        "proposal": proposal,
        "fit": fit,
        "table": table,
        "sheets": [one.name or "" for one in proposal.book.grids if one.state == "visible"],
        "lines": list(_lines(grid, fit)),
        "letters": [column_letter(column) for column in range(min(grid.width, COLUMNS))],
        "height": grid.height,
        "more_columns": max(grid.width - COLUMNS, 0),
        "chosen": chosen,
        "guesses": proposal.guesses,
        "fields": [(one.field, field_word(one), one.required) for one in table.columns],
        "missing": [(one.field, field_word(one)) for one in table.columns if one.field in proposal.missing],
        "asked": [
            (one.field, field_word(one))
            for one in table.columns
            if one.field in proposal.missing or one.field in fit.constants
        ],
        "words": {one.field: field_word(one) for one in table.columns},
        "settled": [
            (one.field, typed, meant) for one in fit.columns for typed, meant in sorted(one.meanings.items()) if meant
        ],
        "footer_row": _footer_row(grid, fit),
        "stamp": header_stamp(grid.name or "", fit.header_row + 1, fit.depth, table.code),
        "money": any(one.money for one in table.columns),
    }


def field_word(column: Any) -> str:
    """A field as our own form heads it."""
    return str(column.headers[0]).replace("/", " · ")


def _footer_row(grid: Grid, fit: Fit) -> int | None:
    if not fit.footer:
        return None
    for row in range(fit.first_data_row, grid.height):
        typed = next((value for value in grid.row(row) if not empty(value)), "")
        if shown(typed).strip().startswith(fit.footer):
            return row + 1
    return None


def _lines(grid: Grid, fit: Fit) -> Any:
    """Row number, its part in the table, and its cells with their merges."""
    rows, columns = min(grid.height, ROWS), min(grid.width, COLUMNS)
    merged = _merged(grid, rows, columns)
    for row in range(rows):
        if row in grid.hidden_rows:
            continue
        cells = []
        for column in range(columns):
            down, across = merged.get((row, column), (1, 1))
            if down:
                cells.append(Shown(_text(grid.cell(row, column)), down, across))
        yield row + 1, _part(row, fit), cells


def _merged(grid: Grid, rows: int, columns: int) -> dict[tuple[int, int], tuple[int, int]]:
    """How far each merged cell reaches on the page; (0, 0) for the cells under it."""
    found: dict[tuple[int, int], tuple[int, int]] = {}
    if any(row < rows for row in grid.hidden_rows):
        return found  # the page leaves hidden rows out, and a merge over them would reach too far
    for top, left, bottom, right in grid.merges:
        if top >= rows or left >= columns:
            continue
        bottom, right = min(bottom, rows - 1), min(right, columns - 1)
        for row in range(top, bottom + 1):
            for column in range(left, right + 1):
                found[row, column] = (0, 0)
        found[top, left] = (bottom - top + 1, right - left + 1)
    return found


def _text(value: Any) -> str:
    text = str(value[1]) if isinstance(value, tuple) else shown(value)
    return text if len(text) <= LETTERS else text[:LETTERS] + "…"


def _part(row: int, fit: Fit) -> str:
    if row < fit.header_row:
        return "title"
    if row < fit.header_row + fit.depth:
        return "head"
    return "between" if row < fit.first_data_row else "data"
