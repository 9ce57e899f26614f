"""Loading the lists, keeping the ledger, and bringing new versions of the county's lists in force."""

from app.features.checklists.services.directory import publish_version, save_directory, withdraw_version
from app.features.checklists.services.ledger import keep_ledger, save_ledger
from app.features.checklists.services.lists import load_lists

__all__ = ["keep_ledger", "load_lists", "publish_version", "save_directory", "save_ledger", "withdraw_version"]
