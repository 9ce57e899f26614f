"""What duties and leads say when they refuse."""

from __future__ import annotations

from typing import Any

from app.kit.i18n import _l

SENTENCES: dict[str, Any] = {
    "duties.period_closed": _l(
        "%(period)s is locked (%(by)s, %(on)s). Nothing was saved; ask the township to reopen it."
    ),
    "duties.period_not_open": _l("%(period)s is not open anywhere you may close it."),
    "duties.period_not_closed": _l("%(period)s is not locked anywhere you may reopen it."),
    "duties.reopen_waits": _l("Somebody has asked to reopen %(period)s already; another person must decide."),
    "duties.nobody_asked": _l(
        "Nobody has asked to reopen %(period)s: ask first, with a reason; another person allows it."
    ),
    "duties.same_person": _l("You have asked for it, or stand in for whoever did; another person must decide."),
    "duties.no_township": _l("There is no township for which you may open or close a period."),
    "duties.no_form": _l("The form “%(form)s” is missing. Load the reference data: flask portal sync."),
    "duties.not_a_month": _l("“%(period)s” is not a month; monthly logs are written for months such as 2026-10."),
    "duties.nothing_but_filled": _l(
        "“Nothing this period” is ticked, but the card is filled in. Clear one of the two."
    ),
    "duties.own_log": _l("Nobody confirms or returns his own log."),
    "duties.nothing_missing": _l("Nothing is missing there, so there is nothing to urge."),
    "duties.urge_in_the_past": _l("The day must be today or later."),
    "duties.due_in_the_past": _l("The day must not lie before the day of the report."),
    "duties.none_ticked": _l("Tick at least one row first."),
    "duties.nothing_typed": _l("Nothing is filled in yet: fill in a card, or choose “nothing this period”."),
    "duties.unknown_category": _l("Please choose what the lead is about."),
    "duties.merge_elsewhere": _l("A lead can only be merged into another lead of the same total grid."),
    "duties.not_a_candidate": _l("Choose a leader of this total grid or the leader of this sub-grid."),
    "duties.lead_settled": _l("The lead is settled already."),
    "register.below_zero": _l("A count cannot be below zero."),
    "register.too_many": _l("At most %(most)s."),
    "register.not_a_count": _l("“%(typed)s” is no whole number."),
    "register.changed": _l(
        "Somebody else has filled in this village meanwhile. Your input is kept: open the page again, compare, and save."
    ),
    "register.closed_above": _l("More cases closed than accepted (%(limit)s). Correct one of the two."),
    "register.instant_above": _l("More cases closed at once than closed (%(limit)s). Correct one of the two."),
    "register.reason_needed": _l("%(certificates)s should not be issued by a village: state why it had to be."),
    "certificate.forbidden": _l("“%(item)s” stands in “%(list)s”: a village does not issue it."),
    "certificate.forbidden_because": _l("“%(item)s” stands in “%(list)s” (%(because)s): a village does not issue it."),
    "certificate.forbidden_instead": _l(
        "“%(item)s” stands in “%(list)s”: a village does not issue it. Instead: %(instead)s."
    ),
    "certificate.forbidden_because_instead": _l(
        "“%(item)s” stands in “%(list)s” (%(because)s): a village does not issue it. Instead: %(instead)s."
    ),
    "certificate.outside": _l(
        "It stands in no list of certificates: it is issued only by an approved exception (approved this month: %(approved)s)."
    ),
    "certificate.unknown": _l("“%(name)s” is counted nowhere: no list keeps it and no exception was approved."),
    "certificate.needs_none": _l("It needs no exception: issue it and count it in the register."),
    "certificate.minutes_needed": _l("Name the minutes in which the risk was talked over."),
    "certificate.same_person": _l("You have asked for it, or stand in for whoever did; another person must decide."),
    "E31": _l("There is no such village in your area."),
    "E32": _l("The village has no such sub-grid."),
    "E62": _l("The record is confirmed and differs; it cannot be overwritten. Have it returned first."),
    "E71": _l("You may not import for this village."),
    "duties.nobody_responsible": _l("Nobody holds the post that would handle this lead."),
}
