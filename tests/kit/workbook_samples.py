"""The sample workbooks and what must be read from each."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from app.features.assessment.excel import SCORE_SHEET
from app.features.bonus.excel import PAY
from app.features.checklists.directory_sheet import LIST_DIRECTORY
from app.features.checklists.excel import RESPONSIBILITY_LIST
from app.features.duties.certificate_sheet import CERTIFICATES
from app.features.duties.excel import MONTHLY_LOG
from app.features.people.excel import ROSTER
from app.kit.excel import ReadContext, ReadResult, read

SAMPLES = Path(__file__).parents[1] / "samples" / "workbooks"
LAYOUTS = {
    "a": ROSTER,
    "b": RESPONSIBILITY_LIST,
    "c": MONTHLY_LOG,
    "d1": SCORE_SHEET,
    "d2": SCORE_SHEET,
    "e": PAY,
    "e-dates": PAY,
    "e-months": PAY,
    "f": LIST_DIRECTORY,
    "g": CERTIFICATES,
}


@cache
def master(name: str) -> Any:
    """One of the master files."""
    return json.loads((SAMPLES / "master" / name).read_text(encoding="utf-8"))


def expectations(folder: str) -> list[Path]:
    """The expectation files of a folder, in order."""
    return sorted((SAMPLES / "expected" / folder).glob("*.json"))


def context(units: str = "org_town.json", period: str | None = None) -> ReadContext:
    """The town or the county as the reader knows it, on the page of the period."""
    return ReadContext.from_json(master(units), master("scheme.json"), master("roster_town.json"), period)


def context_of(expected: dict[str, Any]) -> ReadContext:
    """What the reader knows when it reads the sample of an expectation."""
    county = "43" in Path(expected["file"]).name or expected["layout"] == "e"
    page = expected.get("context", {}).get("page_period") or expected.get("period")
    return context("org_county43.json" if county else "org_town.json", page)


def read_sample(expected: dict[str, Any]) -> ReadResult:
    """The sample of an expectation, read as the clerk would on the page of its period."""
    path = SAMPLES / expected["file"]
    return read(LAYOUTS[expected["layout"]], path.read_bytes(), path.name, context_of(expected))
