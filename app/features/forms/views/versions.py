"""Forms to look at: versions with their fields. The designer comes later; the data are here."""

from __future__ import annotations

from app.domain.rights import Resource
from app.features.forms.models import FormVersion
from app.kit.datamodel import ScopedInterface
from app.kit.fab import PortalModelView
from app.kit.i18n import _l


class FormVersionView(PortalModelView):
    """Versions of forms; a version is never edited, a new one takes its place."""

    route_base = "/form-versions"
    datamodel = ScopedInterface(FormVersion)
    resource = Resource.FORMS
    base_permissions = ["can_view"]
    include_route_methods = {"list", "show"}
    base_order = ("code", "asc")
    list_columns = ["code", "name", "number", "is_current", "unit"]
    show_columns = ["code", "name", "number", "is_current", "unit", "field_names", "created_at"]
    search_columns = ["code", "number", "is_current"]
    label_columns = {
        "code": _l("Code"),
        "name": _l("Title"),
        "number": _l("Version"),
        "is_current": _l("In use"),
        "unit": _l("Owner"),
        "field_names": _l("Fields"),
        "created_at": _l("Created"),
    }
    list_title = _l("Forms")
    show_title = _l("Form")
