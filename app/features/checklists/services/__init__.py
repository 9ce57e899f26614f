"""Kinds of lists, loading lists, keeping the ledger, and bringing new versions of lists in force."""

from app.features.checklists.queries.kinds import kind_as_data
from app.features.checklists.queries.packing import list_as_data
from app.features.checklists.services.changes import (
    approve,
    consult,
    file_change,
    give_opinion,
    lay_before,
    publish,
    refuse,
    review,
    roll_back,
    withdraw,
)
from app.features.checklists.services.directory import save_directory
from app.features.checklists.services.drafting import remove_item, save_item
from app.features.checklists.services.item_files import attach_file, detach_file
from app.features.checklists.services.kinds import load_kind, load_kinds, settle_facets
from app.features.checklists.services.ledger import keep_ledger, save_ledger
from app.features.checklists.services.lists import load_lists
from app.features.checklists.services.packing import load_list
from app.features.checklists.services.proposing import propose, propose_list

__all__ = [
    "approve",
    "attach_file",
    "consult",
    "detach_file",
    "file_change",
    "give_opinion",
    "keep_ledger",
    "kind_as_data",
    "lay_before",
    "list_as_data",
    "load_kind",
    "load_kinds",
    "load_list",
    "load_lists",
    "propose",
    "propose_list",
    "publish",
    "refuse",
    "remove_item",
    "review",
    "roll_back",
    "save_directory",
    "save_item",
    "save_ledger",
    "settle_facets",
    "withdraw",
]
