"""The flows of every pack: each is loaded, drawn with all its steps, and prints; one test a pack, named by capabilities."""

from __future__ import annotations

from typing import Any

import pytest

from app.domain.list_kinds import has_many_steps
from app.domain.procedures import parse_procedure
from app.features.packs import queries
from app.features.packs.files import shipped
from app.features.packs.parts import data_of
from app.features.procedures.services import load_procedure

FLOWS = {code: pack for code, pack in shipped().items() if pack.procedures}


def capabilities(code: str) -> str:
    """The test's name: the pack and every capability its flows show, CJ by its own rows."""
    shown = {row for data in FLOWS[code].procedures for row in data.get("shows") or ()}
    return " ".join([code, *sorted(shown | ({"CJ-07", "CJ-08", "CJ-09", "CJ-10", "CJ-20"} if code == "CJ" else set()))])


@pytest.mark.parametrize("code", FLOWS, ids=capabilities)
def test_every_flow_of_a_pack_is_drawn_and_prints(world: Any, sign_in: Any, code: str) -> None:
    county, browser = queries.owner(None), sign_in("county_administrator")
    for data in FLOWS[code].procedures:
        row, _new = load_procedure(county, data_of(FLOWS[code], "procedures", data["code"]), FLOWS[code].label)
        page = browser.get(f"/procedures/definition/{row.id}").get_data(as_text=True)
        procedure = parse_procedure(row.spec)
        assert page.count('<li id="') == len(procedure.steps) and "<svg" in page and "data-print" in page
        for step in procedure.steps:
            assert str(step.name) in page or step.alternatives
        assert not has_many_steps(str(procedure.name), len(procedure.steps), 7), "few steps, or a major matter"


def test_everybody_below_sees_the_flows_and_each_pack_keeps_its_own(world: Any, sign_in: Any) -> None:
    county = queries.owner(None)
    load_procedure(county, data_of(FLOWS["NH"], "procedures", "NH-P1"), "NH@1")
    assert "五议决策法" in sign_in("grid_worker").get("/procedures/").get_data(as_text=True)
