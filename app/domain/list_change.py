"""The procedure by which a version of a list comes to hold: its stages, and what each step asks for.

proposed → consultation → legality → approval → approved once → approved → in force → filed; before it is in force it can be
withdrawn by whoever proposed it, or refused by whoever approves. Who may act is decided by the rights; "two different
persons, neither the proposer" by the service. Source: MN-07, HC-08, JY-10, YU-09, YB-38, YB-39.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from app.domain.errors import Problem, RuleBroken, broken
from app.domain.rights import Verb


class Stage(StrEnum):
    """Where a change of a list stands."""

    PROPOSED = "proposed"
    CONSULTATION = "consultation"
    LEGALITY = "legality"
    APPROVAL = "approval"
    APPROVED_ONCE = "approved_once"
    APPROVED = "approved"
    IN_FORCE = "in_force"
    FILED = "filed"
    WITHDRAWN = "withdrawn"
    REFUSED = "refused"


PATH = (
    Stage.PROPOSED,
    Stage.CONSULTATION,
    Stage.LEGALITY,
    Stage.APPROVAL,
    Stage.APPROVED_ONCE,
    Stage.APPROVED,
    Stage.IN_FORCE,
    Stage.FILED,
)
"""The stages in their order, where nothing goes wrong."""
EDITABLE = frozenset({Stage.PROPOSED, Stage.CONSULTATION, Stage.LEGALITY})
"""The stages in which the draft may still be written to; what is laid before those who approve stands."""
ENDED = frozenset({Stage.WITHDRAWN, Stage.REFUSED})
RUNNING = frozenset(PATH[:6])
"""The stages of a change that is not yet in force nor ended: a list has at most one such change."""


class Trigger(StrEnum):
    """Why a list is changed. Source: MN-07."""

    LAW = "law"
    POLICY = "policy"
    PRACTICE = "practice"


class Outcome(StrEnum):
    """What a body or a department says."""

    AGREED = "agreed"
    AMEND = "amend"  # agreed when amended
    OBJECTED = "objected"


class Comparison(StrEnum):
    """What a draft is held against before it is adopted (三对照), and that it was gone through item by item. Source: JY-09."""

    RULES = "rules"
    AUTHORITIES = "authorities"
    REALITY = "reality"
    SIMULATED = "simulated"


class Act(StrEnum):
    """What is done with a change."""

    CONSULT = "consult"
    REVIEW = "review"
    LAY_BEFORE = "lay_before"
    APPROVE_FIRST = "approve_first"
    APPROVE = "approve"
    PUBLISH = "publish"
    FILE = "file"
    WITHDRAW = "withdraw"
    REFUSE = "refuse"


@dataclass(frozen=True)
class Move:
    """One row of the table: from which stages, by which verb, to which stage."""

    start: frozenset[Stage]
    verb: Verb
    end: Stage


MOVES: Mapping[Act, Move] = {
    Act.CONSULT: Move(frozenset({Stage.PROPOSED}), Verb.IMPORT, Stage.CONSULTATION),
    Act.REVIEW: Move(frozenset({Stage.CONSULTATION}), Verb.IMPORT, Stage.LEGALITY),
    Act.LAY_BEFORE: Move(frozenset({Stage.LEGALITY}), Verb.IMPORT, Stage.APPROVAL),
    Act.APPROVE_FIRST: Move(frozenset({Stage.APPROVAL}), Verb.APPROVE, Stage.APPROVED_ONCE),
    Act.APPROVE: Move(frozenset({Stage.APPROVED_ONCE}), Verb.APPROVE, Stage.APPROVED),
    Act.PUBLISH: Move(frozenset({Stage.APPROVED}), Verb.PUBLISH, Stage.IN_FORCE),
    Act.FILE: Move(frozenset({Stage.IN_FORCE}), Verb.IMPORT, Stage.FILED),
    Act.WITHDRAW: Move(RUNNING, Verb.IMPORT, Stage.WITHDRAWN),
    Act.REFUSE: Move(frozenset({Stage.APPROVAL, Stage.APPROVED_ONCE}), Verb.APPROVE, Stage.REFUSED),
}


def after(stage: Stage, act: Act) -> Stage:
    """The stage a change comes to.

    Errors: change.not_now.
    >>> after(Stage.CONSULTATION, Act.REVIEW)
    <Stage.LEGALITY: 'legality'>
    """
    move = MOVES[act]
    if stage not in move.start:
        raise broken("change.not_now", "stage", stage=stage.value)
    return move.end


@dataclass(frozen=True)
class Said:
    """One opinion: by whom, in which stage, on which item (None: on the whole), and what."""

    stage: Stage
    body: str
    item_code: str | None
    outcome: Outcome
    compared: frozenset[str] = frozenset()

    @property
    def is_complete(self) -> bool:
        """True where the draft was held against everything and gone through."""
        return self.compared >= set(Comparison)

    @property
    def counts(self) -> bool:
        """True for what is weighed; a department of legality that agrees to the whole must have compared it first."""
        agrees_to_all = self.item_code is None and self.outcome is not Outcome.OBJECTED
        return self.stage is not Stage.LEGALITY or self.is_complete or not agrees_to_all


def heard_problems(act: Act, said: Sequence[Said]) -> list[Problem]:
    """What has not been heard, or still stands in the way, before the change moves on. Opinions are in their order.

    Errors: (returned) change.nobody_consulted, change.no_legality_review, change.not_compared (params: body) where
            nobody has compared it, change.objection_stands (params: body), change.objection_to_item (params: body, item).
    """
    stage = {Act.REVIEW: Stage.CONSULTATION, Act.LAY_BEFORE: Stage.LEGALITY}.get(act)
    if stage is None:
        return []
    heard = [one for one in said if one.stage is stage]
    if not heard:
        return [Problem({Act.REVIEW: "change.nobody_consulted"}.get(act, "change.no_legality_review"), "opinions")]
    if act is Act.REVIEW:  # what people object to is weighed; what a law stands against is not
        return []
    last = {(one.body, one.item_code): one for one in heard if one.counts}
    bodies = {} if any(one.is_complete for one in heard) else {one.body: None for one in heard}
    return [Problem("change.not_compared", "opinions", {"body": body}) for body in bodies] + [
        Problem(
            "change.objection_to_item" if item else "change.objection_stands", "opinions", {"body": body, "item": item}
        )
        for (body, item), one in last.items()
        if one.outcome is Outcome.OBJECTED
    ]


def require_heard(act: Act, said: Sequence[Said]) -> None:
    """Refuse to move on while something has not been heard.

    Errors: those of `heard_problems`.
    """
    problems = heard_problems(act, said)
    if problems:
        raise RuleBroken(problems)
