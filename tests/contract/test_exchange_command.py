"""`flask exchange import … --dry-run --json` says of every sample workbook what its expectation says, on a real database."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.kit import workbook_samples as samples

SHEET_OF = {
    "a": "roster",
    "b": "responsibility-list",
    "c": "monthly-log",
    "d1": "score-sheet",
    "d2": "score-sheet",
    "e": "pay",
    "e-dates": "pay",
    "e-months": "pay",
    "f": "list-directory",
    "g": "certificates",
}
EXIT = {"rows": 0, "rows_with_errors": 1, "rejected": 2, "refused": 2}
MASTER = samples.SAMPLES / "master"


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A portal set up by commands alone: both organisations, the scheme, the town's roster."""
    from app import create_app

    folder = Path(tmp_path_factory.mktemp("office"))
    portal = create_app({"SQLALCHEMY_DATABASE_URI": f"sqlite:///{folder / 'o.db'}", "INSTANCE_DIR": folder})
    runner = portal.test_cli_runner()
    for command in (
        ["portal", "init", "--no-admin"],
        ["org", "load", str(MASTER / "org_town.json")],
        ["org", "load", str(MASTER / "org_county43.json")],
        ["assessment", "load-scheme", str(MASTER / "scheme.json"), "--unit", "澜禾县"],
        ["people", "load", str(MASTER / "roster_town.json"), "--unit", "漕禾镇"],
    ):
        done = runner.invoke(args=command)
        assert done.exit_code == 0, (command, done.output, done.exception)
    return portal


def expectations() -> list[Any]:
    found = []
    for folder in ("clean", "messy", "broken"):
        for path in samples.expectations(folder):
            found.append(pytest.param(path, id=f"{folder}-{path.stem}"))
    return found


def places(issues: list[dict[str, Any]], kind_for: set[str]) -> set[tuple[Any, ...]]:
    return {
        (i["sheet"], i["cell"], i.get("kind") if i["code"] in kind_for or i["code"].startswith("F") else i["code"])
        for i in issues
    }


@pytest.mark.parametrize("path", expectations())
def test_the_dry_run_agrees_with_the_expectation(office: Any, path: Path) -> None:
    expected = json.loads(path.read_text(encoding="utf-8"))
    period = expected.get("context", {}).get("page_period") or expected.get("period")
    arguments = [
        "exchange",
        "import",
        SHEET_OF[expected["layout"]],
        str(samples.SAMPLES / expected["file"]),
        "--dry-run",
        "--json",
    ]
    arguments += ["--period", period] if period else []
    done = office.test_cli_runner().invoke(args=arguments)
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    got = json.loads(done.stdout)
    refusals = {"refused": "rejected"}
    assert refusals.get(got["outcome"], got["outcome"]) == refusals.get(expected["outcome"], expected["outcome"]), (
        done.output[:800]
    )
    assert done.exit_code == EXIT[got["outcome"]]
    assert got["row_count"] == expected["row_count"]
    assert got["rejected_rows"] == expected["rejected_rows"]
    needed = places([issue for issue in expected["issues"] if not issue.get("optional")], set())
    found = places(got["issues"], set())
    assert needed - found == set()
    assert found - places(expected["issues"], set()) == set()


def test_the_refused_rows_are_written_out_to_be_mended(office: Any, tmp_path: Path) -> None:
    from openpyxl import load_workbook

    file, out = samples.SAMPLES / "broken" / "a_unknown_village.xlsx", tmp_path / "refused.xlsx"
    arguments = ["exchange", "import", "roster", str(file), "--unit", "漕禾镇", "--dry-run", "--json"]
    got = json.loads(office.test_cli_runner().invoke(args=[*arguments, "--refused-to", str(out)]).stdout)
    paper = load_workbook(out).worksheets[0]
    explained = next(cell.column for row in paper.iter_rows() for cell in row if cell.value == "错误说明")
    assert sum(bool(paper.cell(row, explained).value) for row in range(1, paper.max_row + 1)) >= 2
    again = json.loads(
        office.test_cli_runner().invoke(args=["exchange", "import", "roster", str(out), *arguments[4:]]).stdout
    )
    assert (again["row_count"], len(again["rejected_rows"])) == (0, len(got["rejected_rows"]))
