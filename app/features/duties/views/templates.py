"""What each role owes each month: the templates, as a list of things."""

from __future__ import annotations

from app.domain.rights import Resource
from app.features.duties.models import DutyTemplate
from app.kit.datamodel import ScopedInterface
from app.kit.fab import PortalModelView
from app.kit.i18n import _l


class DutyTemplateView(PortalModelView):
    """Duty templates; what is asked stands in the form."""

    route_base = "/duty-templates"
    datamodel = ScopedInterface(DutyTemplate)
    resource = Resource.FORMS
    base_permissions = ["can_view", "can_edit"]
    include_route_methods = {"list", "show", "edit"}
    base_order = ("sort_order", "asc")
    list_columns = ["code", "name", "role_name", "form_code", "due_day", "is_active", "unit"]
    show_columns = ["code", "name", "role_name", "form_code", "from_items", "due_day", "is_active", "unit"]
    edit_columns = ["due_day", "sort_order", "is_active"]
    search_columns = ["code", "role", "form_code", "is_active"]
    label_columns = {
        "code": _l("Code"),
        "name": _l("Title"),
        "role": _l("Role"),
        "role_name": _l("Role"),
        "form_code": _l("Form"),
        "from_items": _l("From the responsibility list"),
        "due_day": _l("Due on day (next month)"),
        "sort_order": _l("Order"),
        "is_active": _l("In use"),
        "unit": _l("Owner"),
    }
    list_title = _l("Duty templates")
    show_title = _l("Duty template")
    edit_title = _l("Edit duty template")
