"""The configuration of ranking and bonus in words: labels, help, choices, and the policy as sentences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from app.domain.config import RuleConfig
from app.kit.i18n import _, _l

SECTIONS: dict[str, Any] = {
    "ranking": _l("Ranking and bands"),
    "score": _l("Scores and deductions"),
    "periods": _l("Periods"),
    "bonus": _l("Awards"),
}

VERSION_STATES: dict[str, tuple[Any, str]] = {
    "proposed": (_l("waits for approval"), "wait"),
    "in_force": (_l("holds now"), "ok"),
    "refused": (_l("turned down"), "bad"),
    "replaced": (_l("replaced by a later proposal"), "off"),
    "followed": (_l("was in force"), "off"),
}

LABELS: dict[str, Any] = {
    "ranking_scope": _l("Ranking scope"),
    "ranking_group": _l("Groups ranked apart"),
    "excluded_band": _l("Villages not ranked are paid as"),
    "merger_weight_by": _l("Merged villages: score before the merger weighted by"),
    "split_policy": _l("Split villages"),
    "recusal": _l("Nobody scores a village where he holds a post"),
    "correction_mode": _l("Change after publication"),
    "top_ratio": _l("Share of the top band"),
    "bottom_ratio": _l("Share of the bottom band"),
    "cut_rule": _l("How the cut is found"),
    "top_rounding": _l("Rounding of the top quota"),
    "bottom_rounding": _l("Rounding of the bottom quota"),
    "top_tie_policy": _l("Tie at the top cut"),
    "bottom_tie_policy": _l("Tie at the bottom cut"),
    "tie_breakers": _l("Tie-breakers, in order"),
    "min_months_ranked": _l("New village: ranked after this many full months"),
    "missing_score_policy": _l("Village with a missing item score"),
    "rounding": _l("Rounding of scores"),
    "places": _l("Decimal places of scores"),
    "total_cap": _l("Cap of all deductions"),
    "floor_total": _l("Lowest total score"),
    "min_applicable": _l("Warn when fewer applicable points than"),
    "same_fact_rule": _l("The same fact under two items"),
    "veto_items_allowed": _l("Veto items"),
    "period_weights": _l("Weights of daily, half-year and year-end assessment"),
    "missing_period_policy": _l("Missing period"),
    "top_multiplier": _l("Multiplier of the top band"),
    "middle_multiplier": _l("Multiplier of the middle band"),
    "bottom_multiplier": _l("Multiplier of the bottom band"),
    "multipliers_confirmed": _l("Multipliers confirmed"),
    "award_mode": _l("The award is paid"),
    "bottom_mode": _l("Reduction of the bottom band"),
    "dismissal_policy": _l("Dismissed for discipline"),
    "multi_village_policy": _l("In two villages one after the other"),
    "wage_basis": _l("Monthly wage the award is based on"),
    "wage_components": _l("Parts of the monthly wage"),
    "month_cutoff_day": _l("A month counts up to this day"),
    "concurrent_policy": _l("In two villages at the same time"),
    "person_gate": _l("Open case or missing review of a person"),
    "money_quantum": _l("Amounts are rounded to"),
    "budget_limit": _l("Budget limit"),
    "publicity_days": _l("Working days of public notice"),
    "notice_requires_approval": _l("Circular on the bottom band"),
}

HELP: dict[str, Any] = {
    "top_ratio": _l("As a decimal: 0.25 is 25 %. The text says 25 %."),
    "bottom_ratio": _l("As a decimal: 0.10 is 10 %. The text says 10 %."),
    "top_tie_policy": _l("Several villages have exactly the score of the cut and the quota does not hold them all."),
    "bottom_tie_policy": _l("Several villages have exactly the score of the cut and the quota does not hold them all."),
    "tie_breakers": _l(
        "Number them 1, 2, 3 …; an empty place is not used. They give the position, and the bands where ties are broken."
    ),
    "middle_multiplier": _l("The text does not give it. It must be confirmed before an award can be approved."),
    "bottom_multiplier": _l(
        "The text only says “reduced accordingly”. It must be confirmed before an award can be approved."
    ),
    "top_multiplier": _l("The text says 2.5 times the monthly wage."),
    "wage_components": _l("Number the parts that count. The insurance part goes to the fund and is not counted."),
    "month_cutoff_day": _l("Who joins after this day, or leaves before it, has not served the month."),
    "budget_limit": _l("In yuan; empty for none. Above it all awards are reduced in the same proportion, to the cent."),
    "total_cap": _l("All deductions of a village together take no more points than this."),
    "period_weights": _l("Decimals that add up to 1."),
    "publicity_days": _l("The circular on the bottom band goes out only after approval."),
    "multipliers_confirmed": _l("Confirmed by an act of its own, never by this form."),
    "ranking_group": _l("Empty: all villages are ranked together."),
}

CHOICES: dict[str, Any] = {
    "county": _l("the county"),
    "township": _l("each township"),
    "group": _l("groups"),
    "half_up": _l("half up"),
    "floor": _l("rounded down"),
    "ceil": _l("rounded up"),
    "quota": _l("by quota"),
    "rank_number": _l("by rank number, without rounding"),
    "expand": _l("all of them are in"),
    "shrink": _l("none of them is in"),
    "tiebreak": _l("the tie-breakers decide"),
    "multiplier": _l("a fixed multiplier"),
    "ratio": _l("a ratio of the middle multiplier"),
    "december": _l("the wage of December"),
    "average_served": _l("the average of the months served"),
    "month_of_notice": _l("the wage of the month of notice"),
    "block": _l("blocks the publication"),
    "renormalise": _l("the rest is scaled up"),
    "zero": _l("counts as 0"),
    "middle": _l("middle band"),
    "none": _l("none"),
    "village_kind": _l("villages and communities apart"),
    "equal": _l("all alike"),
    "0.01": _l("0.01 yuan"),
    "0.1": _l("0.1 yuan"),
    "1": _l("1 yuan"),
    "pro_rata": _l("in proportion to the months"),
    "households": _l("households"),
    "inherit": _l("inherit the score of the old village"),
    "new_version": _l("a new version, never an edit"),
    "higher": _l("the higher one only"),
    "both": _l("both"),
    "in_place": _l("in place of a base award"),
    "on_top": _l("on top of a base award"),
    "segments": _l("each part of the year by its village"),
    "primary": _l("the main post only"),
    "average": _l("the average of both"),
    "hold": _l("the award is held back"),
    "effective_deduction_asc": _l("fewer deduction points"),
    "aspect_A_desc": _l("higher aspect A"),
    "aspect_B_desc": _l("higher aspect B"),
    "aspect_C_desc": _l("higher aspect C"),
    "aspect_D_desc": _l("higher aspect D"),
    "previous_rank_asc": _l("better rank in the earlier period"),
    "manual": _l("decision of the township with a reason"),
    "base_allowance": _l("base allowance"),
    "post_allowance": _l("post allowance"),
    "insurance_allowance": _l("insurance allowance"),
    "title_allowance": _l("title allowance"),
    "rank_allowance": _l("rank allowance"),
    "true": _l("Yes"),
    "false": _l("No"),
}

PERIODS: dict[str, Any] = {
    "daily": _l("Daily assessment"),
    "half_year": _l("Half-year assessment"),
    "year_end": _l("Year-end assessment"),
}
BANDS: dict[str, Any] = {
    "top": _l("Top"),
    "middle": _l("Middle"),
    "bottom": _l("Bottom"),
    "not_ranked": _l("Not ranked"),
}
BAND_TONES = {"top": "ok", "middle": "info", "bottom": "bad", "not_ranked": "off"}


def choice(value: Any) -> str:
    """A value of the configuration in the reader's language; a number or an unknown word as it is."""
    if value is None:
        return str(CHOICES["none"])
    if isinstance(value, list | tuple):
        return "、".join(choice(part) for part in value)
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return str(CHOICES.get(text, text))


