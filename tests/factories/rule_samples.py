"""The county of 43 villages, its scheme and its wages, as the tests of the rules use them."""

from __future__ import annotations

import csv
import json
from decimal import Decimal
from functools import cache
from pathlib import Path

import yaml

from app.domain.config import DEFAULTS, with_settings
from app.domain.ranking import Entry
from app.domain.schemefile import parse_scheme

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = ROOT / "tests" / "samples"
POLICIES = {
    "default": ({}, (12, 28, 3), "2920394.75"),
    "tiebreak": ({"top_tie_policy": "tiebreak", "bottom_tie_policy": "tiebreak"}, (11, 28, 4), "2864170.75"),
    "reverse": ({"top_tie_policy": "shrink", "bottom_tie_policy": "expand"}, (9, 29, 5), "2794937.50"),
}
COMPONENTS = ("base_allowance", "post_allowance", "title_allowance", "rank_allowance")


def configured(**settings):
    """The default configuration with some keys set from text."""
    return with_settings(DEFAULTS, settings)


@cache
def village_scheme():
    """The village scheme of Caojing as it is shipped."""
    pack = yaml.safe_load((ROOT / "seed" / "packs" / "caojing.yaml").read_text(encoding="utf-8"))
    return parse_scheme(next(s for s in pack["assessment_list"]["schemes"] if s["object"] == "village"))


@cache
def example_rows():
    """The rows of the worked example."""
    with (SAMPLES / "bonus_example_43.csv").open(encoding="utf-8-sig", newline="") as file:
        return tuple(csv.DictReader(file))


def entry(row):
    """One village of the example as it enters the ranking."""
    aspects = {code: Decimal(row[code]) for code in "ABCD"}
    return Entry(row["code"], row["name"], Decimal(row["final"]), Decimal(row["ded_effective"]), aspects)


def example_entries():
    """All villages of the example as they enter the ranking."""
    return [entry(row) for row in example_rows()]


@cache
def workbook(name):
    """What the reader delivers for a sample workbook."""
    return json.loads((SAMPLES / "workbooks" / "expected" / f"{name}.json").read_text(encoding="utf-8"))
