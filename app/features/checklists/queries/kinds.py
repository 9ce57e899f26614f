"""Kinds of lists: what each says its items say, and by which rules it is kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select

from app.domain.checklists import ListKind, behaviour_named
from app.domain.list_kinds import OF_ITEM, FacetType
from app.domain.rights import Verb
from app.features.checklists.models import GovernanceList, ListKindDefinition
from app.features.checklists.words import KINDS
from app.features.org.models import OrgUnit
from app.kit import access
from app.kit.db import db
from app.kit.i18n import chosen


@dataclass(frozen=True)
class FacetShown:
    """A facet as a page asks for it; `column` is where an item keeps it, None for one kept among its `facets`."""

    code: str
    label: str
    type: FacetType = FacetType.TEXT
    required: bool = False
    choices: tuple[str, ...] = ()

    @property
    def column(self) -> str | None:
        """The column of an item it is kept in, if it is one every item has."""
        return OF_ITEM.get(self.code)


@dataclass(frozen=True)
class Kind:
    """A kind of list as pages and rules know it."""

    code: str
    label: str
    behaviour: ListKind
    facets: tuple[FacetShown, ...] = field(default=())
    order: int = 999


def definitions(unit: OrgUnit | None = None) -> dict[str, ListKindDefinition]:
    """The kinds defined at a unit or above it, the nearest of a code; without a unit, all in reach or above the actor."""
    statement = select(ListKindDefinition).order_by(ListKindDefinition.sort_order, ListKindDefinition.id)
    if unit is None:
        over = {unit_id for post in access.actor().posts for unit_id in post.ancestors.values()}
        shown = access.where(ListKindDefinition) | ListKindDefinition.unit_id.in_(over)
        with access.everything("what a kind of list is called is the same for everybody below"):
            return {row.code: row for row in db.session.scalars(statement.where(shown))}
    above = [*unit.ancestors().values()]
    statement = statement.where(ListKindDefinition.unit_id.in_(above))
    with access.everything("the kinds of lists are the same for everybody below"):
        rows = db.session.scalars(statement).all()
    return {row.code: row for row in sorted(rows, key=lambda row: (above.index(row.unit_id), row.sort_order))}


def kind_of(row: GovernanceList) -> Kind:
    """The kind of a list, with its behaviour and facets; a code nobody has defined behaves as any other list."""
    return _shown(row.kind, definitions(row.unit).get(row.kind))


def kinds_at(unit: OrgUnit) -> list[Kind]:
    """The kinds a list of a unit can be of, in order."""
    return [_shown(code, row) for code, row in definitions(unit).items() if row.is_active]


def all_kinds() -> Mapping[str, Kind]:
    """The kinds in reach of the actor, by code."""
    return {code: _shown(code, row) for code, row in definitions().items()}


def kind_named(code: str, known: Mapping[str, Kind] | None = None) -> Kind:
    """A kind by its code, also one nobody has defined."""
    return (all_kinds() if known is None else known).get(code) or _shown(code, None)


def _shown(code: str, row: ListKindDefinition | None) -> Kind:
    if row is None:
        behaviour = behaviour_named(code)
        is_own = behaviour is ListKind.OTHER and code != ListKind.OTHER
        return Kind(code, code if is_own else str(KINDS[behaviour]), behaviour, order=list(ListKind).index(behaviour))
    facets = tuple(_facet(facet) for facet in row.facets)
    return Kind(code, row.label, behaviour_named(row.behaviour), facets, row.sort_order)


def _facet(data: Mapping[str, Any]) -> FacetShown:
    return FacetShown(
        str(data["code"]),
        chosen(data.get("label") or {}) or str(data["code"]),
        FacetType(data.get("type") or FacetType.TEXT),
        bool(data.get("required")),
        tuple(str(choice) for choice in data.get("choices") or ()),
    )


def kind_rows() -> dict[str, int]:
    """The id of each kind the actor may edit, by code."""
    return {code: row.id for code, row in definitions().items() if access.can(Verb.EDIT, row)}


def kind_as_data(row: ListKindDefinition) -> dict[str, Any]:
    """A kind as plain data, as `load_kind` takes it.

    Shape:  {code, name {zh, en, ko}, behaviour, facets: [{code, label, type?, required?, choices?}]}.
    """
    name = {"zh": row.name, "en": row.name_en, "ko": row.name_ko}
    return {
        "code": row.code,
        "name": {language: text for language, text in name.items() if text},
        "behaviour": row.behaviour,
        "facets": [dict(facet) for facet in row.facets],
    }
