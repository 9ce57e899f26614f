"""Cells of a form's workbook against what is stored: what is the same, what it is called, where a problem stands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from app.domain.errors import Problem
from app.domain.formspec import NUMBERS, Field
from app.features.forms.in_words import answer_in_words
from app.kit.excel.formcells import shown_answer
from app.kit.excel.recordsheet import NUMBER, RecordBook, field_of
from app.kit.excel.sheet import Row
from app.kit.problems import sentence


def at_cell(problem: Problem, book: RecordBook, lines: Mapping[str, Sequence[Row]]) -> Problem:
    """The problem at a cell of the file; one in a line says in which sheet, row and column it stands."""
    code, _, rest = problem.where.partition("[")
    message = problem.params.get("message")
    if message is not None:
        problem = Problem("record.rule", problem.where, {"message": str(message)})
    if code not in book.lines:
        return Problem(
            problem.code, field_of(code) if field_of(code) in book.sheet.by_field else problem.where, problem.params
        )
    if not rest or code not in lines:
        params = {"sheet": book.lines[code].name, "message": sentence(problem)}
        return Problem("record.lines", NUMBER, params)
    number, _, column = rest.partition("].")
    sheet, at = book.lines[code], int(number) - 1
    header = sheet.by_field[field_of(column)].headers[0]
    row = lines[code][at].get("row", "") if at < len(lines[code]) else ""
    params = {"sheet": sheet.name, "row": row, "header": header, "message": sentence(problem)}
    return Problem("record.line", NUMBER, params)


def whole_number(value: Any) -> Any:
    """The whole number a cell says; None for anything else."""
    try:
        return int(float(value))
    except (TypeError, ValueError):
        return None


def same_answer(asked: Field, new: Any, old: Any) -> bool:
    """True when both would stand in the cell alike."""
    one, other = shown_answer(asked, new), shown_answer(asked, old)
    if asked.type in NUMBERS and isinstance(one, int | Decimal) and isinstance(other, int | Decimal):
        return Decimal(one) == Decimal(other)
    return one == other


def same_line(asked: Field, new: Row, old: Row) -> bool:
    """True when two lines of repeating rows would stand in the workbook alike."""
    columns = [column for column in asked.columns if not column.computed and field_of(column.code) in new]
    return all(same_answer(column, new[field_of(column.code)], old.get(field_of(column.code))) for column in columns)


def words_of(asked: Field, answer: Any) -> str:
    """An answer as the comparison of an import shows it."""
    return "" if answer in (None, [], ()) else str(answer_in_words(asked, answer))
