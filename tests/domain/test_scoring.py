"""Scores: facts to points, points to totals, deductions under their caps."""

from dataclasses import replace
from decimal import Decimal

import pytest
from factories.rule_samples import example_rows, village_scheme
from hypothesis import given
from hypothesis import strategies as st

from app.domain.errors import RuleBroken
from app.domain.scoring import (
    Aspect,
    Calc,
    DeductionItem,
    Fact,
    Item,
    Level,
    Occurrence,
    Scheme,
    Status,
    check_scheme,
    combined,
    item_line,
    item_points,
    mean_score,
    merged_score,
    parse_cell,
    village_score,
)
from app.domain.types import rounded

D = Decimal
SCHEME = village_scheme()
WEIGHTS = {"daily": D("0.30"), "half_year": D("0.30"), "year_end": D("0.40")}
FULL_MARKS = {item.code: Fact(points=item.max) for item in SCHEME.items}


def code_of(refusal):
    return [problem.code for problem in refusal.value.problems]


def item(calc, maximum="5", **params):
    return Item("A1", "A", "例会", D(maximum), Calc(calc), **params)


def scheme_of(*maxima, **settings):
    items = tuple(Item(f"A{n}", "A", f"项目{n}", D(m), na_allowed=True) for n, m in enumerate(maxima, 1))
    return Scheme("S", "方案", (Aspect("A", "方面", sum(map(D, maxima))),), items, SCHEME.deductions, **settings)


def points(*values):
    return {
        f"A{n}": Fact(not_applicable=v is None, points=None if v is None else D(v), reason="-")
        for n, v in enumerate(values, 1)
    }


# -- the worked cases ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "maxima, earned, base", [(("95", "5"), ("86.40", None), "90.95"), (("80", "20"), ("70.50", None), "88.13")]
)
def test_items_that_do_not_apply_leave_the_base(maxima, earned, base):
    score = village_score(scheme_of(*maxima), points(*earned))
    assert (score.status, score.base, score.final) == (Status.SCORED, D(base), D(base))


def test_half_up_puts_88_125_above_its_neighbour():
    assert village_score(scheme_of("80", "20"), points("70.50", None)).final > D("88.12")


def test_an_item_cap_and_the_total_cap_show_raw_and_effective_side_by_side():
    base = {**FULL_MARKS}
    v11 = village_score(SCHEME, base, [Occurrence("X2", 8)])
    assert (v11.raw, v11.item_capped, v11.effective) == (D("4.0"), D("3"), D("3"))
    v01 = village_score(
        SCHEME,
        base,
        [
            Occurrence("X3", 4),
            Occurrence("X4", 3),
            Occurrence("X5", level="county"),
            Occurrence("X5", level="city"),
            Occurrence("X8"),
            Occurrence("X6"),
            Occurrence("X2"),
        ],
    )
    assert (v01.raw, v01.item_capped, v01.effective, v01.final) == (D("27.5"), D("24.5"), D(20), D(80))


def test_the_floor_keeps_the_unfloored_total_on_record():
    score = village_score(
        scheme_of("100"), points("15"), [Occurrence("X3", 3), Occurrence("X4", 3), Occurrence("X1", 3)]
    )
    assert (score.effective, score.unfloored, score.final) == (D(20), D("-5.00"), D(0))
    free = village_score(
        replace(scheme_of("100"), floor_total=None),
        points("15"),
        [Occurrence("X5", 4, "province"), Occurrence("X3", 4), Occurrence("X1")],
    )
    assert free.final == D("-5.00")


def test_a_village_to_which_nothing_applies_is_neither_0_nor_100():
    score = village_score(scheme_of("60", "40"), points(None, None))
    assert (score.status, score.base, score.final) == (Status.NOT_ASSESSABLE, None, None)


def test_few_applicable_points_are_warned_about():
    (warning,) = village_score(scheme_of("59", "41"), points("50", None)).warnings
    assert warning.code == "scoring.few_applicable"
    assert not village_score(scheme_of("60", "40"), points("50", None)).warnings


def test_a_waived_occurrence_stays_on_record_and_counts_nothing():
    score = village_score(SCHEME, FULL_MARKS, [Occurrence("X1", waived=True, waive_reason="容错"), Occurrence("X6")])
    assert score.effective == 1
    (waived,) = score.deductions[0].occurrences
    assert (waived.points, waived.note, waived.occurrence.waive_reason) == (D(0), "waived", "容错")


