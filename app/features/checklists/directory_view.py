"""The county's catalogue of lists: what is in force, its versions, what a draft would change, and the decision on it."""

from __future__ import annotations

import io
from itertools import groupby
from typing import Any

from flask import abort, request, send_file
from flask_appbuilder import expose

from app.domain.list_kinds import has_many_steps
from app.domain.rights import Resource, Verb
from app.features.checklists import queries
from app.features.checklists.flow import amount_of, drawings, most_steps, tiers_of
from app.features.checklists.queries import changes, directory
from app.features.checklists.queries.extending import extended_by, lists_above
from app.features.checklists.queries.item_files import file_of
from app.features.checklists.queries.kinds import kind_of
from app.features.checklists.words import CASES, FILE_KINDS, FLAGS, OF_EVERY_ITEM, TRIGGERS, VERSION_STATES
from app.kit import access, names
from app.kit.download import printed_size
from app.kit.fab import PortalPageView, guarded
from app.kit.i18n import _


class DirectoryView(PortalPageView):
    """The lists of the catalogue, version by version."""

    resource = Resource.LISTS
    route_base = "/list-directory"
    default_view = "index"

    @expose("/")
    @guarded(Verb.VIEW)
    def index(self) -> Any:
        return self.render_template(
            "checklists/templates/directory.html",
            title=_("Catalogue of lists"),
            sets=directory.catalogue(),
            states=VERSION_STATES,
            may_import=access.holds(Resource.LISTS, Verb.IMPORT),
        )

    @expose("/<int:list_id>")
    @guarded(Verb.VIEW)
    def version(self, list_id: int) -> Any:
        found = directory.version_of(list_id)
        items = queries.items_of_list(found)
        return self.render_template(
            "checklists/templates/directory_version.html",
            title=found.title or found.label,
            list=found,
            kind=kind_of(found),
            groups=_by_category(items),
            count=len(items),
            above=[(one, _by_category(queries.items_of_list(one))) for one in lists_above(found)],
            below=extended_by(found),
            states=VERSION_STATES,
            flags=FLAGS,
            names=names,
            change=changes.shown_change(found),
            running=changes.running_change(found),
            triggers=TRIGGERS,
            cases=CASES,
            may_propose=found.is_published and access.can(Verb.IMPORT, found),
            may_extend=found.is_published and access.holds(Resource.LISTS, Verb.IMPORT),
        )

    @expose("/<int:list_id>/items/<int:item_id>")
    @guarded(Verb.VIEW)
    def item(self, list_id: int, item_id: int) -> Any:
        found = directory.version_of(list_id)
        item = next((one for one in queries.items_of_list(found) if one.id == item_id), None)
        if item is None:
            abort(404)
        amount = amount_of(request.args.get("amount", ""))
        return self.render_template(
            "checklists/templates/directory_item.html",
            title=item.label,
            list=found,
            item=item,
            kind=kind_of(found),
            names=names,
            drawn=drawings(item),
            too_long=has_many_steps(item.title, len(item.steps), most_steps()) and most_steps(),
            amount=amount,
            tiers=tiers_of(item, amount),
            file_kinds=FILE_KINDS,
            size=printed_size,
        )

    @expose("/<int:list_id>/items/<int:item_id>/files/<int:list_file_id>")
    @guarded(Verb.VIEW)
    def file(self, list_id: int, item_id: int, list_file_id: int) -> Any:
        items = queries.items_of_list(directory.version_of(list_id))
        item = next((one for one in items if one.id == item_id), None)
        found = file_of(item, list_file_id) if item is not None else None
        if found is None:
            abort(404)
        return send_file(
            io.BytesIO(found.content), mimetype=found.content_type, as_attachment=True, download_name=found.name
        )

    @expose("/<int:list_id>/changes")
    @guarded(Verb.VIEW)
    def changes(self, list_id: int) -> Any:
        found = directory.version_of(list_id)
        return self.render_template(
            "checklists/templates/directory_changes.html",
            title=_("What changes in %(list)s", list=found.label),
            list=found,
            redline=directory.redline_of(found),
            states=VERSION_STATES,
            fields=OF_EVERY_ITEM | {facet.code: facet.label for facet in kind_of(found).facets},
            flags=FLAGS,
            change=changes.shown_change(found),
        )


def _by_category(items: Any) -> list[tuple[str, list[Any]]]:
    return [(name or "", list(run)) for name, run in groupby(items, key=lambda item: item.category)]
