"""`flask bonus trial`: two workbooks in, the JSON of the what-if out, without any database."""

from __future__ import annotations

import csv
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from app import create_app

SAMPLES = Path(__file__).parents[2] / "samples"
CLEAN = SAMPLES / "workbooks" / "clean"
POLICIES = [
    ([], (12, 28, 3), "2920394.75"),
    (["top_tie_policy=tiebreak", "bottom_tie_policy=tiebreak"], (11, 28, 4), "2864170.75"),
    (["top_tie_policy=shrink", "bottom_tie_policy=expand"], (9, 29, 5), "2794937.50"),
]


@pytest.fixture(scope="module")
def runner(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Commands of a portal that has never been set up: there is no database file and no table."""
    place = tmp_path_factory.mktemp("bare")
    return create_app(
        {"SQLALCHEMY_DATABASE_URI": f"sqlite:///{place / 'none.db'}", "INSTANCE_DIR": place}
    ).test_cli_runner()


def trial(runner: Any, scores: str, wages: str, settings: Any = (), *more: str) -> Any:
    options = [part for setting in settings for part in ("--set", setting)]
    files = ["--scores", str(CLEAN / f"{scores}.xlsx"), "--wages", str(CLEAN / f"{wages}.xlsx")]
    return runner.invoke(args=["bonus", "trial", *files, *options, *more])


@pytest.mark.parametrize("scores", ["d1_scores_43", "d2_scores_43"])
@pytest.mark.parametrize(("settings", "bands", "total"), POLICIES)
def test_the_clean_workbooks_give_the_totals_of_the_worked_example(
    runner: Any, scores: str, settings: list[str], bands: tuple[int, ...], total: str
) -> None:
    answer = trial(runner, scores, "e_payroll_43", settings, "--json")
    assert answer.exit_code == 0, answer.stderr
    data = json.loads(answer.stdout)
    totals = data["totals"]
    assert (data["n"], data["top_quota"], data["bottom_quota"]) == (43, 11, 4)
    assert (totals["top"], totals["middle"], totals["bottom"]) == bands
    assert (totals["persons"], totals["total_award"]) == (303, total)
    assert sum(Decimal(award["award"]) for award in data["awards"]) == Decimal(total)


def test_every_village_agrees_with_the_table_of_the_worked_example(runner: Any) -> None:
    data = json.loads(trial(runner, "d1_scores_43", "e_payroll_43", (), "--json").stdout)
    with (SAMPLES / "bonus_example_43.csv").open(encoding="utf-8-sig") as file:
        expected = {row["name"]: row for row in csv.DictReader(file)}
    assert len(data["villages"]) == len(expected) == 43
    for village in data["villages"]:
        row = expected[village["village"]]
        amounts = {"earned": "earned", "base": "base", "raw": "ded_raw", "item_capped": "ded_item_capped"}
        amounts |= {"effective": "ded_effective", "final": "final", "multiplier": "multiplier"}
        assert {name: Decimal(village[name]) for name in amounts} == {n: Decimal(row[c]) for n, c in amounts.items()}
        assert (village["rank"], village["position"]) == (int(row["rank"]), int(row["position"]))
        assert village["band"] == row["band"]


@pytest.mark.parametrize(
    ("wages", "persons", "total", "payable"),
    [
        ("e2_wages_dates_14", 35, "299718.96", "291187.94"),
        ("e3_wages_months_14", 27, "223373.57", "213965.42"),
    ],
)
@pytest.mark.parametrize("scores", ["d1_scores_14", "d2_scores_14"])
def test_wages_by_dates_and_by_months_are_paid_for_what_was_served(
    runner: Any, scores: str, wages: str, persons: int, total: str, payable: str
) -> None:
    totals = json.loads(trial(runner, scores, wages, (), "--json").stdout)["totals"]
    assert (totals["top"], totals["middle"], totals["bottom"]) == (4, 9, 1)
    assert (totals["persons"], totals["total_award"], totals["total_payable_now"]) == (persons, total, payable)


def test_a_person_who_moved_has_a_segment_for_each_village(runner: Any) -> None:
    data = json.loads(trial(runner, "d1_scores_14", "e3_wages_months_14", (), "--json").stdout)
    moved = [award for award in data["awards"] if len(award["segments"]) > 1]
    assert [(award["name"], award["months"]) for award in moved] == [("赵春平", 12)]
    assert [segment["months"] for segment in moved[0]["segments"]] == [6, 6]


def test_without_json_a_table_is_printed(runner: Any) -> None:
    answer = trial(runner, "d1_scores_43", "e_payroll_43")
    assert answer.exit_code == 0 and "示例村18" in answer.stdout and "2920394.75" in answer.stdout


def test_problems_of_a_file_are_told_in_words_on_stderr(runner: Any) -> None:
    broken = SAMPLES / "workbooks" / "broken" / "e_wage_errors.xlsx"
    scores = CLEAN / "d1_scores_43.xlsx"
    answer = runner.invoke(args=["bonus", "trial", "--scores", str(scores), "--wages", str(broken), "--json"])
    assert answer.exit_code == 2 and not answer.stdout
    assert "e_wage_errors.xlsx" in answer.stderr and "J10" in answer.stderr


@pytest.mark.parametrize("setting", ["top_tie_policy=luck", "no_such_key=1", "top_ratio=abc"])
def test_a_wrong_setting_is_told_in_words(runner: Any, setting: str) -> None:
    answer = trial(runner, "d1_scores_43", "e_payroll_43", [setting])
    assert answer.exit_code == 2 and not answer.stdout and answer.stderr.strip()


def test_a_scheme_and_units_may_be_given(runner: Any) -> None:
    master = SAMPLES / "workbooks" / "master"
    files = ("--scheme", str(master / "scheme.json"), "--units", str(master / "org_county43.json"), "--json")
    data = json.loads(trial(runner, "d2_scores_43", "e_payroll_43", (), *files).stdout)
    assert data["totals"]["total_award"] == "2920394.75"