def test_one_fact_under_two_items_counts_once_at_the_higher():
    twice = [Occurrence("X1", same_fact="f"), Occurrence("X9", same_fact="f"), Occurrence("X9")]
    assert village_score(SCHEME, FULL_MARKS, twice).effective == D(3)
    assert village_score(SCHEME, FULL_MARKS, twice, same_fact_rule="both").effective == D(4)
    waived_dearer = [Occurrence("X1", same_fact="f", waived=True), Occurrence("X9", same_fact="f")]
    assert village_score(SCHEME, FULL_MARKS, waived_dearer).effective == D(1)


def test_who_reports_himself_is_charged_half():
    assert village_score(SCHEME, FULL_MARKS, [Occurrence("X8", self_reported=True)]).effective == D("1.50")
    assert village_score(SCHEME, FULL_MARKS, [Occurrence("X6", self_reported=True)]).effective == D(1)


@pytest.mark.parametrize(
    "occurrence, code",
    [
        (Occurrence("X5"), "scoring.level_required"),
        (Occurrence("X5", level="village"), "scoring.level_required"),
        (Occurrence("X1", 0), "scoring.bad_count"),
        (Occurrence("X99"), "scoring.unknown_deduction"),
    ],
)
def test_an_occurrence_the_scheme_cannot_price_is_refused(occurrence, code):
    with pytest.raises(RuleBroken) as refused:
        village_score(SCHEME, FULL_MARKS, [occurrence])
    assert code_of(refused) == [code]


def test_points_that_come_capped_are_used_as_they_are():
    score = village_score(SCHEME, FULL_MARKS, [Occurrence("X2", 8), Occurrence("X6")], capped={"X2": D("3.00")})
    assert (score.raw, score.item_capped, score.effective) == (D(4), D(4), D(4))


@pytest.mark.parametrize("row", example_rows(), ids=lambda row: row["code"])
def test_the_43_villages_of_the_example_come_out_to_the_hundredth(row):
    applicable = D(row["applicable"])
    scheme = scheme_of(str(applicable), str(100 - applicable)) if applicable < 100 else scheme_of("100")
    score = village_score(
        scheme, points(row["earned"], None) if applicable < 100 else points(row["earned"]), occurrences_of(row["ded"])
    )
    assert score.base == D(row["base"])
    assert [score.raw, score.item_capped, score.effective] == [
        D(row[n]) for n in ("ded_raw", "ded_item_capped", "ded_effective")
    ]
    assert score.final == D(row["final"])


def occurrences_of(text):
    for part in filter(None, text.split(";")):
        code, _, count = part.partition("x")
        code, _, level = code.rstrip(")").partition("(")
        yield Occurrence(code, int(count), level or None)


# -- missing scores --------------------------------------------------------------------------------


def test_a_missing_score_blocks_unless_the_policy_says_otherwise():
    scheme, facts = scheme_of("60", "40"), points("45")
    blocked = village_score(scheme, facts)
    assert (blocked.status, blocked.final, blocked.missing) == (Status.INCOMPLETE, None, ("A2",))
    assert village_score(scheme, facts, missing_policy="renormalise").final == D("75.00")
    assert village_score(scheme, facts, missing_policy="zero").final == D("45.00")


@pytest.mark.parametrize("policy", ["block", "renormalise", "zero"])
def test_a_village_nobody_scored_never_has_a_total(policy):
    score = village_score(scheme_of("60", "40"), {"A1": Fact()}, missing_policy=policy)
    assert (score.status, score.final) == (Status.NOT_SCORED, None)


