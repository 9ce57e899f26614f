"""Workbooks in and out. The rules about rows are those of the services behind each door."""

from app.features.exchange.services.exporting import MOST_ROWS, export, template
from app.features.exchange.services.importing import apply_rows, cancel, confirm, marked, preview
from app.features.exchange.services.reading import compare, options_from, read

__all__ = [
    "MOST_ROWS",
    "apply_rows",
    "cancel",
    "compare",
    "confirm",
    "export",
    "marked",
    "options_from",
    "preview",
    "read",
    "template",
]
