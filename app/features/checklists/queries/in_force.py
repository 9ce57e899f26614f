"""The lists in force and their items, page by page, as machines read them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, and_, func, not_, select

from app.domain.rights import Resource, Verb
from app.features.checklists.models import GovernanceList, ListItem
from app.features.checklists.queries.lists import closed_kinds, of_the_grid
from app.features.org.models import OrgUnit
from app.kit import access
from app.kit.db import db

PAGE_SIZES = (20, 50, 100, 200)
DEEPEST = 10_000


@dataclass(frozen=True)
class Part:
    """One page of rows, and how many there are in all."""

    rows: Sequence[Any]
    page: int
    total: int
    has_more: bool


def lists_in_force(asked: Mapping[str, str]) -> Part:
    """A page of the lists in force that the actor may read.

    Shape: `page`, `size` (20, 50, 100, 200), `unit` (an id: lists of that unit), `kind` (a code).
    """
    statement = _in_force().order_by(GovernanceList.unit_id, GovernanceList.code, GovernanceList.number)
    if asked.get("kind"):
        statement = statement.where(GovernanceList.kind == asked["kind"])
    if asked.get("unit"):
        statement = statement.where(GovernanceList.unit_id == access.find(OrgUnit, _number(asked["unit"])).id)
    return _part(statement, asked)


def list_in_force(list_id: int) -> GovernanceList:
    """A list in force that the actor may read. Errors: NotAllowed, hidden."""
    found: GovernanceList | None = db.session.scalars(_in_force().where(GovernanceList.id == list_id)).one_or_none()
    if found is None:
        raise access.NotAllowed(Resource.LISTS, Verb.VIEW, hidden=True)
    return found


def items_in_force(found: GovernanceList, asked: Mapping[str, str]) -> Part:
    """A page of the items of a list, in its order. Shape: `page`, `size`, `category` (as it is written there)."""
    statement = select(ListItem).where(ListItem.list_id == found.id).order_by(ListItem.sort_order, ListItem.code)
    if asked.get("category"):
        statement = statement.where(ListItem.category == asked["category"])
    return _part(statement, asked)


def item_counts(lists: Sequence[GovernanceList]) -> dict[int, int]:
    """By list, how many items it has."""
    statement = select(ListItem.list_id, func.count()).where(ListItem.list_id.in_([row.id for row in lists]))
    return dict(db.session.execute(statement.group_by(ListItem.list_id)).tuples().all())


def _in_force() -> Select[Any]:
    statement = access.visible(select(GovernanceList), GovernanceList).where(GovernanceList.is_published)
    closed = closed_kinds()
    return statement.where(not_(and_(of_the_grid(), GovernanceList.kind.in_(closed)))) if closed else statement


def _part(statement: Select[Any], asked: Mapping[str, str]) -> Part:
    size = next((n for n in PAGE_SIZES if asked.get("size") == str(n)), PAGE_SIZES[0])
    page = min(max(_number(asked.get("page", "")), 1), DEEPEST)
    total = db.session.scalar(select(func.count()).select_from(statement.order_by(None).subquery())) or 0
    rows = db.session.scalars(statement.offset((page - 1) * size).limit(size)).all()
    return Part(rows, page, total, page * size < total)


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0
