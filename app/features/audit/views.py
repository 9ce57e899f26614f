"""The trail, read only."""

from __future__ import annotations

from app.domain.rights import Resource
from app.features.accounts.naming import account_name
from app.features.audit import words
from app.kit.audit import AuditEntry
from app.kit.fab import PortalModelView, ScopedInterface, Screen
from app.kit.i18n import _l


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


VIEWS = [Screen(AuditView, _l("Audit trail"), "admin", "fa-history", order=90)]
