"""The what-if on workbook rows: the worked example, and what a clerk's tables leave open."""

import json
from decimal import Decimal

import pytest
from factories.rule_samples import POLICIES, configured, example_rows, village_scheme, workbook
from hypothesis import given
from hypothesis import strategies as st

from app.domain.config import DEFAULTS
from app.domain.errors import RuleBroken
from app.domain.trial import as_json, run_trial

D = Decimal
SCHEME = village_scheme()
FULL = {item.code: str(item.max) for item in SCHEME.items}
HALF = {item.code: str(item.max / 2) for item in SCHEME.items}
SCORES, WAGES = workbook("clean/d1_scores_43"), workbook("clean/e_payroll_43")


def tried(scores, wages, detail=(), scheme=SCHEME, codes=None, **settings):
    return as_json(run_trial(scheme, scores, wages, configured(**settings), detail=detail, codes=codes, year=2025))


def county(**settings):
    return tried(SCORES["rows"], WAGES["rows"], SCORES["deduction_detail"], **settings)


def score(village, scores=FULL, **more):
    return {"village": village, "scores": scores, **more}


def pay(village, name="张甲", **more):
    return {"village": village, "person_name": name, "monthly": "4000.00", **more}


def warned(result):
    return [(w["code"], w["where"]) for w in result["warnings"] if w["code"] != "bonus.multipliers_unconfirmed"]


def named(result, key, value):
    return next(line for line in result if line[key] == value)


# -- the worked example ----------------------------------------------------------------------------


@pytest.mark.parametrize("policy", POLICIES)
def test_the_county_of_43_comes_out_to_the_cent_under_each_policy(policy):
    settings, (top, middle, bottom), total = POLICIES[policy]
    assert county(**settings)["totals"] == {
        "top": top,
        "middle": middle,
        "bottom": bottom,
        "not_ranked": 0,
        "persons": 303,
        "total_award": total,
        "total_payable_now": total,
    }


def test_every_figure_of_the_example_is_printed_as_it_stands():
    result = county()
    assert (result["n"], result["top_quota"], result["bottom_quota"]) == (43, 11, 4)
    assert warned(result) == []
    for village, row in zip(result["villages"], example_rows(), strict=True):
        assert village == {
            "village": row["name"],
            "earned": f"{D(row['earned']):.2f}",
            "applicable": f"{D(row['applicable']):.2f}",
            "base": f"{D(row['base']):.2f}",
            "raw": f"{D(row['ded_raw']):.2f}",
            "item_capped": f"{D(row['ded_item_capped']):.2f}",
            "effective": f"{D(row['ded_effective']):.2f}",
            "final": f"{D(row['final']):.2f}",
            "rank": int(row["rank"]),
            "position": int(row["position"]),
            "band": row["band"],
            "multiplier": f"{D(row['multiplier']):.2f}",
            "tie_undecided": False,
        }


def test_every_award_of_the_pay_table_is_found_again():
    awards = county()["awards"]
    assert [(a["name"], a["village"], a["award"]) for a in awards] == [
        (row["person_name"], row["village"], row["award_due"]) for row in WAGES["rows"]
    ]
    assert awards[0] == {
        "name": "苗林敏",
        "village": "示例村01",
        "months": 12,
        "award": "4765.00",
        "payable_now": "4765.00",
        "status": "payable",
        "segments": [{"village": "示例村01", "months": 12, "average_wage": "4765.00", "multiplier": "1.00"}],
    }


def test_villages_down_gives_the_same_bands_and_awards_as_items_down():
    down = tried(workbook("clean/d2_scores_43")["rows"], WAGES["rows"])
    for key in ("totals", "awards"):
        assert down[key] == county()[key]


def test_occurrences_written_into_the_cells_show_what_the_caps_took_away():
    rows = workbook("messy/d1_scores_43_cap_unapplied.xlsx")["rows"]
    village = named(tried(rows, WAGES["rows"])["villages"], "village", "示例村01")
    assert [village[name] for name in ("raw", "item_capped", "effective", "final")] == [
        "27.50",
        "24.50",
        "20.00",
        "58.75",
    ]


def test_the_result_is_plain_json_with_the_whole_policy():
    result = county(top_tie_policy="tiebreak")
    assert json.loads(json.dumps(result)) == result
    assert list(result) == ["n", "top_quota", "bottom_quota", "policy", "warnings", "villages", "awards", "totals"]
    assert result["policy"]["top_tie_policy"] == "tiebreak"
    assert result["policy"]["top_ratio"] == "0.25"


def test_v16_leaves_the_top_and_v36_enters_the_bottom_when_ties_are_broken():
    bands = {v["village"]: v["band"] for v in county(**POLICIES["tiebreak"][0])["villages"]}
    assert [bands[f"示例村{n}"] for n in (16, 19, 36)] == ["middle", "middle", "bottom"]


