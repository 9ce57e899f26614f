"""The trail for the audit administrator, and the history of a record for whoever may see the record."""

from __future__ import annotations

from typing import Any

from flask import current_app, request, url_for
from flask_appbuilder import expose

from app.domain.rights import Resource, Verb
from app.features.accounts.naming import account_name
from app.features.audit import history, restoring, words
from app.kit import names, versions
from app.kit.audit import AuditEntry
from app.kit.fab import PortalModelView, PortalPageView, ScopedInterface, Screen, guarded
from app.kit.i18n import _, _l


class AuditView(PortalModelView):
    """Who did what, when, from where, before and after."""

    datamodel = ScopedInterface(AuditEntry)
    resource = Resource.AUDIT
    route_base = "/audit"
    base_permissions = ["can_view"]
    include_route_methods = {"list", "show"}
    base_order = ("id", "desc")
    list_title = _l("Audit trail")
    show_title = _l("Entry of the trail")
    list_columns = ["at", "username", "action", "kind", "table_name", "row_id", "address"]
    show_columns = ["at", "username", "address", "action", "kind", "table_name", "row_id", "changes"]
    search_columns = ["username", "action", "kind", "table_name", "row_id"]
    label_columns = {
        "at": _l("When"),
        "username": _l("Who"),
        "address": _l("From where"),
        "action": _l("Act"),
        "kind": _l("Kind of change"),
        "table_name": _l("Record kind"),
        "row_id": _l("Record number"),
        "changes": _l("Before → after"),
    }
    formatters_columns = {
        "username": account_name,
        "address": words.place,
        "action": words.act,
        "kind": words.kind,
        "table_name": words.record,
    }


PAGES = {
    "duty": ("LogView.log", "duty_id"),
    "lead": ("LeadView.lead", "lead_id"),
    "sheet": ("SheetView.slip", "pk"),
    "assessment_round": ("RoundView.show", "pk"),
    "bonus_batch": ("BatchView.show", "batch_id"),
    "ranking_run": ("RankingView.ranking", "run_id"),
    "person": ("PersonPageView.person", "person_id"),
    "org_unit": ("TreeView.unit", "unit_id"),
}
"""The page of a record where it has one of our own; others are shown by their generated view."""


class HistoryView(PortalPageView):
    """What happened to one record, and an earlier version of it brought back."""

    resource = None
    route_base = "/history"

    @expose("/<string:table>/<int:row_id>")
    @guarded(Verb.VIEW)
    def of(self, table: str, row_id: int) -> Any:
        row, view = history.find(table, row_id), _view_of(table)
        number = min(max(request.args.get("page", 1, type=int), 1), 10_000)
        return self.render_template(
            "audit/templates/history.html",
            title=_("History"),
            page=history.of(row, number),
            restorable=restoring.may_restore(view, row),
            back=_page_of(view, table, row_id),
            kind=names.record(table),
            **_about(table, row),
        )

    @expose("/<string:table>/<int:row_id>/<int:entry_id>/restore")
    @guarded(Verb.EDIT)
    def preview(self, table: str, row_id: int, entry_id: int) -> Any:
        row, view, entry = _to_restore(table, row_id, entry_id)
        return self.render_template(
            "audit/templates/restore.html",
            title=_("Restore this version"),
            entry=entry,
            lines=restoring.preview(view, row, entry),
            **_about(table, row),
        )

    @expose("/<string:table>/<int:row_id>/<int:entry_id>/restore", methods=["POST"])
    @guarded(Verb.EDIT)
    def restore(self, table: str, row_id: int, entry_id: int) -> Any:
        row, view, entry = _to_restore(table, row_id, entry_id)
        back = url_for("HistoryView.of", table=table, row_id=row_id)
        stamp = versions.sent_stamp()
        return self.act(lambda: restoring.restore(view, row, entry, stamp), _("The earlier version is back."), back)


def _about(table: str, row: Any) -> dict[str, Any]:
    return {"table": table, "row": row, "label": str(row)}


def _view_of(table: str) -> Any:
    """The generated view of a table, None where it has none."""
    views = (view for _screen, view in current_app.extensions["screens"])
    return next((v for v in views if isinstance(v, PortalModelView) and v.datamodel.obj.__tablename__ == table), None)


def _page_of(view: Any, table: str, row_id: int) -> str:
    if table in PAGES:
        endpoint, key = PAGES[table]
        return url_for(endpoint, **{key: row_id})
    return url_for(f"{view.endpoint}.show", pk=row_id) if view is not None else ""


def _to_restore(table: str, row_id: int, entry_id: int) -> Any:
    row, view = history.find(table, row_id), _view_of(table)
    restoring.require(view, row)
    return row, view, history.entry_of(row, entry_id)


VIEWS = [
    Screen(AuditView, _l("Audit trail"), "admin", "fa-history", order=90),
    Screen(HistoryView),
]
