"""The files with the items of lists."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select

from app.features.checklists.models import GovernanceList, ListFile, ListItem
from app.kit import access
from app.kit.db import db


def file_of(item: ListItem, file_id: int) -> ListFile | None:
    """One file of an item the reader has been given."""
    if file_id not in ids_of([item]):
        return None
    with access.everything("a file of an item that may be read"):
        return db.session.scalars(select(ListFile).where(ListFile.id == file_id)).one_or_none()


def ids_of(items: Iterable[ListItem]) -> set[int]:
    """The files that items name."""
    return {int(one["id"]) for item in items for one in item.files or ()}


def items_of_versions(row: GovernanceList) -> list[ListItem]:
    """The items of every version of a list: the same file may be named by several of them."""
    statement = select(ListItem).join(ListItem.governance_list)
    statement = statement.where(GovernanceList.unit_id == row.unit_id, GovernanceList.code == row.code)
    with access.everything("whether another version names the file"):
        return list(db.session.scalars(statement))