# -- the other wage tables -------------------------------------------------------------------------


def test_joined_and_left_dates_give_the_months():
    scores = workbook("clean/d1_scores_14")
    result = tried(scores["rows"], workbook("clean/e2_wages_dates_14")["rows"], scores.get("deduction_detail", ()))
    months = {a["name"]: a["months"] for a in result["awards"]}
    assert [months[name] for name in ("沈和远", "施山平", "陶文心", "周知宁")] == [9, 8, 10, 12]
    held = named(result["awards"], "name", "吴素春")
    assert (held["status"], held["payable_now"]) == ("held", "0.00")
    assert result["totals"]["persons"] == 35
    assert D(result["totals"]["total_award"]) - D(result["totals"]["total_payable_now"]) == D(held["award"])


def test_a_person_who_moved_is_one_line_with_two_segments():
    scores = workbook("clean/d1_scores_14")
    result = tried(scores["rows"], workbook("clean/e3_wages_months_14")["rows"], scores.get("deduction_detail", ()))
    assert result["totals"]["persons"] == 27
    moved = named(result["awards"], "name", "赵春平")
    assert [(s["village"], s["months"], s["average_wage"]) for s in moved["segments"]] == [
        ("南汀村", 6, "4500.00"),
        ("禾塘村", 6, "4500.00"),
    ]
    assert (moved["village"], moved["months"]) == ("禾塘村", 12)
    assert D(moved["award"]) == sum(D(4500) * D(s["multiplier"]) / 2 for s in moved["segments"])
    assert named(result["awards"], "name", "华知远")["status"] == "held"


# -- who is who ------------------------------------------------------------------------------------

TWO = [score("甲村"), score("乙村", HALF)]


def test_two_people_of_one_name_in_two_villages_are_two():
    awards = tried(TWO, [pay("甲村", months=12), pay("乙村", months=12)])["awards"]
    assert [(a["village"], a["months"]) for a in awards] == [("甲村", 12), ("乙村", 12)]


def test_rows_that_only_number_their_months_follow_one_another():
    awards = tried(TWO, [pay("甲村", months=6), pay("乙村", months=6, monthly="5000")])["awards"]
    assert [[(s["village"], s["months"]) for s in a["segments"]] for a in awards] == [[("甲村", 6), ("乙村", 6)]]


def test_a_promotion_on_two_rows_is_one_award():
    (award,) = tried(TWO, [pay("甲村", months=8), pay("甲村", months=4, monthly="4600")])["awards"]
    assert (award["months"], award["award"]) == (12, "10500.00")
    assert award["segments"] == [{"village": "甲村", "months": 12, "average_wage": "4200.00", "multiplier": "2.50"}]
    assert (
        tried(TWO, [pay("甲村", months=8), pay("甲村", months=4, monthly="4600")], wage_basis="december")["awards"][0][
            "award"
        ]
        == "11500.00"
    )


def test_a_month_on_two_rows_of_one_village_counts_once_with_a_warning():
    result = tried(
        TWO, [pay("甲村", months=12), pay("甲村", months=12, monthly="9999"), pay("乙村", "李乙", months=12)]
    )
    assert named(result["awards"], "name", "张甲")["award"] == "10000.00"
    assert warned(result) == [("trial.month_twice", "甲村")]


@pytest.mark.parametrize(
    "remark, status",
    [("暂缓发放", "held"), ("通报；暂缓", "held"), ("4月到任", "payable"), ("不再暂缓", "payable"), (None, "payable")],
)
def test_the_remark_of_a_row_may_hold_its_award(remark, status):
    assert tried(TWO, [pay("甲村", months=12, remarks=remark)])["awards"][0]["status"] == status


def test_a_total_without_parts_counts_whole_whichever_parts_the_policy_names():
    (award,) = tried(TWO, [pay("甲村", months=12)], wage_components="post_allowance")["awards"]
    assert award["award"] == "10000.00"
    split = {"village": "甲村", "person_name": "张甲", "base": "3000", "post_allowance": "500", "months": 12}
    assert tried(TWO, [split], wage_components="base_allowance")["awards"][0]["award"] == "7500.00"


# -- what is missing or does not fit ---------------------------------------------------------------


def test_a_village_with_wages_and_no_score_is_not_ranked_and_paid_in_the_middle():
    result = tried(TWO, [pay("甲村", months=12), pay("丙村", "李乙", months=12)])
    assert (result["n"], result["totals"]["not_ranked"]) == (2, 1)
    village = named(result["villages"], "village", "丙村")
    assert (village["final"], village["rank"], village["band"], village["multiplier"]) == (
        None,
        None,
        "not_ranked",
        "2.00",
    )
    assert named(result["awards"], "name", "李乙")["award"] == "8000.00"
    assert warned(result) == [("trial.no_scores", "丙村"), ("trial.no_wages", "乙村")]


