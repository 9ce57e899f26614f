"""Ranks, positions, quotas, cuts and bands."""

from dataclasses import replace
from decimal import Decimal

import pytest
from factories.rule_samples import POLICIES, configured, example_entries, example_rows
from hypothesis import given
from hypothesis import strategies as st

from app.domain.config import DEFAULTS
from app.domain.ranking import Band, Entry, quotas, rank_villages

D = Decimal
SHARES = ("0.25", "0.10")
# n: 25 % by floor, half-up, ceil; 10 % by floor, half-up, ceil
QUOTAS = {
    1: (0, 0, 1, 0, 0, 1),
    2: (0, 1, 1, 0, 0, 1),
    3: (0, 1, 1, 0, 0, 1),
    4: (1, 1, 1, 0, 0, 1),
    5: (1, 1, 2, 0, 1, 1),
    6: (1, 2, 2, 0, 1, 1),
    8: (2, 2, 2, 0, 1, 1),
    9: (2, 2, 3, 0, 1, 1),
    10: (2, 3, 3, 1, 1, 1),
    14: (3, 4, 4, 1, 1, 2),
    18: (4, 5, 5, 1, 2, 2),
    20: (5, 5, 5, 2, 2, 2),
    22: (5, 6, 6, 2, 2, 3),
    30: (7, 8, 8, 3, 3, 3),
    38: (9, 10, 10, 3, 4, 4),
    42: (10, 11, 11, 4, 4, 5),
    43: (10, 11, 11, 4, 4, 5),
    44: (11, 11, 11, 4, 4, 5),
    45: (11, 11, 12, 4, 5, 5),
    46: (11, 12, 12, 4, 5, 5),
    50: (12, 13, 13, 5, 5, 5),
    100: (25, 25, 25, 10, 10, 10),
}


def villages(*finals, **facts):
    return [Entry(f"V{n:02}", f"村{n}", None if f is None else D(f), **facts) for n, f in enumerate(finals, 1)]


def bands(ranking):
    return {line.entry.code: line.band for line in ranking.lines}


def counts(ranking):
    return tuple(ranking.count(band) for band in (Band.TOP, Band.MIDDLE, Band.BOTTOM))


def codes(ranking, band):
    return {line.entry.code for line in ranking.lines if line.band is band}


# -- the worked example ----------------------------------------------------------------------------


def test_the_default_ranking_of_the_example_is_reproduced_line_by_line():
    ranking = rank_villages(example_entries(), DEFAULTS)
    found = [(str(line.position), str(line.rank), line.entry.code, line.band.value) for line in ranking.lines]
    assert found == [(row["position"], row["rank"], row["code"], row["band"]) for row in example_rows()]
    assert not ranking.warnings
    (cut,) = ranking.cuts
    assert (cut.n, cut.top_quota, cut.bottom_quota) == (43, 11, 4)
    assert (cut.top_score, cut.bottom_score) == (D("92.35"), D("78.60"))


@pytest.mark.parametrize("policy", POLICIES)
def test_tie_policies_part_the_example_as_stated(policy):
    settings, expected, _ = POLICIES[policy]
    assert counts(rank_villages(example_entries(), configured(**settings))) == expected


def test_who_has_fewer_deductions_stands_before_at_both_cuts():
    found = bands(rank_villages(example_entries(), configured(**POLICIES["tiebreak"][0])))
    assert (found["V42"], found["V33"], found["V16"]) == (Band.TOP, Band.TOP, Band.MIDDLE)
    assert (found["V19"], found["V36"]) == (Band.MIDDLE, Band.BOTTOM)


def test_the_village_a_hundredth_below_the_cut_is_out_under_every_policy():
    for policy in ("expand", "tiebreak", "shrink"):
        assert bands(rank_villages(example_entries(), configured(top_tie_policy=policy)))["V07"] is Band.MIDDLE


def test_rank_numbers_skip_after_ties():
    ranks = [line.rank for line in rank_villages(example_entries(), DEFAULTS).lines]
    assert ranks[:5] == [1, 2, 2, 4, 5]
    assert ranks[9:13] == [10, 10, 10, 13]
    assert ranks[38:41] == [39, 39, 41]


def test_a_base_of_88_125_ranks_above_88_12():
    positions = {line.entry.code: line.position for line in rank_villages(example_entries(), DEFAULTS).lines}
    assert (positions["V22"], positions["V39"]) == (24, 25)


def test_the_rank_number_rule_needs_no_rounding():
    ranking = rank_villages(example_entries(), configured(cut_rule="rank_number"))
    assert counts(ranking) == (12, 28, 3)
    assert codes(ranking, Band.BOTTOM) == {"V10", "V27", "V01"}


