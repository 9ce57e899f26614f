"""The sentences of ranking."""

from __future__ import annotations

from app.kit.i18n import _l

SENTENCES = {
    "ranking.round_not_published": _l("The round must be published before it is ranked."),
    "ranking.nothing_to_rank": _l("No village of the round has a score; there is nothing to rank."),
    "ranking.not_villages": _l("Only rounds of villages are ranked; this one scores other units."),
    "ranking.incomplete": _l(
        "These villages are not scored completely: %(villages)s. Score them, or exclude them with a reason."
    ),
    "ranking.same_person": _l("Whoever ran the ranking cannot publish it; another person must."),
    "ranking.correction_reason": _l("A ranking was published before; say why it is corrected."),
    "ranking.outdated": _l("The round has been published anew since; run the ranking again."),
    "ranking.newer_run": _l("There is a newer run of this ranking; publish that one."),
    "ranking.not_found": _l("There is no ranking of the round “%(code)s” yet."),
    "ranking.unknown_village": _l("“%(village)s” is not ranked in this round."),
    "ranking.no_tie": _l("The villages named do not stand in one undecided tie."),
    "ranking.no_change": _l("Nothing was changed."),
    "rules.none_proposed": _l("No version of the rules of %(unit)s waits for a decision."),
    "rules.not_proposed": _l("Version %(number)s does not wait for a decision any more."),
    "rules.same_person": _l("You have proposed this version, or stand in for whoever did; another person must decide."),
    "rules.confirmed_by_act_only": _l("Multipliers are confirmed by an act of their own, not by a setting."),
}
