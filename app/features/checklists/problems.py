"""Sentences of lists and of the ledger."""

from __future__ import annotations

from app.domain.errors import Problem
from app.kit.i18n import _l

SENTENCES = {
    "list.stated_by_source": _l(
        "The source says this itself: it cannot be changed. Requirement, cycle and evidence can."
    ),
    "list.stated_not_deleted": _l(
        "The source names this itself: it cannot be deleted. A list can be withdrawn instead."
    ),
    "list.in_force": _l(
        "This list holds, or has held: it is changed by a new version of it. Propose a change on the page of the list."
    ),
    "list.no_name": _l("Say what the list is called."),
    "list.no_kind": _l("Say of which kind the list is."),
    "list.duplicate_name": _l("“%(name)s” stands more than once in this list. Keep one of them."),
    "list.too_many_places": _l("At most %(most)s items."),
    "list.too_many_named": _l("The source states %(stated)s items, but %(named)s are named."),
    "kind.bad_code": _l("The code begins with a small Latin letter; small letters, digits and _ follow, at most 32."),
    "kind.no_name": _l("Say what the kind is called."),
    "kind.unknown_behaviour": _l("Choose one of the behaviours the portal knows."),
    "kind.no_item_name": _l("Every kind has the facet “name of the item”."),
    "kind.facet_twice": _l("The facet %(code)s stands twice. Keep one of them."),
    "kind.bad_facet": _l(
        "The code of a facet begins with a small Latin letter; small letters, digits and _ follow, at most 32."
    ),
    "kind.facet_no_label": _l("Say what the facet is called."),
    "kind.unknown_type": _l("Choose what is typed for the facet."),
    "kind.no_choices": _l("Say what can be chosen, one on each line."),
    "list.no_file": _l("Choose a file."),
    "list.unknown_file_kind": _l("Say what the file is."),
    "list.too_many_files": _l("At most %(most)s files with an item."),
    "list.needs_approval": _l(
        "A draft is put in force on the page of the list, by somebody else than whoever made it."
    ),
    "list.no_items": _l("The draft has no items: there is nothing to put in force."),
    "list.not_in_force": _l("This version does not hold: propose a change of the version that does."),
    "list.not_above": _l("A list adds to one of a unit above its own: choose a township or village below it."),
    "list.step_no_name": _l("Step %(number)s has no name: write it, or leave the whole line empty."),
    "list.bad_days": _l("A time limit is a whole number of days, from 1 to 999."),
    "list.bad_threshold": _l(
        "A threshold says what is measured, a figure, and where a matter goes above and below it."
    ),
    "list.bad_day": _l("“%(typed)s” is no date: write it as 2026-06-18."),
    "change.not_now": _l("The change stands at another step now. Look at the page again."),
    "change.already_running": _l("A change of “%(list)s” is on its way already: finish or withdraw that one first."),
    "change.unknown_trigger": _l("Say whether law, policy or practice is the reason."),
    "change.laid_before": _l(
        "The draft is laid before those who approve and is written to no more. To change it, it is withdrawn and proposed anew."
    ),
    "change.nobody_consulted": _l("Nobody has been heard yet: put down at least one opinion of the consultation."),
    "change.no_legality_review": _l(
        "No department has reviewed the draft for legality yet: put down at least one opinion."
    ),
    "change.not_compared": _l(
        "The opinion of %(body)s does not count yet: the draft has not been held against all three, or not gone through item by item."
    ),
    "change.objection_stands": _l(
        "%(body)s objects to the draft. Amend it and put down the new opinion, or withdraw the change."
    ),
    "change.objection_to_item": _l(
        "%(body)s objects to item %(item)s. Amend it and put down the new opinion, or withdraw the change."
    ),
    "change.unknown_item": _l("There is no item “%(code)s” in the draft."),
    "change.say_what": _l("Say in words what is objected to, or what is to be amended."),
    "change.no_period": _l("Say from which period it holds: 2027, 2027H1, 2027Q1 or 2027-01."),
    "change.no_channel": _l("Say by which channels the list is made public; at least one."),
    "change.same_person": _l(
        "%(name)s has proposed or approved this already, or stands in for whoever did: two persons approve, neither the proposer."
    ),
    "change.total_not_full": _l("The points of the items add up to %(total)s, not to 100."),
    "change.in_use": _l(
        "The version is in use already (%(count)s): it is not rolled back. Change it by a new version instead."
    ),
    "change.later_version": _l("A later version of this list exists: roll that one back first."),
    "admission.no_authority": _l(
        "“%(name)s” is delegated or assisted work and states no limit of authority (power goes with responsibility). Say what is handed down and what is not."
    ),
    "admission.no_funding": _l(
        "“%(name)s” is delegated or assisted work and states no funding source (funds follow the work). Say who pays from which budget."
    ),
    "admission.no_consent": _l(
        "“%(name)s” needs the consent of the county, or of the village by procedure: name the document or the minutes."
    ),
    "admission.on_negative_list": _l(
        "“%(name)s” is on the negative list in force: villages may not be charged with it. Take it out; the department does it itself."
    ),
    "admission.village_responsible": _l(
        "“%(name)s” makes the village responsible for “%(matter)s”, which the negative list forbids. Name the department as responsible and the village as assisting."
    ),
    "admission.certificate_forbidden": _l(
        "“%(name)s” is on the list of certificates that may not be issued or asked for. Use checking online, own inquiry or a promise instead."
    ),
    "admission.certificate_not_kept": _l(
        "“%(name)s” is not among the certificates that stay. It may be issued on facts after the legal risk has been weighed: somebody who approves lets it pass with a reason."
    ),
    "admission.no_exception": _l("The rule allows no exception here."),
    "directory.unit_unclear": _l("Choose the county whose lists these are."),
    "directory.duplicate": _l("“%(name)s” stands more than once in this list. Keep one of them."),
    "directory.too_long": _l("At most %(most)s characters."),
    "list.dates_reversed": _l("The last day lies before the first."),
    "ledger.no_year": _l("The ledger is kept by year: choose a year such as 2026."),
    "ledger.no_list": _l("No responsibility list is published for %(grid)s in that year."),
    "ledger.grid_unclear": _l("Choose the total grid whose ledger this is."),
    "ledger.other_grid": _l("The file is about %(stated)s, which is not in %(unit)s. Choose the right total grid."),
    "ledger.line_changed": _l(
        "Somebody else has changed this line meanwhile. Stored now: %(stored)s. Your input is kept: compare and save again."
    ),
    "ledger.unknown_item": _l("There is no item “%(code)s” in the responsibility list."),
    "ledger.role_differs": _l("%(code)s is a responsibility of the %(role)s."),
    "ledger.holder_not_in_role": _l(
        "“%(name)s” was not %(role)s in %(grid)s in %(year)s. Check the roster, or the name."
    ),
    "ledger.unknown_state": _l("“%(state)s” is no state: choose done, under way or not done."),
    "ledger.bad_date": _l("“%(typed)s” is no date: write it as 2026-06-18, or as 2026-06 without a day."),
    "ledger.bad_count": _l("“%(typed)s” is no whole number."),
    "ledger.too_long": _l("At most %(most)s characters."),
}
CONSTRAINTS = {
    "list_item.list_id, list_item.code": Problem("duplicate", "code"),
    "governance_list.unit_id, governance_list.code": Problem("duplicate", "code"),
}
