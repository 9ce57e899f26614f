"""A list as it leaves the portal: the rows of a page in its filter, search and order, in its columns and words.

A generated page (kit/fab.py) is a list by being there. A page with a table of its own declares a `Listing` in the
`listings.LISTINGS` of its feature. Whatever the page shows, only rows leave to which the actor holds the right to
export; columns the register of fields masks go out masked, unless he may see them whole and says why.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from flask import current_app
from sqlalchemy import Select, func, select
from sqlalchemy.orm import selectinload
from werkzeug.datastructures import MultiDict

from app.domain.rights import Resource, Verb
from app.kit import access, clock, masking, personal
from app.kit.datamodel import ScopeFilter
from app.kit.db import db
from app.kit.i18n import _
from app.kit.personal import Mask

CHUNK = 1_000
MOST_HELD = 20_000
Args = MultiDict[str, str]

_FILTER = re.compile(r"_flt_(\d)_(.+)")


@dataclass(frozen=True)
class ListColumn:
    """One column: its label, and the value of a row, an attribute of it unless said otherwise.

    `of` names the (table, column) of the register of fields, where it is not the column of that name of the list's table.
    """

    field: str
    label: Any
    value: Callable[[Any], Any] | None = None
    words: Callable[[Any], Any] | None = None
    of: tuple[str, str] | None = None

    def read(self, row: Any) -> Any:
        """The value of the row, not yet in words."""
        return self.value(row) if self.value else read_path(row, self.field)


@dataclass(frozen=True)
class Listing:
    """A list that can leave: `statement(args)` selects rows of `model` as the page with these arguments shows them.

    `shown(args)` may say in words what was asked of the page; `related` are to-one relations its columns read; `page` is
    the endpoint of a page of ours that shows it.
    """

    code: str
    title: Any
    resource: Resource
    model: type[Any]
    columns: Sequence[ListColumn]
    statement: Callable[[Args], Select[Any]]
    related: Sequence[str] = ()
    shown: Callable[[Args], str] = lambda _args: ""
    page: str = ""

    def masks(self) -> Mapping[str, Mask]:
        """The columns that do not go out whole, by field."""
        found = {column.field: personal.entry(*(column.of or self._own(column))) for column in self.columns}
        return {field: entry.mask for field, entry in found.items() if entry and entry.mask is not Mask.OPEN}

    def _own(self, column: ListColumn) -> tuple[str, str]:
        return self.model.__tablename__, column.field

    def may_see_whole(self) -> bool:
        """True when some masked column could go out whole for the actor."""
        return Mask.PHONE in self.masks().values() and access.holds(self.resource, Verb.UNMASK)


def read_path(row: Any, path: str) -> Any:
    """What stands at an attribute, or at the end of a dotted path; None where the path breaks off."""
    for name in path.split("."):
        row = getattr(row, name, None)
    return row() if callable(row) else row


# -- which lists there are -------------------------------------------------------------------------


def find(code: str) -> Listing:
    """The list with this code. Errors: NotAllowed, hidden for one that is not there, without the right to export it."""
    found = all_listings().get(code)
    if found is None:
        raise access.NotAllowed("listing", Verb.EXPORT, hidden=True)
    if not access.holds(found.resource, Verb.EXPORT):
        raise access.NotAllowed(found.resource, Verb.EXPORT)
    return found


def all_listings() -> Mapping[str, Listing]:
    """Every list by its code: the generated pages, then the declared ones."""
    made = current_app.extensions.get("listings")
    if made is None:
        views = [view for view in current_app.appbuilder.baseviews if hasattr(view, "as_listing")]  # type: ignore[attr-defined]
        made = {found.code: found for found in (view.as_listing() for view in views)}
        made |= {found.code: found for found in current_app.extensions.get("declared_listings", ())}
        current_app.extensions["listings"] = made
    return made  # type: ignore[no-any-return]


def offered(code: str) -> Listing | None:
    """The list with this code, when the actor may export some of its rows."""
    found = all_listings().get(code)
    return found if found and access.holds(found.resource, Verb.EXPORT) else None


def code_of(view: Any) -> str:
    """By which the list of a generated page is known: its address."""
    return str(view.route_base.strip("/"))


def of_view(view: Any) -> Listing:
    """The list of a generated page."""
    names, model = view.list_columns, view.datamodel
    masked = masking.formatters(model.obj.__tablename__)
    words = {name: words for name, words in (view.formatters_columns or {}).items() if name not in masked}
    return Listing(
        code=code_of(view),
        title=view.list_title,
        resource=view.resource,
        model=model.obj,
        columns=[ListColumn(name, view.label_columns[name], words=words.get(name)) for name in names],
        statement=lambda args: _as_shown(view, args),
        related=[name for name in names if model.is_relation(name) and model.is_relation_many_to_one(name)],
        shown=lambda args: _filters(view, args)[1],
    )


def _filters(view: Any, args: Args) -> tuple[Any, str]:
    """The filters a page with these arguments would have, and what they ask for in words."""
    filters, words = view.datamodel.get_filters(view.search_columns), []
    offered = filters.get_search_filters()
    for name in sorted(args.keys()):
        match = _FILTER.match(name)
        if not match or match[2] not in offered or int(match[1]) >= len(offered[match[2]]):
            continue
        filters.add_filter_index(match[2], int(match[1]), args.getlist(name))
        words.append(f"{view.label_columns[match[2]]} {offered[match[2]][int(match[1])].name} {args[name]}")
    return filters, "；".join(words)


def _as_shown(view: Any, args: Args) -> Select[Any]:
    """The rows of a generated page, all pages of it, in its order; a page without one shows the newest first."""
    model, name = view.datamodel, type(view).__name__
    column, way = args.get(f"_oc_{name}", ""), args.get(f"_od_{name}", "")
    if column not in view.order_columns or column not in model.list_columns or way not in ("asc", "desc"):
        column, way = view.base_order or (model.get_pk_name(), "desc")
    filters = _filters(view, args)[0].add_filter_list([[model.get_pk_name(), ScopeFilter, None]])
    query = model.apply_filters(db.session.query(model.obj), filters)
    return model.apply_order_by(query, column, way, add_pk=True).statement  # type: ignore[no-any-return]


# -- its rows --------------------------------------------------------------------------------------


def leaving(listing: Listing, args: Args) -> Select[Any]:
    """The statement of the page, limited to what the actor may see and export."""
    return seen(listing, args).where(access.where(listing.model, Verb.EXPORT))


def seen(listing: Listing, args: Args) -> Select[Any]:
    """The statement of the page, limited to what the actor may see."""
    return listing.statement(args).where(access.where(listing.model))


def count(statement: Select[Any]) -> int:
    """How many rows a statement selects."""
    keys = statement.order_by(None).with_only_columns(statement.selected_columns[0]).subquery()
    return int(db.session.scalar(select(func.count()).select_from(keys)) or 0)


def rows(listing: Listing, args: Args, whole: bool = False) -> Iterator[list[Any]]:
    """The cells of one row after the other, read from the database in portions; with `whole` masked numbers where allowed.

    Shape: a cell is None, a text, a number, a date or a moment of this country.
    """
    related = [selectinload(getattr(listing.model, name)) for name in listing.related]
    statement = leaving(listing, args).options(*related).execution_options(yield_per=CHUNK)
    cells = _Cells(listing, whole)
    for row in db.session.scalars(statement):
        yield cells.of(row)


class _Cells:
    """Rows of a list into cells; what a code means is asked once."""

    def __init__(self, listing: Listing, whole: bool) -> None:
        masks = listing.masks()
        self.whole = whole
        self.columns = [(column, masks.get(column.field)) for column in listing.columns]
        self.memory: dict[tuple[str, Any], Any] = {}
        self.related = listing.related
        self.held: dict[int, Any] = {}

    def of(self, row: Any) -> list[Any]:
        self._hold(row)
        whole = self.whole and access.can(Verb.UNMASK, row)
        return [self._cell(column, mask, row, whole) for column, mask in self.columns]

    def _hold(self, row: Any) -> None:
        """Keep what rows point at, which is little and the same again and again, so that no portion loads it anew."""
        if len(self.held) > MOST_HELD:
            self.held.clear()
        for name in self.related:
            found = getattr(row, name)
            self.held[id(found)] = found

    def _cell(self, column: ListColumn, mask: Mask | None, row: Any, whole: bool) -> Any:
        value = column.read(row)
        if value is None or value == "":
            return None
        if mask is not None:
            return _masked(value, mask, whole)
        return plain(value) if column.words is None else self._worded(column, value)

    def _worded(self, column: ListColumn, value: Any) -> Any:
        key = (column.field, value) if isinstance(value, str) else None
        if key is None or column.words is None:
            return plain(column.words(value)) if column.words else plain(value)
        if key not in self.memory:
            self.memory[key] = plain(column.words(value))
        return self.memory[key]


def _masked(value: Any, mask: Mask, whole: bool) -> str:
    if mask is Mask.PHONE:
        return str(value) if whole else masking.phone(str(value))
    return masking.WITHHELD


def plain(value: Any) -> Any:
    """A value as a cell holds it: what a table shows, numbers and dates as such."""
    if value is None or isinstance(value, str):
        return value or None
    if isinstance(value, bool):
        return str(_("Yes") if value else _("No"))
    if isinstance(value, datetime):
        return value.astimezone(clock.SHANGHAI).replace(tzinfo=None)
    if isinstance(value, int | Decimal | date):
        return value
    if isinstance(value, list | tuple):
        return "、".join(str(part) for part in value)
    if isinstance(value, Mapping):
        return "；".join(f"{key} {part}" for key, part in value.items())
    return str(value)