# -- the six calculations --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "one, fact, expected",
    [
        (item("ratio"), Fact(actual=D(11), expected=D(12)), "4.58"),
        (item("ratio", target=D("0.95")), Fact(actual=D(95), expected=D(100)), "5.00"),
        (item("ratio", target=D("0.80")), Fact(actual=D(60), expected=D(100)), "3.75"),
        (item("ratio"), Fact(actual=D(15), expected=D(12)), "5.00"),
        (item("ratio", expected=D(12)), Fact(actual=D(6)), "2.50"),
        (item("per_fault", unit=D("0.5")), Fact(faults=D(3)), "3.50"),
        (item("per_fault", unit=D("0.5")), Fact(faults=D(11)), "0.00"),
        (item("per_unit", unit=D(2)), Fact(units=D(1)), "2.00"),
        (item("per_unit", unit=D(2)), Fact(units=D(9)), "5.00"),
        (item("tiered", tiers=((D("0.95"), D(5)), (D("0.90"), D(2)), (D(0), D(0)))), Fact(rate=D("0.95")), "5.00"),
        (item("tiered", tiers=((D("0.95"), D(5)), (D("0.90"), D(2)), (D(0), D(0)))), Fact(rate=D("0.9499")), "2.00"),
        (item("tiered", tiers=((D("0.95"), D(5)), (D("0.90"), D(2)), (D(0), D(0)))), Fact(rate=D(0)), "0.00"),
        (item("graded", grades={"A": D(5), "B": D("2.5")}), Fact(grades=("A", "B")), "3.75"),
        (item("manual"), Fact(points=D("3.666"), reason="记录不全"), "3.67"),
        (item("manual"), Fact(points=D(5)), "5.00"),
    ],
)
def test_each_calculation_gives_its_points(one, fact, expected):
    assert item_points(one, fact) == D(expected)


def test_the_expected_figure_follows_the_months_of_the_round():
    meetings = item("ratio", expected=D(12))
    assert item_points(meetings, Fact(actual=D(6)), months=6) == D("5.00")
    assert item_points(meetings, Fact(actual=D(3)), months=6) == D("2.50")
    half_year = replace(scheme_of("100"), items=(replace(meetings, max=D(100)),), months=12)
    assert village_score(half_year, {"A1": Fact(actual=D(6))}, months=6).final == D(100)


def test_an_expected_figure_of_zero_is_not_applicable_or_a_question_but_never_a_silent_zero():
    fact = Fact(actual=D(0), expected=D(0))
    assert item_points(item("ratio", na_allowed=True), fact) is None
    with pytest.raises(RuleBroken) as refused:
        item_points(item("ratio"), fact)
    assert code_of(refused) == ["scoring.expected_zero"]


@pytest.mark.parametrize(
    "one, fact, code",
    [
        (item("manual"), Fact(points=D("5.01")), "scoring.above_max"),
        (item("ratio"), Fact(points=D("-0.01")), "scoring.negative"),
        (item("ratio"), Fact(actual=D(-1), expected=D(2)), "scoring.negative"),
        (item("ratio"), Fact(actual=D(1)), "scoring.fact_missing"),
        (item("manual"), Fact(points=D(4)), "scoring.reason_required"),
        (item("manual"), Fact(points=D(4), reason="  "), "scoring.reason_required"),
        (item("manual"), Fact(not_applicable=True), "scoring.na_not_allowed"),
        (item("tiered", tiers=((D(0), D(0)),)), Fact(rate=D(95)), "scoring.rate_above_one"),
        (item("graded", grades={"A": D(5)}), Fact(grades=("E",)), "scoring.unknown_grade"),
    ],
)
def test_a_fact_that_cannot_be_is_refused(one, fact, code):
    with pytest.raises(RuleBroken) as refused:
        item_points(one, fact)
    assert code_of(refused) == [code]


def test_every_wrong_item_is_reported_not_only_the_first():
    wrong = FULL_MARKS | {"A1": Fact(points=D(99)), "D6": Fact(points=D(-1)), "Z9": Fact(points=D(1))}
    with pytest.raises(RuleBroken) as refused:
        village_score(SCHEME, wrong)
    assert {(p.where, p.code) for p in refused.value.problems} == {
        ("A1", "scoring.above_max"),
        ("D6", "scoring.negative"),
        ("Z9", "scoring.unknown_item"),
    }


def test_the_line_says_which_bound_was_met():
    assert item_line(item("per_fault", unit=D(1)), Fact(faults=D(9))).limit == "floor"
    assert item_line(item("per_unit", unit=D(1)), Fact(units=D(9))).limit == "cap"
    assert item_line(item("per_unit", unit=D(1)), Fact(units=D(5))).limit == ""


