"""Loading the lists and keeping the ledger."""

from app.features.checklists.services.ledger import keep_ledger, save_ledger
from app.features.checklists.services.lists import load_lists

__all__ = ["keep_ledger", "load_lists", "save_ledger"]
