"""What the items are called that an answer on a form names."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from sqlalchemy import select

from app.domain.formspec import Field
from app.features.checklists.models import GovernanceList, ListItem
from app.kit import access
from app.kit.db import db


def items_named(asked: Field, keys: Collection[str], reach: bool) -> Mapping[str, str]:
    """By key, an id or a code, the titles of items of published lists of the kind the field asks for.

    Shape: keys that lead to no such item are left out; `reach`: also those of lists the actor may not read.
    """
    ids = [int(key) for key in keys if key.isdecimal()]
    codes = [key for key in keys if not key.isdecimal()]
    statement = select(ListItem).join(ListItem.governance_list)
    statement = statement.where(ListItem.id.in_(ids) | ListItem.code.in_(codes))
    statement = statement.where(GovernanceList.kind == asked.list_kind, GovernanceList.is_published.is_(True))
    if reach:
        statement = access.visible(statement, GovernanceList)
    with access.everything("the titles of items that stand in answers"):
        items = db.session.scalars(statement.order_by(ListItem.id)).all()
    return {item.code: item.label for item in items if item.code in codes} | {
        str(item.id): item.label for item in items
    }
