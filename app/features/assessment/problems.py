"""What assessment says when it refuses."""

from __future__ import annotations

from typing import Any

from app.kit.i18n import _l

SENTENCES: dict[str, Any] = {
    "assessment.bad_scheme": _l("The scheme cannot be read: “%(key)s” is missing or not as expected."),
    "assessment.unknown_scheme": _l("There is no scheme “%(scheme)s” here."),
    "assessment.scheme_elsewhere": _l("The scheme “%(scheme)s” does not hold at %(unit)s."),
    "assessment.round_exists": _l("There is a round “%(round)s” here already; choose another code."),
    "assessment.unknown_round": _l("There is no round “%(round)s”, or it is not yours to see."),
    "assessment.ambiguous_round": _l(
        "Several rounds are called “%(round)s”; write the code of the unit before it: UNIT/%(round)s."
    ),
    "assessment.no_round": _l("No round of the period %(period)s takes these scores; open one first, or name it."),
    "assessment.say_round": _l("Several rounds fit (%(rounds)s); name the one you mean."),
    "assessment.no_units": _l("Nothing to assess: no unit of the scheme’s kind exists below %(unit)s in the period."),
    "assessment.unit_outside": _l("%(village)s does not belong to %(unit)s in this period."),
    "assessment.round_closed": _l("Round %(round)s is not open for scoring. Reopen it first."),
    "assessment.own_village": _l("You may not score %(village)s, because you are “%(post)s” there yourself."),
    "assessment.excluded": _l("%(village)s is not taking part in this round; include it again before scoring."),
    "assessment.unknown_item": _l("The scheme has no item “%(item)s”."),
    "assessment.bad_request": _l("The page and the server do not understand each other; reload the page."),
    "assessment.scheme_in_use": _l("A round uses this scheme; load a new version instead of changing it."),
    "assessment.text_source": _l("This stands in the source text and is not changed; only derived values are."),
    "assessment.bad_cell": _l("“%(text)s” cannot be understood here."),
    "assessment.cell_conflict": _l("Somebody else has entered “%(theirs)s” here meanwhile; you typed “%(mine)s”."),
    "assessment.not_scored": _l("%(village)s: %(item)s is not scored."),
    "assessment.reason_missing": _l("%(village)s: %(item)s is below full marks and needs a reason."),
    "assessment.two_persons": _l("%(name)s has scored or checked this round; another person must publish it."),
    "assessment.unknown_deduction": _l("The scheme has no deduction item “%(item)s”."),
    "assessment.not_your_item": _l("“%(item)s” is not recorded by the village supervision committee."),
    "assessment.level_required": _l("Choose the level of “%(item)s”."),
    "assessment.bad_count": _l("Write how often it happened, from 1 to 999."),
    "assessment.bad_points": _l("The points to deduct must be above 0."),
    "assessment.outside_period": _l("The date lies outside the period %(period)s."),
    "assessment.say_unit": _l("Say which unit: --unit CODE."),
    "assessment.unknown_unit": _l("“%(unit)s” does not take part in this round."),
}
