"""Procedures: their steps, whether they hang together, and how their step diagram is laid out.

Running a procedure and its clock do not belong here, nor drawing: the layout is plain data.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import lcm

from app.domain.errors import Problem, RuleBroken
from app.domain.formspec import Label

MAX_STEPS, MAX_ALTERNATIVES = 30, 4


@dataclass(frozen=True)
class Alternative:
    """One of several ways to take a step."""

    code: str
    name: Label
    role: str


@dataclass(frozen=True)
class Step:
    """One step of a procedure.

    Shape: `roles` who takes it; `time_limit_days` until it must be done, `publish_days` it stays posted;
           `attendance` and `approval` are the ratios a vote asks for (1/2), None when it asks for none.
    """

    order: int
    code: str
    name: Label
    roles: tuple[str, ...]
    source: str = "derived"
    role_source: str = "derived"
    key_step: bool = False
    time_limit_days: int | None = None
    publish_days: int | None = None
    cycle: str = ""
    input_zh: str = ""
    output_zh: str = ""
    participants: tuple[str, ...] = ()
    alternatives: tuple[Alternative, ...] = ()
    attendance: Fraction | None = None
    approval: Fraction | None = None


@dataclass(frozen=True)
class Companion:
    """A role that goes along with the whole procedure (全程督导)."""

    role: str
    name: Label
    source: str = "derived"


@dataclass(frozen=True)
class Procedure:
    """A procedure as the list states it; steps are taken in order and none may be skipped."""

    code: str
    name: Label
    steps: tuple[Step, ...]
    whole_process: tuple[Companion, ...] = ()
    source: str = "derived"


def parse_procedure(data: Mapping[str, object]) -> Procedure:
    """The procedure that the data of a list pack describe.

    Errors: procedure.bad_data (params: reason), and those of `check_procedure` that need no list of roles.
    """
    try:
        procedure = Procedure(
            code=str(data["code"]),
            name=_label(data, "name"),
            steps=tuple(_step(step) for step in data["steps"]),  # type: ignore[attr-defined]
            whole_process=tuple(
                Companion(str(entry["role"]), _label(entry, "name"), str(entry.get("source", "derived")))
                for entry in data.get("whole_process") or ()  # type: ignore[attr-defined]
            ),
            source=str(data.get("source", "derived")),
        )
    except (KeyError, TypeError, ValueError, AttributeError, ZeroDivisionError) as error:
        raise RuleBroken(Problem("procedure.bad_data", str(data.get("code", "")), {"reason": str(error)})) from error
    problems = check_procedure(procedure)
    if problems:
        raise RuleBroken(problems)
    return procedure


def _label(data: Mapping[str, object], key: str) -> Label:
    return Label(*(str(data.get(f"{key}_{language}") or "") for language in ("zh", "en", "ko")))


def _step(data: Mapping[str, object]) -> Step:
    derived: Mapping[str, object] = data.get("derived") or {}  # type: ignore[assignment]
    quorum: Mapping[str, object] = derived.get("quorum") or {}  # type: ignore[assignment]
    return Step(
        order=int(str(data["order"])),
        code=str(data["code"]),
        name=_label(data, "name"),
        roles=tuple(data["roles"]),  # type: ignore[arg-type]
        source=str(data.get("source", "derived")),
        role_source=str(data.get("role_source", "derived")),
        key_step=data.get("key_step") is True,
        time_limit_days=_days(derived, "time_limit_days"),
        publish_days=_days(derived, "publish_days"),
        cycle=str(data.get("cycle") or ""),
        input_zh=str(derived.get("input_zh") or ""),
        output_zh=str(derived.get("output_zh") or ""),
        participants=tuple(data.get("participants") or ()),  # type: ignore[arg-type]
        alternatives=tuple(
            Alternative(str(entry["code"]), _label(entry, "name"), str(entry["role"]))
            for entry in data.get("alternatives") or ()  # type: ignore[attr-defined]
        ),
        attendance=_ratio(quorum, "attendance_ratio"),
        approval=_ratio(quorum, "approval_ratio_of_present"),
    )


def _days(data: Mapping[str, object], key: str) -> int | None:
    return None if data.get(key) is None else int(str(data[key]))


def _ratio(data: Mapping[str, object], key: str) -> Fraction | None:
    return None if data.get(key) is None else Fraction(str(data[key]))


def check_procedure(procedure: Procedure, *, known_roles: Collection[str] | None = None) -> list[Problem]:
    """Everything that keeps the steps from hanging together.

    Errors: (returned) procedure.step_count, procedure.wrong_order, procedure.duplicate_step, procedure.no_role,
            procedure.unknown_role, procedure.no_name, procedure.one_alternative, procedure.bad_days,
            procedure.bad_ratio, procedure.no_key_step.
    """
    steps = procedure.steps
    found = [] if 2 <= len(steps) <= MAX_STEPS else [Problem("procedure.step_count", procedure.code)]
    if [step.order for step in steps] != list(range(1, len(steps) + 1)):
        found.append(Problem("procedure.wrong_order", procedure.code))
    if not any(step.key_step for step in steps):
        found.append(Problem("procedure.no_key_step", procedure.code))
    codes = [code for step in steps for code in (step.code, *(other.code for other in step.alternatives))]
    found += [Problem("procedure.duplicate_step", code) for code in sorted(set(codes)) if codes.count(code) > 1]
    for step in steps:
        found += [Problem(f"procedure.{reason}", step.code) for reason in _step_mistakes(step)]
    if known_roles is not None:
        found += _unknown_roles(procedure, known_roles)
    return found


def _step_mistakes(step: Step) -> list[str]:
    mistakes = []
    if not step.name:
        mistakes.append("no_name")
    if not step.roles:
        mistakes.append("no_role")
    if len(step.alternatives) == 1 or len(step.alternatives) > MAX_ALTERNATIVES:
        mistakes.append("one_alternative")
    if any(days is not None and days < 1 for days in (step.time_limit_days, step.publish_days)):
        mistakes.append("bad_days")
    if any(ratio is not None and not 0 < ratio <= 1 for ratio in (step.attendance, step.approval)):
        mistakes.append("bad_ratio")
    return mistakes


def _unknown_roles(procedure: Procedure, known: Collection[str]) -> list[Problem]:
    named = [(companion.role, procedure.code) for companion in procedure.whole_process]
    for step in procedure.steps:
        roles = (*step.roles, *step.participants, *(other.role for other in step.alternatives))
        named += [(role, step.code) for role in roles]
    return [Problem("procedure.unknown_role", where, {"role": role}) for role, where in named if role not in known]


@dataclass(frozen=True)
class Node:
    """One box of the diagram: rows run downwards, a box covers `span` columns from `column`."""

    code: str
    row: int
    column: int
    span: int
    name: Label
    roles: tuple[str, ...]
    step_order: int
    key_step: bool = False
    is_alternative: bool = False
    time_limit_days: int | None = None
    publish_days: int | None = None
    source: str = "derived"


@dataclass(frozen=True)
class Edge:
    """An arrow from one box to another, by code."""

    start: str
    end: str


@dataclass(frozen=True)
class Diagram:
    """A step diagram as plain data.

    Shape: every box lies inside rows x columns and none overlap; `bands` run beside all rows, one per companion.
    """

    rows: int
    columns: int
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    bands: tuple[Companion, ...]


def diagram(procedure: Procedure) -> Diagram:
    """The step diagram of a procedure: one row per step, alternatives side by side, an arrow to each next box."""
    columns = lcm(*(max(1, len(step.alternatives)) for step in procedure.steps))
    layers = [_layer(step, row, columns) for row, step in enumerate(procedure.steps)]
    edges = [
        Edge(above.code, below.code)
        for upper, lower in zip(layers, layers[1:], strict=False)
        for above in upper
        for below in lower
    ]
    nodes = tuple(node for layer in layers for node in layer)
    return Diagram(len(layers), columns, nodes, tuple(edges), procedure.whole_process)


def _layer(step: Step, row: int, columns: int) -> Sequence[Node]:
    boxes: list[tuple[str, Label, tuple[str, ...]]] = [(o.code, o.name, (o.role,)) for o in step.alternatives]
    boxes = boxes or [(step.code, step.name, step.roles)]
    span = columns // len(boxes)
    return [
        Node(
            code=code,
            row=row,
            column=index * span,
            span=span,
            name=name,
            roles=roles,
            step_order=step.order,
            key_step=step.key_step,
            is_alternative=len(boxes) > 1,
            time_limit_days=step.time_limit_days,
            publish_days=step.publish_days,
            source=step.source,
        )
        for index, (code, name, roles) in enumerate(boxes)
    ]
