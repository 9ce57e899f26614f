"""A rejected row read again out of its cells says what the file said, and is good once its cells are."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from app.kit.excel import reread
from tests.kit import workbook_samples as samples

FAULTY = [
    path
    for folder in ("messy", "broken")
    for path in samples.expectations(folder)
    if json.loads(path.read_text(encoding="utf-8"))["layout"] in samples.LAYOUTS
]


def again(expected: dict[str, Any], result: Any, place: Any, **mended: Any) -> Any:
    reading = result.readings[place[0] or ""]
    known = samples.context_of(expected)
    cells = {**result.typed[place], **mended}
    return reread(samples.LAYOUTS[expected["layout"]], reading, place, cells, known)


def said(issues: Any) -> set[tuple[str, str, str]]:
    return {(name, issue.code, issue.reason) for name, issue in issues if not issue.code.startswith("W")}


@pytest.mark.parametrize("path", FAULTY, ids=lambda path: path.stem)
def test_a_rejected_row_says_the_same_out_of_its_cells_as_out_of_the_file(path: Path) -> None:
    expected = json.loads(path.read_text(encoding="utf-8"))
    result = samples.read_sample(expected)
    for place in result.rejected_rows:
        once_more = again(expected, result, place)
        of_file = said(result.row_issues[place])
        assert of_file and said(once_more.row_issues.get(place, ())) == {one for one in of_file if one[1] != "E61"}


def test_a_row_is_good_once_its_cells_are() -> None:
    path = samples.SAMPLES / "expected" / "broken"
    for expected in (json.loads(p.read_text(encoding="utf-8")) for p in sorted(path.glob("*.json"))):
        if expected["layout"] != "a" or not expected["rejected_rows"]:
            continue
        result = samples.read_sample(expected)
        for place in result.rejected_rows:
            codes = {issue.code for _name, issue in result.row_issues[place]}
            if codes == {"E51"}:
                mended = again(expected, result, place, appointed_on="2021年10月")
                assert (mended.outcome, mended.rows[0]["appointed_on"], mended.rows[0]["row"]) == (
                    "rows",
                    "2021-10",
                    place[1],
                )
                return
    pytest.skip("no sample has a row whose only fault is its month")
