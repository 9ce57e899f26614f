"""`flask ranking …` and `flask bonus …` on the worked example: the services of the screens, from the command line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from factories.county43 import employ_staff, make_county


@pytest.fixture
def run(app: Any, operator: Any) -> Any:
    """`run("ranking", "run", "V2025")` on the county of the worked example."""
    employ_staff(make_county())
    runner = app.test_cli_runner()
    return lambda *words: runner.invoke(args=list(words))


def test_the_round_leads_to_a_pay_workbook_by_commands(run: Any, tmp_path: Path) -> None:
    ranked = json.loads(run("ranking", "run", "V2025", "--json").stdout)
    assert ranked["counts"] == {"top": 12, "middle": 28, "bottom": 3, "not_ranked": 0}
    assert run("bonus", "run", "V2025").exit_code == 2
    assert json.loads(run("ranking", "publish", "V2025", "--json").stdout)["state"] == "published"
    assert json.loads(run("bonus", "run", "V2025", "--json").stdout)["total_award"] == "2920394.75"
    refused = run("bonus", "approve", "V2025")
    assert refused.exit_code == 2 and refused.stderr.strip()
    confirm = ("--unit", "SL", "--middle", "2.0", "--bottom", "1.0", "--reason", "县里研究")
    assert run("bonus", "confirm-multipliers", *confirm).exit_code == 0
    assert run("bonus", "approve", "V2025").exit_code == 2  # proposed is not confirmed
    assert json.loads(run("ranking", "approve-rules", "SL", "--json").stdout)["state"] == "in_force"
    assert json.loads(run("bonus", "approve", "V2025", "--json").stdout)["state"] == "approved"
    out = tmp_path / "pay.xlsx"
    assert run("bonus", "export", "V2025", "--out", str(out)).exit_code == 0
    assert out.read_bytes()[:2] == b"PK"


def test_settings_are_given_on_the_command_line(run: Any) -> None:
    options = ("--set", "top_tie_policy=tiebreak", "--set", "bottom_tie_policy=tiebreak", "--json")
    ranked = json.loads(run("ranking", "run", "V2025", *options).stdout)
    assert (ranked["counts"]["top"], ranked["counts"]["bottom"]) == (11, 4)
    bands = {village["village"]: village["band"] for village in ranked["villages"]}
    assert (bands["示例村16"], bands["示例村36"], bands["示例村19"]) == ("middle", "bottom", "middle")
    wrong = run("ranking", "run", "V2025", "--set", "top_tie_policy=luck")
    assert wrong.exit_code == 2 and "tiebreak" in wrong.stderr
    assert run("ranking", "run", "V2025", "--set", "nonsense").exit_code == 2
