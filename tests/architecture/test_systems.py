"""docs/systems.md: what each of the 298 capabilities is here, in one word, with its proof.

The page is made from tests/systems_rows.yaml: `python tests/architecture/test_systems.py` writes it.
"""

from __future__ import annotations

import re
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from app.features.packs.files import shipped

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "systems.md"
SYSTEMS = {
    "MN": ("Ministry notice", 19),
    "NH": ("宁海 Ninghai", 28),
    "HC": ("海沧 Haicang", 28),
    "JY": ("济源 Jiyuan", 19),
    "CD": ("蔡甸 Caidian", 24),
    "LY": ("涟源 Lianyuan", 22),
    "JS": ("津市 Jinshi", 18),
    "ST": ("汕头 Shantou", 19),
    "YU": ("渝北 Yubei", 19),
    "LJ": ("罗江 Luojiang", 24),
    "CJ": ("漕泾 Caojing", 21),
    "PY": ("平邑 Pingyi", 15),
    "YB": ("延边 Yanbian", 42),
}
WORDS = ("works", "partly", "planned", "out of scope")
MUST_WORK = {"LIST", "FACET", "THR", "ADM", "CHG", "STAT", "CERT", "FREQ", "BAN", "FLOW"}
LATER = {"procedure runs and their clock", "score to pay", "public pages"}
MOST_OUT = 15
OWN_NAMES = {
    "figures": "test_figures.py::test_the_figures",
    "registers": "test_registers.py::test_a_reg",
    "flows": "test_flows.py::",
}


@cache
def rows() -> list[dict[str, Any]]:
    """The rows of the table, in order."""
    loaded: list[dict[str, Any]] = yaml.safe_load((ROOT / "tests" / "systems_rows.yaml").read_text(encoding="utf-8"))
    return loaded


def page() -> str:
    """The page as it must stand."""
    times = Counter(row["word"] for row in rows())
    said = ", ".join(f"{times[word]} {word}" for word in WORDS)
    lines = [
        "# The twelve systems and the ministry notice",
        "",
        f"What each capability of the published systems is in this portal: {said}. A row that works names where and the",
        "tests that show it; the others say what is missing, what they wait for, or why they are left out.",
        "",
        "Made from `tests/systems_rows.yaml` by `python tests/architecture/test_systems.py`; change it there.",
    ]
    for code, (name, _count) in SYSTEMS.items():
        lines += [
            "",
            f"## {code} {name}",
            "",
            "| # | Tag | Capability | Word | Where and by which tests, or what is missing |",
        ]
        lines += ["|---|---|---|---|---|", *(_line(row) for row in rows() if row["id"].startswith(code))]
    return "\n".join(lines) + "\n"


def _line(row: dict[str, Any]) -> str:
    tests = ", ".join(f"`{name.split('::')[1]}`" for name in row.get("tests", ()))
    said = "; ".join(filter(None, (row.get("where", ""), row.get("missing", ""), tests)))
    return f"| {row['id']} | {row['tag']} | {row['what']} | {row['word']} | {said.replace('|', '/')} |"


def test_the_page_is_the_one_of_the_rows() -> None:
    assert PAGE.read_text(encoding="utf-8") == page()


def test_every_capability_stands_there_once_with_one_word() -> None:
    wanted = [f"{code}-{number:02d}" for code, (_name, count) in SYSTEMS.items() for number in range(1, count + 1)]
    assert [row["id"] for row in rows()] == wanted
    assert {row["word"] for row in rows()} <= set(WORDS)
    assert all(row.get("missing") for row in rows() if row["word"] != "works")
    assert all(row.get("tests") for row in rows() if row["word"] == "works")


def test_what_was_promised_works_and_little_is_left_out() -> None:
    assert [row["id"] for row in rows() if row["tag"] in MUST_WORK and row["word"] != "works"] == []
    assert {row["missing"] for row in rows() if row["word"] == "planned"} <= LATER
    assert sum(row["word"] == "out of scope" for row in rows()) <= MOST_OUT


def test_every_test_that_is_named_is_there() -> None:
    names = {name for row in rows() for name in row.get("tests", ())}
    missing = []
    for name in sorted(names):
        file, _, function = name.partition("::")
        path = ROOT / file
        if not path.is_file() or not re.search(rf"^def {function}\(", path.read_text(encoding="utf-8"), re.MULTILINE):
            missing.append(name)
    assert missing == []


@pytest.mark.parametrize("kind", OWN_NAMES)
def test_tests_that_run_over_all_packs_run_over_the_row_that_names_them(kind: str) -> None:
    """A row may lean on one of these tests only if its pack gives the test a case of that row."""
    packs = shipped().values()
    cases = {
        "figures": {row for pack in packs for row in pack.facts or {}},
        "registers": {row for pack in packs for data in pack.forms for row in data.get("shows", ())},
        "flows": {row for pack in packs for data in pack.procedures for row in data.get("shows", ())}
        | {"CJ-07", "CJ-08", "CJ-09", "CJ-10", "CJ-20"},
    }[kind]
    named = {row["id"] for row in rows() if any(OWN_NAMES[kind] in name for name in row.get("tests", ()))}
    assert named - cases == set()


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