# -- cells -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text, fact",
    [
        ("4.58", Fact(points=D("4.58"))),
        ("4。58", Fact(points=D("4.58"))),
        ("４．５８", Fact(points=D("4.58"))),
        (" 4.5分 ", Fact(points=D("4.5"))),
        ("11/12", Fact(actual=D(11), expected=D(12))),
        ("１１／１２", Fact(actual=D(11), expected=D(12))),
        ("/", Fact(not_applicable=True)),
        ("不适用", Fact(not_applicable=True)),
        ("n/a", Fact(not_applicable=True)),
        ("－0.5", Fact(points=D("-0.5"))),
        ("", Fact()),
        ("   ", Fact()),
    ],
)
def test_a_cell_of_a_ratio_item_takes_a_fraction_or_points(text, fact):
    assert parse_cell(item("ratio"), text) == fact


def test_rates_and_grades_have_their_cells():
    assert parse_cell(item("tiered"), "96%") == Fact(rate=D("0.96"))
    assert parse_cell(item("graded", grades={"A": D(5)}), "ａ") == Fact(grades=("A",))


@pytest.mark.parametrize(
    "text", ["好", "NaN", "Infinity", "1e3", "1_0", "4,5", "٤", "11/", "/12", "1/2/3", "--1", "9" * 40]
)
def test_what_is_no_plain_number_is_no_score(text):
    with pytest.raises(RuleBroken) as refused:
        parse_cell(item("ratio"), text)
    assert code_of(refused) == ["scoring.not_a_number"]


@given(st.text(max_size=12))
def test_no_text_breaks_the_reading_of_a_cell(text):
    for calc in Calc:
        one = item(calc, unit=D(1), grades={"A": D(5)}, na_allowed=True)
        try:
            fact = parse_cell(one, text)
            assert fact.is_empty or item_line(one, replace(fact, reason="-")) is not None
        except RuleBroken as refused:
            assert all(problem.code.startswith("scoring.") for problem in refused.problems)


# -- schemes ---------------------------------------------------------------------------------------


def test_the_shipped_scheme_is_sound():
    assert check_scheme(SCHEME) == []
    assert (len(SCHEME.items), len(SCHEME.deductions), SCHEME.total_cap) == (24, 10, D(20))


def problems_of(scheme, standards=None):
    return [(p.code, p.where) for p in check_scheme(scheme, standards)]


def test_an_unsound_scheme_says_what_is_wrong_and_where():
    short = replace(SCHEME, items=SCHEME.items[:-1])
    assert problems_of(short) == [("scoring.aspect_sum", "D"), ("scoring.full_sum", "")]
    twice = replace(SCHEME, deductions=(*SCHEME.deductions, SCHEME.deductions[0]))
    assert problems_of(twice) == [("scoring.duplicate_code", "X1")]
    items = {one.code: one for one in SCHEME.items}
    no_unit = replace(SCHEME, items=tuple((items | {"A1": replace(items["A1"], unit=None)}).values()))
    assert problems_of(no_unit) == [("scoring.params_missing", "A1")]


def test_a_scheme_adds_up_to_100():
    assert problems_of(replace(scheme_of("60", "60"), full_score=D(120))) == [("scoring.full_sum", "")]


@pytest.mark.parametrize(
    "veto",
    [
        DeductionItem("X11", "发生重大事故一票否决", D(10), D(5)),
        DeductionItem("X11", "发生重大事故", D(100), D(100)),
        DeductionItem("X11", "发生重大事故", D(100), levels=(Level("a", "特大", D(100)),)),
    ],
)
def test_a_veto_item_is_refused(veto):
    assert problems_of(replace(SCHEME, deductions=(*SCHEME.deductions, veto))) == [("scoring.veto", "X11")]


@pytest.mark.parametrize(
    "standard, refused",
    [
        ("每上传1张照片得0.2分", True),
        ("台账填写字数不少于500字", True),
        ("按上传附件数量计分，不得弄虚作假", True),
        ("以任务是否完成、是否属实为准，不看填报篇幅、照片和附件数量", False),
        ("每月1次，每次0.5分", False),
        ("出现事故一票否决", True),
        ("不设“一票否决”", False),
    ],
)
def test_traces_and_vetoes_are_seen_in_the_wording_of_a_standard(standard, refused):
    assert bool(problems_of(SCHEME, {"A6": standard})) is refused


# -- several periods -------------------------------------------------------------------------------


