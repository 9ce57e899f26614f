"""Lists in the interface for machines: what is in force and its items, under the rights of the screen."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import jsonify, request
from flask_appbuilder import expose

from app.domain.rights import Resource, Verb
from app.features.checklists.models import GovernanceList, ListItem
from app.features.checklists.queries import in_force
from app.features.checklists.queries.kinds import Kind, all_kinds, kind_named, kind_of
from app.features.checklists.queries.packing import BESIDE
from app.kit.fab import PortalPageView, guarded
from app.kit.i18n import _l
from app.kit.openapi import described

PAGED = {"page": "1, 2 …", "size": "20 … 200"}


class ListInterfaceView(PortalPageView):
    """Lists in force and their items, to be read."""

    resource = Resource.LISTS
    route_base = "/api/v1"
    default_view = "lists"

    @expose("/lists")
    @described(_l("The lists in force that I may see"), asks={**PAGED, "unit": "", "kind": ""})
    @guarded(Verb.VIEW)
    def lists(self) -> Any:
        part = in_force.lists_in_force(request.args)
        counts, kinds = in_force.item_counts(part.rows), all_kinds()
        return _page("lists", part, lambda row: list_data(row, kind_named(row.kind, kinds), counts.get(row.id, 0)))

    @expose("/lists/<int:list_id>")
    @described(_l("One list in force, and what its items say"))
    @guarded(Verb.VIEW)
    def of_id(self, list_id: int) -> Any:
        found = in_force.list_in_force(list_id)
        kind = kind_of(found)
        asked = [
            {"code": facet.code, "label": facet.label, "type": facet.type, "required": facet.required}
            for facet in kind.facets
        ]
        return jsonify(**list_data(found, kind, in_force.item_counts([found]).get(found.id, 0)), facets=asked)

    @expose("/lists/<int:list_id>/items")
    @described(_l("The items of a list in force: facets, steps, thresholds"), asks={**PAGED, "category": ""})
    @guarded(Verb.VIEW)
    def items(self, list_id: int) -> Any:
        return _page("items", in_force.items_in_force(in_force.list_in_force(list_id), request.args), item_data)


def _page(name: str, part: in_force.Part, as_data: Callable[[Any], dict[str, Any]]) -> Any:
    rows = [as_data(row) for row in part.rows]
    return jsonify({name: rows, "page": part.page, "has_more": part.has_more, "total": part.total})


def list_data(found: GovernanceList, kind: Kind, count: int) -> dict[str, Any]:
    """A list in short."""
    return {
        "id": found.id,
        "code": found.code,
        "name": found.label,
        "title": found.title,
        "kind": {"code": found.kind, "name": kind.label},
        "unit": found.unit_id,
        "version": found.number,
        "document": found.document,
        "effective_from": found.effective_from.isoformat() if found.effective_from else None,
        "effective_period": found.effective_period,
        "extends": found.extends_id,
        "items": count,
    }


def item_data(item: ListItem) -> dict[str, Any]:
    """An item with all it says."""
    return {
        "id": item.id,
        "code": item.code,
        "title": item.label,
        "category": item.category,
        "role": item.role,
        "requirement": item.requirement,
        "cycle": item.cycle,
        "evidence": item.evidence,
        "is_open_place": item.is_open_place,
        "facets": {code: said for code, said in item.facets.items() if code not in BESIDE},
        "steps": item.steps,
        "thresholds": item.thresholds,
    }
