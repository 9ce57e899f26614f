"""Review: the chief grid leader confirms or returns, the supervisor comments."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from app.domain.errors import Problem, RuleBroken, broken
from app.domain.rights import Verb
from app.domain.transitions import Kind, next_state
from app.features.duties.models import Duty, DutyComment
from app.features.duties.services.writing import require_open
from app.kit import access, clock
from app.kit.audit import acting
from app.kit.db import transaction
from app.kit.signing import kept_name
from app.kit.two_persons import own_side


@dataclass(frozen=True)
class Outcome:
    """What became of one log in an act on many: done, or the reason why not."""

    duty: Duty
    problem: Problem | None = None


def confirm(duties: Sequence[Duty]) -> list[Outcome]:
    """Each log confirmed or the reason why not, in the order given; what can be confirmed is.

    Errors: duties.period_closed; NotAllowed when one of them is not the actor's to confirm. In the outcomes:
            duties.own_log (nobody confirms his own), transition.not_allowed.
    """
    return _review(duties, "confirm", lambda duty: setattr(duty, "return_reason", None))


def return_duty(duties: Sequence[Duty], reason: str) -> list[Outcome]:
    """Each log returned with a reason the leader reads on top of his page, or why not.

    Errors: transition.reason_required, duties.period_closed; NotAllowed. In the outcomes as `confirm`.
    """
    if not reason.strip():
        raise broken("transition.reason_required", "reason")
    return _review(duties, "return", lambda duty: setattr(duty, "return_reason", reason.strip()[:400]), reason)


def _review(
    duties: Sequence[Duty], action: str, mark: Callable[[Duty], None], reason: str | None = None
) -> list[Outcome]:
    for duty in duties:
        access.require(Verb.CONFIRM, duty)
    with transaction(), acting(f"duties.{action}"):
        require_open(duties)
        return [_one(duty, action, mark, reason) for duty in duties]


def _one(duty: Duty, action: str, mark: Callable[[Duty], None], reason: str | None) -> Outcome:
    if duty.person_id in own_side():  # his own, or that of somebody he stands in for
        return Outcome(duty, Problem("duties.own_log"))
    try:
        duty.state = next_state(Kind.DUTY, duty.state, action, reason=reason)
    except RuleBroken as refused:
        return Outcome(duty, refused.problems[0])
    mark(duty)
    duty.reviewed_at, duty.reviewed_by = clock.now(), kept_name(duty, Verb.CONFIRM)
    return Outcome(duty)


def comment(duty: Duty, words: str) -> DutyComment:
    """A comment on a log, for everybody who sees the log.

    Errors: required (no words); NotAllowed without the right to comment on this log.
    """
    access.require(Verb.COMMENT, duty)
    if not words.strip():
        raise broken("required", "words")
    with transaction() as session, acting("duties.comment"):
        said = DutyComment(duty=duty, author=kept_name(duty, Verb.COMMENT), words=words.strip()[:1000])
        session.add(said)
    return said