def test_one_unscored_village_shrinks_the_number_and_leaves_the_other_bands_alone():
    entries = [replace(e, final=None) if e.code == "V14" else e for e in example_entries()]
    ranking = rank_villages(entries, DEFAULTS)
    (cut,) = ranking.cuts
    assert (ranking.n, cut.top_quota, cut.bottom_quota) == (42, 11, 4)
    assert (cut.top_score, cut.bottom_score) == (D("92.35"), D("78.60"))
    whole = bands(rank_villages(example_entries(), DEFAULTS))
    assert bands(ranking) == whole | {"V14": Band.NOT_RANKED}
    assert [(problem.code, problem.where) for problem in ranking.warnings] == [("ranking.no_score", "V14")]


# -- quotas ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("n", QUOTAS)
def test_quotas_round_as_the_table_says(n):
    table = QUOTAS[n]
    for place, rounding in enumerate(("floor", "half_up", "ceil")):
        top, bottom = quotas(n, configured(top_rounding=rounding, bottom_rounding=rounding))
        at_least_one = 1 if n >= 2 else 0
        assert (top, bottom) == (max(table[place], at_least_one), table[place + 3])
    assert quotas(n, DEFAULTS) == (table[1], table[3])


def test_a_share_of_nothing_has_no_top():
    assert quotas(43, configured(top_ratio="0"))[0] == 0
    assert rank_villages(example_entries(), configured(top_ratio="0", bottom_ratio="0")).count(Band.MIDDLE) == 43


# -- edges -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("policy", ["expand", "tiebreak", "shrink"])
def test_equal_scores_have_no_top_and_no_bottom_but_a_warning(policy):
    ranking = rank_villages(
        villages(*["88.00"] * 43), configured(top_tie_policy=policy, bottom_tie_policy=policy, cut_rule="quota")
    )
    assert counts(ranking) == (0, 43, 0)
    assert [problem.code for problem in ranking.warnings] == ["ranking.all_equal"]


def test_a_ranking_of_one_is_no_ranking():
    for rounding in ("half_up", "floor", "ceil"):
        ranking = rank_villages(villages("90"), configured(top_rounding=rounding, bottom_rounding=rounding))
        assert (counts(ranking), ranking.lines[0].rank) == ((0, 1, 0), 1)


def test_nothing_to_rank_is_an_empty_ranking():
    assert rank_villages([], DEFAULTS).n == 0
    assert counts(rank_villages(villages(None, None), DEFAULTS)) == (0, 0, 0)


def test_a_village_is_never_in_both_bands_the_top_wins():
    ranking = rank_villages(
        villages("90", "80", "80", "80"), configured(top_ratio="0.5", bottom_ratio="0.5", bottom_tie_policy="expand")
    )
    assert counts(ranking) == (4, 0, 0)


def test_incomplete_and_excluded_villages_are_not_ranked_and_say_why():
    entries = villages("90", "80", "70")
    entries[1] = replace(entries[1], incomplete=True)
    entries[2] = replace(entries[2], excluded_reason="新设村，不足6个月")
    ranking = rank_villages(entries, DEFAULTS)
    assert [(line.rank, line.position, line.band.value) for line in ranking.lines][1:] == [
        (None, None, "not_ranked")
    ] * 2
    assert [problem.code for problem in ranking.warnings] == ["ranking.incomplete_village", "ranking.excluded"]


def test_each_group_has_its_own_quotas():
    entries = [replace(e, group="甲" if n < 10 else "乙") for n, e in enumerate(villages(*range(50, 90)))]
    ranking = rank_villages(entries, configured(ranking_scope="township"))
    assert [(cut.group, cut.n, cut.top_quota, cut.bottom_quota) for cut in ranking.cuts] == [
        ("乙", 30, 8, 3),
        ("甲", 10, 3, 1),
    ]
    assert ranking.n == 40
    assert rank_villages(entries, DEFAULTS).cuts[0].n == 40


# -- tie-breakers ----------------------------------------------------------------------------------


def test_every_link_of_the_chain_can_decide_and_says_so():
    one = Entry("V1", "一", D(90), D(1), {"D": D(20), "C": D(15)}, 3, 2)
    cases = {
        "score": replace(one, final=D("90.01")),
        "effective_deduction_asc": replace(one, effective=D("0.5")),
        "aspect_D_desc": replace(one, aspects={"D": D(21), "C": D(1)}),
        "aspect_C_desc": replace(one, aspects={"D": D(20), "C": D("15.01")}),
        "previous_rank_asc": replace(one, previous_rank=2),
        "manual": replace(one, manual_order=1),
    }
    for link, better in cases.items():
        lines = rank_villages([one, replace(better, code="V9")], DEFAULTS).lines
        assert [line.entry.code for line in lines] == ["V9", "V1"], link
        assert (lines[1].decided_by, lines[1].tie_undecided) == (link, False)


def test_a_place_nobody_gave_comes_after_every_given_one():
    known, new = Entry("V2", "二", D(90), previous_rank=40), Entry("V1", "一", D(90))
    assert rank_villages([new, known], DEFAULTS).lines[0].entry is known


