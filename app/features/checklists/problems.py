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
    "list.needs_approval": _l(
        "A draft is put in force on the page of the list, by somebody else than whoever made it."
    ),
    "list.not_a_draft": _l("This version has been decided already."),
    "list.same_person": _l("%(name)s has made this draft or stands in for whoever did; another person must decide."),
    "list.no_items": _l("The draft has no items: there is nothing to put in force."),
    "directory.unit_unclear": _l("Choose the county whose lists these are."),
    "directory.duplicate": _l("“%(name)s” stands more than once in this list. Keep one of them."),
    "directory.on_negative_list": _l(
        "“%(name)s” is on the negative list: villages may not be asked to assist with it. Take it out of the list."
    ),
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
