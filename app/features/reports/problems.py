"""What reports, inspections, meetings and papers say when they refuse: the rule, where it comes from, and the way out."""

from __future__ import annotations

from typing import Any

from app.kit.i18n import _l

SENTENCES: dict[str, Any] = {
    "reports.level": _l("A report is asked of villages, total grids or sub-grids: choose one of them."),
    "reports.cycle": _l(
        "Reports are monthly, quarterly, half-yearly or yearly. For an emergency choose “once” and write down why."
    ),
    "reports.other_cycle": _l(
        "The form is filled in on another cycle: choose that cycle, or another form; an emergency needs a form without one."
    ),
    "reports.emergency_reason": _l(
        "A report outside the regular cycles is for emergencies only: write down what the emergency is, or choose a cycle."
    ),
    "reports.period": _l("The period does not fit the cycle: write 2026-10, 2026Q4, 2026H2 or 2026."),
    "reports.periods_reversed": _l("The last period lies before the first: correct one of them."),
    "reports.due_day": _l("The day lies between 1 and 31."),
    "reports.minutes": _l("Say how many minutes one filling-in takes: 1 to 600."),
    "reports.base_data": _l(
        "“%(field)s” is base data the township or the portal knows; villages are not asked for it. Take the field out of the "
        "form, or let the portal fill it in (the field's setting “known”)."
    ),
    "reports.not_approved": _l(
        "A report is issued only with the approving body, the document and its date: this is missing. Have it approved and "
        "enter it in the draft."
    ),
    "reports.not_from_here": _l("Reports, inspections and meetings come from townships and above: choose such a unit."),
    "reports.no_form": _l("The form “%(form)s” does not hold here. Choose a form of this unit or of one above."),
    "reports.form_not_published": _l(
        "The form “%(form)s” is not published yet: publish it first, then issue the report."
    ),
    "reports.same_person": _l("%(name)s has made this report; another person must issue it."),
    "reports.not_asked": _l(
        "This report is not asked here for this period, or was halted: nothing has to be handed in. Your list of reports shows "
        "what is asked."
    ),
    "reports.merge_itself": _l("Choose another report, on another form, to merge with."),
    "reports.merge_apart": _l("Only reports of the same unit, asked of the same level, can be merged."),
    "reports.merging_already": _l("“%(title)s” is being merged already: finish that first, or halt the draft."),
    "reports.limit": _l("The limit lies between %(least)s and %(most)s."),
    "reports.weekday": _l("Weekdays go from 1 (Monday) to 7 (Sunday)."),
    "inspections.not_approved": _l("Inspections follow the yearly plan: enter the document that approves it."),
    "inspections.one_a_year": _l(
        "The department has a comprehensive inspection planned in %(year)s already; there is at most one a year. Combine "
        "them, or plan a special inspection."
    ),
    "inspections.consent": _l(
        "The township assesses villages; a department may do so only with the county's consent. Enter the consent document, "
        "or leave the assessment to the township."
    ),
    "meetings.free_day": _l(
        "This weekday is kept free of meetings. Choose another day, or enter why the meeting cannot wait."
    ),
    "meetings.same_matter": _l(
        "The matter had a meeting on %(on)s already; there is one meeting a matter. Combine them, or enter why another is needed."
    ),
    "papers.too_long": _l("Not to be issued: longer than %(most)s characters. Shorten it."),
    "papers.too_alike": _l(
        "Not to be issued: more than %(most)s%% repeats the superior's text. Pass that text on as it is, or write what is to "
        "be done here."
    ),
}