def percent(ratio: Any) -> str:
    """A ratio as a percentage without needless zeros: 0.25 is 25."""
    return format((Decimal(str(ratio)) * 100).normalize(), "f")


def band_word(band: str, policy: Mapping[str, Any]) -> str:
    """A band as it is printed: 前25%, 中间, 后10%, 未参评."""
    if band == "top":
        return _("Top %(percent)s%%", percent=percent(policy["top_ratio"]))
    if band == "bottom":
        return _("Bottom %(percent)s%%", percent=percent(policy["bottom_ratio"]))
    return str(BANDS[band])


# -- 排名口径: the rule of a ranking in sentences -----------------------------------------------------


def policy_sentences(config: RuleConfig, cuts: Sequence[Mapping[str, Any]]) -> list[str]:
    """The policy of a ranking as sentences: order, quotas and cuts with ties, tie-breakers, gaps, who is not ranked."""
    sentences = [
        _(
            "Villages are ranked by their final score; equal scores share a rank, and the next rank leaves the places out."
        ),
        *(sentence for cut in cuts for sentence in _cut_sentences(config, cut)),
        _(
            "Equal scores are put in order by: %(breakers)s; when these leave it open, by the unit code.",
            breakers=choice(config["tie_breakers"]),
        ),
        _("A village that is not scored completely %(policy)s.", policy=choice(config["missing_score_policy"])),
        _(
            "Not applicable items are left out and the rest is scaled to 100; all deductions together take at most %(cap)s points.",
            cap=_plain(config["total_cap"]),
        ),
    ]
    if config["ranking_group"] or config["ranking_scope"] != "county":
        sentences.insert(
            1, _("Ranked apart: %(groups)s.", groups=choice(config["ranking_group"] or config["ranking_scope"]))
        )
    return sentences