def test_an_exhausted_chain_follows_the_unit_code_and_says_undecided():
    lines = rank_villages([*villages("90", "90", "80")][::-1], DEFAULTS).lines
    assert [(line.entry.code, line.tie_undecided, line.decided_by) for line in lines] == [
        ("V01", True, ""),
        ("V02", True, "unit_code"),
        ("V03", False, "score"),
    ]


def test_a_cut_through_an_undecided_tie_is_warned_about():
    finals = ["95", "90", "90", "80", "70"]
    parted = rank_villages(villages(*finals), configured(top_ratio="0.4", top_tie_policy="tiebreak"))
    assert [(p.code, p.where) for p in parted.warnings] == [
        ("ranking.tie_undecided", "V02"),
        ("ranking.tie_undecided", "V03"),
    ]
    assert not rank_villages(villages(*finals), configured(top_ratio="0.4", top_tie_policy="expand")).warnings


# -- properties ------------------------------------------------------------------------------------

finals = st.integers(0, 40).map(lambda n: D(n) / 4 + 80)
entries_of = st.lists(
    st.tuples(st.one_of(st.none(), finals), st.integers(0, 3).map(D), st.integers(0, 2).map(D)), max_size=40
).map(lambda rows: [Entry(f"V{n:02}", f"村{n}", f, e, {"D": a}) for n, (f, e, a) in enumerate(rows)])
policies = st.fixed_dictionaries(
    {
        "cut_rule": st.sampled_from(["quota", "rank_number"]),
        "top_rounding": st.sampled_from(["half_up", "floor", "ceil"]),
        "bottom_rounding": st.sampled_from(["half_up", "floor", "ceil"]),
        "top_tie_policy": st.sampled_from(["expand", "tiebreak", "shrink"]),
        "bottom_tie_policy": st.sampled_from(["expand", "tiebreak", "shrink"]),
        "top_ratio": st.sampled_from(["0", "0.1", "0.25", "0.5"]),
        "bottom_ratio": st.sampled_from(["0", "0.1", "0.25", "0.5"]),
    }
).map(lambda settings: configured(**settings))


@given(entries_of, policies, st.randoms())
def test_the_order_of_the_input_never_matters(entries, config, random):
    shuffled = random.sample(entries, len(entries))
    assert rank_villages(shuffled, config) == rank_villages(entries, config)


@given(entries_of, policies)
def test_ranks_positions_and_bands_fit_together(entries, config):
    ranking = rank_villages(entries, config)
    ranked = [line for line in ranking.lines if line.rank is not None]
    assert [line.position for line in ranked] == list(range(1, len(ranked) + 1))
    for line in ranked:
        assert line.rank == 1 + sum(other.entry.final > line.entry.final for other in ranked)
    order = [Band.TOP, Band.MIDDLE, Band.BOTTOM]
    places = [order.index(line.band) for line in ranked]
    assert places == sorted(places)
    assert len(ranking.lines) == len(entries)
    assert sum(counts(ranking)) + ranking.count(Band.NOT_RANKED) == len(entries)


@given(entries_of, policies)
def test_equal_scores_share_rank_and_unless_ties_are_broken_their_band(entries, config):
    by_score = {}
    for line in rank_villages(entries, config).lines:
        by_score.setdefault(line.entry.final, []).append(line)
    broken = "tiebreak" in (config["top_tie_policy"], config["bottom_tie_policy"]) and config["cut_rule"] == "quota"
    for score, lines in by_score.items():
        assert len({line.rank for line in lines}) == 1
        assert broken or score is None or len({line.band for line in lines}) == 1


@given(entries_of, st.data())
def test_raising_one_score_never_lowers_its_rank_position_or_band(entries, data):
    scored = [e for e in entries if e.final is not None]
    if not scored:
        return
    one = data.draw(st.sampled_from(scored))
    raised = replace(one, final=one.final + data.draw(st.integers(0, 500).map(lambda n: D(n) / 100)))
    place = {line.entry.code: line for line in rank_villages(entries, DEFAULTS).lines}[one.code]
    entries = [raised if e is one else e for e in entries]
    after = {line.entry.code: line for line in rank_villages(entries, DEFAULTS).lines}[one.code]
    assert after.rank <= place.rank
    assert after.position <= place.position


@given(entries_of)
def test_the_default_rewards_at_least_the_quota_and_punishes_at_most_it(entries):
    ranking = rank_villages(entries, DEFAULTS)
    if any(problem.code == "ranking.all_equal" for problem in ranking.warnings) or ranking.n < 2:
        return
    (cut,) = ranking.cuts
    assert ranking.count(Band.TOP) >= cut.top_quota
    assert ranking.count(Band.BOTTOM) <= cut.bottom_quota
