"""The sentences of bonus."""

from __future__ import annotations

from app.kit.i18n import _l

SENTENCES = {
    "bonus.wage_negative": _l("A wage cannot be below 0."),
    "bonus.wage_too_high": _l("%(value)s yuan a month looks wrong; the highest wage accepted is %(highest)s."),
    "bonus.wage_changed": _l(
        "Somebody else has changed this wage meanwhile. Stored now: %(stored)s. Your input is kept: compare and save again."
    ),
    "bonus.wage_places": _l("A wage has at most two decimal places."),
    "bonus.bad_month": _l("“%(month)s” is not a month; write 2025-01."),
    "bonus.unknown_gate": _l("“%(gate)s” is not a state of payment: none, hold or zero."),
    "bonus.year_missing": _l("The year is missing: choose a year or a round."),
    "bonus.unknown_village": _l("“%(village)s” is not a village whose wages you may enter."),
    "bonus.unknown_person": _l("“%(name)s” is not on the pay roll of %(village)s; enter the person there first."),
    "bonus.ambiguous_person": _l(
        "Two persons called “%(name)s” are on the pay roll; the post in the table must tell them apart."
    ),
    "bonus.ranking_not_published": _l("The ranking must be published before awards are computed."),
    "bonus.nobody_paid": _l("Nobody on the pay roll has a wage in %(year)s; enter the wages first."),
    "bonus.multipliers_unconfirmed": _l(
        "The multipliers of the middle and the bottom band have not been confirmed; an administrator must confirm them first."
    ),
    "bonus.multipliers_differ": _l(
        "The batch was computed with other multipliers than those confirmed; compute it again."
    ),
    "bonus.confirmed_by_act_only": _l("Multipliers are confirmed by an act of their own, not by a setting."),
    "bonus.same_person": _l("Whoever computed the batch cannot approve it; another person must."),
    "bonus.superseded_ranking": _l(
        "The ranking has been corrected since; compute the batch again from the new version."
    ),
    "bonus.newer_batch": _l("There is a newer batch for this ranking; approve that one."),
    "bonus.no_batch": _l("There is no batch of awards for this round."),
    "bonus.not_settled": _l("Paid amounts are entered once the batch is approved."),
    "bonus.not_held": _l("The award of %(name)s is not on hold."),
    "bonus.more_than_award": _l("No more than the award itself, %(award)s, can be paid."),
    "bonus.no_wage": _l("%(name)s (%(village)s) has no wage that counts in the year and receives no award."),
    "bonus.no_staff": _l("%(village)s has nobody on the pay roll with a wage."),
    "bonus.paid_negative": _l("A paid amount cannot be below 0."),
    "bonus.file_not_read": _l("%(file)s: %(what)s"),
}
