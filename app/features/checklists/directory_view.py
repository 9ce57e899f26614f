"""The county's catalogue of lists: what is in force, its versions, what a draft would change, and the decision on it."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from flask import request, url_for
from flask_appbuilder import expose

from app.domain.rights import Resource, Verb
from app.features.checklists import queries, services
from app.features.checklists.queries import directory
from app.features.checklists.words import FLAGS, ITEM_FIELDS, VERSION_STATES
from app.kit import access
from app.kit.fab import PortalPageView, guarded
from app.kit.i18n import _
from app.kit.two_persons import is_other


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
            groups=[(name or "", list(run)) for name, run in groupby(items, key=lambda item: item.category)],
            count=len(items),
            states=VERSION_STATES,
            fields=ITEM_FIELDS,
            flags=FLAGS,
        )

    @expose("/<int:list_id>/changes")
    @guarded(Verb.VIEW)
    def changes(self, list_id: int) -> Any:
        found = directory.version_of(list_id)
        may_decide = found.state == "draft" and access.can(Verb.APPROVE, found)
        return self.render_template(
            "checklists/templates/directory_changes.html",
            title=_("What changes in %(list)s", list=found.label),
            list=found,
            redline=directory.redline_of(found),
            states=VERSION_STATES,
            fields=ITEM_FIELDS,
            flags=FLAGS,
            may_approve=may_decide and is_other([found.made_by]),
            may_decide=may_decide,
            may_withdraw=found.state == "draft" and (may_decide or access.can(Verb.IMPORT, found)),
        )

    @expose("/<int:list_id>/approve", methods=["POST"])
    @guarded(Verb.APPROVE)
    def approve(self, list_id: int) -> Any:
        found = directory.version_of(list_id)
        return self.act(
            lambda: services.publish_version(found),
            _("In force. The version before it is kept to read."),
            url_for("DirectoryView.version", list_id=list_id),
            found,
        )

    @expose("/<int:list_id>/withdraw", methods=["POST"])
    @guarded(Verb.IMPORT)
    def withdraw(self, list_id: int) -> Any:
        found = directory.version_of(list_id)
        return self.act(
            lambda: services.withdraw_version(found, request.form.get("reason", "")),
            _("Withdrawn. What is in force stays in force."),
            url_for("DirectoryView.index"),
            found,
        )
