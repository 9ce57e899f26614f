"""Schemes and rounds by command, with what they print and how they end."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from features.assessment.test_rounds import FULL, fill

from app.features.assessment import queries, services

SCHEME = Path(__file__).parents[2] / "samples" / "workbooks" / "master" / "scheme.json"


@pytest.fixture
def run(app, session):
    return lambda *words: app.test_cli_runner().invoke(args=["assessment", *words])


def test_a_round_goes_from_a_file_to_publication(world, run):
    loaded = run("load-scheme", str(SCHEME), "--unit", "C", "--json")
    assert loaded.exit_code == 0, loaded.output
    name = json.loads(loaded.output)["name"]
    opened = run("open", "V2026", "--scheme", name, "--period", "2026", "--unit", "甲镇", "--as", "evaluator", "--json")
    assert json.loads(opened.output) == {
        "round": "V2026",
        "period": "2026",
        "unit": "C1",
        "state": "open",
        "units": 2,
        "scored": 0,
    }
    round_ = queries.round_by_code("V2026")
    top = {item.code: str(item.maximum) for item in queries.parts_of(round_.scheme).items}
    fill(round_, world.units["C1A"], top | {"A1": ""})
    missing = run("check", "V2026", "--json")
    assert missing.exit_code == 1
    assert [gap["where"] for gap in json.loads(missing.output)["missing"]] == ["C1A/A1"]
    fill(round_, world.units["C1A"], {"A1": "4"})
    assert run("check", "V2026", "--as", "evaluator").exit_code == 0
    assert run("publish", "V2026", "--as", "evaluator").exit_code == 2
    published = run("publish", "C1/V2026", "--as", "township_head", "--json")
    assert json.loads(published.output)["state"] == "published"
    assert len(json.loads(published.output)["digest"]) == 64


@pytest.mark.parametrize(
    "words",
    [
        ("check", "X9"),
        ("open", "V", "--scheme", "没有", "--period", "2026", "--unit", "C1"),
        ("open", "V", "--scheme", "CJ-VILLAGE-DEMO", "--period", "昨天", "--unit", "C1"),
        ("open", "V", "--scheme", "CJ-VILLAGE-DEMO", "--period", "2026", "--unit", "无此镇"),
    ],
)
def test_a_refusal_is_said_in_words(world, schemes, run, words):
    refused = run(*words)
    assert refused.exit_code == 2
    assert refused.output.strip() and "assessment." not in refused.output


def test_a_file_that_is_no_scheme_is_refused(world, run, tmp_path):
    file = tmp_path / "x.json"
    for text in (
        "[]",
        "{",
        '{"name_zh": "甲"}',
        '{"name_zh": "甲", "aspects": [], "items": [{"code": 1}], "total_cap": "x"}',
    ):
        file.write_text(text, encoding="utf-8")
        refused = run("load-scheme", str(file), "--unit", "C")
        assert refused.exit_code == 2, refused.output


def test_a_round_is_found_by_unit_where_two_towns_use_one_code(world, schemes, round_, run):
    services.open_round("V2026", schemes["CJ-VILLAGE-DEMO"], "2026", world.units["C2"])
    assert run("check", "V2026").exit_code == 2
    fill(round_, world.units["C1A"], FULL)
    fill(round_, world.units["C1B"], FULL)
    assert run("check", "C1/V2026").exit_code == 0