def test_the_parts_of_a_year_are_combined_by_weight():
    parts = {"daily": D("88.40"), "half_year": D("86.50"), "year_end": D("91.20")}
    assert combined(parts, WEIGHTS) == D("88.95")
    assert combined(parts | {"half_year": None}, WEIGHTS) == D("90.00")
    assert combined(parts | {"half_year": None}, WEIGHTS, "zero") == D("63.00")


def test_a_year_needs_its_half_year_or_its_end():
    with pytest.raises(RuleBroken) as refused:
        combined({"daily": D(90)}, WEIGHTS)
    assert code_of(refused) == ["scoring.no_parts"]
    with pytest.raises(RuleBroken) as blocked:
        combined({"daily": D(90), "year_end": D(90)}, WEIGHTS, "block")
    assert code_of(blocked) == ["scoring.part_missing"]
    with pytest.raises(RuleBroken):
        combined({"year_end": D(90)}, {"year_end": D("0.9")})


def test_daily_scores_enter_as_their_mean():
    assert mean_score([D(80), D(90), D(91)]) == D(87)
    assert mean_score([]) is None


def test_merged_and_split_villages_are_weighted_by_households_and_months():
    assert merged_score([(D("88.40"), 620), (D("81.10"), 380)], D("90.20"), 6) == D("87.91")
    assert merged_score([(D(80), 1)], D(92), 3) == D(89)


# -- properties ------------------------------------------------------------------------------------

hundredths = st.integers(0, 10_000).map(lambda n: D(n) / 100)
marks = st.lists(st.one_of(st.none(), st.integers(0, 100)), min_size=24, max_size=24)
happened = st.lists(
    st.builds(
        Occurrence,
        st.sampled_from([d.code for d in SCHEME.deductions if not d.levels]),
        st.integers(1, 9),
        waived=st.booleans(),
        self_reported=st.booleans(),
        same_fact=st.sampled_from([None, "a", "b"]),
    ),
    max_size=12,
)


def facts_of(shares):
    return {
        one.code: Fact(points=rounded(one.max * (share or 0) / 100))
        if share is not None or not one.na_allowed
        else Fact(not_applicable=True)
        for one, share in zip(SCHEME.items, shares, strict=True)
    }


@given(marks, happened)
def test_a_score_keeps_its_bounds_and_its_lines_sum_to_it(shares, occurrences):
    score = village_score(SCHEME, facts_of(shares), occurrences)
    assert 0 <= score.final <= 100
    assert score.effective <= score.item_capped <= score.raw
    assert score.effective <= SCHEME.total_cap
    assert sum(line.points for line in score.lines if line.points is not None) == score.earned
    assert sum(line.capped for line in score.deductions) == score.item_capped
    assert sum(one.points for line in score.deductions for one in line.occurrences) == score.raw
    assert sum(aspect.earned for aspect in score.aspects.values()) == score.earned
    assert sum(aspect.applicable for aspect in score.aspects.values()) == score.applicable
    assert score.base == rounded(score.earned * 100 / score.applicable)
    assert score.final == max(SCHEME.floor_total, score.base - score.effective)


@given(marks, happened, st.data())
def test_better_marks_never_lower_a_score_and_a_deduction_never_raises_it(shares, occurrences, data):
    before = village_score(SCHEME, facts_of(shares), occurrences)
    index = data.draw(st.integers(0, 23))
    if shares[index] is not None:
        better = [*shares[:index], data.draw(st.integers(shares[index], 100)), *shares[index + 1 :]]
        assert village_score(SCHEME, facts_of(better), occurrences).final >= before.final
    assert village_score(SCHEME, facts_of(shares), [*occurrences, Occurrence("X1")]).final <= before.final


@given(marks, happened, st.randoms())
def test_the_order_of_facts_and_occurrences_never_matters(shares, occurrences, random):
    facts = list(facts_of(shares).items())
    random.shuffle(facts)
    shuffled = random.sample(occurrences, len(occurrences))
    one, other = village_score(SCHEME, facts_of(shares), occurrences), village_score(SCHEME, dict(facts), shuffled)
    assert (one.final, one.raw, one.item_capped) == (other.final, other.raw, other.item_capped)


@given(st.integers(0, 500), st.integers(1, 500), hundredths)
def test_a_ratio_stays_between_nothing_and_the_maximum(actual, expected, maximum):
    one = Item("A1", "A", "例会", maximum, Calc.RATIO)
    assert 0 <= item_points(one, Fact(actual=D(actual), expected=D(expected))) <= maximum
