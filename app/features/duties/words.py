"""What states and categories are called, and how they look; the data of lead categories come from seed/reference."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

from app.domain.certificates import Decision, Outcome, Risk, refusal
from app.domain.transitions import DutyState, ExceptionState, LeadState
from app.features.duties.certificates import certificate_types
from app.features.duties.queries.certificates import Counted
from app.kit import seed
from app.kit.i18n import _, _l, chosen
from app.kit.problems import sentence

# state -> (word, tone of the badge)
DUTY_WORDS: Mapping[str, tuple[Any, str]] = {
    DutyState.OPEN: (_l("Not filled in"), "off"),
    DutyState.DRAFT: (_l("Draft"), "wait"),
    DutyState.SUBMITTED: (_l("Submitted"), "info"),
    DutyState.NOTHING_TO_REPORT: (_l("Nothing this period"), "info"),
    DutyState.RETURNED: (_l("Returned"), "bad"),
    DutyState.CONFIRMED: (_l("Confirmed"), "done"),
}
LEAD_WORDS: Mapping[str, tuple[Any, str]] = {
    LeadState.REPORTED: (_l("Reported"), "warn"),
    LeadState.ACCEPTED: (_l("Accepted"), "wait"),
    LeadState.RETURNED: (_l("Returned"), "off"),
    LeadState.MERGED: (_l("Merged"), "off"),
    LeadState.VERIFIED: (_l("Verified"), "wait"),
    LeadState.SUBMITTED: (_l("With the chief grid leader"), "warn"),
    LeadState.DISCUSSED: (_l("Discussed"), "wait"),
    LeadState.ASSIGNED: (_l("Assigned"), "wait"),
    LeadState.IN_PROGRESS: (_l("In progress"), "wait"),
    LeadState.CLOSED: (_l("Closed"), "done"),
}
LEAD_ACTIONS: Mapping[str, Any] = {
    "report": _l("Report again"),
    "accept": _l("Accept"),
    "return": _l("Return"),
    "merge": _l("Merge"),
    "verify": _l("Verify"),
    "submit": _l("Feed back to the chief grid leader"),
    "discuss": _l("Discuss"),
    "assign": _l("Assign"),
    "start": _l("Start"),
    "close": _l("Close the lead"),
    "reopen": _l("Reopen"),
    "urge": _l("Urge"),
}
REGISTER_FIELDS: Mapping[str, Any] = {
    "accepted": _l("Cases accepted"),
    "closed": _l("Cases closed"),
    "instant": _l("Closed at once"),
    "overdue": _l("Cases overdue"),
    "reason": _l("Reason or remarks"),
}
EXCEPTION_WORDS: Mapping[str, tuple[Any, str]] = {
    ExceptionState.ASKED: (_l("Waits for approval"), "wait"),
    ExceptionState.APPROVED: (_l("Approved"), "done"),
    ExceptionState.REFUSED: (_l("Refused"), "bad"),
}
RISKS: Mapping[str, Any] = {
    Risk.NONE: _l("No risk"),
    Risk.DISCUSSED: _l("Some, discussed"),
    Risk.MEETING: _l("Some, before the villagers' (representatives') meeting"),
}
HISTORY_WORDS: Mapping[str, Any] = {
    "duties.open": _l("Set as a duty"),
    "duties.save": _l("Saved as draft"),
    "duties.submit": _l("Submitted"),
    "duties.nothing": _l("Nothing this period"),
    "duties.withdraw": _l("Withdrawn"),
    "duties.confirm": _l("Confirmed"),
    "duties.return": _l("Returned"),
    "exchange.import.monthly-log": _l("Imported from a workbook"),
    "portal.demo": _l("Loaded with the demonstration"),
}


@functools.cache
def lead_categories() -> Mapping[str, Mapping[str, Any]]:
    """What a lead can be about, by code, in order; `urgent` ones do not wait for the monthly meeting."""
    return {entry["code"]: entry for entry in seed.read("reference/lead_categories.yaml")}


def category_name(code: str) -> str:
    """The name of a category of leads in the reader's language."""
    entry = lead_categories().get(code, {})
    return chosen({key: entry.get(f"name_{key}") or "" for key in ("zh", "en", "ko")}) or code


def certificate_name(code: str) -> str:
    """The name of a kind of certificate in the reader's language; a code nobody knows as it is."""
    return next((kind.label for kind in certificate_types() if kind.code == code), code)


def decision_words(decision: Decision) -> str:
    """What the lists in force say of a certificate, as a sentence."""
    if problem := refusal(decision):
        return sentence(problem)
    item = decision.item
    if decision.outcome is Outcome.KEPT and item is not None:
        if item.is_at_once:
            return str(_("Kept by “%(list)s”: issued on the spot.", list=item.list_name))
        if item.within_days is not None:
            return str(
                _("Kept by “%(list)s”: issued within %(days)s days.", list=item.list_name, days=item.within_days)
            )
        return str(_("Kept by “%(list)s”.", list=item.list_name))
    if decision.outcome is Outcome.OUTSIDE:
        return str(_("It stands in no list of certificates: it is issued only by an approved exception."))
    return str(_("No list in force says anything about it."))


def certificate_words(one: Counted) -> str:
    """What is said beside the count of a certificate; nothing where no list in force says anything."""
    if one.decision.outcome is Outcome.OPEN:
        return str(_("Should not be issued: %(name)s", name=one.kind.forbidden_as)) if one.kind.is_forbidden else ""
    if one.is_outside and one.approved:
        return str(_("Exceptions approved this month: %(count)s", count=one.approved))
    return decision_words(one.decision)
