"""Procedures: steps that hang together, and their diagram."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.errors import RuleBroken
from app.domain.formspec import Label
from app.domain.procedures import Alternative, Companion, Procedure, Step, check_procedure, diagram, parse_procedure


def step(order, ways=0, **more):
    others = tuple(Alternative(f"s{order}w{n}", Label(f"办法{n}"), "public") for n in range(ways))
    return Step(order, f"s{order}", Label(f"第{order}步"), ("public",), alternatives=others, key_step=True, **more)


@st.composite
def procedures(draw):
    ways = draw(st.lists(st.sampled_from([0, 2, 3, 4]), min_size=2, max_size=8))
    steps = tuple(step(n, w) for n, w in enumerate(ways, 1))
    return Procedure("P", Label("流程"), steps, (Companion("public", Label("监督")),))


@given(procedures())
def test_a_diagram_has_a_row_per_step_and_no_boxes_overlap(procedure):
    drawn = diagram(procedure)
    assert check_procedure(procedure, known_roles={"public"}) == []
    assert drawn.rows == len(procedure.steps)
    for row in range(drawn.rows):
        boxes = [node for node in drawn.nodes if node.row == row]
        covered = [column for node in boxes for column in range(node.column, node.column + node.span)]
        assert covered == list(range(drawn.columns))
    assert len({node.code for node in drawn.nodes}) == len(drawn.nodes)


@given(procedures())
def test_arrows_lead_from_every_box_to_the_next_row(procedure):
    drawn = diagram(procedure)
    row_of = {node.code: node.row for node in drawn.nodes}
    assert all(row_of[edge.end] == row_of[edge.start] + 1 for edge in drawn.edges)
    assert {edge.start for edge in drawn.edges} == {n.code for n in drawn.nodes if n.row < drawn.rows - 1}
    assert {edge.end for edge in drawn.edges} == {n.code for n in drawn.nodes if n.row > 0}
    assert drawn.bands == procedure.whole_process


GOOD = Procedure("P", Label("流程"), (step(1), step(2)))


@pytest.mark.parametrize(
    ("steps", "code"),
    [
        ((step(1),), "step_count"),
        ((step(1), step(3)), "wrong_order"),
        ((step(1), replace(step(2), code="s1")), "duplicate_step"),
        ((step(1), replace(step(2), roles=())), "no_role"),
        ((step(1), replace(step(2), name=Label(""))), "no_name"),
        ((step(1), step(2, ways=1)), "one_alternative"),
        ((step(1), step(2, time_limit_days=0)), "bad_days"),
        ((step(1), step(2, attendance=2)), "bad_ratio"),
        (tuple(replace(s, key_step=False) for s in GOOD.steps), "no_key_step"),
    ],
)
def test_steps_that_do_not_hang_together_are_named(steps, code):
    assert f"procedure.{code}" in {p.code for p in check_procedure(replace(GOOD, steps=steps))}


def test_a_role_nobody_knows_is_named_at_its_step():
    found = check_procedure(GOOD, known_roles={"supervisor"})
    assert {(p.code, p.where) for p in found} == {("procedure.unknown_role", "s1"), ("procedure.unknown_role", "s2")}


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"code": "P", "steps": 3},
        {"code": "P", "steps": [{"order": "x", "code": "a", "roles": []}]},
        {"code": "P", "name_zh": "甲", "steps": []},
        {
            "code": "P",
            "steps": [{"order": 1, "code": "a", "roles": [], "derived": {"quorum": {"attendance_ratio": "1/0"}}}],
        },
    ],
)
def test_data_that_is_no_procedure_is_refused(data):
    with pytest.raises(RuleBroken):
        parse_procedure(data)