def test_a_village_with_some_scores_missing_is_not_ranked_unless_the_policy_fills_them():
    rows = [*TWO, score("丙村", FULL | {"C3": None})]
    result = tried(rows, [pay("甲村")])
    assert ("ranking.incomplete_village", "丙村") in warned(result)
    assert named(result["villages"], "village", "丙村")["band"] == "not_ranked"
    zero = named(tried(rows, [pay("甲村")], missing_score_policy="zero")["villages"], "village", "丙村")
    assert (zero["earned"], zero["applicable"], zero["final"]) == ("94.00", "100.00", "94.00")
    dropped = named(tried(rows, [pay("甲村")], missing_score_policy="renormalise")["villages"], "village", "丙村")
    assert (dropped["applicable"], dropped["final"]) == ("94.00", "100.00")


def test_a_village_nobody_scored_is_not_ranked():
    result = tried([*TWO, score("丙村", dict.fromkeys(FULL))], [pay("甲村")], missing_score_policy="zero")
    assert ("ranking.no_score", "丙村") in warned(result)


def test_detail_and_score_sheet_that_differ_are_pointed_out_and_the_detail_counts():
    rows = [score("甲村", deduction_points={"X2": "1.00", "X6": "1.00"}), score("乙村", HALF)]
    detail = [{"village": "甲村", "item_code": "X2", "level": None, "occurrences": 4}]
    result = tried(rows, [pay("甲村"), pay("乙村", "李乙")], detail)
    assert warned(result) == [("trial.detail_differs", "甲村/X2")]
    assert named(result["villages"], "village", "甲村")["effective"] == "3.00"


def test_a_score_that_cannot_be_names_the_village_and_the_item():
    with pytest.raises(RuleBroken) as refused:
        tried([score("甲村", FULL | {"A1": "4.01"}), score("乙村")], [])
    assert [(p.code, p.where) for p in refused.value.problems] == [("scoring.above_max", "甲村/A1")]


def test_caps_come_from_the_scheme_unless_they_were_set():
    rows = [score("甲村", deduction_points={"X3": "9", "X4": "6", "X5": "10"}), score("乙村", HALF)]
    assert tried(rows, [])["villages"][0]["effective"] == "20.00"
    result = tried(rows, [], total_cap="5")
    assert (result["villages"][0]["effective"], result["policy"]["total_cap"]) == ("5.00", "5")


def test_a_tie_follows_the_unit_code_and_says_so():
    result = tried([score("甲村"), score("乙村"), score("丙村", HALF)], [], codes={"甲村": "V2", "乙村": "V1"})
    assert [(v["village"], v["tie_undecided"]) for v in result["villages"]] == [
        ("乙村", True),
        ("甲村", True),
        ("丙村", False),
    ]


def test_multipliers_lose_no_digit():
    result = tried(TWO, [pay("甲村", months=12)], top_multiplier="2.125")
    assert result["villages"][0]["multiplier"] == result["awards"][0]["segments"][0]["multiplier"] == "2.125"


def test_a_budget_is_kept_to_the_cent():
    assert county(budget_limit="2000000.00")["totals"]["total_award"] == "2000000.00"


# -- properties ------------------------------------------------------------------------------------

tables = st.lists(
    st.builds(
        lambda village, name, months, wage, held: pay(village, name, months=months, monthly=f"{wage}.33", held=held),
        st.sampled_from(["甲村", "乙村", "丙村"]),
        st.sampled_from(["张甲", "李乙", "王丙"]),
        st.integers(0, 12),
        st.integers(0, 9000),
        st.booleans(),
    ),
    max_size=12,
)


@given(tables, st.sampled_from(["none", "5000.00"]))
def test_totals_are_the_sums_of_the_awards_and_nobody_serves_more_than_twelve_months(rows, limit):
    result = tried(TWO, rows, budget_limit=limit)
    assert D(result["totals"]["total_award"]) == sum(D(a["award"]) for a in result["awards"])
    assert D(result["totals"]["total_payable_now"]) == sum(D(a["payable_now"]) for a in result["awards"])
    assert result["totals"]["persons"] == len(result["awards"])
    for award in result["awards"]:
        assert award["months"] == sum(s["months"] for s in award["segments"]) <= 12
    places = [(row["person_name"], row["village"]) for row in rows]
    assert len(result["awards"]) <= len(set(places))


@given(st.permutations(range(6)))
def test_the_order_of_the_score_rows_never_matters(order):
    rows = [score(f"村{n}", HALF if n % 2 else FULL) for n in order]
    assert tried(rows, [])["villages"] == tried(sorted(rows, key=lambda r: r["village"]), [])["villages"]


def test_the_default_configuration_is_the_one_of_the_example():
    assert (
        as_json(run_trial(SCHEME, SCORES["rows"], [], DEFAULTS, year=2025))["policy"]["bottom_tie_policy"] == "shrink"
    )
