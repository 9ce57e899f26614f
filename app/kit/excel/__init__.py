"""Workbooks of the county: the only place that knows openpyxl, python-calamine and XlsxWriter.

One `Sheet` declaration per layout (a feature's `excel.py`) gives the header match, the reader, the template, the
writer and the marked copy. The order of the parts, lowest first:

    values · dates · clean                  what a cell means, pure
    child · parsing                         a file to plain values, in a child process under limits, with
    package · hidden · scanning · biff      what the fast reader hides, by the XML of an .xlsx or the records of an .xls
    opening · book                          the parent's side of it: a file to a `Book`
    result · context · sheet                what a reading gives and may know, and what a layout is
    columns · roles · rules                 what several layouts share
    titles · mapping                        what a sheet states above its header, and where its columns stand
    fit · placing · fitting                 the own layout of an office: said once, found again by its headers, made ready
    telling · suggesting                    what a column most likely is, and so the fit to begin with
    datarows · filldown · cleaned · totals  the parts of a table: its rows, values lent from above, columns, printed totals
    table · boards · matrix · reader        a grid to typed rows and issues; rereading: one row of them again
    formsheet                               a form as a sheet by itself
    celltext · output · writer              rows to a workbook; matrix_writer: scores; plain: as many rows as there are
    templates · offline                     the empty form, and the one filled in without a network
    keeping · marking · report              the user's own file back, with its faults marked, whole or the faulty rows alone
    filling · refill                        results back into the own workbook of an office
    sentences                               what each code says

Names are resolved when first used, so that importing this package loads no spreadsheet library.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

_HOMES = {
    "Book": "book",
    "FileRefused": "opening",
    "Limits": "opening",
    "open_workbook": "opening",
    "UNCHANGED": "result",
    "NOT_APPLICABLE": "result",
    "Issue": "result",
    "ReadResult": "result",
    "shown": "values",
    "ReadContext": "context",
    "SchemeFacts": "context",
    "VillageName": "context",
    "Fit": "fit",
    "Column": "sheet",
    "Layout": "sheet",
    "Matrix": "sheet",
    "Sheet": "sheet",
    "ExportMeta": "sheet",
    "read": "reader",
    "read_book": "reader",
    "Reading": "result",
    "reread": "rereading",
    "cell_of": "rereading",
    "line_of": "rereading",
    "cells_of_row": "rereading",
    "variant_of": "rereading",
    "variants_of": "rereading",
    "write": "writer",
    "write_csv": "writer",
    "template": "templates",
    "mark_errors": "report",
    "mark_of": "report",
    "mark_rows": "report",
    "Kept": "report",
    "sentence": "sentences",
}

__all__ = sorted(_HOMES)


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(name)
    value = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = value
    return value
