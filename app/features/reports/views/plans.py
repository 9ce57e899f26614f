"""The registers of planned inspections and meetings; what they may not be is checked whenever they are saved."""

from __future__ import annotations

from wtforms import SelectField

from app.domain.rights import Resource
from app.features.reports import words
from app.features.reports.models import InspectionPlan, MeetingPlan
from app.kit.datamodel import ScopedInterface
from app.kit.fab import PortalModelView
from app.kit.i18n import _l

_INSPECTION = [
    "unit",
    "department",
    "year",
    "kind",
    "subject",
    "planned_on",
    "approval_document",
    "consent_document",
    "state",
    "remarks",
]
_MEETING = ["unit", "department", "held_on", "matter", "attendance", "exception_reason", "state"]
_LABELS = {"unit": _l("Planned by"), "department": _l("Department"), "state": _l("State")}


def _choice(label: object, choices: dict[str, object]) -> SelectField:
    return SelectField(label, choices=lambda: list(choices.items()))


_INSPECTION_FIELDS = {"kind": _choice(_l("Kind"), words.KINDS), "state": _choice(_l("State"), words.PLAN_STATES)}
_MEETING_FIELDS = {"state": _choice(_l("State"), words.MEETING_STATES)}


class InspectionPlanView(PortalModelView):
    """The yearly plan of inspections: approved, at most one comprehensive a department and year."""

    route_base = "/inspections"
    datamodel = ScopedInterface(InspectionPlan)
    resource = Resource.RECORDS
    list_title, show_title = _l("Inspections"), _l("Planned inspection")
    add_title, edit_title = _l("Plan an inspection"), _l("Edit the plan")
    list_columns = ["year", "department", "kind", "subject", "planned_on", "state"]
    show_columns = add_columns = edit_columns = _INSPECTION
    search_columns = ["year", "department", "kind", "state", "unit"]
    order_columns = ["year", "kind", "planned_on", "state"]
    base_order = ("year", "desc")
    add_form_extra_fields = edit_form_extra_fields = _INSPECTION_FIELDS
    formatters_columns = {
        "kind": lambda code: words.KINDS.get(code, code),
        "state": lambda code: words.PLAN_STATES.get(code, code),
    }
    description_columns = {
        "kind": _l("A department has at most one comprehensive inspection a year."),
        "consent_document": _l("Of the county: a department assesses villages only with it."),
    }
    label_columns = {
        **_LABELS,
        "year": _l("Year"),
        "kind": _l("Kind"),
        "subject": _l("What is inspected"),
        "planned_on": _l("Planned for"),
        "approval_document": _l("Approval document"),
        "consent_document": _l("Consent document"),
        "remarks": _l("Remarks"),
    }


class MeetingPlanView(PortalModelView):
    """The calendar of meetings village cadres are called to: free weekdays, one meeting a matter."""

    route_base = "/meetings"
    datamodel = ScopedInterface(MeetingPlan)
    resource = Resource.RECORDS
    list_title, show_title = _l("Meetings"), _l("Planned meeting")
    add_title, edit_title = _l("Plan a meeting"), _l("Edit the meeting")
    list_columns = ["held_on", "matter", "department", "attendance", "exception_reason", "state"]
    show_columns = add_columns = edit_columns = _MEETING
    search_columns = ["held_on", "matter", "department", "state", "unit"]
    order_columns = ["held_on", "state"]
    base_order = ("held_on", "desc")
    add_form_extra_fields = edit_form_extra_fields = _MEETING_FIELDS
    formatters_columns = {"state": lambda code: words.MEETING_STATES.get(code, code)}
    description_columns = {
        "exception_reason": _l("Needed on a day kept free of meetings, and for a second meeting on a matter."),
    }
    label_columns = {
        **_LABELS,
        "held_on": _l("Held on"),
        "matter": _l("Matter"),
        "attendance": _l("Who attends"),
        "exception_reason": _l("Reason of the exception"),
    }
