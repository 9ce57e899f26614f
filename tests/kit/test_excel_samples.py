"""Every sample workbook gives exactly what its expectation says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.kit import workbook_samples as samples

# Samples that do not agree yet, by file name, with the reason. None at present.
NOT_YET: dict[str, str] = {}
SAME = {"refused": "rejected"}
STATED_ONCE = ("layout", "period", "unit", "village", "total_award_due", "deduction_detail", "encoding", "version")


def parameters(folder: str) -> list[Any]:
    found = []
    for path in samples.expectations(folder):
        marks = []
        if path.stem in NOT_YET:
            marks.append(pytest.mark.xfail(strict=True, reason=NOT_YET[path.stem]))
        found.append(pytest.param(path, id=path.stem, marks=marks))
    return found


def places(issues: list[dict[str, Any]]) -> set[tuple[Any, ...]]:
    """(sheet, cell, code) of each issue; for a file that is refused the kind stands for the code."""
    return {(i["sheet"], i["cell"], i["kind"] if i["code"].startswith("F") else i["code"]) for i in issues}


def compare(path: Path) -> None:
    expected = json.loads(path.read_text(encoding="utf-8"))
    got = json.loads(json.dumps(samples.read_sample(expected).to_json(), ensure_ascii=False))
    assert SAME.get(got["outcome"], got["outcome"]) == SAME.get(expected["outcome"], expected["outcome"])
    assert got["rejected_rows"] == expected["rejected_rows"]
    assert got["row_count"] == expected["row_count"]
    needed = places([issue for issue in expected["issues"] if not issue.get("optional")])
    found = places(got["issues"])
    assert needed - found == set()
    assert found - places(expected["issues"]) == set()
    if expected["outcome"] in ("rows", "rows_with_errors"):
        assert [shape(row) for row in got["rows"]] == [shape(row) for row in expected["rows"]]
        assert got["dropped_rows"] == expected["dropped_rows"]
        assert got["skipped_sheets"] == expected["skipped_sheets"]
        for name in STATED_ONCE:
            if name in expected:
                assert got[name] == expected[name], name


def shape(row: dict[str, Any]) -> dict[str, Any]:
    """A row without what says nothing: no sheet name in a text file, no occurrences counted."""
    silent = {name for name in ("sheet", "occurrences") if not row.get(name)}
    return {name: value for name, value in row.items() if name not in silent}


@pytest.mark.parametrize("path", parameters("clean"))
def test_a_clean_workbook_loads_without_a_touch(path: Path) -> None:
    compare(path)


@pytest.mark.parametrize("path", parameters("messy"))
def test_a_badly_typed_workbook_gives_the_same_content(path: Path) -> None:
    compare(path)


@pytest.mark.parametrize("path", parameters("broken"))
def test_a_broken_workbook_says_what_is_wrong_and_where(path: Path) -> None:
    compare(path)


def test_nearest_names_are_offered_for_an_unknown_village() -> None:
    expected = json.loads((samples.SAMPLES / "expected/broken/a_unknown_village.xlsx.json").read_text("utf-8"))
    issues = [issue for issue in samples.read_sample(expected).issues if issue.code == "E31"]
    assert "西苇村" in issues[0].params["nearest"]


def test_both_readings_of_an_ambiguous_month_are_offered() -> None:
    expected = json.loads((samples.SAMPLES / "expected/broken/a_cell_errors.xlsx.json").read_text("utf-8"))
    issue = next(issue for issue in samples.read_sample(expected).issues if issue.code == "E51")
    assert (issue.params["first"], issue.params["second"]) == ("2022-01", "2022-10")
