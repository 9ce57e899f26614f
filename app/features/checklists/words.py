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
STAGES = {
    "proposed": (_l("Change proposed"), "info"),
    "consultation": (_l("Consultation"), "wait"),
    "legality": (_l("Legality review"), "wait"),
    "approval": (_l("Waits for the first approval"), "wait"),
    "approved_once": (_l("Waits for the second approval"), "wait"),
    "approved": (_l("Approved, to be published"), "warn"),
    "in_force": (_l("In force, to be filed"), "ok"),
    "filed": (_l("In force and filed"), "done"),
    "withdrawn": (_l("Withdrawn"), "off"),
    "refused": (_l("Change refused"), "bad"),
}
STEPS_OF_CHANGE = {
    "proposed": _l("Proposal"),
    "consultation": _l("Consultation"),
    "legality": _l("Legality review"),
    "approval": _l("First approval"),
    "approved_once": _l("Second approval"),
    "approved": _l("Publication of the list"),
    "in_force": _l("Filing"),
}
TRIGGERS = {
    "law": _l("A law was made, amended or repealed"),
    "policy": _l("A policy was made, amended or repealed"),
    "practice": _l("The reality of the work"),
}
CASES = {
    "inspection": _l("Findings of inspections"),
    "petition": _l("Petitions"),
    "case": _l("Cases of violations"),
    "dispute": _l("Disputes"),
    "visit": _l("Visits to households"),
    "department": _l("Proposal of a department"),
}
OUTCOMES = {"agreed": _l("Agreed"), "amend": _l("To be amended"), "objected": _l("Objected")}
OUTCOME_TONES = {"agreed": "ok", "amend": "warn", "objected": "bad"}
FACET_TYPES = {
    "text": _l("Text"),
    "long_text": _l("Long text"),
    "integer": _l("Whole number"),
    "date": _l("Day"),
    "choice": _l("Choice"),
    "boolean": _l("Yes or no"),
}
# Suggestions, in the words of the records; anything else may be written.
CONSULTED = ("村干部会议", "部门负责人会议", "党员大会", "群众代表会议", "州民政局", "州委组织部", "州委农办")
CHANNELS = ("村务公开栏", "政府信息公开", "流程图手册", "广播电视", "村民微信群")
ITEM_FIELDS = {
    "title": _l("Name of the item"),
    "category": _l("Category"),
    "responsible": _l("Responsible body"),
    "legal_basis": _l("Basis"),
    "steps": _l("Steps"),
    "time_limit": _l("Time limit of handling"),
    "disclosure": _l("Made public"),
    "supervision": _l("Supervised by"),
    "authority": _l("Limit of authority"),
    "funding": _l("Funding source"),
    "consent": _l("Document of consent"),
    "remarks": _l("Remarks"),
    "flag": _l("Marked as"),
    "order": _l("Order in the list"),
    "removed": _l("Items removed"),
}
OF_EVERY_ITEM = {
    "category": ITEM_FIELDS["category"],
    "role": _l("Grid post"),
    "requirement": _l("Requirement"),
    "cycle": _l("Cycle"),
    "evidence": _l("Evidence"),
    "procedure": ITEM_FIELDS["steps"],
    "thresholds": _l("Amount thresholds"),
    "time_limit_days": _l("Time limit (days)"),
    "time_limit_text": ITEM_FIELDS["time_limit"],
    "flag": ITEM_FIELDS["flag"],
    "remarks": ITEM_FIELDS["remarks"],
    "files": _l("Files"),
}
FILE_KINDS = {
    "basis": _l("Document of the basis"),
    "rules": _l("Text of the rules"),
    "chart": _l("Flow chart"),
    "form": _l("Form to be used"),
}
COMPARISONS = {
    "rules": _l("Held against the rules of the centre, the province and the city"),
    "authorities": _l("Held against what the authorities of the trade above require"),
    "reality": _l("Held against the reality of the villages"),
    "simulated": _l("Gone through item by item"),
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
