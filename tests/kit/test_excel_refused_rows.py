"""The refused rows of every sample come back alone, in the layout of the file, and are refused again for the same reasons."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from app.features.exchange.services import refused_rows_of
from app.kit.excel import read
from tests.kit import workbook_samples as samples


def with_rejected_rows() -> list[Path]:
    found = [path for folder in ("messy", "broken") for path in samples.expectations(folder)]
    return [path for path in found if json.loads(path.read_text(encoding="utf-8"))["rejected_rows"]]


def codes(result: Any, place: Any) -> set[str]:
    return {issue.code for _name, issue in result.row_issues.get(place, ()) if issue.severity == "error"}


@pytest.mark.parametrize("path", with_rejected_rows(), ids=lambda path: path.stem)
def test_the_refused_rows_come_back_alone(path: Path, app: Any) -> None:
    expected = json.loads(path.read_text(encoding="utf-8"))
    if expected["layout"] not in samples.LAYOUTS:
        pytest.skip("a layout of a later issue")
    file = samples.SAMPLES / expected["file"]
    result = samples.read_sample(expected)
    content = refused_rows_of(file.read_bytes(), file.name, result, [])
    assert content is not None
    again = read(samples.LAYOUTS[expected["layout"]], content, "r.xlsx", samples.context_of(expected))
    only_twins = [place for place in result.rejected_rows if codes(result, place) == {"E61"}]  # good without their twin
    assert (len(again.rows), len(again.rejected_rows)) == (len(only_twins), len(result.rejected_rows) - len(only_twins))

    wanted = [codes(result, place) - {"E61"} for place in result.rejected_rows if place not in only_twins]
    assert [codes(again, place) for place in again.rejected_rows] == wanted
    papers = load_workbook(io.BytesIO(content)).worksheets
    assert any(
        "错误说明" in str(cell.value or "") for paper in papers for row in paper.iter_rows(max_row=15) for cell in row
    )
