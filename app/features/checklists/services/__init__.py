"""Kinds of lists, loading lists, keeping the ledger, and bringing new versions of lists in force."""

from app.features.checklists.queries.kinds import kind_as_data
from app.features.checklists.queries.packing import list_as_data
from app.features.checklists.services.directory import publish_version, save_directory, withdraw_version
from app.features.checklists.services.kinds import load_kind, load_kinds
from app.features.checklists.services.ledger import keep_ledger, save_ledger
from app.features.checklists.services.lists import load_lists
from app.features.checklists.services.packing import load_list

__all__ = [
    "keep_ledger",
    "kind_as_data",
    "list_as_data",
    "load_kind",
    "load_kinds",
    "load_list",
    "load_lists",
    "publish_version",
    "save_directory",
    "save_ledger",
    "withdraw_version",
]
