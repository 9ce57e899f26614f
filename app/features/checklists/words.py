"""Words for the codes that lists, systems and the ledger use."""

from __future__ import annotations

from app.domain.checklists import ListKind
from app.kit.i18n import _l

QUESTIONS = {
    ListKind.RESPONSIBILITY: _l("What to do"),
    ListKind.PROCEDURE: _l("How to do it"),
    ListKind.SYSTEM: _l("By which rules"),
    ListKind.ASSESSMENT: _l("How well it is done"),
}
KINDS = {
    ListKind.RESPONSIBILITY: _l("Responsibility list"),
    ListKind.PROCEDURE: _l("Procedure list"),
    ListKind.SYSTEM: _l("System list"),
    ListKind.ASSESSMENT: _l("Assessment list"),
    ListKind.POWER: _l("List of minor powers"),
    ListKind.SELF_GOVERNANCE: _l("List of self-governance matters"),
    ListKind.ASSIST: _l("List of matters assisted by law"),
    ListKind.NEGATIVE: _l("Negative list"),
    ListKind.PUBLIC_SERVICE: _l("List of public services"),
    ListKind.CERTIFICATE_KEEP: _l("Certificates that stay"),
    ListKind.CERTIFICATE_FORBIDDEN: _l("Certificates not to be issued"),
    ListKind.OTHER: _l("Other list"),
}
VERSION_STATES = {
    "draft": (_l("Draft, waits for approval"), "wait"),
    "published": (_l("In force"), "ok"),
    "superseded": (_l("Superseded"), "off"),
    "withdrawn": (_l("Withdrawn"), "off"),
}
ITEM_FIELDS = {
    "title": _l("Name of the item"),
    "category": _l("Category"),
    "responsible": _l("Responsible body"),
    "legal_basis": _l("Basis"),
    "steps": _l("Steps"),
    "time_limit": _l("Time limit of handling"),
    "disclosure": _l("Made public"),
    "supervision": _l("Supervised by"),
    "remarks": _l("Remarks"),
    "flag": _l("Marked as"),
    "order": _l("Order in the list"),
    "removed": _l("Items removed"),
}
FLAGS = {"new": _l("New item"), "changed": _l("Changed item")}

SUBJECTS = {
    ListKind.RESPONSIBILITY: _l("Responsibilities by post, with requirement, cycle and evidence"),
    ListKind.PROCEDURE: _l("Steps drawn one by one, with the responsible post at each step"),
    ListKind.SYSTEM: _l("What each system lays down, how often, and what is recorded"),
    ListKind.ASSESSMENT: _l("Items, standards and points, and what is deducted"),
}
CYCLES = {
    "week": _l("Every week"),
    "month": _l("Every month"),
    "quarter": _l("Every quarter"),
    "half_year": _l("Every half-year"),
    "year": _l("Every year"),
    "as_needed": _l("As needed"),
}
SOURCES = {
    "text": _l("In the source"),
    "reading": _l("Read from the source"),
    "public": _l("On a public page"),
    "derived": _l("Set by the portal"),
}
STATES = {"done": _l("Done"), "in_progress": _l("Under way"), "not_done": _l("Not done")}
STATE_TONES = {"done": "done", "in_progress": "wait", "not_done": "warn"}
LEDGER_FIELDS = {
    "requirement": _l("Requirement"),
    "time_limit": _l("Time limit"),
    "holders": _l("Persons responsible"),
    "state": _l("State of completion"),
    "done_count": _l("Times done"),
    "done_on": _l("Done on"),
    "remarks": _l("Remarks"),
}
MEETINGS = {
    "total_grid_meeting": _l("Total grid meeting"),
    "sub_grid_meeting": _l("Sub-grid meeting"),
    "sub_grid_assessment": _l("Sub-grid assessment"),
}
RECORD_FIELDS = {
    "topic": _l("Topic"),
    "should_attend": _l("Should attend"),
    "attended": _l("Attended"),
    "opinion": _l("Opinion"),
    "next_step": _l("Next step"),
    "date": _l("Date"),
    "place": _l("Place"),
    "visitor_count": _l("Visitors"),
    "matters": _l("Matters raised"),
    "on_the_spot": _l("Answered on the spot"),
    "transferred": _l("Passed on"),
    "patroller": _l("Patrolled by"),
    "route": _l("Route"),
    "findings": _l("Findings"),
    "lead_ids": _l("Leads recorded"),
    "theme": _l("Theme"),
    "absent_makeup": _l("Make-up study of absentees"),
    "content": _l("Content"),
    "hours": _l("Hours"),
    "meeting_kind": _l("Kind of meeting"),
    "agenda": _l("Agenda"),
    "decisions": _l("Decisions"),
    "responsible_person": _l("Person responsible"),
    "due_date": _l("Due on"),
}
