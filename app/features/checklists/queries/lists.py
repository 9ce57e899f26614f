"""Reading the lists: the four of a unit with their counts, their items, and where the page of each kind is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, and_, func, select

from app.domain.checklists import GRID_KINDS, ListKind, behaviour_named
from app.domain.rights import GRID_ROLES, Resource, Verb
from app.features.checklists.models import GovernanceList, ListItem
from app.features.org.models import OrgUnit
from app.kit import access
from app.kit.db import db


@dataclass(frozen=True)
class KindPage:
    """Where a kind of list is read: `endpoint` takes list_id, `item_endpoint` list_id and code.

    `count` says how many things a list holds where they are not its items; `resource` is the right that opens it.
    """

    endpoint: str
    resource: Resource = Resource.LISTS
    item_endpoint: str = ""
    count: Callable[[GovernanceList], int] | None = None


@dataclass(frozen=True)
class ListCard:
    """One list as the overview shows it; `page` is None where no page is open to the reader."""

    list: GovernanceList
    kind: ListKind
    count: int
    page: KindPage | None


@dataclass(frozen=True)
class ListSet:
    """The lists of one unit, in the order of the four questions."""

    unit: Any
    cards: tuple[ListCard, ...]


def top_units() -> Sequence[OrgUnit]:
    """The units with none above them, where lists stand: a prefecture, or a county without one."""
    return db.session.scalars(select(OrgUnit).where(OrgUnit.parent_id.is_(None)).order_by(OrgUnit.code)).all()


_pages: dict[ListKind, KindPage] = {}


def register_page(kind: ListKind, page: KindPage) -> None:
    """Tell the lists where a kind is read: a higher feature brings its own page."""
    _pages[kind] = page


def page_of(kind: str) -> KindPage | None:
    """The page of a kind of list, if there is one."""
    return _pages.get(behaviour_named(kind))


def of_the_grid() -> ColumnElement[bool]:
    """The four lists of the grid; a list of their kinds that a pack has brought is read in the catalogue."""
    return and_(GovernanceList.kind.in_(GRID_KINDS), GovernanceList.pack.is_(None))


def is_of_the_grid(row: GovernanceList) -> bool:
    """True for one of the four lists of the grid."""
    return row.kind in GRID_KINDS and row.pack is None


def _open_page(kind: str, who: access.Actor) -> KindPage | None:
    page = page_of(kind)
    return page if page and who.holds(page.resource, Verb.VIEW) else None


def closed_kinds(actor: access.Actor | None = None) -> list[ListKind]:
    """The kinds of the grid's lists whose page somebody may not open."""
    who = actor or access.actor()
    return [kind for kind, page in _pages.items() if not who.holds(page.resource, Verb.VIEW)]


def is_shown(governance_list: GovernanceList, who: access.Actor | None = None) -> bool:
    """True for a published list, and for whoever may edit it also before it is published."""
    return governance_list.is_published or access.can(Verb.EDIT, governance_list, who)


def lists_overview(actor: access.Actor | None = None) -> list[ListSet]:
    """The lists somebody may read, unit by unit, with the number of items of each; drafts only for who edits them."""
    who = actor or access.actor()
    statement = select(GovernanceList).where(access.where(GovernanceList, Verb.VIEW, who), of_the_grid())
    rows = db.session.scalars(
        statement.order_by(GovernanceList.unit_id, GovernanceList.number, GovernanceList.id)
    ).all()
    shown = [row for row in rows if is_shown(row, who)]
    counted = _counts(shown)
    by_unit: dict[int, list[ListCard]] = {}
    order = list(ListKind)
    for row in sorted(shown, key=lambda row: order.index(ListKind(row.kind))):
        page = _pages.get(ListKind(row.kind))
        if page and not who.holds(page.resource, Verb.VIEW):
            continue
        count = page.count(row) if page and page.count else counted.get(row.id, 0)
        by_unit.setdefault(row.unit_id, []).append(ListCard(row, ListKind(row.kind), count, page))
    return [ListSet(cards[0].list.unit, tuple(cards)) for cards in by_unit.values()]


def _counts(lists: Iterable[GovernanceList]) -> Mapping[int, int]:
    ids = [row.id for row in lists]
    statement = select(ListItem.list_id, func.count()).where(ListItem.list_id.in_(ids)).group_by(ListItem.list_id)
    return dict(db.session.execute(statement).tuples().all())


def shown_list(list_id: int, kind: ListKind | None = None) -> GovernanceList:
    """The list with this id, of this kind.

    Errors: NotAllowed, hidden, for a list out of reach, of another kind, or a draft one may not edit.
    """
    found: GovernanceList = access.find(GovernanceList, list_id)
    page = page_of(found.kind)
    if (kind and found.kind != kind) or not is_shown(found):
        raise access.NotAllowed(Resource.LISTS, Verb.VIEW, hidden=True)
    if page and not access.holds(page.resource):
        raise access.NotAllowed(page.resource, Verb.VIEW)
    return found


