"""Sentences of ratings, plates and indicators."""

from __future__ import annotations

from app.kit.i18n import _l

SENTENCES = {
    "indicator.unknown_formula": _l("“%(formula)s” is no formula of an indicator."),
    "indicator.bad_number": _l("“%(value)s” is not a number."),
    "indicator.bad_code": _l("A code has Latin letters, digits, - and _, at most 32."),
    "indicator.code_taken": _l("There is an indicator of this code here."),
    "indicator.no_words": _l("Say it in words."),
    "indicator.unknown_source": _l("Choose what is counted."),
    "indicator.owner": _l("Indicators belong to a prefecture, a county or a township."),
    "indicator.counted": _l("This indicator is counted by the portal itself; nothing is entered."),
    "indicator.not_here": _l("This indicator does not hold for that unit."),
    "indicator.first_missing": _l("The first count is missing."),
    "indicator.second_missing": _l("The second count is missing."),
    "indicator.below_zero": _l("A count is not below 0."),
    "indicator.part_above_whole": _l("A part is not more than its whole of %(whole)s."),
    "plate.not_a_village": _l("Plates hang in villages."),
    "plate.stars": _l("Stars are 1 to %(most)s."),
    "plate.no_basis": _l("Say on what basis the stars are given."),
    "plate.already": _l("A plate of %(period)s hangs there: take it down first."),
    "plate.no_reason": _l("Say why the plate is taken down."),
    "plate.withdrawn": _l("The plate was taken down already."),
    "review.not_asked": _l("You do not rate departments for this unit."),
    "review.not_above": _l("This department is not one of the units above."),
    "review.no_form": _l("There is no form for rating departments here yet."),
    "review.over": _l("The half-year is over: what was said stays."),
    "review.has_form": _l("There is a form for rating departments here."),
}
