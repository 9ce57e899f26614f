"""Reading lists and the ledger."""

from app.features.checklists.queries.ledger import Ledger, Line, holders_in, ledger_context, ledger_of, ledger_rows
from app.features.checklists.queries.lists import (
    KindPage,
    ListCard,
    ListSet,
    items_of,
    items_of_list,
    lists_overview,
    register_page,
    shown_list,
    top_units,
)

__all__ = [
    "KindPage",
    "Ledger",
    "Line",
    "ListCard",
    "ListSet",
    "holders_in",
    "items_of",
    "items_of_list",
    "ledger_context",
    "ledger_of",
    "ledger_rows",
    "lists_overview",
    "register_page",
    "shown_list",
    "top_units",
]