def _plain(value: Any) -> str:
    return format(Decimal(str(value)).normalize(), "f")


def _cut_sentences(config: RuleConfig, cut: Mapping[str, Any]) -> list[str]:
    head = f"{cut['group']}：" if cut["group"] else ""
    return [head + _one_cut(config, cut, "top"), head + _one_cut(config, cut, "bottom")]


def _one_cut(config: RuleConfig, cut: Mapping[str, Any], band: str) -> str:
    ratio = config[f"{band}_ratio"]
    name = band_word(band, {"top_ratio": config["top_ratio"], "bottom_ratio": config["bottom_ratio"]})
    if config["cut_rule"] == "rank_number":
        return _(
            "%(band)s: by rank number, those within %(share)s of %(n)s villages; tied villages stay together.",
            band=name,
            share=_plain(ratio * cut["n"]),
            n=cut["n"],
        )
    said = _(
        "%(band)s: %(n)s villages × %(percent)s%% = %(exact)s, %(rounding)s: a quota of %(quota)s.",
        band=name,
        n=cut["n"],
        percent=percent(ratio),
        exact=_plain(ratio * cut["n"]),
        rounding=choice(config[f"{band}_rounding"]),
        quota=cut[f"{band}_quota"],
    )
    if cut[f"{band}_score"] is None:
        return said
    tie = choice(config[f"{band}_tie_policy"])
    return said + _(
        "The cut is at %(score)s points; if the quota does not hold all villages with that score, %(tie)s.",
        score=cut[f"{band}_score"],
        tie=tie,
    )


def cut_words(band: str, group: str, run: Any) -> str:
    """The cut of a band as its line in the table says it, with the score at which the quota ends."""
    cut = next(cut for cut in run.summary["cuts"] if cut["group"] == group)
    name = band_word(band, run.policy)
    score = cut[f"{band}_score"]
    return _("Cut of the %(band)s, quota ends at %(score)s points", band=name, score=score) if score else name


def why(
    line: Any, village: Mapping[str, Any], policy: Mapping[str, Any], cuts: Sequence[Mapping[str, Any]], tied: int
) -> str:
    """Why a village stands where it does, in one or two sentences."""
    if line.rank is None:
        return village["excluded_reason"] or _("The village has no complete score and is not ranked.")
    said = _(
        "Base %(base)s − deductions %(deduction)s = %(final)s points: rank %(rank)s.",
        base=line.base,
        deduction=line.effective,
        final=line.final,
        rank=line.rank,
    )
    if tied > 1:
        said += _(" %(count)s villages have this score; the order among them follows the tie-breakers.", count=tied)
    if line.is_tie_undecided:
        said += _(" The tie-breakers left the order open.")
    cut = next((c for c in cuts if c["group"] == village["group"]), None)
    return said + (_stands(line, policy, cut) if cut else "")


def _stands(line: Any, policy: Mapping[str, Any], cut: Mapping[str, Any]) -> str:
    name = band_word(line.band, policy)
    for band in ("top", "bottom"):
        score = cut[f"{band}_score"]
        if score is not None and Decimal(score) == line.final:
            tie = choice(policy[f"{band}_tie_policy"])
            return _(
                " The score is exactly the cut of the %(cut)s; the rule is: %(tie)s. Band: %(band)s.",
                cut=band_word(band, policy),
                tie=tie,
                band=name,
            )
    if line.band == "top":
        return _(" That is above the cut of %(score)s points. Band: %(band)s.", score=cut["top_score"], band=name)
    if line.band == "bottom":
        return _(" That is below the cut of %(score)s points. Band: %(band)s.", score=cut["bottom_score"], band=name)
    return _(" That lies between the two cuts. Band: %(band)s.", band=name)
