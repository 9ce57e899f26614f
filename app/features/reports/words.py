"""Words for the codes of reports, inspections and meetings, with the look of their badges."""

from __future__ import annotations

from typing import Any

from app.kit.i18n import _l

STATES: dict[str, tuple[Any, str]] = {
    "draft": (_l("Draft report"), "wait"),
    "issued": (_l("Report issued and running"), "ok"),
    "halted": (_l("Halted"), "off"),
    "merged": (_l("Report merged"), "done"),
}
CYCLES: dict[str, Any] = {
    "month": _l("Monthly"),
    "quarter": _l("Quarterly"),
    "half_year": _l("Half-yearly"),
    "year": _l("Yearly"),
    "once": _l("Once (emergency)"),
}
STANDINGS: dict[str, tuple[Any, str]] = {
    "handed_in": (_l("Handed in"), "done"),
    "late": (_l("Handed in late"), "warn"),
    "overdue": (_l("Past its day"), "bad"),
    "due": (_l("To hand in now"), "wait"),
    "returned": (_l("Returned"), "bad"),
    "running": (_l("Period still runs"), "info"),
}
SOURCES: dict[str, Any] = {"report": _l("Report form"), "duty": _l("Monthly duty"), "register": _l("Register")}
KINDS: dict[str, Any] = {
    "comprehensive": _l("Comprehensive inspection"),
    "special": _l("Special inspection"),
    "assessment": _l("Assessment"),
}
PLAN_STATES: dict[str, Any] = {"planned": _l("Planned"), "done": _l("Done"), "cancelled": _l("Cancelled")}
MEETING_STATES: dict[str, Any] = {"planned": _l("Planned"), "held": _l("Held"), "cancelled": _l("Cancelled")}
WEEKDAYS: dict[int, Any] = {
    1: _l("Monday"),
    2: _l("Tuesday"),
    3: _l("Wednesday"),
    4: _l("Thursday"),
    5: _l("Friday"),
    6: _l("Saturday"),
    7: _l("Sunday"),
}
