"""Words for formulas and sources of indicators."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from app.kit.i18n import _, _l

FORMULAS: dict[str, Any] = {
    "reduction_rate": _l("Reduction rate"),
    "completion_rate": _l("Completion rate"),
    "petition_change": _l("Petitions, year on year"),
    "good_rating_rate": _l("Rate of good ratings"),
    "satisfaction": _l("Satisfaction"),
    "material_reduction": _l("Materials reduced by"),
    "step_optimisation": _l("Steps reduced by"),
    "time_compression": _l("Time reduced by"),
    "time_share": _l("Time reduced to"),
    "immediate_rate": _l("Share done at once"),
    "online_share": _l("Share done wholly online"),
    "certificates_per_village": _l("Certificates a village a month"),
    "case_change": _l("Cases, year on year"),
    "attendance_rate": _l("Attendance rate"),
    "status_share": _l("Share of villages with a status"),
    "count": _l("Plain count"),
}
_REMOVED = {"reduction_rate", "material_reduction", "step_optimisation", "time_compression"}
_CHANGE = {"petition_change", "case_change"}
SOURCES: dict[str, Any] = {
    "entered": _l("Entered on the page"),
    "records": _l("Counted from records of a form"),
    "register": _l("Counted from the register of certificates and cases"),
    "plates": _l("Counted from star plates"),
}
REGISTER: dict[str, Any] = {
    "certificates": _l("Certificates issued"),
    "accepted": _l("Cases accepted"),
    "closed": _l("Cases closed"),
    "instant": _l("Cases closed at once"),
    "overdue": _l("Cases overdue"),
    "villages": _l("Villages that counted"),
    "certificates_before": _l("Certificates in the same month a year before"),
    "accepted_before": _l("Cases accepted in the same month a year before"),
}


def how(formula: str, first: str, second: str) -> str:
    """How an indicator is reckoned, in words."""
    if formula == "count":
        return first
    if formula in _REMOVED:
        return str(_("(%(first)s − %(second)s) ÷ %(first)s", first=first, second=second))
    if formula in _CHANGE:
        return str(_("(%(first)s − %(second)s) ÷ %(second)s", first=first, second=second))
    return f"{first} ÷ {second}"


def figure(value: Decimal | None) -> str:
    """A count as it is read: thousands apart, no empty places; a dash for none."""
    if value is None:
        return "—"
    return f"{value:,.2f}".rstrip("0").rstrip(".")