def items_of_list(governance_list: GovernanceList) -> Sequence[ListItem]:
    """The items of a list, in its order."""
    statement = select(ListItem).where(ListItem.list_id == governance_list.id)
    return db.session.scalars(statement.order_by(ListItem.sort_order, ListItem.code)).all()


def items_of(kind: ListKind | str) -> Sequence[ListItem]:
    """The items of the published lists of a kind that the actor may read, list by list, in order."""
    statement = select(ListItem).join(ListItem.governance_list)
    statement = access.visible(statement, GovernanceList)
    statement = statement.where(GovernanceList.kind == ListKind(kind).value, GovernanceList.is_published.is_(True))
    statement = statement.where(GovernanceList.pack.is_(None))
    order = (GovernanceList.unit_id, GovernanceList.number, ListItem.sort_order, ListItem.code)
    return db.session.scalars(statement.order_by(*order)).all()


@dataclass(frozen=True)
class RoleGroup:
    """The items of one role."""

    role: str
    items: tuple[ListItem, ...]
    is_own: bool = False


def by_role(items: Iterable[ListItem], own: Iterable[str] = (), own_first: bool = True) -> list[RoleGroup]:
    """Items role by role in the order of rank, with the reader's own roles first if he wishes."""
    mine, ranks = set(own), [role.value for role in GRID_ROLES]
    groups: dict[str, list[ListItem]] = {}
    for item in items:
        groups.setdefault(item.role or "", []).append(item)
    made = [RoleGroup(role, tuple(listed), role in mine) for role, listed in groups.items()]
    return sorted(made, key=lambda g: (own_first and not g.is_own, ranks.index(g.role) if g.role in ranks else 99))


@dataclass(frozen=True)
class Link:
    """A reference from an item to an item of another list: its code, its title where known, and where it is read."""

    code: str
    title: str = ""
    endpoint: str = ""
    arguments: Mapping[str, Any] = field(default_factory=dict)


_REFERENCES = {"procedures": ListKind.PROCEDURE, "systems": ListKind.SYSTEM, "assessed_by": ListKind.ASSESSMENT}


def links_from(governance_list: GovernanceList, items: Iterable[ListItem]) -> dict[int, dict[str, list[Link]]]:
    """For each item id, its links by reference (procedures, systems, assessed_by) to the lists of the same unit."""
    beside = _lists_beside(governance_list)
    titles = _titles(beside.values())
    return {
        item.id: {
            name: [_link(beside.get(kind), kind, code, titles) for code in item.facets.get(name, ())]
            for name, kind in _REFERENCES.items()
        }
        for item in items
    }


def _lists_beside(governance_list: GovernanceList) -> dict[ListKind, GovernanceList]:
    statement = access.visible(select(GovernanceList), GovernanceList)
    statement = statement.where(GovernanceList.unit_id == governance_list.unit_id, of_the_grid())
    statement = statement.order_by(GovernanceList.number)
    return {ListKind(row.kind): row for row in db.session.scalars(statement) if is_shown(row)}


def _titles(lists: Iterable[GovernanceList]) -> dict[tuple[int, str], str]:
    statement = select(ListItem).where(ListItem.list_id.in_([row.id for row in lists]))
    return {(item.list_id, item.code): item.label for item in db.session.scalars(statement)}


def _link(target: GovernanceList | None, kind: ListKind, code: str, titles: Mapping[tuple[int, str], str]) -> Link:
    page = _open_page(kind, access.actor()) if target else None
    title = titles.get((target.id, code), "") if target else ""
    if target is None or page is None:
        return Link(code, title)
    if page.item_endpoint:
        return Link(code, title, page.item_endpoint, {"list_id": target.id, "code": code})
    return Link(code, title, page.endpoint, {"list_id": target.id, "_anchor": code})


def referring(governance_list: GovernanceList, name: str) -> dict[str, list[ListItem]]:
    """For a system or procedure list: by code, the responsibilities of the same unit that refer to it."""
    source = _lists_beside(governance_list).get(ListKind.RESPONSIBILITY)
    found: dict[str, list[ListItem]] = {}
    for item in items_of_list(source) if source else ():
        for code in item.facets.get(name, ()):
            found.setdefault(code, []).append(item)
    return found


def item_to_edit(item_id: str) -> ListItem:
    """The item an edit form is about; NotAllowed, hidden, out of reach."""
    return access.find(ListItem, item_id, Verb.EDIT)  # type: ignore[no-any-return]
