"""Workbooks in and out. The rules about rows are those of the services behind each door."""

from app.features.exchange.services.confirming import confirm
from app.features.exchange.services.exporting import MOST_ROWS, export, template
from app.features.exchange.services.importing import cancel, preview, take_in
from app.features.exchange.services.mending import (
    all_field_names,
    cells_of,
    field_names,
    mend,
    settle_value,
    unknown_words,
    withdraw,
    word_of,
)
from app.features.exchange.services.reading import compare, options_from, read
from app.features.exchange.services.receipts import may_take_original, take_original, undone_by
from app.features.exchange.services.returning import marked, refused_file, refused_rows_of
from app.features.exchange.services.rows import cell_text, issue_of, reading_of

__all__ = [
    "MOST_ROWS",
    "all_field_names",
    "cell_text",
    "cells_of",
    "field_names",
    "issue_of",
    "reading_of",
    "cancel",
    "compare",
    "confirm",
    "export",
    "marked",
    "may_take_original",
    "mend",
    "options_from",
    "preview",
    "read",
    "refused_file",
    "refused_rows_of",
    "settle_value",
    "take_in",
    "take_original",
    "template",
    "undone_by",
    "unknown_words",
    "withdraw",
    "word_of",
]
